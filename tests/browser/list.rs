//! The windowed list, of more rows than an element can be high.

use holdfast::components::virtual_list::{VirtualList, forget_positions};
use holdfast_leptos::testing::next_frame;
use leptos::prelude::*;
use std::{any::Any, ops::Range};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};

const ROWS: usize = 1_000_000;

/// A list whose rows say their places, from 0. Dropping it is its end.
struct Page {
    root: HtmlElement,
    _mounted: Box<dyn Any>,
}

impl Page {
    async fn open() -> Self {
        let root: HtmlElement = document().create_element("div").expect("a div").unchecked_into();
        let style = document().create_element("style").expect("a style");
        style.set_text_content(Some(include_str!("../../style/bench.css")));
        root.append_child(&style).expect("it can be put there");
        document().body().expect("a page has a body").append_child(&root).expect("it can be put there");
        let mounted = leptos::mount::mount_to(root.clone(), || {
            let row = |place: Signal<usize>| view! { <div class="row">{move || place.get().to_string()}</div> };
            let keys = |range: Range<usize>| range.collect::<Vec<_>>();
            let find = Callback::new(|digits: String| digits.parse().ok().filter(|place| *place < ROWS));
            view! {
                <VirtualList
                    total=Signal::derive(|| ROWS)
                    keys
                    row
                    label="Rows"
                    restore_key="million"
                    index_of=Callback::new(Some)
                    find
                    id="list"
                />
            }
        });
        let page = Self { root, _mounted: Box::new(mounted) };
        page.drawn().await;
        page
    }

    /// Two frames: one tells of a scroll, the next draws it.
    async fn drawn(&self) {
        for _ in 0..3 {
            next_frame().await;
        }
    }

    fn list(&self) -> Element {
        self.root.query_selector("#list").ok().flatten().expect("it is mounted")
    }

    async fn press(&self, key: &str) {
        let init = KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        init.set_cancelable(true);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event can be made");
        self.list().dispatch_event(&event).expect("an element takes events");
        self.drawn().await;
    }

    /// What the active row says, and the place that a screen reader hears; none where it is not in sight.
    fn active(&self) -> Option<(String, String)> {
        let row = self.root.query_selector("[aria-selected]").ok().flatten()?;
        let (row_at, list_at) = (row.get_bounding_client_rect(), self.list().get_bounding_client_rect());
        let is_in_sight = row_at.top() >= list_at.top() - 1.0 && row_at.bottom() <= list_at.bottom() + 1.0;
        is_in_sight
            .then(|| (row.text_content().unwrap_or_default(), row.get_attribute("aria-rowindex").unwrap_or_default()))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.root.remove();
    }
}

fn place(place: usize) -> Option<(String, String)> {
    Some((place.to_string(), (place + 1).to_string()))
}

#[wasm_bindgen_test]
async fn a_million_rows_are_reached_by_keys_and_by_what_they_are_called() {
    forget_positions("million");
    let page = Page::open().await;
    assert_eq!(page.list().get_attribute("aria-rowcount").as_deref(), Some("1000000"));
    page.press("End").await;
    assert_eq!(page.active(), place(ROWS - 1));
    page.press("k").await;
    assert_eq!(page.active(), place(ROWS - 2));
    page.press("Home").await;
    assert_eq!(page.active(), place(0));
    page.press("j").await;
    assert_eq!(page.active(), place(1));
    for digit in ["6", "5", "4", "3", "2", "1"] {
        page.press(digit).await;
    }
    assert_eq!(page.active(), place(654_321), "each digit goes on with the name");
    page.press("7").await;
    assert_eq!(page.active(), place(654_321), "no row is called so: it stays where it was");
    let rows = page.root.get_elements_by_class_name("row").length();
    assert!(rows < 60, "only what is in sight is in the DOM, not {rows}");
}

#[wasm_bindgen_test]
async fn the_place_in_a_million_rows_is_kept() {
    forget_positions("million");
    let page = Page::open().await;
    for digit in ["7", "6", "5", "4", "3", "2"] {
        page.press(digit).await;
    }
    let first = |page: &Page| page.root.get_elements_by_class_name("row").item(0).and_then(|row| row.text_content());
    let before = first(&page);
    drop(page);
    next_frame().await;
    let page = Page::open().await;
    assert_eq!(first(&page), before);
    assert!(before.is_some_and(|place| place.starts_with("765")));
}
