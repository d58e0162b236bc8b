//! What an app reads, holds and waits for at a moment.

use crate::{query::QueryReading, status::SyncContext};
use holdfast_sync::{
    ClientId, Schema, SyncCursor,
    client::{ConnectionStatus, Coverage, Entry, EntryState},
};

/// How many outbox entries are told in full.
const ENTRIES_MAX: usize = 100;

/// Bytes of an edit that are told.
const EDIT_BYTES_MAX: usize = 300;

/// What there is at a moment, as plain data.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// How the connection stands.
    pub status: ConnectionStatus,
    /// What the engine waits for, the next first.
    pub timers: Vec<TimerReading>,
    /// Where the confirmed rows stand in the log.
    pub cursor: Option<SyncCursor>,
    /// The profile's id, once the store was read.
    pub client: Option<ClientId>,
    /// Whether this tab writes rows and cursor and sends the profile's edits.
    pub is_leading: bool,
    /// The queries that are read, and the lists that are kept for a while after.
    pub queries: Vec<QueryReading>,
    /// The scopes that are wanted, by a query or by the app.
    pub scopes: Vec<ScopeReading>,
    /// How many rows have a signal.
    pub rows_read: usize,
    /// How many confirmed rows are held.
    pub rows_held: usize,
    /// The first hundred unsettled mutations, in order.
    pub outbox: Vec<OutboxReading>,
    /// How many mutations are not settled.
    pub unsent: usize,
    /// How many refused mutations wait for the user.
    pub refused: usize,
}

/// A moment the engine waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerReading {
    /// What happens then.
    pub name: &'static str,
    /// In how many milliseconds; 0 where it is due.
    pub in_ms: u64,
}

/// A scope that is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScopeReading {
    /// Its name.
    pub scope: String,
    /// How much of it is held.
    pub coverage: Coverage,
}

/// An unsettled mutation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxReading {
    /// Its place in the client's order, once the store has given it.
    pub seq: Option<u64>,
    /// How far it is.
    pub state: EntryState,
    /// What it does, as Rust prints it, cut short.
    pub edit: String,
    /// How many rows it changes.
    pub rows: usize,
    /// Why it has no effect on the present rows, where it has none.
    pub blocked: Option<String>,
}

/// Looks at everything. It counts the rows held one by one: for a panel that asks some times a second
/// while it is open, not for a hot path.
pub fn snapshot<S: Schema>(sync: SyncContext<S>) -> Snapshot {
    let registry = sync.registry();
    let (queries, scopes) = (registry.queries(), registry.scopes());
    let (rows_read, is_leading) = (registry.rows_read(), sync.is_leading());
    let now_ms = sync.now().mono_ms;
    sync.read(|client| {
        let mut timers: Vec<TimerReading> =
            client.timers().map(|(name, at)| TimerReading { name, in_ms: at.saturating_sub(now_ms) }).collect();
        timers.sort_by_key(|timer| timer.in_ms);
        let coverage = |scope: &S::Scope| ScopeReading { scope: scope.to_string(), coverage: client.coverage(scope) };
        Snapshot {
            status: client.status().clone(),
            timers,
            cursor: client.cursor(),
            client: client.client(),
            is_leading,
            queries,
            scopes: scopes.iter().map(coverage).collect(),
            rows_read,
            rows_held: client.confirmed_keys().count(),
            outbox: client.outbox().take(ENTRIES_MAX).map(entry).collect(),
            unsent: client.unsent(),
            refused: client.tray().count(),
        }
    })
}

fn entry<S: Schema>(entry: &Entry<S>) -> OutboxReading {
    let mut edit = format!("{:?}", entry.body);
    edit.truncate(edit.floor_char_boundary(EDIT_BYTES_MAX));
    OutboxReading {
        seq: entry.seq,
        state: entry.state,
        edit,
        rows: entry.touched.len(),
        blocked: entry.blocked.as_ref().map(|refusal| refusal.message.clone()),
    }
}
