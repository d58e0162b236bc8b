//! The active row, and how the keys move it.

use super::scroll::Scroll;
use crate::components::window::Geometry;
use leptos::{ev, html::Div, prelude::*};
use std::{hash::Hash, ops::Range, time::Duration};
use wasm_bindgen::JsCast;

/// Lets the keys work while nothing else has the focus.
pub(super) fn listen_beside(container: NodeRef<Div>, on_key: impl Fn(&ev::KeyboardEvent) -> bool + 'static) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let nothing_focused = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            // The page as a whole has the focus after a change of pages.
            .is_some_and(|element| element.tag_name() == "BODY" || element.id() == "page");
        if nothing_focused && on_key(&event) {
            event.prevent_default();
            if let Some(container) = container.get_untracked() {
                // Losing the focus ring is all that can go wrong.
                let _ = container.focus();
            }
        }
    });
    on_cleanup(move || listener.remove());
}

/// The active row, and how the keys move it.
pub(super) struct Cursor<K: Clone + Eq + Hash + Send + Sync + 'static> {
    pub scroll: Scroll,
    pub visible: Memo<Vec<K>>,
    pub active: RwSignal<Option<K>>,
    /// Where the active row stood when it became that.
    pub at: StoredValue<usize>,
    pub on_open: Option<Callback<K>>,
    pub index_of: Option<Callback<K, Option<usize>>>,
    pub typed: Typed<K>,
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Cursor<K> {
    /// Does what the key says; whether it said anything.
    pub fn handle_key(self, event: &ev::KeyboardEvent, keys: &impl Fn(Range<usize>) -> Vec<K>) -> bool {
        let active = self.active.get_untracked();
        if event.key() == "Enter" && event.target() == event.current_target() {
            return active.zip(self.on_open).map(|(key, on_open)| on_open.run(key)).is_some();
        }
        let geometry = self.scroll.geometry.get_untracked();
        if geometry.total > 0 && self.typed.takes(event) {
            if let Some(key) = self.typed.name(&event.key())
                && let Some(to) = self.find(key.clone())
            {
                self.go(to, key);
            }
            return true;
        }
        let Some(step) = step(event, &geometry).filter(|_| geometry.total > 0) else { return false };
        let from = active.map(|key| self.find(key).unwrap_or(self.at.get_value()));
        let to = step.from(from, geometry.total);
        if let Some(key) = keys(to..to + 1).into_iter().next() {
            self.go(to, key);
        }
        true
    }

    fn go(self, to: usize, key: K) {
        self.scroll.show(to);
        self.at.set_value(to);
        self.active.set(Some(key));
    }

    fn find(self, key: K) -> Option<usize> {
        if let Some(index_of) = self.index_of {
            return index_of.run(key);
        }
        let among_visible = self.visible.with_untracked(|keys| keys.iter().position(|other| *other == key))?;
        Some(among_visible + self.scroll.rows.with_untracked(|rows| rows.start))
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Clone for Cursor<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Copy for Cursor<K> {}

/// How long after the last digit another one goes on with the same name.
const TYPED: Duration = Duration::from_secs(1);

/// What is being typed to go to a row.
pub(super) struct Typed<K: 'static> {
    find: Option<Callback<String, Option<K>>>,
    text: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl<K: Send + Sync + 'static> Typed<K> {
    pub fn of(find: Option<Callback<String, Option<K>>>) -> Self {
        let typed = Self { find, text: StoredValue::default(), timer: StoredValue::new(None) };
        on_cleanup(move || typed.stop_timer());
        typed
    }

    /// Whether a key is of a name.
    fn takes(self, event: &ev::KeyboardEvent) -> bool {
        let is_command = event.ctrl_key() || event.meta_key() || event.alt_key();
        self.find.is_some() && !is_command && matches!(event.key().as_bytes(), [b'0'..=b'9'])
    }

    /// The row that is named with this digit too.
    fn name(self, digit: &str) -> Option<K> {
        self.stop_timer();
        self.timer.set_value(set_timeout_with_handle(move || self.end(), TYPED).ok());
        self.text.update_value(|text| text.push_str(digit));
        self.find?.run(self.text.get_value())
    }

    fn end(self) {
        self.text.set_value(String::new());
        if let Some(find) = self.find {
            find.run(String::new());
        }
    }

    fn stop_timer(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }
}

impl<K> Clone for Typed<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Typed<K> {}

/// Where a key leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    By(isize),
    First,
    Last,
}

impl Step {
    fn from(self, at: Option<usize>, total: usize) -> usize {
        let last = total.saturating_sub(1);
        match (self, at) {
            (Self::First, _) => 0,
            (Self::Last, _) => last,
            (Self::By(_), None) => 0,
            (Self::By(rows), Some(at)) => at.saturating_add_signed(rows).min(last),
        }
    }
}

fn step(event: &ev::KeyboardEvent, geometry: &Geometry) -> Option<Step> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let page = ((geometry.viewport_px / geometry.row_px) as isize - 1).max(1);
    Some(match event.key().as_str() {
        "j" | "ArrowDown" => Step::By(1),
        "k" | "ArrowUp" => Step::By(-1),
        "PageDown" => Step::By(page),
        "PageUp" => Step::By(-page),
        "Home" => Step::First,
        "End" => Step::Last,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn steps_stay_in_the_list() {
        assert_eq!(Step::By(1).from(None, 5), 0);
        assert_eq!(Step::By(1).from(Some(4), 5), 4);
        assert_eq!(Step::By(-3).from(Some(1), 5), 0);
        assert_eq!(Step::Last.from(Some(1), 5), 4);
        assert_eq!(Step::Last.from(None, 0), 0);
    }
}
