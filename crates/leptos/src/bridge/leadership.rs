//! Which of a profile's tabs leads: the holder of the Web Lock named after its database.
//!
//! The lock only says whose turn it is. What protects the database from a tab that
//! wrongly thinks it leads is the lead number, which the store checks.

use super::clock::window;
use futures::channel::oneshot;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, LockManager, LockOptions};

/// The right to lead; given up when dropped, and by the browser when the page ends.
pub(super) struct Leadership {
    /// Ends the promise for whose time the lock is held. None where there are no locks.
    release: Option<js_sys::Function>,
}

impl Leadership {
    /// The lead of a database that no other tab has: it is in this page's memory.
    pub(super) fn alone() -> Self {
        Self { release: None }
    }

    /// The lead, if no other tab has it now.
    pub(super) async fn try_take(database: &str) -> Option<Self> {
        request(database, true).await
    }

    /// The lead, once all that have it or wait for it have gone. Dropping the future
    /// takes the wish back.
    pub(super) async fn take(database: &str) -> Option<Self> {
        request(database, false).await
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // A promise's resolve function does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Takes the wish for a lock back when dropped; one that was granted is not touched.
struct Wish {
    controller: AbortController,
    _callback: Closure<dyn FnMut(JsValue) -> js_sys::Promise>,
}

impl Drop for Wish {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

async fn request(database: &str, if_available: bool) -> Option<Leadership> {
    // Where the browser has no locks, or keeps them from this page, every tab leads in
    // turn: the one opened last, as the lead number says.
    let Some(locks) = locks() else { return Some(Leadership::alone()) };
    let (grant, granted) = oneshot::channel();
    let grant = Rc::new(RefCell::new(Some(grant)));
    let answer = {
        let grant = grant.clone();
        move |leadership: Option<Leadership>| {
            if let Some(grant) = grant.borrow_mut().take() {
                // Where nobody waits any more, the lead is given up with it.
                let _ = grant.send(leadership);
            }
        }
    };
    let callback = Closure::new({
        let answer = answer.clone();
        move |lock: JsValue| {
            if lock.is_null() {
                answer(None);
                return js_sys::Promise::resolve(&JsValue::UNDEFINED);
            }
            js_sys::Promise::new(&mut |release, _| answer(Some(Leadership { release: Some(release) })))
        }
    });
    let controller = AbortController::new().ok()?;
    let options = LockOptions::new();
    if if_available {
        options.set_if_available(true);
    } else {
        options.set_signal(&controller.signal());
    }
    let name = format!("holdfast:{database}");
    let held = locks.request_with_options(&name, &options, callback.as_ref().unchecked_ref());
    let _wish = Wish { controller, _callback: callback };
    spawn_local(async move {
        if JsFuture::from(held).await.is_err() {
            answer(Some(Leadership::alone()));
        }
    });
    granted.await.ok().flatten()
}

fn locks() -> Option<LockManager> {
    let navigator = window().navigator();
    let locks = js_sys::Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}
