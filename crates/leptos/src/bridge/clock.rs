//! The page's clocks and timers.

use futures::channel::oneshot;
use holdfast_sync::client::Now;
use std::any::Any;
use wasm_bindgen::{JsCast, closure::Closure};

/// Stands for something under way; dropping it cancels that.
pub type Guard = Box<dyn Any>;

/// The time, and being called when it comes.
pub trait Clock {
    /// The time.
    fn now(&self) -> Now;

    /// Calls once at that moment of the monotonic clock, or as soon after as it can.
    fn at(&self, mono_ms: u64, call: Box<dyn FnOnce()>) -> Guard;
}

thread_local! {
    /// The page's, fetched once: the time is asked for with every frame of the server.
    static PERFORMANCE: Option<web_sys::Performance> = window().performance();
}

/// The browser's clocks: `performance.now()` and `Date.now()`.
#[derive(Clone, Copy, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Now {
        let mono_ms = PERFORMANCE.with(|held| held.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now));
        Now { mono_ms: mono_ms as u64, wall_ms: js_sys::Date::now() as i64 }
    }

    fn at(&self, mono_ms: u64, call: Box<dyn FnOnce()>) -> Guard {
        let wait = mono_ms.saturating_sub(self.now().mono_ms);
        Box::new(Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX), call))
    }
}

/// Waits that many milliseconds, more in a page that is not visible.
pub(crate) async fn sleep(ms: u32) {
    let (woken, wake) = oneshot::channel();
    let _timeout = Timeout::new(ms, move || {
        let _ = woken.send(());
    });
    // It ends in any case: a closure that is gone has no sender.
    let _ = wake.await;
}

/// The page.
pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("the bridge runs in a page's main thread")
}

/// A `setTimeout`.
pub(super) struct Timeout {
    id: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Timeout {
    pub(super) fn new(ms: u32, call: impl FnOnce() + 'static) -> Self {
        let closure = Closure::once(call);
        let function = closure.as_ref().unchecked_ref();
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        let id = window().set_timeout_with_callback_and_timeout_and_arguments_0(function, ms);
        Self { id: id.expect("a function and a number are what setTimeout takes"), _closure: closure }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
    }
}
