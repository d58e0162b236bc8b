//! A page on a wire, and what can be seen of it.

use crate::{
    notes::{Board, Notes, add, rename},
    page::{Fixture, Page, Pages, by_rank, fixture, next_task, until, until_seen},
};
use holdfast_leptos::{
    bridge::World,
    inspect::{Faults, Snapshot, Wire, snapshot, store_usage},
    query::{QueryReading, use_live_list, use_live_one},
};
use holdfast_sync::client::{ConnectionStatus, Coverage};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

/// A page that reaches the server over a wire.
async fn wired_page(fixture: &Fixture) -> (Page, Wire) {
    let wire = Wire::around_by(Rc::new(fixture.clock.clone()), fixture.server.clone());
    let page = Page::open(World { connector: Rc::new(wire.clone()), ..fixture.world() }, "notes");
    page.until_live().await;
    (page, wire)
}

/// Waits for the connection to be lost.
async fn until_lost(page: &Page) {
    page.until_status(|status| matches!(status, ConnectionStatus::Reconnecting { .. })).await;
}

/// Lets time go on, with room for what is under way, until that is so.
async fn in_time(fixture: &Fixture, is: impl Fn() -> bool) {
    for _ in 0..240 {
        if is() {
            return;
        }
        fixture.clock.advance(500);
        next_task().await;
    }
    panic!("it did not come in two minutes");
}

async fn until_settled(page: &Page) {
    let unsent = page.sync.status().unsent;
    until(move || unsent.get() == 0).await;
}

fn is_live(page: &Page) -> bool {
    page.sync.read(|client| *client.status() == ConnectionStatus::Live)
}

fn timer_names(seen: &Snapshot) -> Vec<&'static str> {
    seen.timers.iter().map(|timer| timer.name).collect()
}

#[wasm_bindgen_test]
async fn a_cut_page_connects_again_and_catches_up() {
    let fixture = fixture();
    let (page, wire) = wired_page(&fixture).await;
    wire.cut();
    until_lost(&page).await;
    fixture.server.edit(add(1, "meanwhile"));
    fixture.clock.advance(1_000);
    fixture.until_shown(|| page.titles() == ["meanwhile"]).await;
    assert!(is_live(&page));
}

#[wasm_bindgen_test]
async fn what_every_frame_is_lost_of_is_sent_again_once_none_is() {
    let fixture = fixture();
    let (page, wire) = wired_page(&fixture).await;
    wire.set_faults(Faults { drop_percent: 100, ..Faults::NONE });
    page.sync.mutate(add(1, "held back")).unwrap();
    let lost = |kind: &str| wire.frames().iter().filter(|frame| frame.kind == kind).count();
    in_time(&fixture, || lost("push") > 0 && lost("hello") > 2).await;
    assert_eq!((page.sync.read(|client| client.unsent()), fixture.server.store().head().seq), (1, 0));
    wire.set_faults(Faults::NONE);
    in_time(&fixture, || page.sync.read(|client| client.unsent()) == 0).await;
    assert_eq!(fixture.server.store().head().seq, 1);
}

#[wasm_bindgen_test]
async fn what_is_sent_twice_is_done_once() {
    let fixture = fixture();
    let (page, wire) = wired_page(&fixture).await;
    wire.set_faults(Faults { duplicate_percent: 100, ..Faults::NONE });
    page.sync.mutate(add(1, "once")).unwrap();
    page.sync.mutate(rename(1, "and then")).unwrap();
    until_settled(&page).await;
    assert_eq!(fixture.server.store().head().seq, 2);
    assert!(is_live(&page));
}

#[wasm_bindgen_test]
async fn a_silent_wire_is_found_out_and_left() {
    let fixture = fixture();
    let (page, wire) = wired_page(&fixture).await;
    wire.set_faults(Faults { is_silent: true, ..Faults::NONE });
    in_time(&fixture, || !is_live(&page)).await;
    wire.set_faults(Faults::NONE);
    in_time(&fixture, || is_live(&page)).await;
}

#[wasm_bindgen_test]
async fn a_snapshot_tells_what_is_held_and_waited_for() {
    let fixture = fixture();
    fixture.server.edit(add(1, "one"));
    fixture.server.edit(add(2, "two"));
    let (page, wire) = wired_page(&fixture).await;
    until_seen(|| snapshot(page.sync).rows_held == 2).await;
    fixture.frames.draw();
    next_task().await;
    let seen = snapshot(page.sync);
    assert_eq!(seen.status, ConnectionStatus::Live);
    assert_eq!(seen.cursor.map(|cursor| cursor.seq), Some(2));
    assert_eq!((seen.rows_read, seen.unsent, seen.refused), (2, 0, 0));
    assert!(seen.is_leading && seen.client.is_some());
    assert_eq!(seen.scopes.len(), 1);
    assert_eq!((seen.scopes[0].scope.as_str(), seen.scopes[0].coverage), ("board/00000001", Coverage::Complete));
    assert!(timer_names(&seen).contains(&"ping"), "{:?}", seen.timers);
    assert!(timer_names(&seen).contains(&"silence limit"), "{:?}", seen.timers);

    wire.set_faults(Faults { is_blocked: true, ..Faults::NONE });
    wire.cut();
    until_lost(&page).await;
    page.sync.mutate(rename(1, "uno")).unwrap();
    let seen = snapshot(page.sync);
    assert!(timer_names(&seen).contains(&"reconnect"), "{:?}", seen.timers);
    assert_eq!((seen.unsent, seen.outbox.len(), seen.outbox[0].rows), (1, 1, 1));
    assert!(seen.outbox[0].edit.contains("uno"), "{:?}", seen.outbox);
}

#[wasm_bindgen_test]
async fn readers_of_a_query_are_counted_until_they_leave() {
    let fixture = fixture();
    fixture.server.edit(add(1, "one"));
    let page = fixture.live_page().await;
    let registry = page.sync.registry();
    let by_rank_all = by_rank(true);
    let readers = |id: &str| -> Option<(usize, Option<usize>)> {
        let found = registry.queries().into_iter().find(|QueryReading { name, .. }| name.id == id);
        found.map(|query| (query.readers, query.rows))
    };
    assert_eq!(readers(&by_rank_all.id), Some((1, Some(1))));

    let owner = Owner::current().unwrap_or_default().child();
    owner.with(|| {
        provide_context(page.sync);
        let list = use_live_list(|| by_rank(true));
        let one = use_live_one::<Notes>(|| (Board(1), crate::notes::NoteId(1)));
        assert_eq!((list.total.get_untracked(), one.row.with_untracked(Option::is_some)), (1, true));
    });
    assert_eq!(readers(&by_rank_all.id), Some((2, Some(1))));
    assert_eq!(readers("note/00000001"), Some((1, None)));
    owner.cleanup();
    drop(owner);
    next_task().await;
    assert_eq!(readers(&by_rank_all.id), Some((1, Some(1))));
    assert_eq!(readers("note/00000001"), None);

    page.show_done.set(false);
    next_task().await;
    assert_eq!(readers(&by_rank_all.id), Some((0, Some(1))), "it is kept for a while");
    assert_eq!(readers(&by_rank(false).id), Some((1, Some(1))));
}

#[wasm_bindgen_test]
async fn the_browser_tells_what_is_stored() {
    let usage = store_usage().await.unwrap();
    assert!(usage.quota_bytes > usage.usage_bytes, "{usage:?}");
}
