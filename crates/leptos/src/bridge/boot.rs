//! From nothing to a running engine: the lead if it is free, the database, its rows in
//! pages, the connection; then the wait for the lead where another tab has it.

use super::{
    Bridge,
    leadership::Leadership,
    saver::Saved,
    tabs::{TabMessage, Tabs},
};
use crate::{
    persistence::{Backend, MemoryBackend, OpenFault, Opened, Records, Store},
    status::StoreState,
};
use futures::future::abortable;
use holdfast_sync::{
    ClientId, Schema,
    client::{Input, Restored, Table},
};
use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// Rows read at once: few enough that taking them in is no long task.
const PAGE: u32 = 500;

/// Milliseconds to wait before a store that failed is asked again.
const RETRY_MS: u32 = 1_000;

/// Starts the task. The bridge aborts it when it stops.
pub(super) fn begin<S: Schema>(bridge: &Rc<Bridge<S>>, database: String) {
    let boot = Boot { bridge: Rc::downgrade(bridge), database };
    let (booting, abort) = abortable(async move { _ = boot.run().await });
    bridge.held.borrow_mut().boot = Some(Box::new(AbortOnDrop(abort)));
    spawn_local(async { _ = booting.await });
}

struct AbortOnDrop(futures::future::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Boot<S: Schema> {
    bridge: Weak<Bridge<S>>,
    database: String,
}

/// The bridge is gone: nothing is left to do.
struct Gone;

impl<S: Schema> Boot<S> {
    async fn run(&self) -> Result<(), Gone> {
        let is_shared = self.bridge()?.world.shared;
        let early = self.open_tabs()?;
        let leadership = match is_shared {
            // Taken before anything is read, so that what is read is the last word.
            true => Leadership::try_take(&self.database).await,
            false => Some(Leadership::alone()),
        };
        let (opened, leadership) = self.open_store(leadership).await?;
        let store = opened.store;
        let bridge = self.bridge()?;
        bridge.saver.open(store.clone(), on_saved(&bridge));
        bridge.feed(Input::Restored(opened.restored));
        for input in early.take().into_iter().flatten() {
            bridge.feed(input);
        }
        drop(bridge);
        let is_leading = leadership.is_some();
        if let Some(leadership) = leadership {
            self.lead(&*store, leadership).await?;
        }
        self.hydrate(&*store).await?;
        let meta = self.scan(&*store, Table::Meta, None).await?;
        let bridge = self.bridge()?;
        bridge.feed(Input::HydrateDone(meta));
        bridge.surface.coverage_changed(&bridge, None);
        bridge.surface.watch_changed(&bridge, None);
        drop(bridge);
        if !is_leading && let Some(leadership) = Leadership::take(&self.database).await {
            self.lead(&*store, leadership).await?;
        }
        Ok(())
    }

    fn bridge(&self) -> Result<Rc<Bridge<S>>, Gone> {
        self.bridge.upgrade().filter(|bridge| !bridge.is_stopped.get()).ok_or(Gone)
    }

    /// Listens to the other tabs. What they tell before the store was read is kept.
    fn open_tabs(&self) -> Result<Early<S>, Gone> {
        let bridge = self.bridge()?;
        let early: Early<S> = Rc::new(RefCell::new(Some(Vec::new())));
        if bridge.world.shared {
            let (this, kept) = (self.bridge.clone(), early.clone());
            let tabs = Tabs::open(&self.database, move |message| {
                let Some(bridge) = this.upgrade() else { return };
                let input = match message {
                    TabMessage::OutboxGrew(records) => Input::OutboxGrew(records),
                    TabMessage::Renamed(client) => Input::Renamed(client),
                    TabMessage::Wiped => {
                        bridge.stop();
                        return bridge.surface.store_changed(StoreState::Wiped);
                    }
                };
                match &mut *kept.borrow_mut() {
                    Some(kept) => kept.push(input),
                    None => bridge.feed(input),
                }
            });
            bridge.held.borrow_mut().tabs = tabs;
        }
        Ok(early)
    }

    /// The database; in memory where there is no other, which then is this tab's alone.
    async fn open_store(&self, leadership: Option<Leadership>) -> Result<(Opened, Option<Leadership>), Gone> {
        let backend = self.bridge()?.world.backend.clone();
        let proposed = ClientId(Uuid::now_v7());
        let (opened, leadership, state) = match backend.open(&self.database, proposed).await {
            Ok(opened) => (opened, leadership, StoreState::Durable),
            Err(fault) => {
                let opened = open_in_memory(&self.database, proposed).await;
                (opened, Some(Leadership::alone()), StoreState::MemoryOnly { reason: fault.to_string() })
            }
        };
        let bridge = self.bridge()?;
        if state != StoreState::Durable {
            // Other tabs have other memories.
            bridge.held.borrow_mut().tabs = None;
        }
        *bridge.store_state.borrow_mut() = state.clone();
        bridge.surface.store_changed(state);
        Ok((opened, leadership))
    }

    /// Shows the engine the stored rows, page by page, with room for other tasks between.
    async fn hydrate(&self, store: &dyn Store) -> Result<(), Gone> {
        let mut after = None;
        loop {
            let page = self.scan(store, Table::Rows, after.take()).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            self.bridge()?.feed(Input::Hydrated(page));
        }
    }

    /// A page of what is stored, asked for until it comes: what the store holds beyond it is not known, and to
    /// connect without could lose it.
    async fn scan(&self, store: &dyn Store, table: Table, after: Option<String>) -> Result<Records, Gone> {
        let mut has_failed = false;
        loop {
            match store.scan(table, after.clone(), PAGE).await {
                Ok(page) => {
                    if has_failed {
                        let bridge = self.bridge()?;
                        bridge.surface.store_changed(bridge.store_state.borrow().clone());
                    }
                    return Ok(page);
                }
                Err(fault) => self.bridge()?.surface.store_changed(StoreState::Fault(fault)),
            }
            has_failed = true;
            super::sleep(RETRY_MS).await;
        }
    }

    async fn lead(&self, store: &dyn Store, leadership: Leadership) -> Result<(), Gone> {
        loop {
            let lead = store.claim_lead().await;
            let bridge = self.bridge()?;
            match lead {
                Ok(lead) => {
                    bridge.held.borrow_mut().leadership = Some(leadership);
                    bridge.surface.store_changed(bridge.store_state.borrow().clone());
                    bridge.feed(Input::Lead(Some(lead)));
                    return Ok(());
                }
                Err(fault) => bridge.surface.store_changed(StoreState::Fault(fault)),
            }
            drop(bridge);
            // Nobody else can lead while this tab holds the lock.
            super::sleep(RETRY_MS).await;
        }
    }
}

/// Tells what came of a batch: the other tabs of its edits and of the profile's new id, and the engine.
fn on_saved<S: Schema>(bridge: &Rc<Bridge<S>>) -> impl Fn(Saved) + 'static {
    let this = Rc::downgrade(bridge);
    move |saved| {
        let Some(bridge) = this.upgrade() else { return };
        if let Some(tabs) = &bridge.held.borrow().tabs {
            if let Some(client) = saved.renamed {
                tabs.tell(&TabMessage::Renamed(client));
            }
            if !saved.enqueued.is_empty() {
                tabs.tell(&TabMessage::OutboxGrew(saved.enqueued));
            }
        }
        bridge.feed(Input::Persisted { batch: saved.batch, result: saved.result });
    }
}

async fn open_in_memory(database: &str, proposed: ClientId) -> Opened {
    let opened = MemoryBackend::default().open(database, proposed).await;
    let Opened { store, restored } =
        opened.unwrap_or_else(|fault: OpenFault| unreachable!("memory is always there: {fault}"));
    Opened { store, restored: Restored { lasting: false, ..restored } }
}

/// What the other tabs told before the store was read; none once it is.
type Early<S> = Rc<RefCell<Option<Vec<Input<S>>>>>;
