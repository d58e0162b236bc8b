//! The public test doubles: each fault that can be ordered happens, and is got over.

use crate::{
    notes::{Edit, Note, NoteId, add, note, rename},
    page::{Page, Pages, fixture, next_task, until},
};
use holdfast_leptos::testing::{FakePage, FakeWorld};
use holdfast_sync::client::ConnectionStatus;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn titles(page: &Page, titles: &[&str]) -> bool {
    page.titles() == titles
}

#[wasm_bindgen_test]
async fn two_users_see_each_others_edits() {
    let ada = fixture();
    let bob = ada.user("bob".to_owned());
    let (adas, bobs) = (ada.live_page().await, Page::open_with(bob.options()));
    adas.sync.mutate(add(1, "of Ada's")).unwrap();
    bob.until_shown(|| titles(&bobs, &["of Ada's"])).await;
    bobs.sync.mutate(rename(1, "of Bob's")).unwrap();
    ada.until_shown(|| titles(&adas, &["of Bob's"])).await;
    let authors: Vec<String> = ada.server.store().log().iter().map(|entry| entry.actor.clone()).collect();
    assert_eq!(authors, ["ada", "bob"]);
}

#[wasm_bindgen_test]
async fn an_edit_of_another_user_needs_no_page() {
    let ada = fixture();
    let page = ada.live_page().await;
    ada.server.user("bob".to_owned()).edit(add(1, "of Bob's"));
    ada.server.edit(add(2, "of Ada's phone"));
    ada.until_shown(|| titles(&page, &["of Bob's", "of Ada's phone"])).await;
}

#[wasm_bindgen_test]
async fn what_is_delayed_arrives_when_it_is_time_and_not_before() {
    let ada = fixture();
    let page = ada.live_page().await;
    ada.server.set_delay(&ada.clock, 100);
    ada.server.edit(add(1, "slow"));
    next_task().await;
    ada.clock.advance(99);
    ada.frames.draw();
    next_task().await;
    assert!(page.titles().is_empty(), "it is under way for another millisecond");
    ada.clock.advance(1);
    ada.until_shown(|| titles(&page, &["slow"])).await;

    page.sync.mutate(add(2, "there")).unwrap();
    let unsent = page.sync.status().unsent;
    while page.marks() != ["synced", "sending"] {
        next_task().await;
        ada.frames.draw();
    }
    ada.clock.advance(199);
    next_task().await;
    assert_eq!((ada.server.store().log().len(), unsent.get_untracked()), (2, 1), "it is there, the answer is not back");
    ada.clock.advance(1);
    until(move || unsent.get() == 0).await;
}

#[wasm_bindgen_test]
async fn a_lost_answer_and_a_lost_patch_are_made_up_for() {
    let ada = fixture();
    let page = ada.live_page().await;
    ada.server.lose_next("ack");
    page.sync.mutate(add(1, "one")).unwrap();
    ada.until_shown(|| titles(&page, &["one"]) && page.marks() == ["synced"]).await;

    ada.server.lose_next("patch");
    ada.server.edit(rename(1, "not seen"));
    next_task().await;
    ada.frames.draw();
    next_task().await;
    assert_eq!(page.titles(), ["one"]);
    // Its heartbeat finds that something is missing.
    ada.until_after(1_000, || titles(&page, &["not seen"])).await;
    page.until_live().await;
}

#[wasm_bindgen_test]
async fn a_lost_push_is_sent_again() {
    let ada = fixture();
    let page = ada.live_page().await;
    ada.server.lose_next("push");
    page.sync.mutate(add(1, "one")).unwrap();
    ada.until_after(1_000, || !ada.server.store().log().is_empty()).await;
    ada.until_shown(|| page.marks() == ["synced"]).await;
}

#[wasm_bindgen_test]
async fn what_comes_twice_happens_once() {
    let ada = fixture();
    let bob = ada.user("bob".to_owned());
    let (adas, bobs) = (ada.live_page().await, Page::open_with(bob.options()));
    bobs.until_live().await;
    ada.server.set_duplicates(true);
    adas.sync.mutate(add(1, "one")).unwrap();
    bob.until_shown(|| titles(&bobs, &["one"])).await;
    bobs.sync.mutate(Edit::Add(Note { rank: 2, ..note(2, "two") })).unwrap();
    ada.until_shown(|| titles(&adas, &["one", "two"]) && adas.marks() == ["synced", "synced"]).await;
    assert_eq!(ada.server.store().log().len(), 2);
    assert_eq!(adas.sync.status().connection.get_untracked(), ConnectionStatus::Live);
    assert!(adas.sync.status().notices.get_untracked().is_empty());
}

#[wasm_bindgen_test]
#[should_panic(expected = "is no kind of frame")]
async fn a_frame_of_no_kind_cannot_be_lost() {
    fixture().server.lose_next("acknowledgement");
}

#[wasm_bindgen_test]
async fn a_device_keeps_what_it_had_over_a_reload_and_another_does_not() {
    let ada = fixture();
    ada.server.edit(add(1, "one"));
    let page = ada.live_page().await;
    ada.until_after(1_000, || page.sync.read(|client| client.row(&NoteId(1)).is_some())).await;
    ada.clock.advance(1_000);
    next_task().await;
    page.close().await;
    ada.server.hold();
    let reloaded = ada.page();
    ada.until_shown(|| titles(&reloaded, &["one"])).await;
    let phone = FakeWorld { backend: Default::default(), ..ada.clone() };
    let other = phone.page();
    until_hydrated(&other).await;
    assert!(other.titles().is_empty());
}

async fn until_hydrated(page: &Page) {
    let sync = page.sync;
    holdfast_leptos::testing::until_so(|| sync.read(|client| client.is_hydrated())).await;
}

#[wasm_bindgen_test]
async fn a_page_is_clicked_filled_and_read() {
    let text = RwSignal::new(String::new());
    let clicks = RwSignal::new(0);
    let page = FakePage::open(move || {
        view! {
            <input bind:value=text />
            <button on:click=move |_| clicks.update(|clicks| *clicks += 1)>{clicks}</button>
            <p>{text}</p>
        }
    });
    page.fill("input", "ünï").await;
    page.click("button").await;
    next_task().await;
    assert_eq!((page.texts("button"), page.texts("p")), (vec!["1".to_owned()], vec!["ünï".to_owned()]));
    let root = page.root().clone();
    assert!(root.is_connected());
    page.close().await;
    assert!(!root.is_connected());
}
