//! Everything that is read at present, to be patched when rows change.

use super::{
    Live,
    cached::QueryName,
    list::{Held, ListSpec, Listing, Maintained, SortedList},
    row::{LiveRow, ScopedRow},
    scope::LiveScope,
    watched::LiveWatch,
};
use crate::bridge::Bridge;
use holdfast_sync::Schema;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::{Rc, Weak},
};

/// Rows, lists and scopes that somebody reads. It holds none of them: they go when their
/// last reader does.
pub struct Registry<S: Schema> {
    pub(super) this: Weak<Self>,
    pub(super) bridge: RefCell<Weak<Bridge<S>>>,
    pub(super) scopes: RefCell<BTreeMap<S::Scope, Weak<LiveScope<S>>>>,
    pub(super) watches: RefCell<BTreeMap<S::Query, Weak<LiveWatch<S>>>>,
    rows: RefCell<BTreeMap<S::Key, Weak<LiveRow<S>>>>,
    lists: RefCell<BTreeMap<QueryName, Weak<dyn Maintained<S>>>>,
    /// How many components read each query; those that none reads are not there.
    readers: RefCell<BTreeMap<QueryName, usize>>,
    /// Scopes that the app wants whether or not they are read.
    pinned: RefCell<BTreeMap<S::Scope, Rc<LiveScope<S>>>>,
}

