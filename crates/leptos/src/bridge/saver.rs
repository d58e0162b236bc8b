//! Carries batches out, strictly in the order they came, in one task that only ends
//! when there are no more.

use crate::persistence::{Records, Store};
use futures::channel::oneshot;
use holdfast_sync::{
    ClientId,
    client::{Batch, Committed, StoreFault, Table, outbox_key},
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use wasm_bindgen_futures::spawn_local;

/// What a batch came to, and what the other tabs must know of it.
pub(super) struct Saved {
    pub(super) batch: u64,
    pub(super) result: Result<Committed, StoreFault>,
    pub(super) enqueued: Records,
    /// The profile's new id, where it wrote one.
    pub(super) renamed: Option<ClientId>,
}

/// The queue to the store.
#[derive(Default)]
pub(super) struct Saver {
    store: OnceCell<Rc<dyn Store>>,
    on_saved: OnceCell<Box<dyn Fn(Saved)>>,
    jobs: RefCell<VecDeque<Job>>,
    is_working: Cell<bool>,
}

enum Job {
    Commit(Batch),
    ReadOutbox(Box<dyn FnOnce(Result<Records, StoreFault>)>),
    Wipe(oneshot::Sender<Result<(), StoreFault>>),
}

impl Saver {
    /// Begins to write to that store, and to tell what came of it.
    pub(super) fn open(self: &Rc<Self>, store: Rc<dyn Store>, on_saved: impl Fn(Saved) + 'static) {
        let first = self.store.set(store).is_ok() && self.on_saved.set(Box::new(on_saved)).is_ok();
        assert!(first, "a bridge opens one store");
        self.work();
    }

    pub(super) fn commit(self: &Rc<Self>, batch: Batch) {
        self.jobs.borrow_mut().push_back(Job::Commit(batch));
        self.work();
    }

    /// Reads the outbox behind all that was handed in before.
    pub(super) fn read_outbox(self: &Rc<Self>, then: impl FnOnce(Result<Records, StoreFault>) + 'static) {
        self.jobs.borrow_mut().push_back(Job::ReadOutbox(Box::new(then)));
        self.work();
    }

    /// Wipes the store behind all that was handed in before; there is none where it is not open yet.
    pub(super) fn wipe(self: &Rc<Self>, wiped: oneshot::Sender<Result<(), StoreFault>>) {
        if self.store.get().is_none() {
            // Whoever asked may have gone.
            let _ = wiped.send(Err(StoreFault::Broken));
            return;
        }
        self.jobs.borrow_mut().push_back(Job::Wipe(wiped));
        self.work();
    }

    fn work(self: &Rc<Self>) {
        if self.store.get().is_none() || self.is_working.replace(true) {
            return;
        }
        let saver = self.clone();
        spawn_local(async move {
            while let Some((store, job)) = saver.next() {
                saver.carry_out(&*store, job).await;
            }
            saver.is_working.set(false);
        });
    }

    fn next(&self) -> Option<(Rc<dyn Store>, Job)> {
        Some((self.store.get()?.clone(), self.jobs.borrow_mut().pop_front()?))
    }

    async fn carry_out(&self, store: &dyn Store, job: Job) {
        match job {
            Job::Commit(batch) => {
                let (id, records, client) = (batch.id, batch.enqueue.clone(), batch.new_client());
                let result = store.commit(batch).await;
                let first_seq = result.map_or(0, |committed| committed.first_seq);
                let enqueued = match result {
                    Ok(_) => (first_seq..).map(outbox_key).zip(records).collect(),
                    Err(_) => Vec::new(),
                };
                if let Some(on_saved) = self.on_saved.get() {
                    let renamed = client.filter(|_| result.is_ok());
                    on_saved(Saved { batch: id, result, enqueued, renamed });
                }
            }
            Job::ReadOutbox(then) => {
                then(store.scan(Table::Outbox, None, u32::MAX).await);
            }
            Job::Wipe(wiped) => {
                let result = store.wipe().await;
                // Whoever asked may have gone; it is done all the same.
                let _ = wiped.send(result);
            }
        }
    }
}
