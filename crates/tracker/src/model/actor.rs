//! Who does a thing: on every path, from the socket to the row.

use super::UserId;
use serde::{Deserialize, Serialize};

/// Who mutates or reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The server itself: import, seed, signing in.
    System,
    /// A person.
    User(UserId),
}
