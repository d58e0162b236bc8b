//! When what others changed is shown: at most once an animation frame.

use super::clock::{Guard, Timeout, window};
use wasm_bindgen::{JsCast, closure::Closure};

/// Calls when the screen is next drawn.
pub trait Frames {
    /// Calls once, before the next frame; in a page that is not drawn, soon.
    fn request(&self, call: Box<dyn FnOnce()>) -> Guard;
}

/// The browser's animation frames.
#[derive(Clone, Copy, Default)]
pub struct BrowserFrames;

impl Frames for BrowserFrames {
    fn request(&self, call: Box<dyn FnOnce()>) -> Guard {
        // A hidden page gets no frames, but a reader may come back to it at any time.
        if window().document().is_none_or(|document| document.hidden()) {
            return Box::new(Timeout::new(0, call));
        }
        let closure = Closure::once(move |_time: f64| call());
        let id = window().request_animation_frame(closure.as_ref().unchecked_ref());
        Box::new(Frame { id: id.expect("a function is what requestAnimationFrame takes"), _closure: closure })
    }
}

struct Frame {
    id: i32,
    _closure: Closure<dyn FnMut(f64)>,
}

impl Drop for Frame {
    fn drop(&mut self) {
        // Not an error where it was called already.
        let _ = window().cancel_animation_frame(self.id);
    }
}
