//! Time that goes on when it is told to.

use crate::bridge::{Clock, Frames, Guard};
use holdfast_sync::client::Now;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::{Rc, Weak},
};

/// Unix milliseconds at a fake clock's start: 2026-01-01.
const WALL_START_MS: i64 = 1_767_225_600_000;

type Call = Box<dyn FnOnce()>;

/// A clock that stands still until it is advanced. Clones are the same clock.
#[derive(Clone, Default)]
pub struct FakeClock(Rc<Time>);

#[derive(Default)]
struct Time {
    mono_ms: Cell<u64>,
    next_id: Cell<u64>,
    timers: RefCell<BTreeMap<(u64, u64), Call>>,
}

impl FakeClock {
    /// Goes on by that much; what comes due on the way is called at its moment.
    pub fn advance(&self, ms: u64) {
        let end = self.0.mono_ms.get() + ms;
        while let Some((at, call)) = self.due(end) {
            self.0.mono_ms.set(self.0.mono_ms.get().max(at));
            call();
        }
        self.0.mono_ms.set(end);
    }

    fn due(&self, until: u64) -> Option<(u64, Call)> {
        let mut timers = self.0.timers.borrow_mut();
        let first = timers.first_entry().filter(|entry| entry.key().0 <= until)?;
        let at = first.key().0;
        Some((at, first.remove()))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Now {
        let mono_ms = self.0.mono_ms.get();
        Now { mono_ms, wall_ms: WALL_START_MS + mono_ms as i64 }
    }

    fn at(&self, mono_ms: u64, call: Call) -> Guard {
        let id = self.0.next_id.replace(self.0.next_id.get() + 1);
        let place = (mono_ms.max(self.0.mono_ms.get()), id);
        self.0.timers.borrow_mut().insert(place, call);
        Box::new(Scheduled { place, time: Rc::downgrade(&self.0) })
    }
}

struct Scheduled {
    place: (u64, u64),
    time: Weak<Time>,
}

impl Drop for Scheduled {
    fn drop(&mut self) {
        let call = self.time.upgrade().and_then(|time| time.timers.borrow_mut().remove(&self.place));
        drop(call);
    }
}

/// A screen that is drawn when it is told to. Clones are the same screen.
#[derive(Clone, Default)]
pub struct FakeFrames(FakeClock);

impl FakeFrames {
    /// Draws the next frame.
    pub fn draw(&self) {
        self.0.advance(1);
    }
}

impl Frames for FakeFrames {
    fn request(&self, call: Call) -> Guard {
        self.0.at(self.0.now().mono_ms + 1, call)
    }
}
