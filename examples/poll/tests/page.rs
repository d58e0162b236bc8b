//! The page on a server in memory.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs)]

use holdfast_leptos::{
    status::provide_sync,
    testing::{FakePage, FakeWorld},
};
use poll::{Act, Change, Entity, Poll, app::page};
use uuid::Uuid;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

/// Ada's device, and a poll with one answer.
fn ada() -> FakeWorld<Poll> {
    let ada = FakeWorld::<Poll>::new(Some(ADA));
    let system = ada.server.user(None);
    system.edit(Act("question/1".to_owned(), Change::Put(Entity::Question("Where?".to_owned()))));
    system.edit(Act(format!("person/{ADA}"), Change::Put(Entity::Person("Ada".to_owned()))));
    system.edit(Act("answer/1".to_owned(), Change::Suggest("Night trains".to_owned())));
    ada
}

fn open(world: &FakeWorld<Poll>, me: Uuid) -> FakePage {
    world.open(move |options| {
        provide_sync(options);
        page(me, "question/1".to_owned())
    })
}

#[wasm_bindgen_test]
async fn votes_made_apart_add_up() {
    let ada = ada();
    let bob = ada.user(Some(BOB));
    let (adas, bobs) = (open(&ada, ADA), open(&bob, BOB));
    bob.until_shown(|| bobs.texts("output") == ["0"]).await;
    ada.server.set_reachable(false);
    ada.server.cut();
    adas.click(".vote").await;
    adas.click(".vote").await;
    bobs.click(".vote").await;
    ada.until_shown(|| adas.texts("output") == ["2"] && bobs.texts("output") == ["1"]).await;
    ada.server.set_reachable(true);
    ada.until_after(1_000, || adas.texts("output") == ["3"]).await;
    bob.until_after(1_000, || bobs.texts("output") == ["3"]).await;
}

#[wasm_bindgen_test]
async fn a_raised_hand_shows_whose_it_is() {
    let ada = ada();
    let page = open(&ada, ADA);
    page.click("[data-testid=raise]").await;
    ada.until_shown(|| page.texts("abbr") == ["A"]).await;
    page.click("[data-testid=raise]").await;
    ada.until_shown(|| page.texts("abbr").is_empty()).await;
}

#[wasm_bindgen_test]
async fn an_empty_suggestion_says_what_to_do() {
    let ada = ada();
    let page = open(&ada, ADA);
    page.click("[data-testid=suggest]").await;
    ada.until_shown(|| page.texts("[role=alert]") == ["Say it in 1 to 120 characters."]).await;
    page.fill("[data-testid=suggestion]", "By bicycle").await;
    page.click("[data-testid=suggest]").await;
    ada.until_shown(|| page.texts(".text").contains(&"By bicycle".to_owned())).await;
    assert_eq!(page.texts("[role=alert]"), [""]);
}
