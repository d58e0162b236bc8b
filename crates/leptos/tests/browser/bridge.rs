//! The bridge on fake sockets and a clock that stands still.

use crate::{
    notes::{Edit, NoteId, add, note, rename},
    page::{Page, Pages, fixture, next_frame, next_task, until, until_seen, until_stored},
};
use holdfast_leptos::{
    bridge::{BrowserFrames, World},
    persistence::{IndexedDbBackend, MemoryBackend, OpenFault},
    status::StoreState,
    testing::FaultyBackend,
};
use holdfast_sync::{
    Refusal, RefusalCode,
    client::{ConnectionStatus, Notice, StoreFault},
};
use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc, time::Duration};
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

/// Waits until nothing is unsettled.
async fn until_settled(page: &Page) {
    let unsent = page.sync.status().unsent;
    until(move || unsent.get() == 0).await;
}

#[wasm_bindgen_test]
async fn an_own_edit_is_on_screen_before_a_timeout_queued_earlier() {
    let fixture = fixture();
    fixture.server.edit(add(1, "before"));
    let page = fixture.live_page().await;
    assert_eq!(page.titles(), ["before"]);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (root, at_timeout) = (page.root.clone(), seen.clone());
    set_timeout(move || at_timeout.borrow_mut().push(root.inner_text()), Duration::ZERO);
    page.sync.mutate(rename(1, "after")).unwrap();
    page.sync.mutate(add(2, "new")).unwrap();
    next_task().await;
    let seen = seen.borrow()[0].clone();
    assert!(seen.contains("after") && seen.contains("new") && !seen.contains("before"), "{seen}");
}

#[wasm_bindgen_test]
async fn an_own_edit_is_in_the_signals_when_mutate_returns() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    page.sync.mutate(add(1, "mine")).unwrap();
    assert_eq!(page.list.total.get_untracked(), 1);
    assert_eq!(page.list.key_at(0), Some(NoteId(1)));
    assert_eq!(page.sync.status().unsent.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn a_refused_edit_changes_nothing_and_says_why() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    let refusal = page.sync.mutate(rename(7, "no such note")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotFound);
    assert_eq!(page.sync.status().unsent.get_untracked(), 0);
}

#[wasm_bindgen_test]
async fn a_remote_edit_is_on_screen_with_the_next_frame() {
    let fixture = fixture();
    fixture.server.edit(add(1, "before"));
    let world = World { frames: Rc::new(BrowserFrames), ..fixture.world() };
    let page = Page::open(world, "notes");
    until_seen(|| page.titles() == ["before"]).await;
    let to = fixture.server.edit(rename(1, "after"));
    let sync = page.sync;
    next_task().await;
    next_frame().await;
    assert_eq!(sync.read(|client| client.cursor().unwrap().seq), to);
    assert_eq!(page.titles(), ["after"]);
}

#[wasm_bindgen_test]
async fn remote_edits_are_shown_once_a_frame_and_the_newest_wins() {
    let fixture = fixture();
    fixture.server.edit(add(1, "0"));
    let page = fixture.live_page().await;
    for title in ["1", "2", "3"] {
        fixture.server.edit(rename(1, title));
        next_task().await;
        assert_eq!(page.titles(), ["0"], "not before the frame");
    }
    fixture.frames.draw();
    next_task().await;
    assert_eq!(page.titles(), ["3"]);
}

#[wasm_bindgen_test]
async fn an_own_edit_does_not_wait_for_remote_ones_nor_lose_them() {
    let fixture = fixture();
    fixture.server.edit(add(1, "one"));
    fixture.server.edit(add(2, "two"));
    let page = fixture.live_page().await;
    fixture.server.edit(rename(1, "theirs"));
    next_task().await;
    page.sync.mutate(rename(2, "mine")).unwrap();
    next_task().await;
    assert_eq!(page.titles(), ["one", "mine"]);
    fixture.frames.draw();
    next_task().await;
    assert_eq!(page.titles(), ["theirs", "mine"]);
}

