//! A list of any length, of which only the rows in sight are in the DOM.
//!
//! The list knows rows by key alone: it asks its owner for the keys in a range, and
//! again whenever a signal that was read for the answer changes. A row that stays is not
//! rendered again, however it moves; one that comes is shown where one has gone
//! ([`slots`](super::slots)).
//!
//! By keyboard: `j`/`k` and the arrows move the active row, Home, End and the page keys
//! leap, digits go to the row that they name, Enter opens. The position is kept in the session under `restore_key`, and a
//! row inserted above does not move what is being read.

use super::{
    measure::{css_px, scroll_top_px},
    slots::{self, Slot, Slots},
    window::Geometry,
};
use leptos::{ev, html::Div, prelude::*};
use leptos_use::use_resize_observer;
use std::{hash::Hash, ops::Range, time::Duration};
use wasm_bindgen::JsCast;

/// A windowed list; the element that scrolls.
#[component]
pub fn VirtualList<K, W, R, V>(
    /// How many rows there are in all.
    #[prop(into)]
    total: Signal<usize>,
    /// The keys of the rows in that range, in order; fewer where they are not held.
    keys: W,
    /// A row's view, by the key of whichever row it is to show.
    row: R,
    /// What the list is called.
    #[prop(into)]
    label: String,
    /// Under what the position is kept; another one takes up another position.
    #[prop(into)]
    restore_key: Signal<String>,
    /// Enter on the active row.
    #[prop(optional, into)]
    on_open: Option<Callback<K>>,
    /// Told which rows are in the DOM, whenever that changes.
    #[prop(optional, into)]
    on_window: Option<Callback<Range<usize>>>,
    /// Where a row stands now; lets what is being read stay where it is.
    #[prop(optional, into)]
    index_of: Option<Callback<K, Option<usize>>>,
    /// The active row, when its owner wants to know or to keep it.
    #[prop(optional)]
    active: Option<RwSignal<Option<K>>>,
    /// The row that the digits typed so far name, if one is in the list; told of none when what is typed next is
    /// another name.
    #[prop(optional, into)]
    find: Option<Callback<String, Option<K>>>,
    /// Told whether somebody is at work in the list: the pointer moves over it, a key was pressed in it, it is
    /// scrolled, or was a moment ago.
    #[prop(optional, into)]
    on_use: Option<Callback<bool>>,
    /// The scroll container's id.
    #[prop(default = "issue-list")]
    id: &'static str,
) -> impl IntoView
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    W: Fn(Range<usize>) -> Vec<K> + Clone + Send + Sync + 'static,
    R: Fn(Signal<K>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let container = NodeRef::<Div>::new();
    let scroll = use_scroll(container, total);
    let Scroll { geometry, rows, .. } = scroll;
    let visible = Memo::new({
        let keys = keys.clone();
        move |_| keys(rows.get())
    });
    if let Some(on_window) = on_window {
        Effect::new(move || on_window.run(rows.get()));
    }
    keep_position(scroll, restore_key);
    if let Some(index_of) = index_of {
        keep_anchor(scroll, visible, index_of);
    }

    let active = active.unwrap_or_else(|| RwSignal::new(None));
    let typed = Typed::of(find);
    let cursor = Cursor { scroll, visible, active, at: StoredValue::new(0), on_open, index_of, typed };
    let on_key = move |event: &ev::KeyboardEvent| cursor.handle_key(event, &keys);
    listen_beside(container, on_key.clone());

    let active_id = StoredValue::new(format!("{id}-active"));
    let slots = StoredValue::new(Slots::default());
    let order = RwSignal::new(Vec::new());
    // By their ids, so that none moves; `keep_order` puts them where they belong.
    let in_dom = move || {
        let keys = visible.get();
        let focused = focused_slot(container);
        let shown = slots.try_update_value(|slots| slots.show(keys, |id| focused == Some(id)));
        let mut shown = shown.unwrap_or_default();
        order.set(shown.iter().map(|slot| slot.id).collect());
        shown.sort_unstable_by_key(|slot| slot.id);
        shown
    };
    let usage = Usage::told(on_use);
    let group = NodeRef::<Div>::new();
    keep_order(group, order);
    let place = move |slot: Slot<K>| {
        let key = Signal::from(RwSignal::from(slot.key));
        let view = row(key);
        view! { <Place id=slot.id order key rows active active_id>{view}</Place> }
    };
    view! {
        <div
            node_ref=container
            id=id
            class="virtual-list"
            data-testid=id
            role="grid"
            tabindex="0"
            aria-label=label
            aria-rowcount=move || total.get().to_string()
            aria-activedescendant=active_id.get_value()
            on:scroll=move |_| scroll.read()
            on:wheel=move |_| usage.begin()
            on:touchmove=move |_| usage.begin()
            on:pointermove=move |_| usage.begin()
            on:pointerdown=move |_| usage.begin()
            on:pointerleave=move |event| {
                // A finger that is lifted leaves too, and what it scrolled goes on; what floats over the list is
                // of it.
                if event.pointer_type() == "mouse" && !stays_about(container, &event) {
                    usage.end();
                }
            }
            on:keydown=move |event| {
                if on_key(&event) {
                    usage.begin();
                    event.prevent_default();
                }
            }
        >
            <div class="virtual-spacer" role="presentation" style:height=move || px(geometry.get().spacer_px())>
                <div node_ref=group class="virtual-rows" role="rowgroup" style:transform=move || scroll.transform()>
                    <For each=in_dom key=|slot| slot.id children=place/>
                </div>
            </div>
        </div>
    }
}

