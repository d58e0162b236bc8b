//! The server of a Holdfast application: a library generic over the application's schema.
//! (The tracker's binary, `holdfast-server`, is in `main.rs` and `cli/`; it is behind the feature `tracker`.)
//!
//! Signing in is choosing a name, on the server's own machine: there are no accounts yet. An application that
//! has its own drives [`Session`](holdfast_sync::authority::Session) over the [`store`] from a route of its
//! own, as [`ws`] does.
//!
//! Read in this order:
//! - [`application`]: what an application brings beside its [`Schema`](holdfast_sync::Schema);
//! - [`store`]: what is kept, and in which transactions; [`store::sqlite`] keeps it in one file;
//! - [`accounts`]: who is there;
//! - [`http`]: the listener, the guards before every request, the API, the app's files;
//! - [`ws`]: one task a connection, around the engine's
//!   [`Session`](holdfast_sync::authority::Session);
//! - [`Server`]: all of it together;
//! - [`program`]: the command line around it, which an application's `main` calls.
//!
//! A change's way: [`ws`] reads a `push`, its session asks to settle it, the [`store`]'s one
//! writer commits it with its log entry and answer, and moves the head on. Every connection
//! watches the head, reads the log from where it stands, and sends its client what concerns
//! it. There is no list of connections: the log is the only queue, and whoever is slow is
//! merely behind in it.

#![deny(missing_docs)]

pub mod accounts;
pub mod application;
pub mod clock;
pub mod http;
pub mod metrics;
pub mod program;
mod server;
pub mod store;
pub mod ws;

pub use application::{Application, Named, Rank, Searched, Sought};
pub use server::{Server, Settings, ensure_workspace};
