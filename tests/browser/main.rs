//! The app's components in a real browser.

#[cfg(feature = "bench")]
mod bench;
mod list;

use holdfast::components::issue_row::IssueRow;
use holdfast_tracker::{Priority, Status};
use leptos::{mount::mount_to, prelude::*};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{HtmlElement, MutationObserver, MutationObserverInit, MutationRecord};

wasm_bindgen_test_configure!(run_in_browser);

/// The kind of a write, and the text of the node written to.
type Write = (String, String);

/// Watches every write to what is below an element.
struct Writes {
    seen: Rc<RefCell<Vec<Write>>>,
    observer: MutationObserver,
    _on_writes: Closure<dyn FnMut(js_sys::Array)>,
}

impl Writes {
    fn watch(root: &HtmlElement) -> Self {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let on_writes = Closure::new({
            let seen = seen.clone();
            move |records: js_sys::Array| seen.borrow_mut().extend(records.iter().map(write_of))
        });
        let observer = MutationObserver::new(on_writes.as_ref().unchecked_ref()).expect("browsers have it");
        let init = MutationObserverInit::new();
        init.set_attributes(true);
        init.set_character_data(true);
        init.set_child_list(true);
        init.set_subtree(true);
        observer.observe_with_options(root, &init).expect("an element can be observed");
        Self { seen, observer, _on_writes: on_writes }
    }

    /// What was written since it was last asked.
    fn take(&self) -> Vec<Write> {
        self.seen.take()
    }
}

impl Drop for Writes {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn write_of(record: JsValue) -> Write {
    let record: MutationRecord = record.unchecked_into();
    let text = record.target().and_then(|node| node.text_content()).unwrap_or_default();
    (record.type_(), text)
}

async fn next_task() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let window = web_sys::window().expect("tests run in a page");
        window.set_timeout_with_callback(&resolve).expect("pages have timers");
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.expect("a timer does not fail");
}

#[wasm_bindgen_test]
async fn one_changed_field_of_a_row_writes_one_node() {
    let document = web_sys::window().and_then(|window| window.document()).expect("tests run in a page");
    let root: HtmlElement = document.create_element("div").expect("a div").unchecked_into();
    document.body().expect("a page has a body").append_child(&root).expect("it can be put there");
    let title = RwSignal::new("Before".to_owned());
    let number = RwSignal::new(None);
    let sync = RwSignal::new("queued");
    let handle = mount_to(root.clone(), move || {
        view! {
            <IssueRow
                id="1"
                href="/issues/1"
                code="WEB"
                number
                title
                status=Status::Todo
                priority=Priority::High
                assignee=Some("Ada Lovelace".to_owned())
                labels=vec![("bug".to_owned(), "cc3344".to_owned())]
                updated_at=0_i64
                now=60_000_i64
                sync
            />
        }
    });
    next_task().await;
    let row = root.query_selector("[data-testid=issue-row]").expect("a selector").expect("the row is there");
    assert_eq!(row.get_attribute("data-sync").as_deref(), Some("queued"));

    let writes = Writes::watch(&root);
    title.set("After".to_owned());
    next_task().await;
    assert_eq!(writes.take(), [("characterData".to_owned(), "After".to_owned())]);

    number.set(Some(12));
    next_task().await;
    assert_eq!(writes.take(), [("characterData".to_owned(), "WEB-12".to_owned())]);

    title.set("After".to_owned());
    next_task().await;
    assert_eq!(writes.take(), [], "the same again is no change");

    sync.set("synced");
    next_task().await;
    assert_eq!(row.get_attribute("data-sync").as_deref(), Some("synced"));
    drop(handle);
    root.remove();
}
