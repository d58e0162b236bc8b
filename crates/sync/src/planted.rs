//! Known mistakes, each off until [planted](crate::client::SyncClient::plant): the simulation
//! shows that its checkers find them. Not part of any build that users get.

use serde::{Deserialize, Serialize};

/// A mistake that can be planted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Planted {
    /// The client drops an entry when it is acknowledged, not when its cursor reaches it.
    EntryDroppedOnAck,
    /// The client stores its cursor before, and apart from, the rows it brought.
    CursorApartFromRows,
    /// The server keeps no dedupe row.
    NoDedupeRow,
    /// The client takes frames of a socket it has replaced.
    OldSocketAccepted,
    /// The client lets an entry go by its ack alone: where that is lost, it is replayed over its own effect.
    EntryKeptOverItsEffect,
    /// The server writes the dedupe row behind the transaction of the effect.
    DedupeRowApart,
    /// Both ends know a mutation by its id alone, though a copied profile gives the same to another.
    OneIdForTwoEdits,
    /// The client names the edit before the one that a field was based on.
    AfterTheWrongEdit,
    /// The server does not compare marks.
    MarkNotCompared,
    /// The client drops a patch for a row that it does not hold yet, though the page it is to come in is older.
    UnheldPatchDropped,
    /// The server sends a page it read before the patch that it sent last.
    DeleteOvertaken,
    /// The server pages by what changes: a row that moves while pages are read is skipped.
    PageSkipsMoved,
    /// The server tells everyone of what has left somebody's sight.
    RemovalToStranger,
    /// The client's cursor stays where it is when nothing concerned it.
    WatermarkIgnored,
    /// The server carries out what comes behind a mutation that it refused for the moment.
    TransientPassedOver,
    /// After some attempts the client waits without a timer.
    BackoffNeverFires,
    /// The client does not replay an entry that reads a row's children when these change.
    RebaseSkipsChildren,
    /// The client keeps the rows of a scope that was taken away.
    PurgeIgnored,
    /// The client calls an edit kept before the store has it.
    KeptTooEarly,
    /// The client lets its outbox go with the rows when it must load them anew.
    ResyncDropsOutbox,
    /// The server decides on rights when a scope is asked for, and never again.
    RightsNotFollowed,
    /// A page of a query is read without the client being told first how far the log was read.
    QueryReadAhead,
    /// What a page of a query does not have any more stays.
    StrayKept,
    /// Some numbers of a query's rows are not told.
    TotalsWithheld,
}
