//! The lines of a backup: one JSON object each, in a stable order.
//!
//! ```text
//! {"kind":"meta","format":1,"schema":1,"head":812,"mark":"…","counts":{…}}   first
//! {"kind":"client","id":"…","actor":…,"settled":40}
//! {"kind":"counter","name":"…","value":7}
//! {"kind":"dedupe","client":"…","seq":1,"hash":"…","answer":{…}}
//! {"kind":"row","key":"issue/…","stored":{"seq":3,"born":1,"row":{…}}}
//! ```
//!
//! Rows, clients and answers are as they are in the store, so that what a newer program
//! wrote into them survives. Sessions are left out, as whoever holds a backup must not be
//! able to sign in by it; so is the log, which begins a new life where a backup is restored,
//! and so is its epoch. Two backups of the same data are the same, line for line.

use holdfast_sync::{ClientId, Mark, Seq};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The format that [`Meta::format`] names.
pub const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// What follows.
    Meta(Meta),
    /// A client.
    Client(Client),
    /// A counter.
    Counter(Counter),
    /// The stored answer to a mutation.
    Dedupe(Dedupe),
    /// A row.
    Row(Row),
}

/// What a backup holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Meta {
    /// Of these lines.
    pub format: u32,
    /// [`Schema::VERSION`](holdfast_sync::Schema::VERSION) of the program that wrote it.
    pub schema: u32,
    /// The log's head.
    pub head: Seq,
    /// The log's mark there.
    pub mark: Mark,
    /// How many lines of each kind follow: fewer are a backup cut short.
    pub counts: Counts,
}

/// How many lines of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Of [`Client`].
    pub clients: u64,
    /// Of [`Counter`].
    pub counters: u64,
    /// Of [`Dedupe`].
    pub dedupe: u64,
    /// Of [`Row`].
    pub rows: u64,
}

/// A client.
#[derive(Debug, Serialize, Deserialize)]
pub struct Client {
    /// Which.
    pub id: ClientId,
    /// Whose.
    pub actor: Box<RawValue>,
    /// Its last settled mutation.
    pub settled: u64,
}

/// A counter.
#[derive(Debug, Serialize, Deserialize)]
pub struct Counter {
    /// Which.
    pub name: String,
    /// The last value given.
    pub value: u64,
}

/// The stored answer to a mutation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Dedupe {
    /// Whose.
    pub client: ClientId,
    /// Its place in the client's order.
    pub seq: u64,
    /// The hash of what was sent, 32 hex digits.
    pub hash: Mark,
    /// The [`Answer`](holdfast_sync::authority::Answer).
    pub answer: Box<RawValue>,
}

/// A row.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// The [`Stored`](holdfast_sync::schema::Stored) row.
    pub stored: Box<RawValue>,
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// A sentence's end that says what is wrong with it.
    pub fn decode(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Kind {
            kind: String,
        }
        fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
            serde_json::from_str(text).map_err(|error| error.to_string())
        }
        Ok(match read::<Kind>(text)?.kind.as_str() {
            "meta" => Self::Meta(read(text)?),
            "client" => Self::Client(read(text)?),
            "counter" => Self::Counter(read(text)?),
            "dedupe" => Self::Dedupe(read(text)?),
            "row" => Self::Row(read(text)?),
            other => return Err(format!("unknown kind {other:?}")),
        })
    }
}
