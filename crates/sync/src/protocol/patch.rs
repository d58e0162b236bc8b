//! What changed, in log order.

use super::{WatchTotal, is_zero};
use crate::{
    Mark, Seq,
    schema::{Refusal, Schema, Stored},
};
use serde::{Deserialize, Serialize};

/// What the log says between two positions, as far as it concerns one client.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Patch<S: Schema> {
    /// The position it starts after: the client's own, or the patch is not applied.
    pub from: Seq,
    /// The position it brings the client to.
    pub to: Seq,
    /// The log's mark there.
    pub mark: Mark,
    /// The number of the last [`Purge`](super::Purge) or [`Grant`](super::Grant) sent before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rights: u64,
    /// How the client's own mutations up to there were settled, if any was in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    /// The last state of each row that changed in between, in the order of their positions.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change<S>>,
    /// Of the queries that are carried, how many rows meet each whose number has changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<WatchTotal>,
}

/// How a client's own mutations were settled.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Settled {
    /// The last one.
    pub through: u64,
    /// Place and nonce of each that was settled within the patch.
    #[serde(default)]
    pub made: Vec<(u64, u64)>,
    /// Those among them that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedAt>,
}

/// A refused mutation within a patch.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RefusedAt {
    /// Its place in the client's order.
    pub seq: u64,
    /// Why.
    pub refusal: Refusal,
}

/// What became of one row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "", rename_all = "snake_case")]
pub enum Change<S: Schema> {
    /// It is now this.
    Put(Stored<S>),
    /// It is gone, or out of the client's sight.
    Remove {
        /// The row.
        key: S::Key,
        /// The position that took it away.
        seq: Seq,
    },
}
