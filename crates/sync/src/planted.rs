//! Known mistakes, each off until [planted](crate::client::SyncClient::plant): the simulation
//! shows that its checkers find them. Not part of any build that users get.

/// A mistake that can be planted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Planted {
    /// The client drops an entry when it is acknowledged, not when its cursor reaches it.
    EntryDroppedOnAck,
    /// The client stores its cursor before, and apart from, the rows it brought.
    CursorApartFromRows,
    /// The server keeps no dedupe row.
    NoDedupeRow,
    /// The client takes frames of a socket it has replaced.
    OldSocketAccepted,
}
