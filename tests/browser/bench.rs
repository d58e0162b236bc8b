//! The page for measuring.

use holdfast::bench::{
    page::Bench,
    schema::{Id, SetTitle},
};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, MutationObserver, MutationObserverInit};

/// Three rows, of which the second is done.
const ROWS: &str = r#"[
    {"id":1,"title":"one","status":"todo","priority":"low","assignee":null,"labels":[],"updated_at":1,"project":1},
    {"id":2,"title":"two","status":"done","priority":"low","assignee":"ada","labels":["a","b"],"updated_at":2,"project":1},
    {"id":3,"title":"three","status":"todo","priority":"high","assignee":null,"labels":[],"updated_at":3,"project":1}
]"#;

/// Where a page is mounted. What a failed test has left goes first: the page looks for its list by id, and a panic here
/// runs no destructors.
fn root() -> HtmlElement {
    let body = document().body().expect("a page has a body");
    if let Some(left) = body.query_selector("[data-root]").ok().flatten() {
        left.remove();
    }
    let root: HtmlElement = document().create_element("div").expect("a div").unchecked_into();
    root.set_attribute("style", "height: 900px").expect("it takes attributes");
    root.set_attribute("data-root", "").expect("it takes attributes");
    body.append_child(&root).expect("it can be put there");
    root
}

#[wasm_bindgen_test]
async fn an_edit_of_ones_own_lies_over_a_row_that_is_measured() {
    let root = root();
    let bench = Bench::mount(root.clone(), false);
    bench.load(ROWS).await.expect("these are rows");
    assert_eq!(Bench::visible()[1], "2|two|done|low|ada|a, b|1970-01-01T00:00:00.002Z");
    bench.sync().mutate(SetTitle { id: Id(2), title: "mine".into() }).expect("there is such a row");
    let theirs = r#"{"from":40,"to":42,"changes":[{"seq":42,"id":2,"patch":{"title":"theirs","status":"todo"}}]}"#;
    bench.message(theirs).expect("it is a frame");
    bench.settled().await.expect("a page has frames");
    assert_eq!(Bench::visible()[1], "2|mine|todo|low|ada|a, b|1970-01-01T00:00:00.002Z");
}

#[wasm_bindgen_test]
async fn rows_enter_leave_and_move() {
    let root = root();
    let bench = Bench::mount(root.clone(), true);
    bench.load(ROWS).await.expect("these are rows");
    let ids =
        || Bench::visible().iter().map(|row| row.split('|').next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(), ["3", "1"]);
    let moved = r#"{"from":0,"to":3,"changes":[{"seq":1,"id":1,"patch":{"updated_at":9}},
        {"seq":2,"id":2,"patch":{"status":"todo"}},{"seq":3,"id":3,"delete":true}]}"#;
    bench.message(moved).expect("it is a frame");
    bench.settled().await.expect("a page has frames");
    assert_eq!(ids(), ["1", "2"]);
}

#[wasm_bindgen_test]
async fn scrolling_makes_no_rows_and_moves_few() {
    let root = root();
    let style = document().create_element("style").expect("a style");
    style.set_text_content(Some(include_str!("../../style/bench.css")));
    root.append_child(&style).expect("it can be put there");
    let bench = Bench::mount(root.clone(), false);
    let rows = (1..=200).map(|id| {
        format!(r#"{{"id":{id},"title":"row {id}","status":"todo","priority":"low","assignee":null,"labels":[],"updated_at":1,"project":1}}"#)
    });
    bench.load(&format!("[{}]", rows.collect::<Vec<_>>().join(","))).await.expect("these are rows");
    let list = root.query_selector("#list").ok().flatten().expect("it is mounted");
    let first_in_sight = || Bench::visible().first().map(|row| row.split('|').take(2).collect::<Vec<_>>().join("|"));
    scroll(&bench, &list, 20 * ROW_PX).await;
    let before = rows_of(&list);
    let staying = row_of(&list, "30").expect("it is in sight");
    staying.set_attribute("tabindex", "-1").expect("it takes attributes");
    staying.unchecked_ref::<HtmlElement>().focus().expect("it can have it");

    let count_moved = js_sys::Array::new();
    let counted = count_moved.clone();
    let count = Closure::<dyn FnMut(js_sys::Array)>::new(move |records: js_sys::Array| {
        records.iter().for_each(|record| {
            counted.push(&record);
        });
    });
    let observer = MutationObserver::new(count.as_ref().unchecked_ref()).expect("it is a function");
    let what = MutationObserverInit::new();
    what.set_child_list(true);
    what.set_subtree(true);
    observer.observe_with_options(&list, &what).expect("it can be observed");
    scroll(&bench, &list, 21 * ROW_PX).await;
    assert_eq!(first_in_sight().as_deref(), Some("22|row 22"));
    assert!(document().active_element().as_ref() == Some(&staying), "a row that stays keeps the focus");
    assert!(count_moved.length() <= 2, "one row is another, {} moved", count_moved.length());
    scroll(&bench, &list, 100 * ROW_PX).await;
    observer.disconnect();
    assert_eq!(first_in_sight().as_deref(), Some("101|row 101"));
    let made = rows_of(&list).into_iter().filter(|row| !before.contains(row)).count();
    assert!(made <= 1, "but for the one that has the focus each shows another row, {made} were made");
}

/// A row's height in the page, pixels.
const ROW_PX: i32 = 36;

async fn scroll(bench: &Bench, list: &Element, top_px: i32) {
    list.set_scroll_top(top_px.into());
    // It is told of with a frame, and drawn by the next.
    for _ in 0..3 {
        bench.settled().await.expect("a page has frames");
    }
}

fn rows_of(list: &Element) -> Vec<Element> {
    let rows = list.get_elements_by_class_name("row");
    (0..rows.length()).filter_map(|index| rows.item(index)).collect()
}

fn row_of(list: &Element, id: &str) -> Option<Element> {
    let says = |row: &Element| row.first_element_child().and_then(|cell| cell.text_content()).as_deref() == Some(id);
    rows_of(list).into_iter().find(says)
}
