//! Databases in IndexedDB.
//!
//! One object store a table, with text keys and bytes as values, and two of a single
//! record each: the next sequence number, and the lead number. They are apart so that
//! a tab that stores an edit does not wait for one that writes rows.
//!
//! What counts is a transaction's `complete` event: over quota, a `put` succeeds and
//! then the transaction aborts. A connection that the browser closed, or that failed,
//! is opened anew by the next use.

mod connection;
mod transaction;

use super::{Backend, OpenFault, Opened, Records, Store};
use connection::Connection;
use futures::{FutureExt, future::LocalBoxFuture};
use holdfast_sync::{
    ClientId,
    client::{Batch, Claim, Committed, StoreFault, Table},
};
use std::{cell::RefCell, rc::Rc};
use transaction::Failure;

/// The browser's IndexedDB.
#[derive(Clone, Copy, Default)]
pub struct IndexedDbBackend;

impl Backend for IndexedDbBackend {
    fn open<'a>(&'a self, name: &'a str, proposed: ClientId) -> LocalBoxFuture<'a, Result<Opened, OpenFault>> {
        async move {
            let connection = Connection::open(name).await?;
            let restored = transaction::restore(&connection, proposed).await;
            let restored = restored.map_err(|failure| OpenFault::Broken(failure.to_string()))?;
            let connection = RefCell::new(Some(Rc::new(connection)));
            Ok(Opened { store: Rc::new(IndexedDbStore { name: name.to_owned(), connection }), restored })
        }
        .boxed_local()
    }
}

/// One handle on a database.
struct IndexedDbStore {
    name: String,
    connection: RefCell<Option<Rc<Connection>>>,
}

impl IndexedDbStore {
    async fn connection(&self) -> Result<Rc<Connection>, StoreFault> {
        let held = self.connection.borrow().clone().filter(|connection| connection.is_open());
        if let Some(connection) = held {
            return Ok(connection);
        }
        let opened = Connection::open(&self.name).await.map_err(|_| StoreFault::Broken)?;
        let opened = Rc::new(opened);
        *self.connection.borrow_mut() = Some(opened.clone());
        Ok(opened)
    }

    /// Does something on the connection; once more on a new one, where this one turns out
    /// to have been closed before anything was done.
    async fn with<T>(&self, what: impl AsyncFn(&Connection) -> Result<T, Failure>) -> Result<T, StoreFault> {
        let mut again = true;
        loop {
            let connection = self.connection().await?;
            let failure = match what(&connection).await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            if failure.fault() == StoreFault::Broken {
                // The next one to come opens a new connection.
                self.connection.borrow_mut().take_if(|held| Rc::ptr_eq(held, &connection));
            }
            let closed = matches!(failure, Failure::NotBegun(_));
            if !closed || !std::mem::take(&mut again) {
                return Err(failure.fault());
            }
        }
    }
}

impl Store for IndexedDbStore {
    fn scan(&self, table: Table, after: Option<String>, limit: u32) -> LocalBoxFuture<'_, Result<Records, StoreFault>> {
        async move {
            self.with(async |connection| transaction::scan(connection, table, after.as_deref(), limit).await).await
        }
        .boxed_local()
    }

    fn commit(&self, batch: Batch) -> LocalBoxFuture<'_, Result<Committed, StoreFault>> {
        async move { self.with(async |connection| transaction::commit(connection, &batch).await).await }.boxed_local()
    }

    fn claim_lead(&self) -> LocalBoxFuture<'_, Result<Claim, StoreFault>> {
        async move { self.with(transaction::claim_lead).await }.boxed_local()
    }

    fn wipe(&self) -> LocalBoxFuture<'_, Result<(), StoreFault>> {
        async move {
            self.with(transaction::wipe).await?;
            self.connection.borrow_mut().take();
            connection::delete(&self.name);
            Ok(())
        }
        .boxed_local()
    }
}
