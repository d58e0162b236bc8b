//! The browser's half: [`SyncClient`].
//!
//! Feed it what happened ([`Input`]), then drain what to do ([`Output`]) until there
//! is no more, then call it again at [`poll_timeout`](SyncClient::poll_timeout) at the latest.
//! It keeps apart:
//!
//! - the *replica*: confirmed rows, how much of each scope and query they cover, and the
//!   [`SyncCursor`](crate::SyncCursor) they stand at;
//! - the *outbox*: the user's mutations not yet settled, in order;
//! - the *optimistic view*: the replica with the outbox replayed on it, which is what
//!   [`row`](SyncClient::row) reads (I5).

mod backoff;
mod connection;
mod engine;
mod inbound;
mod io;
mod outbox;
mod persist;
mod rebase;
mod record;
mod replica;
mod restoring;
mod saving;
mod sending;
mod status;
mod tabs;
mod watching;

pub use engine::{Config, SyncClient};
pub use io::{Input, Now, Output};
pub use outbox::{Entry, EntryState, LocalId, TrayEntry};
pub use persist::{
    Batch, CLIENT_KEY, Claim, Committed, Op, Restored, StoreFault, Table, client_record, fingerprint, outbox_key,
    outbox_seq, read_client,
};
pub use status::{ConnectionStatus, Coverage, Notice, SyncMark};
pub use watching::WatchState;
