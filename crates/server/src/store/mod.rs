//! What is kept: rows, the change log, answers to mutations, clients, sessions.
//!
//! Nothing above this module knows which database it is. A [`Store`] promises:
//! - **One write path.** A mutation's rows, its log entry, the stored answer and its
//!   client's last settled place commit in one transaction (I2); only then is it answered,
//!   and only then does [`Store::head`] move.
//! - **One order.** Log positions are dense, and in the order of the commits.
//! - **Answers are final or passing, never lost**: what could not be committed is
//!   [`PushAnswer::Transient`], and nothing of it is there.
//! - Every read sees one moment.

pub mod backup;
pub mod sqlite;

use crate::application::Sought;
use futures::future::BoxFuture;
use holdfast_sync::{
    ClientId, Epoch, Refusal, Schema, Seq, SyncCursor,
    authority::{Greeting, LogEntry, LogRead, Page, PushAnswer, QueryPage, Rights, rights::Watched},
    protocol::{ErrorFrame, Found, Hello, Limits, Pushed},
    schema::Place,
};
use std::{collections::BTreeSet, io, sync::Arc};
use tokio::sync::watch;
use uuid::Uuid;

/// How many bytes of rows or log entries, as stored, one read gives at most beyond the first:
/// what is made of them then fits a frame of [`Limits::frame_bytes_max`].
pub const PAGE_BYTES: usize = 400 << 10;

/// What a store gives back in a while.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A piece of the log, and the cursor behind its last entry.
pub type LogPage<S> = (Vec<Arc<LogEntry<S>>>, SyncCursor);

/// Where everything is kept.
pub trait Store<S: Schema>: Send + Sync + 'static {
    /// The log's head, as it moves: by this server's commits, and within a second by those
    /// of another process on the same database.
    fn head(&self) -> watch::Receiver<Seq>;

    /// Answers a `hello`, and binds a client never seen to its actor. The inner error is the
    /// frame to close with.
    fn greet(&self, hello: Hello<S>, actor: S::Actor, limits: Limits) -> Answer<'_, Result<Greeting, ErrorFrame>>;

    /// Settles a client's mutations in their order; as many answers as mutations.
    fn settle(&self, actor: S::Actor, client: ClientId, mutations: Vec<Pushed<S>>) -> BoxFuture<'_, Vec<PushAnswer>>;

    /// Makes rows what they say, as the system, all or none. A row that is so already
    /// changes nothing and takes no log position.
    fn put(&self, rows: Vec<S::Row>, progress: Progress) -> Answer<'_, PutReport>;

    /// Whether an actor may read each of these scopes.
    fn rights(&self, actor: S::Actor, scopes: BTreeSet<S::Scope>) -> Answer<'_, Rights<S>>;

    /// The log behind a position, at most `limit` entries and [`PAGE_BYTES`], but at least one
    /// where there is one, with the actor's rights to what it concerns, as of then or later.
    /// None where the log no longer reaches back to there.
    fn log(
        &self,
        actor: S::Actor,
        after: Seq,
        limit: usize,
        watched: Arc<Watched<S>>,
    ) -> Answer<'_, Option<LogRead<S>>>;

    /// A page of a scope's rows, at most `limit` and [`PAGE_BYTES`], but at least one where there
    /// is one. None where the actor may not read it.
    fn page(
        &self,
        actor: S::Actor,
        scope: S::Scope,
        after: Option<S::Key>,
        limit: usize,
    ) -> Answer<'_, Option<Page<S>>>;

    /// A page of the rows that meet a query, behind a place in its order, at most `limit` and [`PAGE_BYTES`], but at
    /// least one where there is one; with how many there are, if that is asked. None where the actor may not read its
    /// scope.
    fn query(
        &self,
        actor: S::Actor,
        query: S::Query,
        after: Option<Place>,
        limit: usize,
        count: bool,
    ) -> Answer<'_, Option<QueryPage<S>>>;

    /// The rows in which that is found, the best first, of those that the actor may read: at most `limit`. Of
    /// very many the newest are looked at.
    fn search(&self, actor: S::Actor, sought: Sought<S::Row>, limit: usize) -> Answer<'_, Found<S>>;

    /// Cuts the log off: entries of before that moment (Unix milliseconds) go, all but the newest
    /// `keep`. Gives how many went. Answers to mutations stay, so that none is ever carried out twice.
    fn compact(&self, before_ms: i64, keep: u64) -> Answer<'_, u64>;

    /// The row of a key.
    fn row(&self, key: S::Key) -> Answer<'_, Option<S::Row>>;

    /// All rows of an entity, in the order of their keys: for the few that the server itself reads.
    fn entity(&self, name: &'static str) -> Answer<'_, Vec<S::Row>>;

    /// Keeps a session, and drops those that have expired.
    fn add_session(&self, session: SessionRow) -> Answer<'_, ()>;

    /// The session of that token's hash, if it has not expired.
    fn session(&self, token_hash: [u8; 32]) -> Answer<'_, Option<SessionRow>>;

    /// Ends a session.
    fn remove_session(&self, token_hash: [u8; 32]) -> Answer<'_, ()>;

    /// Writes everything but sessions and the log, one JSON object a line, in a stable order.
    fn export<'a>(&'a self, out: &'a mut (dyn io::Write + Send)) -> Answer<'a, backup::Counts>;

    /// Takes in what [`Store::export`] wrote, all or nothing; the log begins a new life.
    /// Refused where anything has been written to this store before.
    fn restore<'a>(&'a self, input: &'a mut (dyn io::BufRead + Send)) -> Answer<'a, backup::Counts>;

    /// Whether it answers.
    fn check(&self) -> Answer<'_, ()>;

    /// Finishes what was begun and closes. Everything asked afterwards fails.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// How many rows [`Store::put`] has been through, for whoever watches a long one.
pub type Progress = watch::Sender<u64>;

/// What [`Store::put`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PutReport {
    /// Rows that are new or different now.
    pub changed: u64,
    /// Rows that were so already.
    pub unchanged: u64,
}

