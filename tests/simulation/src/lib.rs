//! A whole fleet in one thread: real [`SyncClient`](holdfast_sync::client::SyncClient)s, the real
//! authority and its sessions, real wire frames; a network that drops, delays,
//! duplicates, cuts and half-opens; stores and servers that crash between any two writes.
//!
//! A seed replays exactly: [`run`] draws everything from it, and two runs give the same trace
//! hash. First a phase with faults, then one without, in which everything must come to rest.
//!
//! - [`schema`]: a small application that uses what the engine has;
//! - [`plan`]: what one seed does, and how bad the weather is;
//! - [`store`]: a device's store, with crashes;
//! - `world`: the scheduler: clients, stores, network, server;
//! - [`check`]: one checker an invariant, which look from outside and after every step.

pub mod check;
pub mod plan;
pub mod schema;
pub mod store;
mod world;

pub use check::Violation;
pub use plan::Plan;
pub use world::{PLANTED, Report, run};