/// The place of one row after the other.
#[component]
fn Place<K: Clone + PartialEq + Send + Sync + 'static>(
    /// The slot's.
    id: usize,
    /// The ids of all slots, in order.
    order: RwSignal<Vec<usize>>,
    key: Signal<K>,
    rows: Memo<Range<usize>>,
    active: RwSignal<Option<K>>,
    active_id: StoredValue<String>,
    children: Children,
) -> impl IntoView {
    let is_active = Memo::new(move |_| active.with(|active| key.with(|key| active.as_ref() == Some(key))));
    // Said of the active row alone: a row inserted above would else write to all of them.
    let place = move || {
        let within = is_active.get().then(|| order.with(|order| order.iter().position(|other| *other == id)));
        within.flatten().map(|within| (rows.with(|rows| rows.start) + within + 1).to_string())
    };
    view! {
        <div
            class="virtual-row"
            role="row"
            data-slot=id
            id=move || is_active.get().then(|| active_id.get_value())
            aria-selected=move || is_active.get().then_some("true")
            aria-rowindex=place
            on:pointerdown=move |_| active.set(Some(key.get_untracked()))
        >
            {children()}
        </div>
    }
}

/// How long after the last move of pointer, keys or wheel the list is still in use.
const REST: Duration = Duration::from_secs(3);

