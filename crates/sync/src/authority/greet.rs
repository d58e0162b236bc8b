//! Who comes, and whether the log can bring them up to date.

use crate::{
    Mark, SyncCursor,
    protocol::{ErrorCode, ErrorFrame, Hello, Limits, ResyncReason, VERSION, VERSION_MIN, Welcome},
    schema::Schema,
};

/// What [`greet`] needs to know, read in one transaction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct HelloFacts {
    /// The log's head.
    pub head: SyncCursor,
    /// The log holds every entry behind this position.
    pub horizon: u64,
    /// The log's mark at the client's position, where the log has that position.
    pub mark_at_cursor: Option<Mark>,
    /// The log's mark at [`Hello::seen`], where the log has that position.
    pub mark_at_seen: Option<Mark>,
    /// The client's last settled mutation; 0 for a client never seen.
    pub settled: u64,
    /// The server's clock, Unix milliseconds.
    pub now_ms: i64,
    /// What both ends keep to.
    pub limits: Limits,
}

/// The answer to a `hello`, and what it changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Greeting {
    /// The frame to send.
    pub welcome: Welcome,
    /// Set where the client goes on behind mutations that this log does not have, because it was put
    /// back or the client took a new id: its last settled place is raised to this, in the same
    /// transaction.
    pub raise_settled: Option<u64>,
}

/// Decides how a client goes on.
///
/// # Errors
/// The frame to close with, where no protocol version is common.
pub fn greet<S: Schema>(hello: &Hello<S>, facts: HelloFacts) -> Result<Greeting, ErrorFrame> {
    let version = hello.version.min(VERSION);
    if version < VERSION_MIN || hello.version_min > VERSION {
        let message = if hello.version < VERSION_MIN {
            format!(
                "This app speaks protocol version {}; the server needs {VERSION_MIN} or later. Reload to update.",
                hello.version
            )
        } else {
            format!(
                "This app needs protocol version {}; the server speaks {VERSION}. Update the server.",
                hello.version_min
            )
        };
        return Err(ErrorFrame { code: ErrorCode::Version, message, retry: None });
    }
    let by_seen = || hello.seen.and_then(|seen| lost_reason(seen, &facts, facts.mark_at_seen));
    let resync = hello.cursor.and_then(|cursor| resync_reason(cursor, &facts).or_else(by_seen));
    let cursor = match hello.cursor {
        Some(cursor) if resync.is_none() => cursor,
        _ => facts.head,
    };
    // The client knows that those were settled: this log lost them, even where it is the client's own up to
    // its cursor.
    let before_oldest = hello.oldest_unsettled.saturating_sub(1);
    let raise_settled = (facts.settled < before_oldest).then_some(before_oldest);
    let welcome = Welcome {
        version,
        cursor,
        head: facts.head.seq,
        settled: facts.settled,
        resync,
        now_ms: facts.now_ms,
        access: 1,
        limits: facts.limits,
    };
    Ok(Greeting { welcome, raise_settled })
}

fn resync_reason(cursor: SyncCursor, facts: &HelloFacts) -> Option<ResyncReason> {
    let is_compacted = cursor.epoch == facts.head.epoch && cursor.seq < facts.horizon;
    match is_compacted {
        true => Some(ResyncReason::Compacted),
        false => lost_reason(cursor, facts, facts.mark_at_cursor),
    }
}

/// Why a position is none of this log's.
fn lost_reason(cursor: SyncCursor, facts: &HelloFacts, mark: Option<Mark>) -> Option<ResyncReason> {
    if cursor.epoch != facts.head.epoch {
        Some(ResyncReason::Epoch)
    } else if cursor.seq > facts.head.seq {
        Some(ResyncReason::Ahead)
    } else if mark.is_some_and(|mark| mark != cursor.mark) {
        Some(ResyncReason::Mark)
    } else {
        None
    }
}
