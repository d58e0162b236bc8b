//! What a connection is told, what it asks for, and what it is answered.

use super::{Answer, Greeting, LogEntry, Rights, rights::Watched};
use crate::{
    ClientId, Seq, SyncCursor,
    protocol::{ErrorFrame, Hello, Pushed},
    schema::{Place, Refusal, Schema, Stored},
};
use std::{collections::BTreeSet, sync::Arc};

/// WebSocket close codes that the server uses.
pub mod close {
    /// The client said something that is not of the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// A frame was binary.
    pub const UNSUPPORTED: u16 = 1003;
    /// More than the limits allow.
    pub const TOO_BIG: u16 = 1009;
    /// The server failed.
    pub const INTERNAL: u16 = 1011;
    /// The server restarts: come back.
    pub const RESTART: u16 = 1012;
    /// The receiver was too slow: come back and catch up.
    pub const TRY_AGAIN: u16 = 1013;
    /// Nobody is signed in.
    pub const SIGN_IN: u16 = 4401;
    /// No protocol version in common.
    pub const VERSION: u16 = 4426;
}

/// How much one answer holds at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Log entries one patch covers.
    pub log_entries: usize,
    /// Rows one snapshot page holds.
    pub page_rows: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { log_entries: 500, page_rows: 500 }
    }
}

/// What happened on a connection.
#[derive(Clone, PartialEq, Debug)]
pub enum SessionInput<S: Schema> {
    /// A text frame came.
    Frame(String),
    /// The log's head has moved, at least to there.
    Head(Seq),
    /// [`Request::Hello`] is answered; `Err` is the frame to close with.
    Greeted(Result<Greeting, ErrorFrame>),
    /// [`Request::Settle`] is answered, each mutation in turn.
    Settled(Vec<PushAnswer>),
    /// [`Request::Rights`] is answered.
    Rights(Rights<S>),
    /// [`Request::Log`] is answered. None where the log no longer reaches back.
    Log(Option<LogRead<S>>),
    /// [`Request::Page`] is answered. None where the scope may not be read.
    Page(Option<Page<S>>),
    /// [`Request::Query`] is answered. None where the scope may not be read.
    Query(Option<QueryPage<S>>),
    /// The request could not be carried out; the sentence is for the log, not the client.
    Failed(String),
}

/// The answer to one pushed mutation.
#[derive(Clone, PartialEq, Debug)]
pub enum PushAnswer {
    /// It is settled, now or before.
    Settled(Answer),
    /// Its id came before with other content.
    IdReused,
    /// Mutations before it are missing.
    Gap {
        /// The place of the one that should come.
        expected: u64,
    },
    /// The server could not do it now; the same may work later.
    Transient(Refusal),
}

/// A piece of the log, read in one transaction.
#[derive(Clone, PartialEq, Debug)]
pub struct LogRead<S: Schema> {
    /// The entries after the position asked for, without a gap.
    pub entries: Vec<Arc<LogEntry<S>>>,
    /// The cursor behind the last of them.
    pub to: SyncCursor,
    /// Whether the actor may read each scope that the entries [concern](super::rights::concerned).
    pub rights: Rights<S>,
}

/// Rows of one scope, read in one transaction.
#[derive(Clone, PartialEq, Debug)]
pub struct Page<S: Schema> {
    /// The log's head in that transaction.
    pub as_of: SyncCursor,
    /// The rows after the key asked for, in the order of their keys.
    pub rows: Vec<Stored<S>>,
    /// Whether more follow.
    pub more: bool,
    /// How many rows the scope has in all.
    pub total: u64,
}

/// Rows that meet a query, read in one transaction.
#[derive(Clone, PartialEq, Debug)]
pub struct QueryPage<S: Schema> {
    /// The log's head in that transaction.
    pub as_of: SyncCursor,
    /// The rows behind the place asked for, in the query's order.
    pub rows: Vec<Stored<S>>,
    /// Whether more follow.
    pub more: bool,
    /// How many rows meet the query in all, where that was asked.
    pub total: Option<u64>,
}

/// What to do on a connection.
#[derive(Clone, PartialEq, Debug)]
pub enum SessionOutput<S: Schema> {
    /// Send a text frame.
    Send(String),
    /// Carry that out and answer.
    Read(Request<S>),
    /// Close the socket.
    Close {
        /// One of [`close`].
        code: u16,
        /// For a person.
        reason: String,
    },
}

/// What a connection needs of the store.
#[derive(Clone, PartialEq, Debug)]
pub enum Request<S: Schema> {
    /// In one transaction: check that the client id is new or the actor's, read
    /// [`HelloFacts`](super::HelloFacts), [`greet`](super::greet), and store what it raises.
    Hello(Hello<S>),
    /// [`admit`](super::admit) and [`settle`](super::settle) each in turn; once one is transient, so are
    /// all behind it.
    Settle {
        /// Whose.
        client: ClientId,
        /// In their order.
        mutations: Vec<Pushed<S>>,
    },
    /// [Decide](super::rights::decide) whether the actor may read these scopes.
    Rights {
        /// The scopes.
        scopes: BTreeSet<S::Scope>,
    },
    /// Read the log, and the rights to what it [concerns](super::rights::concerned).
    Log {
        /// After this position.
        after: Seq,
        /// At most that many entries.
        limit: usize,
        /// What rights to the scopes asked for depend on.
        watched: Arc<Watched<S>>,
    },
    /// Read a page of a scope, where the actor may read it.
    Page {
        /// The scope.
        scope: S::Scope,
        /// The rows after this key.
        after: Option<S::Key>,
        /// At most that many rows.
        limit: usize,
    },
    /// Read a page of the rows that meet a query, where the actor may read its scope.
    Query {
        /// The query.
        query: S::Query,
        /// The rows behind this place.
        after: Option<Place>,
        /// At most that many rows; it may be none.
        limit: usize,
        /// Whether to count all that meet it.
        count: bool,
    },
}
