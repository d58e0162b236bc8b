use crate::{notes::*, page::*};
use leptos::prelude::*;
use wasm_bindgen_test::*;

#[wasm_bindgen_test]
async fn who_holds_it() {
    let fixture = Fixture::new();
    let page = fixture.page();
    let weak = page.sync.weak_bridge();
    drop(page);
    console_log!("AAA fresh {}", weak.strong_count());
    let page = fixture.live_page().await;
    let weak = page.sync.weak_bridge();
    drop(page);
    console_log!("AAA live {}", weak.strong_count());
    next_task().await;
    console_log!("AAA live later {}", weak.strong_count());
    let page = fixture.live_page().await;
    let weak = page.sync.weak_bridge();
    page.sync.mutate(add(1, "x")).unwrap();
    drop(page);
    console_log!("AAA mutated {}", weak.strong_count());
    let page = fixture.live_page().await;
    let weak = page.sync.weak_bridge();
    page.sync.mutate(add(2, "x")).unwrap();
    let unsent = page.sync.status().unsent;
    until(move || unsent.get() == 0).await;
    drop(page);
    console_log!("AAA settled {}", weak.strong_count());
    let page = fixture.live_page().await;
    let weak = page.sync.weak_bridge();
    page.sync.mutate(add(3, "x")).unwrap();
    next_task().await;
    next_task().await;
    drop(page);
    console_log!("AAA settled by tasks {}", weak.strong_count());
}