/// Whether somebody is at work in the list.
#[derive(Clone, Copy)]
struct Usage {
    on_use: Option<Callback<bool>>,
    /// Ends it, while it is in use.
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Usage {
    fn told(on_use: Option<Callback<bool>>) -> Self {
        let usage = Self { on_use, timer: StoredValue::new(None) };
        on_cleanup(move || {
            usage.stop_timer();
        });
        usage
    }

    fn begin(self) {
        let Some(on_use) = self.on_use else { return };
        if !self.stop_timer() {
            on_use.run(true);
        }
        self.timer.set_value(set_timeout_with_handle(move || self.end(), REST).ok());
    }

    fn end(self) {
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
fn stays_about(container: NodeRef<Div>, event: &ev::PointerEvent) -> bool {
    let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
    let room = container.get_untracked().and_then(|container| container.parent_element());
    room.zip(to).is_some_and(|(room, to)| room.contains(Some(&to)))
}

/// Puts the slots in the DOM into their order.
fn keep_order(group: NodeRef<Div>, order: RwSignal<Vec<usize>>) {
    Effect::new(move |before: Option<Vec<usize>>| {
        let after = order.get();
        let Some(group) = group.get() else { return Vec::new() };
        // Those that are new stand at the end, by their ids.
        let mut before: Vec<usize> = before.unwrap_or_default().into_iter().filter(|id| after.contains(id)).collect();
        let mut new: Vec<usize> = after.iter().copied().filter(|id| !before.contains(id)).collect();
        new.sort_unstable();
        before.extend(new);
        let element = |id| group.query_selector(&format!("[data-slot='{id}']")).ok().flatten();
        let end = group.last_child().filter(|last| last.node_type() != web_sys::Node::ELEMENT_NODE);
        for (id, next) in slots::moves(&before, &after) {
            let next = next.and_then(element).map(Into::into).or_else(|| end.clone());
            if let Some(element) = element(id) {
                // It is put before what is there.
                let _ = group.insert_before(&element, next.as_ref());
            }
        }
        after
    });
}

/// The slot that something within has the focus of.
fn focused_slot(container: NodeRef<Div>) -> Option<usize> {
    let focused = document().active_element()?;
    let place = focused.closest("[data-slot]").ok()??;
    let is_here = container.get_untracked().is_some_and(|container| container.contains(Some(&place)));
    place.get_attribute("data-slot").filter(|_| is_here)?.parse().ok()
}

/// The scroll container's state.
#[derive(Clone, Copy)]
struct Scroll {
    container: NodeRef<Div>,
    offset_px: RwSignal<f64>,
    geometry: Memo<Geometry>,
    rows: Memo<Range<usize>>,
}

impl Scroll {
    /// Takes over where the container stands.
    fn read(self) {
        if let Some(container) = self.container.get_untracked() {
            let offset_px = scroll_top_px(&container);
            if offset_px != self.offset_px.get_untracked() {
                self.offset_px.set(offset_px);
            }
        }
    }

    fn set(self, offset_px: f64) {
        if let Some(container) = self.container.get_untracked() {
            container.scroll_to_with_x_and_y(0.0, offset_px);
            self.read();
        }
    }

    fn show(self, row: usize) {
        let offset_px = self.offset_px.get_untracked();
        let wanted_px = self.geometry.get_untracked().scroll_px_to_show(row, offset_px);
        if wanted_px != offset_px {
            self.set(wanted_px);
        }
    }

    /// Where the box with the rows stands; follows the offset only where it must.
    fn transform(self) -> String {
        let geometry = self.geometry.get();
        let start = self.rows.with(|rows| rows.start);
        let offset_px = if geometry.total as f64 * geometry.row_px > geometry.spacer_px() {
            self.offset_px.get()
        } else {
            self.offset_px.get_untracked()
        };
        format!("translateY({})", px(geometry.box_top_px(offset_px, start)))
    }
}

/// Measures the container, now and whenever its size changes.
fn use_scroll(container: NodeRef<Div>, total: Signal<usize>) -> Scroll {
    let offset_px = RwSignal::new(0.0);
    let viewport_px = RwSignal::new(0.0);
    let row_px = RwSignal::new(36.0);
    let geometry =
        Memo::new(move |_| Geometry { total: total.get(), row_px: row_px.get(), viewport_px: viewport_px.get() });
    let rows = Memo::new(move |_| geometry.get().rows(offset_px.get()));
    let measure = move || {
        if let Some(container) = container.get() {
            viewport_px.set(f64::from(container.client_height()));
            if let Some(measured_px) = css_px(&container, "--row").filter(|px| *px > 0.0) {
                row_px.set(measured_px);
            }
        }
    };
    Effect::new(measure);
    use_resize_observer(container, move |_, _| untrack(measure));
    Scroll { container, offset_px, geometry, rows }
}

/// Takes up the position kept under the key once there are rows, and keeps it on leaving.
fn keep_position(scroll: Scroll, restore_key: Signal<String>) {
    let save = move |key: &str| {
        let top_px = scroll.geometry.try_get_untracked().zip(scroll.offset_px.try_get_untracked());
        if let Some((geometry, offset_px)) = top_px
            && let Some(storage) = session_storage()
        {
            // A full session storage costs the position, nothing else.
            let _ = storage.set_item(&storage_key(key), &geometry.content_top_px(offset_px).to_string());
        }
    };
    let restored = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        let key = restore_key.get();
        let ready = scroll.geometry.with(|geometry| geometry.total > 0 && geometry.viewport_px > 0.0);
        let before = restored.get_value();
        if before.as_ref() != Some(&key) && ready {
            if let Some(before) = before {
                save(&before);
            }
            let kept = session_storage().and_then(|storage| storage.get_item(&storage_key(&key)).ok().flatten());
            let top_px = kept.and_then(|kept| kept.parse().ok()).unwrap_or(0.0);
            restored.set_value(Some(key));
            scroll.set(scroll.geometry.get_untracked().scroll_px(top_px));
        }
    });
    let save_current = move || {
        if let Some(Some(key)) = restored.try_get_value() {
            save(&key);
        }
    };
    let on_leave = window_event_listener(ev::pagehide, move |_| save_current());
    on_cleanup(move || {
        save_current();
        on_leave.remove();
    });
}

/// Forgets the positions kept under keys that begin so: whoever comes back from elsewhere goes on where they
/// were, whoever comes anew begins at the top.
pub fn forget_positions(prefix: &str) {
    let Some(storage) = session_storage() else { return };
    let prefix = storage_key(prefix);
    let keys = (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
    let keys: Vec<String> = keys.filter(|key| key.starts_with(&prefix)).collect();
    for key in keys {
        // It begins where it was, at worst.
        let _ = storage.remove_item(&key);
    }
}

/// Holds what is being read in place when rows come or go above it.
fn keep_anchor<K: Clone + PartialEq + Send + Sync + 'static>(
    scroll: Scroll,
    visible: Memo<Vec<K>>,
    index_of: Callback<K, Option<usize>>,
) {
    let anchor = StoredValue::new(None::<(K, usize, f64)>);
    Effect::new(move |_| {
        visible.track();
        let geometry = scroll.geometry.get();
        let offset_px = scroll.offset_px.get();
        let held = anchor.get_value().filter(|(_, _, at_px)| *at_px == offset_px && offset_px > 0.0);
        if let Some((key, before, _)) = held
            && let Some(now) = untrack(|| index_of.run(key))
            && now != before
        {
            let moved_px = (now as f64 - before as f64) * geometry.row_px;
            scroll.set(geometry.scroll_px(geometry.content_top_px(offset_px) + moved_px));
        }
        let offset_px = scroll.offset_px.get_untracked();
        let first = geometry.first_visible(offset_px);
        let start = scroll.rows.with_untracked(|rows| rows.start);
        let key = visible.with_untracked(|keys| keys.get(first.saturating_sub(start)).cloned());
        anchor.set_value(key.map(|key| (key, first, offset_px)));
    });
}

/// Lets the keys work while nothing else has the focus.
fn listen_beside(container: NodeRef<Div>, on_key: impl Fn(&ev::KeyboardEvent) -> bool + 'static) {
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
struct Cursor<K: Clone + Eq + Hash + Send + Sync + 'static> {
    scroll: Scroll,
    visible: Memo<Vec<K>>,
    active: RwSignal<Option<K>>,
    /// Where the active row stood when it became that.
    at: StoredValue<usize>,
    on_open: Option<Callback<K>>,
    index_of: Option<Callback<K, Option<usize>>>,
    typed: Typed<K>,
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Cursor<K> {
    /// Does what the key says; whether it said anything.
    fn handle_key(self, event: &ev::KeyboardEvent, keys: &impl Fn(Range<usize>) -> Vec<K>) -> bool {
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
struct Typed<K: 'static> {
    find: Option<Callback<String, Option<K>>>,
    text: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl<K: Send + Sync + 'static> Typed<K> {
    fn of(find: Option<Callback<String, Option<K>>>) -> Self {
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

fn session_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

fn storage_key(key: &str) -> String {
    format!("scroll:{key}")
}

fn px(length: f64) -> String {
    format!("{length}px")
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
