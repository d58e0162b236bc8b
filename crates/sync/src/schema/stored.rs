//! A confirmed row with the log positions that last changed it.

use super::Schema;
use crate::Seq;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A confirmed row: what it is, and when in the log it and its fields became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Stored<S: Schema> {
    /// The log position that last changed it.
    pub seq: Seq,
    /// Where the row was made: the version of every field not named in `versions`.
    pub born: Seq,
    /// The log positions that last changed the fields changed since.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<S::Field, Seq>,
    /// The row itself.
    pub row: S::Row,
}

impl<S: Schema> Stored<S> {
    /// The row that replaces `before` at log position `seq`.
    pub fn written(before: Option<&Self>, row: S::Row, seq: Seq) -> Self {
        let Some(before) = before else {
            return Self { seq, born: seq, versions: BTreeMap::new(), row };
        };
        let mut versions = before.versions.clone();
        versions.extend(S::changed_fields(Some(&before.row), &row).into_iter().map(|field| (field, seq)));
        Self { seq, born: before.born, versions, row }
    }

    /// The position that last changed a field.
    pub fn version(&self, field: S::Field) -> Seq {
        self.versions.get(&field).copied().unwrap_or(self.born)
    }
}
