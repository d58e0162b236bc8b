//! What tests of an app, or of another store, build on.
//!
//! [`FakeServer`] is a server in memory: the real
//! [`Session`](holdfast_sync::authority::Session) over rows and a log in memory, reached
//! over sockets whose faults are to order. [`FakeClock`] and [`FakeFrames`] go on when they
//! are told to. A [`World`] made of these has no waiting in it:
//!
//! ```no_run
//! # use holdfast_leptos::{bridge::World, persistence::MemoryBackend, testing::*};
//! # use holdfast_sync::Schema;
//! # fn example<S: Schema>(actor: S::Actor) -> (World, FakeServer<S>) {
//! let server = FakeServer::<S>::new(actor);
//! let (clock, frames) = (FakeClock::default(), FakeFrames::default());
//! let world = fake_world(&server, &MemoryBackend::default(), &clock, &frames);
//! # (world, server)
//! # }
//! ```

pub mod conformance;
mod faulty_store;
mod server;
mod time;

pub use faulty_store::FaultyBackend;
pub use server::FakeServer;
pub use time::{FakeClock, FakeFrames};

use crate::{bridge::World, persistence::Backend};
use holdfast_sync::Schema;
use std::rc::Rc;

/// A world without a browser, for one tab alone.
pub fn fake_world<S: Schema>(
    server: &FakeServer<S>,
    backend: &(impl Backend + Clone + 'static),
    clock: &FakeClock,
    frames: &FakeFrames,
) -> World {
    World {
        connector: Rc::new(server.clone()),
        backend: Rc::new(backend.clone()),
        clock: Rc::new(clock.clone()),
        frames: Rc::new(frames.clone()),
        shared: false,
        seed: 1,
    }
}