/// A signed-in session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// SHA-256 of the token in the cookie: whoever reads the database cannot sign in.
    pub token_hash: [u8; 32],
    /// Whose.
    pub user: Uuid,
    /// When it ends, Unix milliseconds.
    pub expires_ms: i64,
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk has no room.
    #[error("The server's disk is full.")]
    Full,
    /// Another process holds the database.
    #[error("The server's database is busy.")]
    Busy,
    /// The store was closed.
    #[error("The server is shutting down.")]
    Closed,
    /// A row or log entry cannot be read.
    #[error("{what} in the database cannot be read: {reason}")]
    Corrupt {
        /// Which.
        what: String,
        /// Why.
        reason: String,
    },
    /// A row that was to be put was refused; nothing was put.
    #[error("{key}: {refusal}")]
    Refused {
        /// The row's key.
        key: String,
        /// Why.
        refusal: Refusal,
    },
    /// A backup cannot be taken in; nothing of it was.
    #[error("line {line} of the backup: {reason}")]
    Backup {
        /// From 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A backup would overwrite something.
    #[error("the database already holds data (its log stands at {head}); restore into a new file")]
    NotEmpty {
        /// The log's head.
        head: Seq,
    },
    /// What is written to or read from is broken.
    #[error("{0}")]
    Stream(#[from] io::Error),
    /// Anything else that the database says.
    #[error("the database failed: {0}")]
    Database(String),
}

impl StoreError {
    /// What a person is told, who can do nothing about it and must not learn of files and rows.
    pub fn sentence(&self) -> String {
        match self {
            Self::Full | Self::Busy | Self::Closed => self.to_string(),
            _ => "The server could not read or write its data.".to_owned(),
        }
    }
}

/// A log's life, for a new or restored database.
pub(crate) fn new_epoch() -> Epoch {
    Epoch(Uuid::now_v7())
}
