//! Something is wrong. The shape never changes.

use serde::{Deserialize, Serialize};

/// Something is wrong with what the other end did, or with the sender itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErrorFrame {
    /// What kind of fault.
    pub code: ErrorCode,
    /// For a person, in a full sentence.
    pub message: String,
    /// Whether connecting again can help, and after how many milliseconds at the earliest.
    pub retry: Option<u64>,
}

/// The kinds of fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The frame is not of the protocol, or came out of turn.
    Malformed,
    /// No protocol version in common: the older end must be updated.
    Version,
    /// More than the [`Limits`](super::Limits) allow.
    TooMuch,
    /// Nobody is signed in, or the session has ended.
    SignIn,
    /// The client's pushes left out a mutation.
    Gap,
    /// The client id belongs to another user.
    NotYours,
    /// The receiver was too slow; it catches up from its cursor.
    SlowConsumer,
    /// The sender is going away for a moment.
    Restarting,
    /// The sender failed.
    Internal,
    /// A fault that a newer version knows.
    #[serde(other)]
    Unknown,
}
