//! Two tabs of one profile, with the browser's locks, channel and IndexedDB.

use crate::{
    notes::{add, rename},
    page::{Fixture, Page, fixture, until_seen, until_stored},
};
use holdfast_leptos::{bridge::World, persistence::IndexedDbBackend, status::StoreState};
use leptos::prelude::*;
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

struct Tabs {
    fixture: Fixture,
    world: World,
    name: String,
}

impl Tabs {
    fn new() -> Self {
        let fixture = fixture();
        let world = World { backend: Rc::new(IndexedDbBackend), shared: true, ..fixture.world() };
        Self { fixture, world, name: format!("tabs-{}", Uuid::now_v7()) }
    }

    async fn open(&self) -> Page {
        let page = Page::open(self.world.clone(), &self.name);
        page.until_live().await;
        page
    }

    async fn until_titles(&self, page: &Page, titles: &[&str]) {
        until_seen(|| {
            self.fixture.frames.draw();
            page.titles() == titles
        })
        .await;
    }
}

impl Tabs {
    /// Waits until nothing is unsettled, with time going on.
    async fn until_settled(&self, page: &Page) {
        let unsent = page.sync.status().unsent;
        until_seen(|| {
            self.fixture.clock.advance(50);
            unsent.get_untracked() == 0
        })
        .await;
    }
}

#[wasm_bindgen_test]
async fn the_leading_tab_sends_what_another_stored() {
    let tabs = Tabs::new();
    let (leader, follower) = (tabs.open().await, tabs.open().await);
    assert_eq!(leader.sync.read(|client| client.client()), follower.sync.read(|client| client.client()));
    follower.sync.mutate(add(1, "the follower's")).unwrap();
    tabs.until_settled(&follower).await;
    tabs.until_settled(&leader).await;
    tabs.until_titles(&leader, &["the follower's"]).await;
    assert_eq!(tabs.fixture.server.store().log().len(), 1);
}

#[wasm_bindgen_test]
async fn edits_of_two_tabs_get_different_numbers() {
    let tabs = Tabs::new();
    let (one, other) = (tabs.open().await, tabs.open().await);
    for id in 0..10 {
        one.sync.mutate(add(id * 2, "one's")).unwrap();
        other.sync.mutate(add(id * 2 + 1, "the other's")).unwrap();
    }
    tabs.until_settled(&one).await;
    tabs.until_settled(&other).await;
    let store = tabs.fixture.server.store();
    assert_eq!((store.log().len(), store.rows().len()), (20, 20));
}

#[wasm_bindgen_test]
async fn the_next_tab_takes_over_and_sends_what_is_left() {
    let tabs = Tabs::new();
    let (leader, follower) = (tabs.open().await, tabs.open().await);
    leader.sync.mutate(add(1, "before")).unwrap();
    tabs.until_settled(&leader).await;
    tabs.until_titles(&follower, &["before"]).await;
    leader.close().await;
    follower.sync.mutate(rename(1, "after")).unwrap();
    tabs.until_settled(&follower).await;
    assert_eq!(tabs.fixture.server.store().log().len(), 2);
    // What it writes as the leader is what the next page starts with.
    tabs.fixture.clock.advance(1_000);
    until_stored(&tabs.name, 1).await;
    follower.close().await;
    tabs.fixture.server.hold();
    let page = Page::open(tabs.world.clone(), &tabs.name);
    tabs.until_titles(&page, &["after"]).await;
}

#[wasm_bindgen_test]
async fn signing_out_in_one_tab_ends_the_others() {
    let tabs = Tabs::new();
    let (one, other) = (tabs.open().await, tabs.open().await);
    one.sync.sign_out_wipe().await.unwrap();
    let store = other.sync.status().store;
    until_seen(|| store.get_untracked() == StoreState::Wiped).await;
    assert!(other.sync.mutate(add(1, "too late")).is_err());
    assert_eq!(tabs.fixture.server.connections(), 0);
}
