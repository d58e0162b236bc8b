//! All that a page's world is made of.

use super::{FakeClock, FakeFrames, FakePage, FakeServer, next_task};
use crate::{
    bridge::World,
    persistence::{Backend, MemoryBackend},
    status::SyncOptions,
};
use holdfast_sync::Schema;
use leptos::{prelude::IntoView, tachys::view::Mountable};
use std::{cell::Cell, rc::Rc};

thread_local! {
    static SEED: Cell<u64> = const { Cell::new(1) };
}

/// How often something is looked for before a test has failed.
const LOOKS: usize = 2_000;

/// A device: its store, its clock and its screen, and the server as its user reaches it. Pages
/// opened one after the other on one device are reloads.
pub struct FakeWorld<S: Schema> {
    /// The server.
    pub server: FakeServer<S>,
    /// The device's store.
    pub backend: MemoryBackend,
    /// The time.
    pub clock: FakeClock,
    /// The screen.
    pub frames: FakeFrames,
}

impl<S: Schema> Clone for FakeWorld<S> {
    fn clone(&self) -> Self {
        let Self { server, backend, clock, frames } = self;
        Self { server: server.clone(), backend: backend.clone(), clock: clock.clone(), frames: frames.clone() }
    }
}

impl<S: Schema> FakeWorld<S> {
    /// A device of that user, and a server without rows.
    pub fn new(actor: S::Actor) -> Self {
        Self {
            server: FakeServer::new(actor),
            backend: MemoryBackend::default(),
            clock: FakeClock::default(),
            frames: FakeFrames::default(),
        }
    }

    /// A device of another user's, at the same server and in the same time.
    #[must_use]
    pub fn user(&self, actor: S::Actor) -> Self {
        let server = self.server.user(actor);
        Self { server, backend: MemoryBackend::default(), clock: self.clock.clone(), frames: self.frames.clone() }
    }

    /// Opens a page on the device, with an app that is given what
    /// [`provide_sync`](crate::status::provide_sync) takes.
    pub fn open<V>(&self, app: impl FnOnce(SyncOptions<S>) -> V + 'static) -> FakePage
    where
        V: IntoView + 'static,
        V::State: Mountable,
    {
        let options = self.options();
        FakePage::open_on(self.frames.clone(), move || app(options))
    }

    /// What [`provide_sync`](crate::status::provide_sync) takes.
    pub fn options(&self) -> SyncOptions<S> {
        SyncOptions::new(self.server.actor().clone(), "test", self.world())
    }

    /// What the bridge touches.
    pub fn world(&self) -> World {
        self.world_on(&self.backend)
    }

    /// The same, with another store.
    pub fn world_on(&self, backend: &(impl Backend + Clone + 'static)) -> World {
        World {
            connector: Rc::new(self.server.clone()),
            backend: Rc::new(backend.clone()),
            clock: Rc::new(self.clock.clone()),
            frames: Rc::new(self.frames.clone()),
            shared: false,
            // As in a browser, no two pages have the same: what they make is told apart by it.
            seed: SEED.with(|seed| seed.replace(seed.get() + 1)),
        }
    }

    /// Draws frame after frame until that is so. The clock stands still.
    ///
    /// # Panics
    /// Where it does not come.
    pub async fn until_shown(&self, is: impl Fn() -> bool) {
        self.until_after(0, is).await;
    }

    /// Goes on by steps of that much, drawing a frame at each, until that is so: for what comes
    /// with time, as a new attempt to connect does.
    ///
    /// # Panics
    /// Where it does not come.
    pub async fn until_after(&self, step_ms: u64, is: impl Fn() -> bool) {
        for _ in 0..LOOKS {
            if is() {
                return;
            }
            self.clock.advance(step_ms);
            self.frames.draw();
            next_task().await;
        }
        panic!("what was waited for did not come");
    }
}
