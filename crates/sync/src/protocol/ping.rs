//! The app-level heartbeat. Frames keep their order, so that a `pong` also tells
//! whether anything sent before it was lost.

use super::is_zero;
use crate::Seq;
use serde::{Deserialize, Serialize};

/// Are you there?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ping {
    /// Comes back in the answer.
    pub nonce: u64,
}

/// The answer to a [`Ping`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pong {
    /// The ping's.
    pub nonce: u64,
    /// The `to` of the last patch sent on this connection.
    pub to: Seq,
    /// The client's last settled mutation, all that was pushed before the ping considered. For diagnosis:
    /// the client goes by the answers to its pushes.
    pub settled: u64,
    /// The number of the last [`Purge`](super::Purge) or [`Grant`](super::Grant) sent on this connection.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rights: u64,
}
