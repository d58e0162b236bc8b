//! What is kept on the device: one database a user and workspace.
//!
//! A [`Store`] knows no format: it holds bytes by text key in the engine's five
//! [`Table`]s and carries [`Batch`]es out, each in one transaction, all of it or
//! nothing. Beyond that it has three duties:
//!
//! - it **numbers the mutations**: the records of [`Batch::enqueue`] get the next
//!   sequence numbers inside the batch's transaction, which orders all tabs;
//! - it **checks the lead**: a batch with a lead number that is not the store's is
//!   refused with [`StoreFault::NotLeading`] and leaves no trace;
//! - a commit is done when the *transaction* is complete, not when its requests are.
//!
//! The same conformance suite ([`testing::conformance`](crate::testing::conformance))
//! runs over every backend: [`MemoryBackend`], which is also what the app falls back to
//! when there is no other, and [`IndexedDbBackend`].
//!
//! Dropping the future of a store's method may abort its transaction, so all store
//! work runs in tasks that no component owns.

mod indexed_db;
mod memory;

pub use indexed_db::IndexedDbBackend;
pub use memory::MemoryBackend;

use futures::future::LocalBoxFuture;
use holdfast_sync::{
    ClientId,
    client::{Batch, Claim, Committed, Restored, StoreFault, Table},
};
use std::rc::Rc;

/// Records with their keys.
pub type Records = Vec<(String, Vec<u8>)>;

/// A place that holds databases by name.
pub trait Backend {
    /// Opens a database, or makes it: then its client id is `proposed`.
    ///
    /// # Errors
    /// An [`OpenFault`], whose text is for a person.
    fn open<'a>(&'a self, name: &'a str, proposed: ClientId) -> LocalBoxFuture<'a, Result<Opened, OpenFault>>;
}

/// One open database. Several tabs may have the same one open.
pub trait Store {
    /// The records of a table behind the key `after`, in the order of their keys, at
    /// most `limit` of them.
    ///
    /// # Errors
    /// [`StoreFault::Broken`] where the database cannot be read.
    fn scan(&self, table: Table, after: Option<String>, limit: u32) -> LocalBoxFuture<'_, Result<Records, StoreFault>>;

    /// Carries a batch out in one transaction.
    ///
    /// # Errors
    /// A [`StoreFault`]; nothing of the batch is written then.
    fn commit(&self, batch: Batch) -> LocalBoxFuture<'_, Result<Committed, StoreFault>>;

    /// Raises the lead number by one and gives it, with the profile's id and next number as they are
    /// then: from then on only batches under that lead, or under none, are written.
    ///
    /// # Errors
    /// A [`StoreFault`]; the number is as it was then.
    fn claim_lead(&self) -> LocalBoxFuture<'_, Result<Claim, StoreFault>>;

    /// Ends everything that is in the database, for good. What is committed later by
    /// anyone who still has it open is refused.
    ///
    /// # Errors
    /// A [`StoreFault`]; then nothing is ended.
    fn wipe(&self) -> LocalBoxFuture<'_, Result<(), StoreFault>>;
}

/// A database just opened, and what it holds except its rows.
pub struct Opened {
    /// The database.
    pub store: Rc<dyn Store>,
    /// What the engine starts with.
    pub restored: Restored,
}

/// Why a database could not be opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenFault {
    /// There is no such thing here.
    #[error("This browser offers no storage to this page: {0}.")]
    Unavailable(String),
    /// A newer version of the app wrote it. It is left as it is.
    #[error("A newer version of this app has stored data here, which this one cannot read. Reload to update.")]
    Newer,
    /// Another tab keeps it from being opened.
    #[error("Another tab of this app keeps the storage closed. Close the other tabs and reload.")]
    Blocked,
    /// Anything else.
    #[error("This device's storage could not be opened: {0}.")]
    Broken(String),
}
