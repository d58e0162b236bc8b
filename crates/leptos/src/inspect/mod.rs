//! Looking inside a running app, and breaking its network by hand.
//!
//! - [`Wire`] stands between the bridge and any [`Connector`](crate::bridge::Connector): it counts and
//!   keeps what passes, and delays, drops, doubles or cuts it to order;
//! - [`snapshot`] tells, as plain data, what is read, held and waited for at this moment.
//!
//! Both are for a developer panel, of which an app shows as much as it likes:
//!
//! ```no_run
//! # use holdfast_leptos::{bridge::*, inspect::*, status::*};
//! # use holdfast_sync::Schema;
//! # fn example<S: Schema>(actor: S::Actor) {
//! let wire = Wire::around(WebSocketConnector::same_origin("/sync"));
//! let sync = provide_sync::<S>(SyncOptions::new(actor, "notes", World::browser(wire.clone())));
//!
//! wire.set_faults(Faults { delay_ms: 300, drop_percent: 10, ..Faults::NONE });
//! let seen = snapshot(sync);
//! assert_eq!((seen.unsent, wire.traffic().sent.frames), (0, 0));
//! # }
//! ```

mod faults;
mod frames;
mod lane;
mod snapshot;
mod usage;
mod wire;

pub use faults::Faults;
pub use frames::{Count, Direction, Fate, FrameRecord, Traffic};
pub use snapshot::{OutboxReading, ScopeReading, Snapshot, TimerReading, snapshot};
pub use usage::{StoreUsage, store_usage};
pub use wire::Wire;
