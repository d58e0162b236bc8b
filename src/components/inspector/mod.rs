//! The developer panel: what sync holds and waits for, what passes on the wire, and what is
//! wrong with it to order.

mod faults;
mod panes;
mod words;

use super::icons::{Glyph, Icon};
use faults::FaultsForm;
use holdfast_leptos::inspect::{Faults, FrameRecord, Snapshot, StoreUsage, Traffic};
use leptos::{ev, html, prelude::*};
use panes::{Fact, Frames, Outbox, Queries, Store};
use std::sync::Arc;
use words::{cursor_words, none, short, status_words, traffic_words};

/// What the panel shows.
#[derive(Clone, PartialEq, Debug)]
pub struct Readings {
    /// What is read, held and waited for.
    pub snapshot: Snapshot,
    /// The latest frames, the newest first.
    pub frames: Vec<Arc<FrameRecord>>,
    /// How much came to the wire.
    pub traffic: Traffic,
    /// How the device's store stands, in words.
    pub store: String,
    /// How much is stored, where the browser says so.
    pub usage: Option<StoreUsage>,
}

/// What stands beside the connection, or, on a phone, in its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tab {
    Connection,
    Frames,
    Queries,
    Outbox,
    Store,
}

impl Tab {
    fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Frames => "frames",
            Self::Queries => "queries",
            Self::Outbox => "outbox",
            Self::Store => "store",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::Frames => "Frames",
            Self::Queries => "Queries",
            Self::Outbox => "Outbox",
            Self::Store => "Store",
        }
    }
}

/// The panel, at the foot of the window.
#[component]
pub fn InspectorPanel(
    /// What it shows.
    #[prop(into)]
    readings: Signal<Readings>,
    /// What is wrong with the wire.
    #[prop(into)]
    faults: Signal<Faults>,
    /// That is to be wrong with it.
    #[prop(into)]
    on_faults: Callback<Faults>,
    /// Cut the present socket.
    #[prop(into)]
    on_cut: Callback<()>,
    /// Close the panel.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let tab = RwSignal::new(Tab::Connection);
    let is_tall = RwSignal::new(false);
    let panel = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(panel) = panel.get() {
            // Fails only for what cannot have the focus.
            let _ = panel.focus();
        }
    });
    let snapshot = move |pick: fn(&Snapshot) -> usize| move || readings.with(|readings| pick(&readings.snapshot));
    let close_on_escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            on_close.run(());
        }
    };
    view! {
        <section
            node_ref=panel
            class="inspector"
            aria-label="Developer panel"
            data-testid="inspector"
            data-tab=move || tab.get().name()
            data-size=move || is_tall.get().then_some("tall")
            tabindex="-1"
            on:keydown=close_on_escape
        >
            <header class="inspector-head">
                <div class="inspector-tabs">
                    <TabButton tab which=Tab::Connection/>
                    <TabButton tab which=Tab::Frames/>
                    <TabButton tab which=Tab::Queries count=Signal::derive(snapshot(|seen| seen.queries.len()))/>
                    <TabButton tab which=Tab::Outbox count=Signal::derive(snapshot(|seen| seen.unsent))/>
                    <TabButton tab which=Tab::Store/>
                </div>
                <p class="inspector-traffic">{move || readings.with(|readings| traffic_words(&readings.traffic))}</p>
                <button
                    type="button"
                    class="icon-button inspector-size"
                    data-testid="inspector-size"
                    aria-label="Taller"
                    aria-pressed=move || if is_tall.get() { "true" } else { "false" }
                    on:click=move |_| is_tall.update(|is_tall| *is_tall = !*is_tall)
                >
                    <Icon glyph=Glyph::Chevron/>
                </button>
                <button
                    type="button"
                    class="icon-button"
                    data-testid="inspector-close"
                    aria-label="Close"
                    on:click=move |_| on_close.run(())
                >
                    <Icon glyph=Glyph::Close/>
                </button>
            </header>
            <div class="inspector-connection">
                <FaultsForm faults on_faults on_cut/>
                <ConnectionFacts readings/>
            </div>
            <div class="inspector-pane">
                {move || match tab.get() {
                    Tab::Connection | Tab::Frames => view! { <Frames readings/> }.into_any(),
                    Tab::Queries => view! { <Queries readings/> }.into_any(),
                    Tab::Outbox => view! { <Outbox readings/> }.into_any(),
                    Tab::Store => view! { <Store readings/> }.into_any(),
                }}
            </div>
        </section>
    }
}

#[component]
fn TabButton(tab: RwSignal<Tab>, which: Tab, #[prop(optional)] count: Option<Signal<usize>>) -> impl IntoView {
    let count = count.map(|count| Memo::new(move |_| count.get()));
    view! {
        <button
            type="button"
            class="inspector-tab"
            data-tab=which.name()
            aria-pressed=move || if tab.get() == which { "true" } else { "false" }
            on:click=move |_| tab.set(which)
        >
            {which.label()}
            {count.map(|count| view! { <span class="inspector-count">{move || count.get()}</span> })}
        </button>
    }
}

#[component]
fn ConnectionFacts(readings: Signal<Readings>) -> impl IntoView {
    let fact =
        move |pick: fn(&Snapshot) -> String| Signal::derive(move || readings.with(|readings| pick(&readings.snapshot)));
    let names = Memo::new(move |_| {
        readings.with(|readings| readings.snapshot.timers.iter().map(|timer| timer.name).collect::<Vec<_>>())
    });
    let in_ms = move |name: &'static str| {
        readings.with(|readings| {
            let timer = readings.snapshot.timers.iter().find(|timer| timer.name == name);
            timer.map(|timer| format!("in {}.{} s", timer.in_ms / 1000, timer.in_ms % 1000 / 100))
        })
    };
    view! {
        <dl class="inspector-facts">
            <Fact name="Status" value=fact(|seen| status_words(&seen.status))/>
            <Fact name="Cursor" value=fact(cursor_words)/>
            <Fact name="Client" value=fact(|seen| seen.client.map_or_else(none, short))/>
            <Fact name="Tab" value=fact(|seen| if seen.is_leading { "leads" } else { "follows" }.to_owned())/>
            <For each=move || names.get() key=|name| *name let(name)>
                <dt class="inspector-timer">{name}</dt>
                <dd>{move || in_ms(name)}</dd>
            </For>
        </dl>
    }
}
