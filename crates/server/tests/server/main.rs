//! The server from outside: the real program on a real port, spoken to as a browser does.
//!
//! - [`world`]: the program, an HTTP client, a WebSocket client;
//! - the rest: one theme each.

mod backup;
mod compaction;
mod crash;
mod database;
mod doors;
mod files;
mod full;
mod fuzz;
#[path = "../../src/hosted.rs"]
mod hosted;
mod http;
mod import;
mod notes;
mod origin;
mod patience;
mod poison;
mod queries;
mod rights;
mod search;
mod session;
mod sync;
mod world;
