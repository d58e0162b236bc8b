//! The page for measuring.

use holdfast::bench::{
    page::Bench,
    schema::{Id, SetTitle},
};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

/// Three rows, of which the second is done.
const ROWS: &str = r#"[
    {"id":1,"title":"one","status":"todo","priority":"low","assignee":null,"labels":[],"updated_at":1,"project":1},
    {"id":2,"title":"two","status":"done","priority":"low","assignee":"ada","labels":["a","b"],"updated_at":2,"project":1},
    {"id":3,"title":"three","status":"todo","priority":"high","assignee":null,"labels":[],"updated_at":3,"project":1}
]"#;

fn root() -> HtmlElement {
    let root: HtmlElement = document().create_element("div").expect("a div").unchecked_into();
    root.set_attribute("style", "height: 900px").expect("it takes attributes");
    document().body().expect("a page has a body").append_child(&root).expect("it can be put there");
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
    Bench::settled().await.expect("a page has frames");
    assert_eq!(Bench::visible()[1], "2|mine|todo|low|ada|a, b|1970-01-01T00:00:00.002Z");
    drop(bench);
    root.remove();
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
    Bench::settled().await.expect("a page has frames");
    assert_eq!(ids(), ["1", "2"]);
    drop(bench);
    root.remove();
}
