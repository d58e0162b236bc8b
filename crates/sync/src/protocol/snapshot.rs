//! One page of a scope's rows.

use crate::{
    Mark, Seq,
    schema::{Schema, Stored},
};
use serde::{Deserialize, Serialize};

/// One page of a scope's rows, in the order of their keys.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Snapshot<S: Schema> {
    /// The scope.
    pub scope: S::Scope,
    /// The subscription's id: a page of an older one is passed over.
    #[serde(default)]
    pub id: u64,
    /// The log position behind which patches carry the scope on this connection.
    #[serde(default)]
    pub live_from: Seq,
    /// The key that the page starts behind: the last one of the page before.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub after: Option<S::Key>,
    /// The log position the rows were read at: at least the last patch's `to`.
    pub as_of: Seq,
    /// The log's mark there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// The rows.
    pub rows: Vec<Stored<S>>,
    /// The last key of the page, if more follow. None: the scope is complete.
    pub next: Option<S::Key>,
    /// How many rows the scope has in all, for the progress shown.
    pub total: u64,
}
