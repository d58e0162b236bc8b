//! Holdfast's sync engine: deterministic, generic, without I/O.
//!
//! It knows no entity, no clock, no randomness and no async runtime; time and
//! seed are arguments. An application brings a [`Schema`]: its rows, mutations,
//! scopes and rights. Read on in this order:
//!
//! - [`schema`]: what an application brings, and the [`Tx`] in which a mutation runs;
//! - [`protocol`]: what travels over the WebSocket, one file a message family;
//! - [`client`]: [`SyncClient`](client::SyncClient), the browser's half: replica, outbox,
//!   rebase, connection. Feed it an [`Input`](client::Input), drain its
//!   [`Output`](client::Output)s;
//! - [`authority`]: the server's half as pure functions, and the
//!   [`Session`](authority::Session) that drives one connection;
//! - [`view`]: lists that are maintained, not re-run.
//!
//! Invariants I1 to I9 (nothing lost, exactly once, in order, converge, the view is base
//! and outbox, no flicker, only what you may see, it heals, the screen tells the truth) are
//! checked by the simulation in `tests/simulation`.

pub mod authority;
pub mod client;
mod ids;
#[cfg(feature = "planted")]
pub mod planted;
pub mod protocol;
pub mod schema;
pub mod view;

pub use ids::{ClientId, Epoch, Mark, MutationId, Seq, SyncCursor};
pub use schema::{ApplyContext, Footprint, Refusal, RefusalCode, Rows, Rule, Schema, Spot, Stored, Tx, Write};
