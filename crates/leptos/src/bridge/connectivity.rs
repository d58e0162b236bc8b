//! What the browser says of the network and of the page's life. None of it means
//! "online": that is for a `welcome` alone.

use super::clock::window;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget, PageTransitionEvent};

/// A hint from the browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hint {
    /// There is a network again, the page is visible again, or it was frozen until now.
    Wake,
    /// There is no network.
    NetworkLost,
}

/// Tells hints as long as it lives.
pub(super) struct Connectivity {
    _listeners: Vec<Listener>,
}

impl Connectivity {
    pub(super) fn watch(on_hint: impl Fn(Hint) + Clone + 'static) -> Self {
        let window = window();
        let mut listeners = Vec::new();
        let mut listen = |target: &EventTarget, name, hint: fn(&Event) -> Option<Hint>| {
            let on_hint = on_hint.clone();
            listeners.push(Listener::new(target, name, move |event| hint(&event).into_iter().for_each(&on_hint)));
        };
        listen(&window, "online", |_| Some(Hint::Wake));
        listen(&window, "offline", |_| Some(Hint::NetworkLost));
        // Back from the back-forward cache, where sockets do not live on.
        listen(&window, "pageshow", |event| {
            let back = event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted);
            back.then_some(Hint::Wake)
        });
        if let Some(document) = window.document() {
            listen(&document, "visibilitychange", |_| is_visible().then_some(Hint::Wake));
            listen(&document, "resume", |_| Some(Hint::Wake));
        }
        Self { _listeners: listeners }
    }
}

fn is_visible() -> bool {
    window().document().is_some_and(|document| !document.hidden())
}

/// An event listener that is taken away when it is dropped.
struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(target: &EventTarget, name: &'static str, call: impl FnMut(Event) + 'static) -> Self {
        let closure = Closure::new(call);
        let added = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        added.expect("a name and a function are what addEventListener takes");
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Not an error where it is gone already.
        let _ = self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}
