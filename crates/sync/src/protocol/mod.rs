//! What travels over the WebSocket at `/sync`: one JSON text frame a message,
//! written `{"kind": {…}}`, one file a message family.
//!
//! ```text
//! client                                server
//!   hello {version, client, cursor, …}  ─►
//!                                       ◄─  welcome {version, cursor, settled, …}
//!   subscribe {scope, id, held}         ─►
//!   unsubscribe {scope}                 ─►
//!                                       ◄─  snapshot {scope, id, rows, as_of, next, …}
//!   watch {id, query, held, more, …}    ─►
//!   unwatch {id}                        ─►
//!                                       ◄─  results {id, after, as_of, rows, next, total, …}
//!                                       ◄─  purge {scope, number} | grant {scope, number}
//!   push {mutations}                    ─►
//!                                       ◄─  ack {seq, at} | reject {seq, at, refusal}
//!                                       ◄─  patch {from, to, mark, settled, changes, totals, …}
//!   ping {nonce}                        ─►
//!                                       ◄─  pong {nonce, to, settled, rights}
//! ```
//!
//! Either end may say `error`. A frame of a kind that the receiver does not know
//! decodes as [`Unknown`](ClientFrame::Unknown) and is passed over, unknown fields likewise.
//!
//! # Versions
//! | number | what came with it |
//! |---|---|
//! | 1 | the above |

mod error;
mod frame;
mod hello;
mod patch;
mod ping;
mod push;
mod search;
mod snapshot;
mod subscribe;
mod watch;

pub use error::{ErrorCode, ErrorFrame};
pub use frame::{ClientFrame, DecodeError, Limits, ServerFrame};
pub use hello::{Hello, ResyncReason, Welcome};
pub use patch::{Change, Patch, RefusedAt, Settled};
pub use ping::{Ping, Pong};
pub use push::{Ack, Base, Basis, Body, FieldName, Push, Pushed, Reject};
pub use search::{Found, FoundRow};
pub use snapshot::Snapshot;
pub use subscribe::{Grant, Held, Purge, Subscribe, Unsubscribe};
pub use watch::{Reach, Results, Total, Unwatch, Watch, WatchTotal};

/// The current version.
pub const VERSION: u32 = 1;

/// The oldest version still spoken.
pub const VERSION_MIN: u32 = 1;

/// What need not be written.
fn is_zero(number: &u64) -> bool {
    *number == 0
}