#[wasm_bindgen_test]
async fn a_reload_shows_the_rows_before_any_socket_opens() {
    let fixture = fixture();
    for id in 1..=3 {
        fixture.server.edit(add(id, &format!("note {id}")));
    }
    let page = fixture.live_page().await;
    page.sync.mutate(rename(2, "mine")).unwrap();
    until_settled(&page).await;
    // Rows are written after they have gathered for a moment.
    fixture.clock.advance(1_000);
    next_task().await;
    page.close().await;
    assert_eq!(fixture.server.connections(), 0, "the page's socket went with it");
    fixture.server.hold();
    let page = fixture.page();
    until_seen(|| {
        fixture.frames.draw();
        page.titles() == ["note 1", "mine", "note 3"]
    })
    .await;
    let status = page.sync.status();
    assert_eq!(status.connection.get_untracked(), ConnectionStatus::Connecting);
    assert_eq!(page.list.state.get_untracked(), holdfast_leptos::query::QueryState::Ready);
    fixture.server.release();
    page.until_live().await;
}

#[wasm_bindgen_test]
async fn an_edit_that_was_saved_outlives_the_page_and_is_sent_once() {
    let fixture = fixture();
    fixture.server.edit(add(1, "before"));
    let page = fixture.live_page().await;
    fixture.server.hold();
    page.sync.mutate(rename(1, "mine")).unwrap();
    // Saved, and on its way; nothing arrives.
    until_seen(|| {
        fixture.frames.draw();
        page.marks() == ["sending"]
    })
    .await;
    page.close().await;
    let page = fixture.page();
    let unsent = page.sync.status().unsent;
    until(move || unsent.get() == 1).await;
    fixture.server.release();
    until_settled(&page).await;
    assert_eq!(fixture.server.store().log().len(), 2, "the colleague's and mine");
    assert_eq!(fixture.server.store().rows()[&NoteId(1)].row.title, "mine");
}

#[wasm_bindgen_test]
async fn a_resent_push_takes_effect_once() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    fixture.server.set_duplicates(true);
    for id in 1..=5 {
        page.sync.mutate(add(id, "mine")).unwrap();
    }
    fixture.server.until(|store| store.log().len() >= 5).await;
    until_settled(&page).await;
    assert_eq!(fixture.server.store().log().len(), 5);
}

#[wasm_bindgen_test]
async fn marks_follow_an_edit_from_the_screen_to_the_log() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    fixture.server.set_reachable(false);
    fixture.server.cut();
    page.until_status(|status| matches!(status, ConnectionStatus::Reconnecting { .. })).await;
    page.sync.mutate(add(1, "mine")).unwrap();
    assert_eq!(page.sync.read(|client| client.mark(&NoteId(1)).name()), "saving");
    until_seen(|| {
        fixture.frames.draw();
        page.marks() == ["queued"]
    })
    .await;
    fixture.server.set_reachable(true);
    page.sync.retry_now();
    until_settled(&page).await;
    fixture.frames.draw();
    next_task().await;
    assert_eq!(page.marks(), ["synced"]);
}

#[wasm_bindgen_test]
async fn a_cut_is_shown_and_mended_by_itself() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    fixture.server.set_reachable(false);
    fixture.server.cut();
    page.until_status(|status| matches!(status, ConnectionStatus::Reconnecting { .. })).await;
    assert!(page.sync.status().last_good_ms.get_untracked().is_some());
    // All attempts fail until the server is back.
    for _ in 0..20 {
        fixture.clock.advance(1_000);
        next_task().await;
    }
    assert_eq!(fixture.server.connections(), 0);
    fixture.server.set_reachable(true);
    fixture.server.edit(add(1, "meanwhile"));
    until_seen(|| {
        fixture.clock.advance(500);
        fixture.frames.draw();
        page.titles() == ["meanwhile"]
    })
    .await;
    assert_eq!(page.sync.status().connection.get_untracked(), ConnectionStatus::Live);
}

