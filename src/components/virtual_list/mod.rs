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

mod cursor;
mod position;
mod scroll;
mod usage;

pub use position::forget_positions;

use super::slots::{self, Slot, Slots};
use cursor::{Cursor, Typed, listen_beside};
use leptos::{ev, html::Div, prelude::*};
use position::{keep_anchor, keep_position};
use scroll::{Scroll, use_scroll};
use std::{hash::Hash, ops::Range};
use usage::{Usage, stays_about};

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

fn px(length: f64) -> String {
    format!("{length}px")
}
