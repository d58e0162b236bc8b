//! What the engine asks of a store: atomic batches over five tables of bytes by text key.
//!
//! A store knows no format. It has three duties beyond atomicity, all *inside the batch's
//! transaction*, which orders all tabs of a profile: it numbers the mutations, the batch's
//! [`enqueue`](Batch::enqueue) records; it refuses what was made under another
//! [`lead`](Batch::lead); and what [`expect`](Batch::expect)s outbox records to be other than
//! they are.

use crate::ClientId;

/// One atomic write: all of it or nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch {
    /// Comes back in [`Input::Persisted`](super::Input::Persisted).
    pub id: u64,
    /// Whether it must be on the disk, not just with the operating system, when it is done.
    pub strict: bool,
    /// The lead number under which rows and cursor are written; the store refuses the batch
    /// where it holds another. None for what any tab may write.
    pub lead: Option<u64>,
    /// Outbox records, by key, with the [`fingerprint`] that each must have: the store refuses the batch
    /// where one is another or is gone, because another tab was first.
    pub expect: Vec<(String, u64)>,
    /// New outbox records; each gets the next sequence number as its key ([`outbox_key`]).
    pub enqueue: Vec<Vec<u8>>,
    /// The rest, in order.
    pub ops: Vec<Op>,
}

impl Batch {
    /// The id that it gives the profile, if it does: the other tabs are to be told once it is stored.
    pub fn new_client(&self) -> Option<ClientId> {
        self.ops.iter().find_map(|op| match op {
            Op::Put { table: Table::Meta, key, value } if key == CLIENT_KEY => read_client(value),
            _ => None,
        })
    }
}

/// What the store tells the tab that claims the lead, as of that transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The lead number: only batches under it, or under none, are written from then on.
    pub lead: u64,
    /// The profile's id. Only the tab that leads writes another.
    pub client: ClientId,
    /// The number that the next mutation of the profile gets.
    pub next_seq: u64,
}

/// One change to one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// Makes or replaces a record.
    Put {
        /// Where.
        table: Table,
        /// Under which key.
        key: String,
        /// The record.
        value: Vec<u8>,
    },
    /// Ends a record, if it is there.
    Delete {
        /// Where.
        table: Table,
        /// Which.
        key: String,
    },
    /// Ends every record whose key starts with that.
    DeletePrefix {
        /// Where.
        table: Table,
        /// How the keys start.
        prefix: String,
    },
}

/// The tables of a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Table {
    /// Cursor, coverage, the active replica.
    Meta,
    /// Confirmed rows, by replica generation and key.
    Rows,
    /// Unsettled mutations, by sequence number.
    Outbox,
    /// Refused mutations, by client and sequence number.
    Tray,
    /// Records that could not be read.
    Quarantine,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Meta, Self::Rows, Self::Outbox, Self::Tray, Self::Quarantine];

    /// The name a store may give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Rows => "rows",
            Self::Outbox => "outbox",
            Self::Tray => "tray",
            Self::Quarantine => "quarantine",
        }
    }
}

/// What a done batch tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Committed {
    /// The sequence number of the first enqueued record, the others follow; 0 where there was none.
    pub first_seq: u64,
}

/// Why a batch was not written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreFault {
    /// Another tab leads now: the batch's lead number is not the store's.
    NotLeading,
    /// Another tab was first: an outbox record is not what the batch expects.
    Stale,
    /// No room.
    Full,
    /// The store is closed or broken; opening it again may help.
    Broken,
}

/// What a store held when it was opened, except the rows, which follow in pages
/// as [`Input::Hydrated`](super::Input::Hydrated).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The profile's client id; made when the store was.
    pub client: crate::ClientId,
    /// The number the next enqueued mutation gets.
    pub next_seq: u64,
    /// All of [`Table::Meta`].
    pub meta: Vec<(String, Vec<u8>)>,
    /// All of [`Table::Outbox`].
    pub outbox: Vec<(String, Vec<u8>)>,
    /// All of [`Table::Tray`].
    pub tray: Vec<(String, Vec<u8>)>,
    /// Whether what is stored outlasts the page. Where it does not, rows are not stored: they are in memory as it is.
    pub lasting: bool,
}

/// The outbox key of a sequence number: 16 hex digits, so that text order is number order.
pub fn outbox_key(seq: u64) -> String {
    format!("{seq:016x}")
}

/// The sequence number of an outbox key. Only a key as [`outbox_key`] writes it is one: under another
/// the record could not be ended.
pub fn outbox_seq(key: &str) -> Option<u64> {
    u64::from_str_radix(key, 16).ok().filter(|seq| (1..u64::MAX).contains(seq) && outbox_key(*seq) == key)
}

/// The [`Table::Meta`] key of the client id, as UUID text: written by the store when it is made,
/// and by the engine where it must take a new one.
pub const CLIENT_KEY: &str = "client";

/// What tells one content of a record from another ([`Batch::expect`]).
pub fn fingerprint(record: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(record)
}

/// The record under [`CLIENT_KEY`].
pub fn client_record(client: ClientId) -> Vec<u8> {
    client.to_string().into_bytes()
}

/// The id in such a record; none where it holds something else.
pub fn read_client(record: &[u8]) -> Option<ClientId> {
    std::str::from_utf8(record).ok()?.parse().ok().map(ClientId)
}
