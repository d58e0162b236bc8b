//! Lists that are maintained: a change enters, leaves or moves a row in O(log n).

use super::{
    Live, QueryState, Registry,
    cached::{Asked, Query, QueryName, cached},
    live::local_memo,
    scope::LiveScope,
    watched::LiveWatch,
};
use crate::status::use_sync;
use futures::future::LocalBoxFuture;
use holdfast_sync::{
    Schema,
    client::SyncClient,
    protocol::Reach,
    view::{Filter, LiveQuery, SortBy},
};
use leptos::{prelude::*, reactive::graph::Observer};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fmt,
    ops::Range,
    rc::{Rc, Weak},
};

/// Which rows, in which order.
pub struct ListSpec<S: Schema, K> {
    /// The scope they are in.
    pub scope: S::Scope,
    /// Names filter and sort: two lists of one scope with the same id are the same list.
    pub id: String,
    /// Whether a row is in the list.
    pub filter: Filter<S>,
    /// What a row is sorted by.
    pub sort: SortBy<S, K>,
    /// The group that a sort value is of, if the list falls into some.
    pub group: Option<GroupOf<K>>,
    /// What to ask the server, where the scope need not be held whole: the same rows in the same order.
    pub query: Option<S::Query>,
}

/// The group that a sort value is of. The list must be sorted by it first: in the order of the values, that of
/// the groups ascends.
pub type GroupOf<K> = Rc<dyn Fn(&K) -> String>;

/// A group of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// What [`GroupOf`] calls it.
    pub name: String,
    /// Where in the list its rows stand.
    pub rows: Range<usize>,
}

impl<S: Schema, K> ListSpec<S, K> {
    /// The rows of `scope` for which `filter` holds, by `sort`. `id` names the two.
    pub fn new(
        scope: S::Scope,
        id: impl Into<String>,
        filter: impl Fn(&S::Row) -> bool + 'static,
        sort: impl Fn(&S::Row) -> K + 'static,
    ) -> Self {
        Self { scope, id: id.into(), filter: Rc::new(filter), sort: Rc::new(sort), group: None, query: None }
    }

    /// The same without the scope held whole: as much is loaded as is looked at. `query` asks for the same rows in the
    /// same order.
    #[must_use]
    pub fn asked(mut self, query: S::Query) -> Self {
        self.query = Some(query);
        self
    }

    /// The same in groups.
    #[must_use]
    pub fn grouped(mut self, group: impl Fn(&K) -> String + 'static) -> Self {
        self.group = Some(Rc::new(group));
        self
    }
}

/// A live list of keys. Each row is read by its key, with [`use_live_row`](super::use_live_row).
pub struct LiveList<S: Schema> {
    /// How many rows there are in all.
    pub total: Signal<usize>,
    /// How many rows meet the list's query in all, where more do than are loaded yet.
    pub beyond: Signal<Option<u64>>,
    /// How many rows would come, go or move, and wait while the list is [paused](Self::pause_while).
    pub waiting: Signal<usize>,
    /// How much of the list's scope is held.
    pub state: Signal<QueryState>,
    /// The query behind it: pending while its scope loads, for `<Suspense/>`.
    pub resource: LocalResource<Live<dyn Listing<S>>>,
    current: Signal<Live<dyn Listing<S>>, LocalStorage>,
}

impl<S: Schema> Clone for LiveList<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Schema> Copy for LiveList<S> {}

impl<S: Schema> LiveList<S> {
    /// The keys within a window of positions. It tells only when these keys, or their order,
    /// are different.
    pub fn slice(&self, window: impl Fn() -> Range<usize> + 'static) -> Signal<Vec<S::Key>, LocalStorage> {
        let current = self.current;
        local_memo(move || {
            current.with(|list| {
                list.track();
                list.range(window())
            })
        })
    }

