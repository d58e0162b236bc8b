//! When the app itself fails: a panic stops sync, gives up the lead, and hands over to
//! `public/rescue.js`, which needs nothing of the wasm that has just failed. It shows what
//! happened, reloads, and can save unsent edits as a file.

use std::{cell::RefCell, panic};
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit};

/// What rescue.js listens for.
const EVENT: &str = "holdfast-panic";

type Stopper = Box<dyn Fn() + Send + Sync>;

thread_local! {
    /// What stops sync. A panic hook is global, and so must be what it reaches for.
    static STOPPER: RefCell<Option<Stopper>> = const { RefCell::new(None) };
}

/// Installs the panic hook.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        STOPPER.with(|stopper| {
            // Taken out first: what panics while it stops must not come back here.
            let stopper = stopper.try_borrow_mut().ok().and_then(|mut stopper| stopper.take());
            stopper.into_iter().for_each(|stop| stop());
        });
        show(&info.to_string());
    }));
}

/// What to call when the app panics.
pub fn on_panic(stop: impl Fn() + Send + Sync + 'static) {
    STOPPER.with(|stopper| *stopper.borrow_mut() = Some(Box::new(stop)));
}

fn show(message: &str) {
    let init = CustomEventInit::new();
    init.set_detail(&JsValue::from_str(message));
    if let (Some(window), Ok(event)) = (web_sys::window(), CustomEvent::new_with_event_init_dict(EVENT, &init)) {
        // Nobody is left to be told that it failed.
        let _ = window.dispatch_event(&event);
    }
}
