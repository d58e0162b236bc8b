//! What `GET /api/search?q=…` answers: no frame, but read by the same two ends.

use crate::schema::Schema;
use serde::{Deserialize, Serialize};

/// The rows that a text was found in, the best first, as far as the asker may read them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Found<S: Schema> {
    /// The rows.
    pub rows: Vec<FoundRow<S>>,
    /// Whether there are more than an answer holds.
    #[serde(default)]
    pub more: bool,
}

/// A row that a text was found in.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct FoundRow<S: Schema> {
    /// The row.
    pub row: S::Row,
    /// The row it [hangs on](Schema::parent), if it may be read too.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub parent: Option<S::Row>,
}