    /// The groups that the list falls into, in order; none where it falls into none. It tells only when they,
    /// or how many rows they have, are different.
    pub fn groups(&self) -> Signal<Vec<Group>, LocalStorage> {
        let current = self.current;
        local_memo(move || {
            current.with(|list| {
                list.track();
                list.groups()
            })
        })
    }

    /// The key at a position. Where it is read in a reactive place, that runs again whenever
    /// the order or the length is different.
    pub fn key_at(&self, index: usize) -> Option<S::Key> {
        self.peek(|list| list.at(index))
    }

    /// The position of a key, if it is in the list; reactive like [`key_at`](Self::key_at).
    pub fn index_of(&self, key: &S::Key) -> Option<usize> {
        self.peek(|list| list.index_of(key))
    }

    /// As long as that is so, rows that others have changed come, go and move only when the list
    /// [catches up](Self::catch_up), or is paused no longer; what a row says is shown at once, and so is all
    /// that the user does. It is paused for all that read the same query, and only when its scope is held.
    pub fn pause_while(&self, is_paused: impl Fn() -> bool + 'static) {
        let current = self.current;
        Effect::new(move |before: Option<Option<Pause<S>>>| {
            let list = is_paused().then(|| current.get());
            match (before.flatten(), list) {
                (Some(pause), Some(list)) if pause.0 == list => Some(pause),
                (before, list) => {
                    drop(before);
                    list.map(Pause::of)
                }
            }
        });
    }

    /// Loads more where not all is loaded: so many rows, at least.
    pub fn want(&self, rows: usize) {
        untrack(|| self.current.with(|list| list.want(rows)));
    }

    /// Takes in what waits; a paused list goes on being so.
    pub fn catch_up(&self) {
        untrack(|| self.current.with(|list| list.catch_up()));
    }

    /// Reads the list, reactively where that means something: an event handler reads it too.
    fn peek<R>(&self, read: impl FnOnce(&dyn Listing<S>) -> R) -> R {
        let read = || {
            self.current.with(|list| {
                list.track();
                read(&**list)
            })
        };
        if Observer::get().is_some() { read() } else { untrack(read) }
    }
}

