//! One row.

use super::{
    Live, QueryState, Registry,
    cached::{Asked, Query, QueryName, cached},
    live::local_memo,
    scope::LiveScope,
};
use crate::status::use_sync;
use futures::future::LocalBoxFuture;
use holdfast_sync::{
    Schema,
    client::{SyncClient, SyncMark},
};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::{
    cell::Cell,
    fmt,
    rc::{Rc, Weak},
};

/// The row of that key as the user sees it, own unsettled edits and all; none where there
/// is no such row, or it is not held. It tells when the row is different.
///
/// For the rows of a list that are mounted: there is a signal as long as a component has it.
/// Nothing is loaded for it; see [`use_live_one`].
pub fn use_live_row<S: Schema>(key: S::Key) -> Signal<Option<S::Row>, LocalStorage> {
    let row = mounted_row::<S>(key);
    RwSignal::<_, LocalStorage>::from_local(row.row.clone()).into()
}

/// What the mark of that row shows. There is a signal as long as a component has it.
pub fn use_mark<S: Schema>(key: S::Key) -> Signal<SyncMark> {
    RwSignal::from(mounted_row::<S>(key).mark.clone()).into()
}

/// A row that is shown in one place, and its mark; from [`use_live_row_at`].
pub struct LiveRowAt<S: Schema> {
    /// The row as the user sees it. None where there is no such row, or it is not held.
    pub row: Signal<Option<S::Row>, LocalStorage>,
    /// What its mark shows.
    pub mark: Signal<SyncMark>,
}

impl<S: Schema> Clone for LiveRowAt<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Schema> Copy for LiveRowAt<S> {}

/// The row that `key` names, and again where it names another: for a place that shows one row after the
/// other, as those of a windowed list do. Nothing is loaded for it, as for [`use_live_row`].
pub fn use_live_row_at<S: Schema>(key: impl Fn() -> S::Key + 'static) -> LiveRowAt<S> {
    let registry = use_sync::<S>().registry();
    let current = local_memo(move || Live(registry.row(key())));
    let row = RwSignal::new_local(None);
    // One signal that all fields read, whichever row is shown.
    let showing = RenderEffect::new(move |_| row.set(current.with(|current| current.row.get())));
    on_cleanup({
        let showing = SendWrapper::new(showing);
        move || drop(showing)
    });
    LiveRowAt { row: row.into(), mark: Signal::derive(move || current.with(|current| current.mark.get())) }
}

/// One row by its key, loaded with its scope where it is not held.
pub struct LiveOne<S: Schema> {
    /// The row as the user sees it. None where there is no such row, or while it is not held:
    /// `state` says which.
    pub row: Signal<Option<S::Row>, LocalStorage>,
    /// What its mark shows.
    pub mark: Signal<SyncMark>,
    /// How much of its scope is held.
    pub state: Signal<QueryState>,
    /// The query behind it: pending while its scope loads, for `<Suspense/>`.
    pub resource: LocalResource<Live<ScopedRow<S>>>,
}

impl<S: Schema> Clone for LiveOne<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Schema> Copy for LiveOne<S> {}

/// The row that `which` names by its scope and key, and again where it names another.
pub fn use_live_one<S: Schema>(which: impl Fn() -> (S::Scope, S::Key) + 'static) -> LiveOne<S> {
    let sync = use_sync::<S>();
    let registry = sync.registry();
    let reading = Cell::new(None);
    let current = local_memo(move || {
        let (scope, key) = which();
        let one = untrack(|| registry.one(scope, key));
        reading.set(Some(registry.reading(one.name())));
        one
    });
    let resource = sync
        .query_client()
        .local_resource(cached(sync.query_options()), move || current.with(|one| Asked(one.clone())));
    LiveOne {
        row: Signal::derive_local(move || current.with(|one| one.row.row.get())),
        mark: Signal::derive(move || current.with(|one| one.row.mark.get())),
        state: Signal::derive(move || current.with(|one| one.scope.state.get())),
        resource,
    }
}

/// A row, and its scope that is wanted as long as somebody reads it.
pub struct ScopedRow<S: Schema> {
    pub(super) row: Rc<LiveRow<S>>,
    pub(super) scope: Rc<LiveScope<S>>,
    pub(super) name: QueryName,
}

impl<S: Schema> Query for ScopedRow<S> {
    fn name(&self) -> &QueryName {
        &self.name
    }

    fn loaded(&self) -> LocalBoxFuture<'static, ()> {
        LiveScope::loaded(&self.scope)
    }
}

impl<S: Schema> fmt::Debug for ScopedRow<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.row.key, self.row.row.get_untracked())
    }
}

/// A row that somebody reads.
pub(super) struct LiveRow<S: Schema> {
    pub(super) key: S::Key,
    pub(super) row: ArcRwSignal<Option<S::Row>>,
    pub(super) mark: ArcRwSignal<SyncMark>,
    registry: Weak<Registry<S>>,
}

impl<S: Schema> LiveRow<S> {
    pub(super) fn new(key: S::Key, client: &SyncClient<S>, registry: Weak<Registry<S>>) -> Self {
        let row = ArcRwSignal::new(client.row(&key).cloned());
        let mark = ArcRwSignal::new(client.mark(&key));
        Self { key, row, mark, registry }
    }

    /// What must be shown anew, if anything.
    pub(super) fn news(self: &Rc<Self>, client: &SyncClient<S>) -> Option<RowNews<S>> {
        let row = client.row(&self.key);
        let row = self.row.with_untracked(|shown| shown.as_ref() != row).then(|| row.cloned());
        let mark = Some(client.mark(&self.key)).filter(|mark| self.mark.get_untracked() != *mark);
        (row.is_some() || mark.is_some()).then(|| RowNews { of: self.clone(), row, mark })
    }
}

impl<S: Schema> Drop for LiveRow<S> {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.forget_row(&self.key);
        }
    }
}

/// What to show of a row.
pub(super) struct RowNews<S: Schema> {
    of: Rc<LiveRow<S>>,
    row: Option<Option<S::Row>>,
    mark: Option<SyncMark>,
}

impl<S: Schema> RowNews<S> {
    pub(super) fn show(self) {
        if let Some(row) = self.row {
            self.of.row.set(row);
        }
        if let Some(mark) = self.mark {
            self.of.mark.set(mark);
        }
    }
}

/// The row's signals, held until the component goes.
fn mounted_row<S: Schema>(key: S::Key) -> Rc<LiveRow<S>> {
    let row = use_sync::<S>().registry().row(key);
    let held = SendWrapper::new(row.clone());
    on_cleanup(move || drop(held));
    row
}
