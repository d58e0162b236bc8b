//! A store that fails when it is told to.

use crate::persistence::{Backend, OpenFault, Opened, Records, Store};
use futures::{FutureExt, future::LocalBoxFuture};
use holdfast_sync::{
    ClientId,
    client::{Batch, Claim, Committed, StoreFault, Table},
};
use std::{cell::RefCell, rc::Rc};

/// Another backend with faults to order. Clones have the same faults.
#[derive(Clone)]
pub struct FaultyBackend<B> {
    inner: B,
    faults: Rc<Faults>,
}

#[derive(Default)]
struct Faults {
    open: RefCell<Option<OpenFault>>,
    commit: RefCell<Option<StoreFault>>,
    read: RefCell<Option<StoreFault>>,
}

impl<B> FaultyBackend<B> {
    /// That backend, without faults so far.
    pub fn new(inner: B) -> Self {
        Self { inner, faults: Rc::default() }
    }

    /// From now on databases cannot be opened, for this reason; or can again.
    pub fn fail_open(&self, fault: Option<OpenFault>) {
        *self.faults.open.borrow_mut() = fault;
    }

    /// From now on nothing can be read, for this reason; or can again.
    pub fn fail_reads(&self, fault: Option<StoreFault>) {
        *self.faults.read.borrow_mut() = fault;
    }

    /// From now on nothing can be written, for this reason; or can again.
    pub fn fail_commits(&self, fault: Option<StoreFault>) {
        *self.faults.commit.borrow_mut() = fault;
    }
}

impl<B: Backend> Backend for FaultyBackend<B> {
    fn open<'a>(&'a self, name: &'a str, proposed: ClientId) -> LocalBoxFuture<'a, Result<Opened, OpenFault>> {
        async move {
            if let Some(fault) = self.faults.open.borrow().clone() {
                return Err(fault);
            }
            let Opened { store, restored } = self.inner.open(name, proposed).await?;
            Ok(Opened { store: Rc::new(FaultyStore { inner: store, faults: self.faults.clone() }), restored })
        }
        .boxed_local()
    }
}

struct FaultyStore {
    inner: Rc<dyn Store>,
    faults: Rc<Faults>,
}

impl Store for FaultyStore {
    fn scan(&self, table: Table, after: Option<String>, limit: u32) -> LocalBoxFuture<'_, Result<Records, StoreFault>> {
        match *self.faults.read.borrow() {
            Some(fault) => async move { Err(fault) }.boxed_local(),
            None => self.inner.scan(table, after, limit),
        }
    }

    fn commit(&self, batch: Batch) -> LocalBoxFuture<'_, Result<Committed, StoreFault>> {
        match *self.faults.commit.borrow() {
            Some(fault) => async move { Err(fault) }.boxed_local(),
            None => self.inner.commit(batch),
        }
    }

    fn claim_lead(&self) -> LocalBoxFuture<'_, Result<Claim, StoreFault>> {
        self.inner.claim_lead()
    }

    fn wipe(&self) -> LocalBoxFuture<'_, Result<(), StoreFault>> {
        self.inner.wipe()
    }
}