/// The list that `spec` says, and again where it says another scope or id.
pub fn use_live_list<S, K>(spec: impl Fn() -> ListSpec<S, K> + 'static) -> LiveList<S>
where
    S: Schema,
    K: Ord + Clone + 'static,
{
    let sync = use_sync::<S>();
    let registry = sync.registry();
    let reading = Cell::new(None);
    let current = local_memo(move || {
        let spec = spec();
        let list = untrack(|| registry.list(spec));
        reading.set(Some(registry.reading(list.name())));
        list
    });
    let resource = sync
        .query_client()
        .local_resource(cached(sync.query_options()), move || current.with(|list| Asked(list.clone())));
    let total = Memo::new(move |_| {
        current.with(|list| {
            list.track();
            list.len()
        })
    });
    let waiting = Memo::new(move |_| current.with(|list| list.waiting()));
    let state = Memo::new(move |_| current.with(|list| list.state()));
    let beyond = Memo::new(move |_| {
        current.with(|list| {
            list.track();
            list.beyond()
        })
    });
    LiveList {
        total: total.into(),
        beyond: beyond.into(),
        waiting: waiting.into(),
        state: state.into(),
        resource,
        current,
    }
}

/// A maintained list, whatever it is sorted by.
pub trait Listing<S: Schema>: Query + fmt::Debug {
    /// How many rows it has.
    fn len(&self) -> usize;

    /// Whether it has none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key at a position.
    fn at(&self, index: usize) -> Option<S::Key>;

    /// The position of a key.
    fn index_of(&self, key: &S::Key) -> Option<usize>;

    /// The keys at these positions, as far as there are any.
    fn range(&self, range: Range<usize>) -> Vec<S::Key>;

    /// The groups it falls into, in order.
    fn groups(&self) -> Vec<Group>;

    /// How many rows there are in all, where not all are loaded; reactive.
    fn beyond(&self) -> Option<u64>;

    /// Loads so many rows, at least.
    fn want(&self, rows: usize);

    /// Makes a reactive place that calls it run again when order or length are different.
    fn track(&self);

    /// How much of its scope is held; reactive.
    fn state(&self) -> QueryState;

    /// How many rows wait to come, go or move; reactive.
    fn waiting(&self) -> usize;

    /// Lets what others change wait, until it is [resumed](Self::resume) as often.
    fn pause(&self);

    /// Takes in what waited when it was paused for the last time.
    fn resume(&self);

    /// Takes in what waits.
    fn catch_up(&self);
}

/// A list that is paused as long as this lives.
struct Pause<S: Schema>(Live<dyn Listing<S>>);

impl<S: Schema> Pause<S> {
    fn of(list: Live<dyn Listing<S>>) -> Self {
        list.pause();
        Self(list)
    }
}

impl<S: Schema> Drop for Pause<S> {
    fn drop(&mut self) {
        self.0.resume();
    }
}

/// What the registry does with a list.
pub(super) trait Maintained<S: Schema>: Listing<S> {
    /// Takes in that these rows may be different, by the user's `own` doing or another's; whether order,
    /// length or what waits are.
    fn patch(&self, client: &SyncClient<S>, keys: &BTreeSet<S::Key>, own: bool) -> bool;

    /// Takes in that a query reaches elsewhere; whether it is this list's.
    fn reach_moved(&self, client: &SyncClient<S>, watch: &Rc<LiveWatch<S>>) -> bool;

    /// Tells its readers.
    fn notify(&self);
}

/// Makes a list of what a client shows now.
type Make<S, K> = Box<dyn Fn(&SyncClient<S>) -> LiveQuery<S, K>>;

/// Where a list's rows come from.
pub(super) enum Held<S: Schema> {
    Scope(Rc<LiveScope<S>>),
    Query(Rc<LiveWatch<S>>),
}

pub(super) struct SortedList<S: Schema, K> {
    name: QueryName,
    held: Held<S>,
    /// Made anew where the list's query reaches elsewhere.
    make: Make<S, K>,
    query: RefCell<LiveQuery<S, K>>,
    group: Option<GroupOf<K>>,
    version: ArcTrigger,
    /// How often it is paused.
    pauses: Cell<usize>,
    /// The rows that wait.
    late: RefCell<BTreeSet<S::Key>>,
    waiting: ArcRwSignal<usize>,
    registry: Weak<Registry<S>>,
}

impl<S: Schema, K: Ord + Clone + 'static> SortedList<S, K> {
    pub(super) fn new(
        name: QueryName,
        spec: ListSpec<S, K>,
        held: Held<S>,
        client: &SyncClient<S>,
        registry: Weak<Registry<S>>,
    ) -> Self {
        let filter: Filter<S> = match &held {
            Held::Scope(_) => spec.filter,
            Held::Query(watch) => {
                let (watch, filter) = (watch.clone(), spec.filter);
                Rc::new(move |row| filter(row) && watch.reaches(row))
            }
        };
        let (scope, sort) = (spec.scope, spec.sort);
        let make = move |client: &SyncClient<S>| LiveQuery::new(client, scope.clone(), filter.clone(), sort.clone());
        let query = RefCell::new(make(client));
        Self {
            name,
            held,
            make: Box::new(make),
            query,
            group: spec.group,
            version: ArcTrigger::new(),
            pauses: Cell::new(0),
            late: RefCell::default(),
            waiting: ArcRwSignal::new(0),
            registry,
        }
    }

    /// Rows may wait only where all of them are here: what loads is to be seen.
    fn may_wait(&self) -> bool {
        self.pauses.get() > 0 && untrack(|| self.state()) == QueryState::Ready
    }
}

impl<S: Schema, K> Drop for SortedList<S, K> {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.forget_list(&self.name);
        }
    }
}