impl<S: Schema> Registry<S> {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            bridge: RefCell::default(),
            scopes: RefCell::default(),
            watches: RefCell::default(),
            rows: RefCell::default(),
            lists: RefCell::default(),
            readers: RefCell::default(),
            pinned: RefCell::default(),
        })
    }

    /// Names the bridge that the rows come from. Nothing is read before.
    pub(crate) fn attach(&self, bridge: &Rc<Bridge<S>>) {
        *self.bridge.borrow_mut() = Rc::downgrade(bridge);
    }

    /// Wants a scope whether or not it is read.
    pub(crate) fn pin(&self, scope: S::Scope) {
        let live = self.scope(scope.clone());
        self.pinned.borrow_mut().insert(scope, live);
    }

    /// Wants a scope only as long as it is read.
    pub(crate) fn unpin(&self, scope: &S::Scope) {
        let live = self.pinned.borrow_mut().remove(scope);
        drop(live);
    }

    /// The live row of that key.
    pub(super) fn row(&self, key: S::Key) -> Rc<LiveRow<S>> {
        if let Some(row) = self.rows.borrow().get(&key).and_then(Weak::upgrade) {
            return row;
        }
        let row = Rc::new(self.bridge().read(|client| LiveRow::new(key.clone(), client, self.this.clone())));
        self.rows.borrow_mut().insert(key, Rc::downgrade(&row));
        row
    }

    pub(super) fn one(&self, scope: S::Scope, key: S::Key) -> Live<ScopedRow<S>> {
        let name = QueryName { scope: scope.to_string(), id: key.to_string() };
        Live(Rc::new(ScopedRow { name, row: self.row(key), scope: self.scope(scope) }))
    }

    /// The live list of that spec: the one there is, where there is one of its name.
    pub(super) fn list<K: Ord + Clone + 'static>(&self, spec: ListSpec<S, K>) -> Live<dyn Listing<S>> {
        let name = QueryName { scope: spec.scope.to_string(), id: spec.id.clone() };
        if let Some(list) = self.lists.borrow().get(&name).and_then(Weak::upgrade) {
            return Live(list);
        }
        let held = match &spec.query {
            Some(query) => Held::Query(self.watch(query.clone())),
            None => Held::Scope(self.scope(spec.scope.clone())),
        };
        let list = self.bridge().read(|client| SortedList::new(name.clone(), spec, held, client, self.this.clone()));
        let list: Rc<dyn Maintained<S>> = Rc::new(list);
        self.lists.borrow_mut().insert(name, Rc::downgrade(&list));
        Live(list)
    }

    pub(super) fn scope(&self, scope: S::Scope) -> Rc<LiveScope<S>> {
        if let Some(live) = self.scopes.borrow().get(&scope).and_then(Weak::upgrade) {
            return live;
        }
        let live = Rc::new(self.bridge().read(|client| LiveScope::new(scope.clone(), client, self.this.clone())));
        self.scopes.borrow_mut().insert(scope.clone(), Rc::downgrade(&live));
        self.settle_soon(scope);
        live
    }

    pub(super) fn bridge(&self) -> Rc<Bridge<S>> {
        self.bridge.borrow().upgrade().expect("what reads live rows is owned by what owns the bridge")
    }

    pub(super) fn forget_row(&self, key: &S::Key) {
        let mut rows = self.rows.borrow_mut();
        if rows.get(key).is_some_and(|row| row.strong_count() == 0) {
            rows.remove(key);
        }
    }

    pub(super) fn forget_list(&self, name: &QueryName) {
        let mut lists = self.lists.borrow_mut();
        if lists.get(name).is_some_and(|list| list.strong_count() == 0) {
            lists.remove(name);
        }
    }

    /// Patches what shows one of these rows. Signals are set once all is read.
    pub(crate) fn rows_changed(&self, bridge: &Bridge<S>, keys: &BTreeSet<S::Key>, own: bool) {
        let lists: Vec<Rc<dyn Maintained<S>>> = self.lists.borrow().values().filter_map(Weak::upgrade).collect();
        let rows = self.mounted(keys);
        let (news, moved) = bridge.read(|client| {
            let news: Vec<_> = rows.iter().filter_map(|row| row.news(client)).collect();
            let moved: Vec<_> = lists.iter().filter(|list| list.patch(client, keys, own)).collect();
            (news, moved)
        });
        for news in news {
            news.show();
        }
        for list in moved {
            list.notify();
        }
    }

    /// The rows among these that have a signal: few of many, on either side.
    fn mounted(&self, keys: &BTreeSet<S::Key>) -> Vec<Rc<LiveRow<S>>> {
        let rows = self.rows.borrow();
        match rows.len() < keys.len() {
            true => rows.iter().filter(|(key, _)| keys.contains(*key)).filter_map(|(_, row)| row.upgrade()).collect(),
            false => keys.iter().filter_map(|key| rows.get(key)?.upgrade()).collect(),
        }
    }

    /// Shows how much of a scope is held; of all, where none is named.
    pub(crate) fn coverage_changed(&self, bridge: &Bridge<S>, scope: Option<&S::Scope>) {
        let scopes: Vec<Rc<LiveScope<S>>> = match scope {
            Some(scope) => self.scopes.borrow().get(scope).and_then(Weak::upgrade).into_iter().collect(),
            None => self.scopes.borrow().values().filter_map(Weak::upgrade).collect(),
        };
        for live in scopes {
            let state = bridge.read(|client| live.state_in(client));
            live.show(state);
        }
    }

    /// Shows how much of a query is held; of all, where none is named.
    pub(crate) fn watch_changed(&self, bridge: &Bridge<S>, query: Option<&S::Query>) {
        let watches: Vec<Rc<LiveWatch<S>>> = match query {
            Some(query) => self.watches.borrow().get(query).and_then(Weak::upgrade).into_iter().collect(),
            None => self.watches.borrow().values().filter_map(Weak::upgrade).collect(),
        };
        let lists: Vec<Rc<dyn Maintained<S>>> = self.lists.borrow().values().filter_map(Weak::upgrade).collect();
        let mut moved = Vec::new();
        bridge.read(|client| {
            for watch in watches.iter().filter(|watch| watch.show(client)) {
                moved.extend(lists.iter().filter(|list| list.reach_moved(client, watch)));
            }
        });
        for list in moved {
            list.notify();
        }
    }

    /// Counts a reader of a query as long as what it gives lives.
    pub(super) fn reading(&self, name: &QueryName) -> Reading<S> {
        *self.readers.borrow_mut().entry(name.clone()).or_default() += 1;
        Reading { name: name.clone(), registry: self.this.clone() }
    }

    /// The queries that are read, and the lists that are kept for a while after, by name.
    pub fn queries(&self) -> Vec<QueryReading> {
        let lists: BTreeMap<QueryName, usize> = {
            let lists = self.lists.borrow();
            lists.iter().filter_map(|(name, list)| Some((name.clone(), list.upgrade()?.len()))).collect()
        };
        let readers = self.readers.borrow();
        let names: BTreeSet<&QueryName> = lists.keys().chain(readers.keys()).collect();
        let reading = |name: &QueryName| QueryReading {
            name: name.clone(),
            readers: readers.get(name).copied().unwrap_or_default(),
            rows: lists.get(name).copied(),
        };
        names.into_iter().map(reading).collect()
    }

    /// The scopes that are wanted, by a query or by the app.
    pub fn scopes(&self) -> Vec<S::Scope> {
        self.scopes.borrow().keys().cloned().collect()
    }

    /// How many rows have a signal.
    pub fn rows_read(&self) -> usize {
        self.rows.borrow().len()
    }
}

/// A query that is read, or was a moment ago.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueryReading {
    /// Its name.
    pub name: QueryName,
    /// How many components read it; none where it is only kept for a while.
    pub readers: usize,
    /// How many rows it has. None for a query of one row.
    pub rows: Option<usize>,
}

/// Stands for a reader of a query.
pub(super) struct Reading<S: Schema> {
    name: QueryName,
    registry: Weak<Registry<S>>,
}

impl<S: Schema> Drop for Reading<S> {
    fn drop(&mut self) {
        let Some(registry) = self.registry.upgrade() else { return };
        let mut readers = registry.readers.borrow_mut();
        if let Some(count) = readers.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                readers.remove(&self.name);
            }
        }
    }
}
