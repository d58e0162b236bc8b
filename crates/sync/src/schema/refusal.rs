//! Why a mutation was not carried out.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The answer to a mutation that cannot be carried out: a sentence a person can act on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind of reason.
    pub code: RefusalCode,
    /// For a person, in a full sentence.
    pub message: String,
}

/// The kinds of reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The row is not there, or may not be seen: the answer does not say which.
    NotFound,
    /// The actor may see the row but not do this.
    NotAllowed,
    /// The mutation makes no sense on these rows or carries a bad value.
    Invalid,
    /// A row of that key is there already.
    Exists,
    /// The same mutation id came before with other content.
    IdReused,
    /// This version cannot read it: for the schema to say of a mutation of a newer one.
    Unreadable,
    /// The server failed in the attempt; the same would fail again.
    Failed,
    /// A reason that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl Refusal {
    /// A refusal of that kind with a sentence for a person.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The row is not there, or may not be seen.
    pub fn not_found(what: &str) -> Self {
        Self::new(RefusalCode::NotFound, format!("This {what} does not exist any more."))
    }

    /// A bad value.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Invalid, message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