impl<S: Schema, K> Query for SortedList<S, K> {
    fn name(&self) -> &QueryName {
        &self.name
    }

    fn loaded(&self) -> LocalBoxFuture<'static, ()> {
        match &self.held {
            Held::Scope(scope) => LiveScope::loaded(scope),
            Held::Query(watch) => LiveWatch::loaded(watch),
        }
    }
}

impl<S: Schema, K: Ord + Clone + 'static> Listing<S> for SortedList<S, K> {
    fn len(&self) -> usize {
        self.query.borrow().list().len()
    }

    fn at(&self, index: usize) -> Option<S::Key> {
        self.query.borrow().list().at(index).cloned()
    }

    fn index_of(&self, key: &S::Key) -> Option<usize> {
        self.query.borrow().list().index_of(key)
    }

    fn range(&self, range: Range<usize>) -> Vec<S::Key> {
        self.query.borrow().list().range(range).into_iter().cloned().collect()
    }

    fn groups(&self) -> Vec<Group> {
        let Some(group) = &self.group else { return Vec::new() };
        let query = self.query.borrow();
        query.list().groups(|value| group(value)).map(|(name, rows)| Group { name, rows }).collect()
    }

    fn track(&self) {
        self.version.track();
    }

    fn state(&self) -> QueryState {
        match &self.held {
            Held::Scope(scope) => scope.state.get(),
            Held::Query(watch) => watch.state(),
        }
    }

    fn beyond(&self) -> Option<u64> {
        let Held::Query(watch) = &self.held else { return None };
        let held = watch.held.get();
        held.total.filter(|total| held.reach != Reach::All && *total > self.len() as u64)
    }

    fn want(&self, rows: usize) {
        if let Held::Query(watch) = &self.held {
            watch.want(rows as u64);
        }
    }

    fn waiting(&self) -> usize {
        self.waiting.get()
    }

    fn pause(&self) {
        self.pauses.set(self.pauses.get() + 1);
    }

    fn resume(&self) {
        self.pauses.set(self.pauses.get().saturating_sub(1));
        if self.pauses.get() == 0 {
            self.catch_up();
        }
    }

    fn catch_up(&self) {
        let late = self.late.take();
        // Where sync has ended, nothing is shown any more.
        let bridge = self.registry.upgrade().and_then(|registry| registry.bridge.borrow().upgrade());
        if let Some(bridge) = bridge.filter(|_| !late.is_empty()) {
            bridge.read(|client| self.query.borrow_mut().patch(client, &late));
            self.notify();
        }
    }
}

impl<S: Schema, K: Ord + Clone + 'static> Maintained<S> for SortedList<S, K> {
    fn patch(&self, client: &SyncClient<S>, keys: &BTreeSet<S::Key>, own: bool) -> bool {
        let (mut query, mut late) = (self.query.borrow_mut(), self.late.borrow_mut());
        let count = late.len();
        late.retain(|key| !keys.contains(key));
        if self.may_wait() && !own {
            late.extend(query.patch_in_place(client, keys));
            return late.len() != count;
        }
        query.patch(client, keys) || late.len() != count
    }

    fn reach_moved(&self, client: &SyncClient<S>, watch: &Rc<LiveWatch<S>>) -> bool {
        let is_own = matches!(&self.held, Held::Query(own) if Rc::ptr_eq(own, watch));
        if is_own {
            self.late.borrow_mut().clear();
            *self.query.borrow_mut() = (self.make)(client);
        }
        is_own
    }

    fn notify(&self) {
        self.version.notify();
        let count = self.late.borrow().len();
        if self.waiting.get_untracked() != count {
            self.waiting.set(count);
        }
    }
}

impl<S: Schema, K: Ord + Clone + 'static> fmt::Debug for SortedList<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = untrack(|| self.state());
        f.debug_struct("List").field("len", &self.len()).field("state", &state).finish_non_exhaustive()
    }
}