fn tell_window(event: &str) {
    let window = web_sys::window().unwrap();
    window.dispatch_event(&web_sys::Event::new(event).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn the_browsers_hints_are_followed() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    tell_window("offline");
    next_task().await;
    let connection = page.sync.status().connection;
    assert_eq!(connection.get_untracked(), ConnectionStatus::Live, "a hint is not believed while the server answers");
    fixture.server.set_reachable(false);
    fixture.server.cut();
    tell_window("offline");
    page.until_status(|status| *status == ConnectionStatus::Offline).await;
    fixture.server.set_reachable(true);
    // Without the clock going on: at once.
    tell_window("online");
    page.until_live().await;
}

#[wasm_bindgen_test]
async fn a_half_open_socket_is_found_and_replaced() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    fixture.server.freeze();
    page.sync.mutate(add(1, "mine")).unwrap();
    next_task().await;
    fixture.server.set_reachable(false);
    fixture.clock.advance(25_000);
    next_task().await;
    let status = page.sync.status().connection.get_untracked();
    assert!(matches!(status, ConnectionStatus::Reconnecting { .. }), "{status:?}");
    assert_eq!(fixture.server.connections(), 0, "it is let go, not waited for");
    fixture.server.set_reachable(true);
    fixture.clock.advance(1_000);
    until_settled(&page).await;
    assert_eq!(fixture.server.store().log().len(), 1);
}

#[wasm_bindgen_test]
async fn a_refusal_goes_to_the_tray_with_a_notice() {
    let fixture = fixture();
    fixture.server.edit(add(1, "before"));
    let page = fixture.live_page().await;
    fixture.server.refuse_next(Refusal::invalid("Not today."));
    page.sync.mutate(rename(1, "mine")).unwrap();
    let status = page.sync.status();
    until(move || status.refused.get() == 1).await;
    fixture.frames.draw();
    next_task().await;
    assert_eq!((page.titles(), page.marks()), (vec!["before".to_owned()], vec!["refused".to_owned()]));
    let notices = status.notices.get_untracked();
    assert_eq!(notices[0].notice, Notice::Refused { message: "Not today.".to_owned() });
    page.sync.dismiss(notices[0].id);
    assert!(status.notices.get_untracked().is_empty());
    let refused = page.sync.tray();
    page.sync.discard(refused[0].id);
    assert_eq!(status.refused.get_untracked(), 0);
    assert_eq!(status.unsent.get_untracked(), 0);
}

#[wasm_bindgen_test]
async fn a_refusal_for_now_is_tried_again() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    fixture.server.refuse_next_for_now(Refusal::new(RefusalCode::Failed, "The disk is full."));
    page.sync.mutate(add(1, "one")).unwrap();
    page.sync.mutate(add(2, "two")).unwrap();
    let server = fixture.server.clone();
    for _ in 0..20 {
        next_task().await;
        fixture.clock.advance(500);
    }
    until_settled(&page).await;
    assert_eq!(server.store().log().len(), 2);
}

#[wasm_bindgen_test]
async fn a_full_store_is_shown_and_nothing_is_called_saved() {
    let fixture = fixture();
    let backend = FaultyBackend::new(MemoryBackend::default());
    let world = fixture.world_on(&backend);
    let page = Page::open(world, "notes");
    page.until_live().await;
    let status = page.sync.status();
    assert_eq!(status.store.get_untracked(), StoreState::Durable);
    backend.fail_commits(Some(StoreFault::Full));
    page.sync.mutate(add(1, "mine")).unwrap();
    until(move || status.store.get() == StoreState::Fault(StoreFault::Full)).await;
    assert_eq!(page.marks(), ["saving"]);
    assert!(fixture.server.store().log().is_empty(), "what is not saved is not sent");
    backend.fail_commits(None);
    fixture.clock.advance(2_000);
    until_settled(&page).await;
    assert_eq!(status.store.get_untracked(), StoreState::Durable);
}

#[wasm_bindgen_test]
async fn a_store_that_cannot_be_read_is_asked_again() {
    let fixture = fixture();
    let backend = FaultyBackend::new(MemoryBackend::default());
    backend.fail_reads(Some(StoreFault::Broken));
    let page = Page::open(fixture.world_on(&backend), "notes");
    let status = page.sync.status();
    until(move || status.store.get() == StoreState::Fault(StoreFault::Broken)).await;
    page.sync.mutate(add(1, "mine")).unwrap();
    assert!(fixture.server.store().log().is_empty(), "what else it holds is not known");
    backend.fail_reads(None);
    until_settled(&page).await;
    assert_eq!(status.store.get_untracked(), StoreState::Durable);
    assert_eq!(fixture.server.store().log().len(), 1);
}

