//! The queries that lists read of scopes that are not held whole: wanted as long as one does.

use super::{QueryState, Registry, waiting::Waiting};
use futures::{FutureExt, future::LocalBoxFuture};
use holdfast_sync::{
    Schema,
    client::{Input, SyncClient},
    protocol::Reach,
};
use leptos::prelude::{ArcRwSignal, Get, GetUntracked, Update};
use std::{
    cell::Cell,
    rc::{Rc, Weak},
};

/// Rows that are asked for at a time.
pub(super) const PAGE_ROWS: u64 = 500;

/// How much of a query is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Watched {
    pub(super) state: QueryState,
    /// How many rows meet it in all, as far as the server has told.
    pub(super) total: Option<u64>,
    pub(super) reach: Reach,
}

impl Watched {
    fn of<S: Schema>(client: &SyncClient<S>, query: &S::Query) -> Self {
        let Some(watch) = client.watch_state(query) else {
            return Self { state: QueryState::Loading { done: 0, total: None }, total: None, reach: Reach::Nothing };
        };
        let is_connected = client.status().may_bring_more();
        let state = match (&watch.reach, is_connected) {
            _ if watch.is_refused => QueryState::Refused,
            (Reach::Nothing, true) => QueryState::Loading { done: 0, total: watch.total },
            (_, true) => QueryState::Ready,
            (_, false) => QueryState::Partial,
        };
        Self { state, total: watch.total, reach: watch.reach }
    }
}

/// A query that somebody reads. The last one to let go of it ends it.
pub(super) struct LiveWatch<S: Schema> {
    query: S::Query,
    pub(super) held: ArcRwSignal<Watched>,
    rows: Cell<u64>,
    waiting: Waiting,
    registry: Weak<Registry<S>>,
}

impl<S: Schema> LiveWatch<S> {
    pub(super) fn new(query: S::Query, client: &SyncClient<S>, registry: Weak<Registry<S>>) -> Self {
        let held = ArcRwSignal::new(Watched::of(client, &query));
        Self { query, held, rows: Cell::new(PAGE_ROWS), waiting: Waiting::default(), registry }
    }

    /// Shows how much is held now; whether it reaches elsewhere than it did.
    pub(super) fn show(&self, client: &SyncClient<S>) -> bool {
        let held = Watched::of(client, &self.query);
        let is_loading = held.state.is_loading();
        let moved = self.held.get_untracked().reach != held.reach;
        self.held.maybe_update(|shown| std::mem::replace(shown, held.clone()) != held);
        if !is_loading {
            self.waiting.end();
        }
        moved
    }

    pub(super) fn state(&self) -> QueryState {
        self.held.get().state
    }

    /// Whether a row is where the query is held.
    pub(super) fn reaches(&self, row: &S::Row) -> bool {
        use holdfast_sync::schema::Query;
        match self.held.get_untracked().reach {
            Reach::Nothing => false,
            Reach::All => true,
            reach @ Reach::UpTo(_) => reach.holds(&self.query.place(row)),
        }
    }

    /// Asks for as many rows, at least.
    pub(super) fn want(&self, rows: u64) {
        if rows > self.rows.get() && self.held.get_untracked().reach != Reach::All {
            self.rows.set(rows.next_multiple_of(PAGE_ROWS));
            if let Some(registry) = self.registry.upgrade() {
                registry.settle_watch_soon(self.query.clone());
            }
        }
    }

    /// Completes once there is nothing more to wait for. The query is held until then.
    pub(super) fn loaded(self: &Rc<Self>) -> LocalBoxFuture<'static, ()> {
        let live = self.clone();
        async move {
            if live.held.get_untracked().state.is_loading() {
                live.waiting.wait().await;
            }
        }
        .boxed_local()
    }
}

impl<S: Schema> Drop for LiveWatch<S> {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.settle_watch_soon(self.query.clone());
        }
    }
}

impl<S: Schema> Registry<S> {
    /// Tells the engine, once the present task is done, whether a query is wanted, and how many rows of it.
    fn settle_watch_soon(&self, query: S::Query) {
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let Some(registry) = this.upgrade() else { return };
            let Some(bridge) = registry.bridge.borrow().upgrade() else { return };
            let rows = registry.watches.borrow().get(&query).and_then(Weak::upgrade).map(|live| live.rows.get());
            if let Some(rows) = rows {
                bridge.feed(Input::Watch { query, rows });
            } else if registry.watches.borrow_mut().remove(&query).is_some() {
                bridge.feed(Input::Unwatch(query));
            }
        });
    }

    pub(super) fn watch(&self, query: S::Query) -> Rc<LiveWatch<S>> {
        if let Some(live) = self.watches.borrow().get(&query).and_then(Weak::upgrade) {
            return live;
        }
        let live = Rc::new(self.bridge().read(|client| LiveWatch::new(query.clone(), client, self.this.clone())));
        self.watches.borrow_mut().insert(query.clone(), Rc::downgrade(&live));
        self.settle_watch_soon(query);
        live
    }
}
