//! What the server writes down of each settled mutation.

use crate::{
    ClientId, Mark, MutationId, Seq, SyncCursor,
    schema::{Refusal, Schema, Stored},
};
use serde::{Deserialize, Serialize};

/// One position of the change log: one settled mutation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LogEntry<S: Schema> {
    /// Its position.
    pub seq: Seq,
    /// The mutation it settled.
    pub id: MutationId,
    /// The mutation's nonce.
    #[serde(default)]
    pub nonce: u64,
    /// Who did it.
    pub actor: S::Actor,
    /// When, Unix milliseconds by the server's clock.
    pub at_ms: i64,
    /// How it was settled.
    pub outcome: Outcome,
    /// What it changed.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<LogChange<S>>,
}

/// One row's change: what a filter, sort or right reads, before and after.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LogChange<S: Schema> {
    /// The row's key.
    pub key: S::Key,
    /// What it was.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub before: Option<Stored<S>>,
    /// What it is from there on.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub after: Option<Stored<S>>,
}

/// How a mutation was settled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Carried out.
    Applied,
    /// Not carried out.
    Refused(Refusal),
    /// Cancelled by its author before it was sent; or carried out before, under another id.
    Void,
}

/// The stored answer to a mutation, for when it is sent again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// [`content_hash`](super::content_hash) of what was sent.
    pub hash: u128,
    /// What was answered.
    pub answer: Answer,
}

/// The answer to a settled mutation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The log position at which it stands.
    pub at: Seq,
    /// Why it was not carried out, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

impl<S: Schema> LogEntry<S> {
    /// The entry as it is stored, which is what the log's [`Mark`] is chained over.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("log entries are made of strings, numbers, lists and string-keyed maps")
    }

    /// The cursor behind this entry, given the one before it.
    pub fn advance(&self, before: SyncCursor) -> SyncCursor {
        debug_assert_eq!(before.seq + 1, self.seq, "the log is dense");
        SyncCursor { epoch: before.epoch, seq: self.seq, mark: Mark::chain(before.mark, &self.encode()) }
    }

    /// Whether a client wrote it.
    pub fn is_by(&self, client: ClientId) -> bool {
        self.id.client == client
    }
}
