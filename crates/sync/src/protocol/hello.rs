//! The handshake. The shape of `hello` never changes; fields may be added.

use super::{Limits, Subscribe, Watch};
use crate::{ClientId, Seq, SyncCursor, schema::Schema};
use serde::{Deserialize, Serialize};

/// Who a client is and where it stands: the first frame on every socket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Hello<S: Schema> {
    /// The newest protocol version it speaks.
    pub version: u32,
    /// The oldest protocol version it speaks.
    pub version_min: u32,
    /// Its [`Schema::VERSION`].
    pub schema: u32,
    /// The profile it speaks for.
    pub client: ClientId,
    /// Where its replica stands; none on the first start.
    #[serde(default)]
    pub cursor: Option<SyncCursor>,
    /// The position at which its newest [page](super::Snapshot) was read, where that is after its cursor:
    /// where this log never had that position, the client's rows are of another log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<SyncCursor>,
    /// The scopes it wants, with how far it holds each.
    #[serde(default = "Vec::new")]
    pub scopes: Vec<Subscribe<S>>,
    /// The queries it wants, with how far it holds each.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<Watch<S>>,
    /// The place of its oldest mutation that it does not know to be settled, or the
    /// next it would give: all before have left its outbox.
    pub oldest_unsettled: u64,
    /// Reserved: 0, and not read.
    #[serde(default)]
    pub access: u64,
}

/// The server's answer to [`Hello`]. Only it makes a client "online".
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// The protocol version to speak from here on.
    pub version: u32,
    /// Where the patches will start: the client's own cursor, or on a first start and
    /// on a resync the log's head.
    pub cursor: SyncCursor,
    /// The log's head: reaching it is being caught up.
    pub head: Seq,
    /// The client's last settled mutation.
    pub settled: u64,
    /// Set where the client's rows cannot be brought up to date by the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resync: Option<ResyncReason>,
    /// Unix milliseconds by the server's clock.
    pub now_ms: i64,
    /// Reserved: 1, and not read.
    #[serde(default)]
    pub access: u64,
    /// What both ends keep to.
    pub limits: Limits,
}

/// Why a client must load everything anew. Its outbox is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncReason {
    /// The log began another life: the server was restored.
    Epoch,
    /// The client is ahead of the log: the server's file was put back to an older state.
    Ahead,
    /// The log up to the client's position is another one.
    Mark,
    /// The log no longer reaches back to the client's position.
    Compacted,
    /// A reason that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl ResyncReason {
    /// Whether the server may have lost mutations that it had confirmed before.
    pub fn is_restored(self) -> bool {
        matches!(self, Self::Epoch | Self::Ahead | Self::Mark)
    }
}
