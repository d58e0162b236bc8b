//! Holdfast's sync engine: deterministic, generic, without I/O.
//!
//! An application says once, in a [`Schema`], what its rows are and what can be done to them. The
//! same function then runs in the browser for what is seen at once, and on the server for the truth:
//!
//! ```
//! use holdfast_sync::{
//!     ApplyContext, ClientId, Epoch, Footprint, Refusal, Rule, Schema, Tx,
//!     authority::MemoryStore,
//!     client::{Config, Now, Output, SyncClient},
//!     protocol::{Body, Pushed},
//!     schema::Rows,
//! };
//! use serde::{Deserialize, Serialize};
//!
//! /// Counters that anyone may add to.
//! #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
//! enum Counters {}
//!
//! #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
//! struct Counter {
//!     key: String,
//!     value: i64,
//! }
//!
//! #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
//! struct Add {
//!     to: String,
//!     amount: i64,
//! }
//!
//! impl Schema for Counters {
//!     type Key = String;
//!     type Row = Counter;
//!     type Field = u8;
//!     type Scope = String;
//!     type Mutation = Add;
//!     type Actor = String;
//!     type Query = holdfast_sync::schema::NoQuery;
//!     const VERSION: u32 = 1;
//!
//!     fn key(row: &Counter) -> String {
//!         row.key.clone()
//!     }
//!     fn scope(_: &Counter) -> String {
//!         "all".to_owned()
//!     }
//!     fn parent(_: &Counter) -> Option<String> {
//!         None
//!     }
//!     fn changed_fields(_: Option<&Counter>, _: &Counter) -> Vec<u8> {
//!         vec![0]
//!     }
//!     fn may_read(_: &String, scope: &String, _: &dyn Rows<Self>) -> bool {
//!         scope == "all"
//!     }
//!     fn footprint(add: &Add) -> Footprint<Self> {
//!         Footprint::none().row(add.to.clone())
//!     }
//!     fn apply(add: &Add, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
//!         let value = tx.row(&add.to).map_or(0, |counter| counter.value) + add.amount;
//!         if value < 0 {
//!             return Err(Refusal::invalid("There are not that many."));
//!         }
//!         tx.put(Counter { key: add.to.clone(), value });
//!         Ok(())
//!     }
//!     fn rule(_: u8) -> Rule {
//!         Rule::Commute
//!     }
//! }
//!
//! let add = |amount| Add { to: "counter/apples".to_owned(), amount };
//!
//! // In the browser: on the screen at once, and handed to the store before it is sent.
//! let mut ada = SyncClient::<Counters>::new(Config::new("ada".to_owned()), 1);
//! let now = Now { mono_ms: 0, wall_ms: 0 };
//! ada.mutate(now, add(3))?;
//! assert_eq!(ada.row(&"counter/apples".to_owned()).map(|counter| counter.value), Some(3));
//! assert!(ada.mutate(now, add(-4)).is_err(), "the same function says no before the server does");
//! while let Some(output) = ada.poll_output() {
//!     assert!(!matches!(output, Output::Send { .. }), "nothing is sent that is not saved");
//! }
//!
//! // At the server: the same function, in the order in which the server takes them.
//! let mut server = MemoryStore::<Counters>::new(Epoch(uuid::Uuid::nil()));
//! for (client, amount) in [(1, 3), (2, 4)] {
//!     let pushed = Pushed { seq: 1, nonce: 0, body: Body::Mutate(add(amount)), bases: Vec::new() };
//!     server.commit(&"ada".to_owned(), ClientId(uuid::Uuid::from_u128(client)), 0, &pushed);
//! }
//! assert_eq!(server.rows()["counter/apples"].row.value, 7);
//! assert_eq!(server.head().seq, 2);
//! # Ok::<(), Refusal>(())
//! ```
//!
//! A whole application is `examples/poll`; how a change travels, and what happens when something
//! goes wrong on the way, is in `docs/how-sync-works.md`.
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