#[wasm_bindgen_test]
async fn without_a_store_it_goes_on_in_memory_and_says_so() {
    let fixture = fixture();
    let backend = FaultyBackend::new(MemoryBackend::default());
    backend.fail_open(Some(OpenFault::Newer));
    let world = fixture.world_on(&backend);
    let page = Page::open(world, "notes");
    page.until_live().await;
    let state = page.sync.status().store.get_untracked();
    assert_eq!(state, StoreState::MemoryOnly { reason: OpenFault::Newer.to_string() });
    page.sync.mutate(add(1, "mine")).unwrap();
    until_settled(&page).await;
    assert_eq!(fixture.server.store().log().len(), 1);
}

#[wasm_bindgen_test]
async fn what_was_not_sent_can_be_taken_back() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    fixture.server.set_reachable(false);
    fixture.server.cut();
    page.until_status(|status| matches!(status, ConnectionStatus::Reconnecting { .. })).await;
    page.sync.mutate(add(1, "mine")).unwrap();
    let sync = page.sync;
    until(move || sync.outbox().first().is_some_and(|entry| entry.seq.is_some())).await;
    sync.cancel(1);
    next_task().await;
    assert!(page.titles().is_empty());
    fixture.server.set_reachable(true);
    sync.retry_now();
    until_settled(&page).await;
    assert!(fixture.server.store().rows().is_empty());
    assert_eq!(fixture.server.store().log().len(), 1, "it kept its place, as void");
}

#[wasm_bindgen_test]
async fn signing_out_ends_all_that_is_stored() {
    let fixture = fixture();
    let name = format!("wipe-{}", Uuid::now_v7());
    let world = World { backend: Rc::new(IndexedDbBackend), ..fixture.world() };
    let page = Page::open(world.clone(), &name);
    page.until_live().await;
    let client = page.sync.read(|client| client.client());
    page.sync.mutate(add(1, "mine")).unwrap();
    until_settled(&page).await;
    page.sync.sign_out_wipe().await.unwrap();
    assert_eq!(fixture.server.connections(), 0);
    assert_eq!(page.sync.status().store.get_untracked(), StoreState::Wiped);
    assert!(page.sync.mutate(add(2, "too late")).is_err());
    page.close().await;
    fixture.server.hold();
    let page = Page::open(world, &name);
    let sync = page.sync;
    until_seen(|| sync.read(|client| client.is_hydrated())).await;
    assert_ne!(sync.read(|client| client.client()), client);
    assert!(sync.read(|client| client.confirmed_keys().count()) == 0);
}

#[wasm_bindgen_test]
async fn rows_and_outbox_outlive_the_page_in_indexed_db() {
    let fixture = fixture();
    fixture.server.edit(add(1, "theirs"));
    let name = format!("reload-{}", Uuid::now_v7());
    let world = World { backend: Rc::new(IndexedDbBackend), ..fixture.world() };
    let page = Page::open(world.clone(), &name);
    page.until_live().await;
    fixture.server.set_reachable(false);
    fixture.server.cut();
    page.until_status(|status| matches!(status, ConnectionStatus::Reconnecting { .. })).await;
    page.sync.mutate(Edit::Add(note(2, "mine"))).unwrap();
    let sync = page.sync;
    until(move || sync.outbox().first().is_some_and(|entry| entry.seq.is_some())).await;
    fixture.clock.advance(1_000);
    until_stored(&name, 1).await;
    page.close().await;
    let page = Page::open(world, &name);
    until_seen(|| {
        fixture.frames.draw();
        page.titles() == ["theirs", "mine"] && page.marks() == ["synced", "queued"]
    })
    .await;
    fixture.server.set_reachable(true);
    page.sync.retry_now();
    until_settled(&page).await;
    assert_eq!(fixture.server.store().log().len(), 2);
}
