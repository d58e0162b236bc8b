//! A page with an app on it.

use super::{FakeFrames, next_task, until_so};
use leptos::{mount::mount_to, prelude::IntoView, tachys::view::Mountable};
use std::any::Any;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventInit, HtmlElement, HtmlInputElement};

/// A page with an app on it, in the browser that the test runs in. Dropping it is the end of the page.
pub struct FakePage {
    root: HtmlElement,
    frames: FakeFrames,
    _mounted: Box<dyn Any>,
}

impl FakePage {
    /// Mounts an app that has no sync; one that has is [opened on a world](super::FakeWorld::open).
    pub fn open<V>(app: impl FnOnce() -> V + 'static) -> Self
    where
        V: IntoView + 'static,
        V::State: Mountable,
    {
        Self::open_on(FakeFrames::default(), app)
    }

    /// Mounts an app on that screen.
    pub(super) fn open_on<V>(frames: FakeFrames, app: impl FnOnce() -> V + 'static) -> Self
    where
        V: IntoView + 'static,
        V::State: Mountable,
    {
        let document = web_sys::window().and_then(|window| window.document()).expect("a test has a document");
        let root: HtmlElement = document.create_element("div").expect("a div can be made").unchecked_into();
        let body = document.body().expect("a test's document has a body");
        body.append_child(&root).expect("a body takes a div");
        Self { _mounted: Box::new(mount_to(root.clone(), app)), root, frames }
    }

    /// What it is mounted in.
    pub fn root(&self) -> &HtmlElement {
        &self.root
    }

    /// The texts of the elements of that CSS selector, in order.
    ///
    /// # Panics
    /// Where that is no selector.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let nodes = self.root.query_selector_all(selector).expect("a selector of CSS");
        (0..nodes.length()).filter_map(|index| nodes.get(index)?.text_content()).collect()
    }

    /// Clicks the first element of that CSS selector, once there is one.
    ///
    /// # Panics
    /// Where none comes.
    pub async fn click(&self, selector: &str) {
        self.element(selector).await.click();
    }

    /// Replaces the text of the field of that CSS selector, once there is one, and leaves it.
    ///
    /// # Panics
    /// Where none comes, or it is no field.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field: HtmlInputElement = self.element(selector).await.dyn_into().expect("a field is filled");
        field.set_value(text);
        tell(&field, "input");
        tell(&field, "change");
    }

    /// Submits the form of that CSS selector, once there is one, as Enter in a field of it does.
    ///
    /// # Panics
    /// Where none comes.
    pub async fn submit(&self, selector: &str) {
        tell(&self.element(selector).await, "submit");
    }

    /// Ends the page. What it was about to do is lost.
    pub async fn close(self) {
        drop(self);
        // Leptos lets go of what hangs on effects when their tasks have ended.
        next_task().await;
    }

    async fn element(&self, selector: &str) -> HtmlElement {
        let found = || self.root.query_selector(selector).expect("a selector of CSS");
        until_so(|| {
            self.frames.draw();
            found().is_some()
        })
        .await;
        found().and_then(|element| element.dyn_into().ok()).expect("it was there, and is HTML")
    }
}

/// Tells an element of an event, as the browser does.
fn tell(element: &HtmlElement, kind: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = Event::new_with_event_init_dict(kind, &init).expect("an event can be made");
    element.dispatch_event(&event).expect("an element takes events");
}

impl Drop for FakePage {
    fn drop(&mut self) {
        self.root.remove();
    }
}
