//! A whole fleet in one thread: real [`SyncClient`](holdfast_sync::client::SyncClient)s, the real
//! authority and its sessions, real wire frames; a network that drops, delays, duplicates, cuts
//! and half-opens; stores and servers that crash between any two writes, fail, and come back
//! older or empty; tabs of one profile; users with different rights; two versions of the app.
//!
//! A seed replays exactly: [`run`] draws everything from its [`Plan`], and two runs give the same
//! trace hash. First a phase with faults, then one without, in which everything must come to rest.
//!
//! - [`schema`]: a small application that uses what the engine has, in two versions;
//! - [`plan`]: what one seed does, and how bad the weather is;
//! - [`store`]: a device's store, with crashes;
//! - `client`, `server`: either version of either behind one face;
//! - `schedule`, `network`, `device`, `acts`: what happens when, how frames travel, how tabs
//!   are driven, what users do and what befalls them; `world` runs it all;
//! - [`check`]: one checker an invariant, which look from outside and after every step;
//! - [`planted`]: known mistakes, and which checker finds each;
//! - [`shrink`]: a failing plan made small.

mod acts;
pub mod check;
mod client;
mod device;
mod network;
pub mod plan;
pub mod planted;
mod schedule;
pub mod schema;
mod server;
pub mod shrink;
pub mod store;
mod world;

pub use check::Violation;
pub use plan::Plan;
pub use shrink::shrink;
pub use world::{Report, run, run_aloud};
