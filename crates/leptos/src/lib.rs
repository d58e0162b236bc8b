//! What a Leptos app takes to be live and offline-first.
//!
//! Read in the order of the arrows:
//!
//! ```text
//! components ─► query, status ─► bridge ─┬─► holdfast_sync   the engine
//!                                        ├─► persistence     IndexedDB
//!                                        └─► WebSocket
//! ```
//!
//! - [`status`]: [`provide_sync`](status::provide_sync) starts it all; the
//!   [`SyncContext`](status::SyncContext) takes edits and shows connection, outbox and store;
//! - [`query`]: live rows and lists for components;
//! - [`session`]: who uses the app, by the server's session;
//! - [`plain`]: components for signing in and for the connection, to be dressed by an app;
//! - [`bridge`]: drives the engine, and owns what the engine must not know;
//! - [`persistence`]: what is kept on the device;
//! - [`testing`]: a server in memory, sockets to it with faults to order, a clock to set, and
//!   the suite that every store must pass.
//!
//! All state hangs on the [`SyncContext`](status::SyncContext); nothing is global.

pub mod bridge;
pub mod persistence;
pub mod plain;
pub mod query;
pub mod session;
pub mod status;
pub mod testing;
