//! What the banner says.

use crate::{components::banner::BannerState, queries::Sync, routes};
use holdfast_leptos::status::{StoreState, connection_name};
use holdfast_sync::client::{ConnectionStatus, StoreFault};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsValue;

/// The connection's status in words, with what the user can do about it.
pub(super) fn state(sync: Sync, outbox_open: RwSignal<bool>, returning: RwSignal<bool>) -> Signal<BannerState> {
    let status = sync.status();
    // Seconds are only counted while there is something to count down to.
    let second = RwSignal::new(0_u32);
    if let Ok(interval) = set_interval_with_handle(
        move || {
            if matches!(status.connection.get_untracked(), ConnectionStatus::Reconnecting { .. }) {
                second.update(|second| *second = second.wrapping_add(1));
            }
        },
        Duration::from_secs(1),
    ) {
        on_cleanup(move || interval.clear());
    }
    let retry = Callback::new(move |()| sync.retry_now());
    let reload = Callback::new(|()| routes::reload());
    let sign_in = Callback::new(move |()| returning.set(true));
    Signal::derive(move || {
        let connection = status.connection.get();
        let unsent = status.unsent.get();
        let kept = match status.store.get() {
            StoreState::Durable => "Your changes are kept on this device.",
            _ => "Your changes last only as long as this page.",
        };
        let (message, action) = match &connection {
            ConnectionStatus::Connecting => ("Connecting…".to_owned(), None),
            ConnectionStatus::CatchingUp { .. } => ("Catching up…".to_owned(), None),
            ConnectionStatus::Live => (String::new(), None),
            ConnectionStatus::Reconnecting { at, .. } => {
                second.track();
                let wait_ms = at.saturating_sub(sync.now().mono_ms);
                let message = match wait_ms.div_ceil(1000) {
                    0 => "Connection lost. Trying again…".to_owned(),
                    seconds => format!("Connection lost. Trying again in {seconds} s."),
                };
                (message, Some(("Try now".to_owned(), retry)))
            }
            ConnectionStatus::Offline => {
                let message = format!("You are offline. {kept}");
                (message, Some(("Try now".to_owned(), retry)))
            }
            ConnectionStatus::NeedsSignIn => {
                let message = match unsent {
                    0 => "Your session has ended.".to_owned(),
                    _ => format!("Your session has ended. {kept}"),
                };
                (message, Some(("Sign in".to_owned(), sign_in)))
            }
            ConnectionStatus::UpdateNeeded => {
                let message = "This version of Holdfast is too old for the server.".to_owned();
                (message, Some(("Reload".to_owned(), reload)))
            }
            ConnectionStatus::Closed { reason } => (reason.clone(), Some(("Try again".to_owned(), retry))),
        };
        let progress = match connection {
            ConnectionStatus::CatchingUp { done, total } if total > 0 => Some((done, total)),
            _ => None,
        };
        let is_quiet = matches!(connection, ConnectionStatus::Live | ConnectionStatus::CatchingUp { .. });
        let fault = storage_fault(&status.store.get());
        let action = match (action, &fault) {
            (None, Some(_)) if unsent > 0 => {
                Some(("Show unsent edits".to_owned(), Callback::new(move |()| outbox_open.set(true))))
            }
            (action, _) => action,
        };
        BannerState {
            status: connection_name(&connection),
            message,
            unsent,
            progress,
            last_good: status.last_good_ms.get().filter(|_| !is_quiet).map(clock_words),
            action,
            storage_fault: fault,
        }
    })
}

fn storage_fault(store: &StoreState) -> Option<String> {
    match store {
        StoreState::Opening | StoreState::Durable => None,
        StoreState::Wiped => {
            Some("What was kept on this device was removed in another tab. Reload to go on.".to_owned())
        }
        StoreState::MemoryOnly { reason } => {
            Some(format!("{reason} Edits last only as long as this page, until they are sent."))
        }
        StoreState::Fault(StoreFault::Full) => {
            Some("This device's storage is full. New edits are not kept on it; free some space.".to_owned())
        }
        StoreState::Fault(_) => {
            Some("This device's storage does not work at the moment. New edits are not kept on it yet.".to_owned())
        }
    }
}

/// A moment by this device's clock, as people here write it.
fn clock_words(ms: i64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    let time = String::from(date.to_locale_time_string("default"));
    format!("last connected at {time}")
}
