//! Whether somebody is at work in the list.

use leptos::{ev, html::Div, prelude::*};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long after the last move of pointer, keys or wheel the list is still in use.
const REST: Duration = Duration::from_secs(3);

/// Whether somebody is at work in the list.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    on_use: Option<Callback<bool>>,
    /// Ends it, while it is in use.
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Usage {
    pub fn told(on_use: Option<Callback<bool>>) -> Self {
        let usage = Self { on_use, timer: StoredValue::new(None) };
        on_cleanup(move || {
            usage.stop_timer();
        });
        usage
    }

    pub fn begin(self) {
        let Some(on_use) = self.on_use else { return };
        if !self.stop_timer() {
            on_use.run(true);
        }
        self.timer.set_value(set_timeout_with_handle(move || self.end(), REST).ok());
    }

    pub fn end(self) {
        if self.stop_timer()
            && let Some(on_use) = self.on_use
        {
            on_use.run(false);
        }
    }

    /// Whether there was one.
    fn stop_timer(self) -> bool {
        let timer = self.timer.try_update_value(Option::take).flatten();
        timer.inspect(TimeoutHandle::clear).is_some()
    }
}

/// Whether the pointer only went to something else in the list's room.
pub(super) fn stays_about(container: NodeRef<Div>, event: &ev::PointerEvent) -> bool {
    let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
    let room = container.get_untracked().and_then(|container| container.parent_element());
    room.zip(to).is_some_and(|(room, to)| room.contains(Some(&to)))
}
