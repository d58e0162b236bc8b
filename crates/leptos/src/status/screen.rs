//! The signals that the engine's state is shown with.

use super::StoreState;
use crate::{
    bridge::{Bridge, Surface},
    query::Registry,
};
use holdfast_sync::{
    Schema,
    client::{ConnectionStatus, Notice},
};
use leptos::prelude::{ArcRwSignal, RwSignal, Signal, Update, WithUntracked};
use std::{cell::Cell, collections::BTreeSet, rc::Rc};

/// What the banner and its kin show.
#[derive(Clone, Copy)]
pub struct SyncStatus {
    /// How the connection stands. The moments in it are by [`SyncContext::now`](super::SyncContext::now)'s
    /// monotonic clock.
    pub connection: Signal<ConnectionStatus>,
    /// How many mutations are not settled.
    pub unsent: Signal<usize>,
    /// How many refused mutations wait for the user.
    pub refused: Signal<usize>,
    /// How the device's store stands.
    pub store: Signal<StoreState>,
    /// When the server was last heard before the connection was lost, Unix milliseconds by
    /// this device's clock. None while it was never heard.
    pub last_good_ms: Signal<Option<i64>>,
    /// What the user must be told once, oldest first, until dismissed.
    pub notices: Signal<Vec<NoticeEntry>>,
    /// Counts changes of outbox and tray.
    pub outbox_revision: Signal<u64>,
}

/// A notice that was not dismissed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticeEntry {
    /// Names it in this page.
    pub id: u64,
    /// What to tell.
    pub notice: Notice,
}

/// Where the bridge shows the engine's state.
pub(super) struct Screen<S: Schema> {
    pub(super) registry: Rc<Registry<S>>,
    connection: ArcRwSignal<ConnectionStatus>,
    unsent: ArcRwSignal<usize>,
    refused: ArcRwSignal<usize>,
    store: ArcRwSignal<StoreState>,
    last_good_ms: ArcRwSignal<Option<i64>>,
    notices: ArcRwSignal<Vec<NoticeEntry>>,
    next_notice: Cell<u64>,
    outbox_revision: ArcRwSignal<u64>,
}

impl<S: Schema> Screen<S> {
    pub(super) fn new() -> Self {
        Self {
            registry: Registry::new(),
            connection: ArcRwSignal::new(ConnectionStatus::Connecting),
            unsent: ArcRwSignal::new(0),
            refused: ArcRwSignal::new(0),
            store: ArcRwSignal::default(),
            last_good_ms: ArcRwSignal::new(None),
            notices: ArcRwSignal::default(),
            next_notice: Cell::new(1),
            outbox_revision: ArcRwSignal::new(0),
        }
    }

    /// The signals, owned by whoever calls.
    pub(super) fn status(&self) -> SyncStatus {
        SyncStatus {
            connection: RwSignal::from(self.connection.clone()).into(),
            unsent: RwSignal::from(self.unsent.clone()).into(),
            refused: RwSignal::from(self.refused.clone()).into(),
            store: RwSignal::from(self.store.clone()).into(),
            last_good_ms: RwSignal::from(self.last_good_ms.clone()).into(),
            notices: RwSignal::from(self.notices.clone()).into(),
            outbox_revision: RwSignal::from(self.outbox_revision.clone()).into(),
        }
    }

    pub(super) fn outbox_revision(&self) -> &ArcRwSignal<u64> {
        &self.outbox_revision
    }

    pub(super) fn dismiss(&self, id: u64) {
        self.notices.update(|notices| notices.retain(|entry| entry.id != id));
    }
}

impl<S: Schema> Surface<S> for Screen<S> {
    fn rows_changed(&self, bridge: &Bridge<S>, keys: &BTreeSet<S::Key>, own: bool) {
        self.registry.rows_changed(bridge, keys, own);
    }

    fn coverage_changed(&self, bridge: &Bridge<S>, scope: Option<&S::Scope>) {
        self.registry.coverage_changed(bridge, scope);
    }

    fn watch_changed(&self, bridge: &Bridge<S>, query: Option<&S::Query>) {
        self.registry.watch_changed(bridge, query);
    }

    fn status_changed(&self, bridge: &Bridge<S>, status: ConnectionStatus) {
        show(&self.last_good_ms, bridge.read(|client| client.last_good_ms()));
        show(&self.connection, status);
        // Whether more is on its way depends on there being a connection.
        self.registry.coverage_changed(bridge, None);
        self.registry.watch_changed(bridge, None);
    }

    fn outbox_changed(&self, bridge: &Bridge<S>) {
        let (unsent, refused) = bridge.read(|client| (client.unsent(), client.tray().count()));
        show(&self.unsent, unsent);
        show(&self.refused, refused);
        self.outbox_revision.update(|revision| *revision += 1);
    }

    fn store_changed(&self, state: StoreState) {
        show(&self.store, state);
    }

    fn notice(&self, notice: Notice) {
        let is_shown = self.notices.with_untracked(|shown| shown.iter().any(|entry| entry.notice == notice));
        if is_shown && !matches!(notice, Notice::Refused { .. }) {
            return;
        }
        let id = self.next_notice.replace(self.next_notice.get() + 1);
        self.notices.update(|notices| notices.push(NoticeEntry { id, notice }));
    }
}

/// Sets a signal if that makes it different.
fn show<T: PartialEq + 'static>(signal: &ArcRwSignal<T>, value: T) {
    signal.maybe_update(|shown| {
        let differs = *shown != value;
        *shown = value;
        differs
    });
}
