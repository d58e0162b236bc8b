//! One direction of a socket, with a delay.

use crate::bridge::{Clock, Guard};
use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
};

/// What goes in comes out in the same order, as in a stream: nothing overtakes what has to wait
/// longer. Where there is no delay and nothing waits, it comes out at once.
pub(super) struct Lane<T> {
    this: Weak<Self>,
    clock: Rc<dyn Clock>,
    deliver: Box<dyn Fn(T)>,
    /// In order, each with the moment before which it does not come out.
    waiting: RefCell<VecDeque<(u64, T)>>,
    timer: RefCell<Option<Guard>>,
}

impl<T: 'static> Lane<T> {
    pub(super) fn new(clock: Rc<dyn Clock>, deliver: impl Fn(T) + 'static) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            clock,
            deliver: Box::new(deliver),
            waiting: RefCell::default(),
            timer: RefCell::default(),
        })
    }

    pub(super) fn pass(&self, item: T, delay_ms: u32) {
        let is_first = self.waiting.borrow().is_empty();
        if delay_ms == 0 && is_first {
            return (self.deliver)(item);
        }
        let due = self.clock.now().mono_ms + u64::from(delay_ms);
        self.waiting.borrow_mut().push_back((due, item));
        if is_first {
            self.set_timer();
        }
    }

    /// Forgets what waits.
    pub(super) fn clear(&self) {
        let waiting = self.waiting.take();
        let timer = self.timer.take();
        drop((waiting, timer));
    }

    fn set_timer(&self) {
        let Some(due) = self.waiting.borrow().front().map(|(due, _)| *due) else { return };
        let this = self.this.clone();
        let timer = self.clock.at(
            due,
            Box::new(move || {
                if let Some(lane) = this.upgrade() {
                    lane.deliver_due();
                }
            }),
        );
        let before = self.timer.replace(Some(timer));
        drop(before);
    }

    fn deliver_due(&self) {
        let done = self.timer.take();
        let now_ms = self.clock.now().mono_ms;
        loop {
            let next = self.waiting.borrow_mut().pop_front_if(|(due, _)| *due <= now_ms);
            // What is delivered may clear the lane.
            let Some((_, item)) = next else { break };
            (self.deliver)(item);
        }
        self.set_timer();
        drop(done);
    }
}
