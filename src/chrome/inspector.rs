//! The developer panel: opened by a button or a key, fed while it is open.

use crate::{
    components::inspector::{InspectorPanel, Readings},
    queries::Sync,
};
use holdfast_leptos::{
    inspect::{Faults, Wire, snapshot, store_usage},
    status::StoreState,
};
use holdfast_sync::client::StoreFault;
use leptos::{ev, prelude::*, task::spawn_local};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// How often the panel looks.
const LOOK: Duration = Duration::from_millis(250);

/// Of so many looks, one asks the browser how much is stored.
const LOOKS_PER_ESTIMATE: u32 = 8;

/// The panel's state, and the wire it stands on. Faults outlive the panel: the button shows them.
#[derive(Clone, Copy)]
pub(super) struct Inspection {
    wire: StoredValue<Wire, LocalStorage>,
    is_open: RwSignal<bool>,
    faults: RwSignal<Faults>,
    /// What had the focus before.
    focused: StoredValue<Option<HtmlElement>, LocalStorage>,
}

impl Inspection {
    /// A closed panel over that wire. Alt+Shift+D opens and closes it as long as the caller lives.
    pub(super) fn new(wire: Wire) -> Self {
        let inspection = Self {
            wire: StoredValue::new_local(wire),
            is_open: RwSignal::new(false),
            faults: RwSignal::new(Faults::NONE),
            focused: StoredValue::new_local(None),
        };
        let listener = window_event_listener(ev::keydown, move |event| {
            // By the key's place: with Alt, some keyboards make another letter of it.
            if event.alt_key() && event.shift_key() && event.code() == "KeyD" {
                event.prevent_default();
                inspection.toggle();
            }
        });
        on_cleanup(move || listener.remove());
        inspection
    }

    /// Opens or closes the panel.
    pub(super) fn toggle(self) {
        if self.is_open.get_untracked() {
            return self.close();
        }
        let focused = document().active_element().and_then(|element| element.dyn_into().ok());
        self.focused.set_value(focused);
        self.is_open.set(true);
    }

    /// Whether something is wrong with the wire.
    pub(super) fn is_faulty(self) -> Signal<bool> {
        let faults = self.faults;
        Signal::derive(move || faults.get() != Faults::NONE)
    }

    fn close(self) {
        self.is_open.set(false);
        if let Some(focused) = self.focused.try_update_value(Option::take).flatten() {
            // It may have left the page.
            let _ = focused.focus();
        }
    }

    fn set_faults(self, faults: Faults) {
        let before = self.faults.get_untracked();
        self.faults.set(faults);
        self.wire.with_value(|wire| {
            wire.set_faults(faults);
            if faults.is_blocked && !before.is_blocked {
                // No network is none for the present socket either.
                wire.cut();
            }
        });
    }
}

/// The panel, while it is open.
#[component]
pub(super) fn Inspector(sync: Sync, inspection: Inspection) -> impl IntoView {
    view! { <Show when=move || inspection.is_open.get()><Open sync inspection/></Show> }
}

#[component]
fn Open(sync: Sync, inspection: Inspection) -> impl IntoView {
    let store = sync.status().store;
    let usage = RwSignal::new(None);
    let estimate = move || {
        spawn_local(async move {
            let told = store_usage().await;
            // The panel may be closed by now.
            let _ = usage.try_set(told);
        });
    };
    let look = move || {
        inspection.wire.with_value(|wire| Readings {
            snapshot: snapshot(sync),
            frames: wire.frames(),
            traffic: wire.traffic(),
            store: store.with_untracked(store_words),
            usage: usage.get_untracked(),
        })
    };
    estimate();
    let readings = RwSignal::new(look());
    let looks = Cell::new(0_u32);
    if let Ok(interval) = set_interval_with_handle(
        move || {
            looks.set(looks.get() + 1);
            if looks.get().is_multiple_of(LOOKS_PER_ESTIMATE) {
                estimate();
            }
            readings.set(look());
        },
        LOOK,
    ) {
        on_cleanup(move || interval.clear());
    }
    view! {
        <InspectorPanel
            readings
            faults=inspection.faults
            on_faults=move |faults| inspection.set_faults(faults)
            on_cut=move |()| inspection.wire.with_value(Wire::cut)
            on_close=move |()| inspection.close()
        />
    }
}

fn store_words(store: &StoreState) -> String {
    match store {
        StoreState::Opening => "is being opened".to_owned(),
        StoreState::Durable => "keeps what it is given".to_owned(),
        StoreState::MemoryOnly { reason } => format!("in memory only: {reason}"),
        StoreState::Fault(StoreFault::Full) => "full".to_owned(),
        StoreState::Fault(StoreFault::Broken) => "broken, tried again".to_owned(),
        StoreState::Fault(StoreFault::NotLeading | StoreFault::Stale) => "another tab was first".to_owned(),
        StoreState::Wiped => "wiped".to_owned(),
    }
}
