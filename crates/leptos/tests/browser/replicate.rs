//! Scopes that are kept whether or not they are read, and rows that change while they are loaded.

use crate::{
    notes::{Board, Edit, Note, NoteId, Notes, note, rename},
    page::{Fixture, Page, Pages, fixture, next_task, until_seen},
};
use holdfast_leptos::query::{COLLECTED_AFTER_MS, Replication, SIZED_AT_ONCE, replicate};
use holdfast_sync::client::{ConnectionStatus, Coverage};
use leptos::prelude::*;
use std::collections::BTreeSet;
use wasm_bindgen_test::wasm_bindgen_test;

/// Puts so many notes on a board.
fn fill(fixture: &Fixture, board: u32, notes: u32) {
    for index in 0..notes {
        let id = board * 10_000 + index;
        fixture.server.edit(Edit::Add(Note { board: Board(board), ..note(id, &format!("note {id}")) }));
    }
}

fn boards(boards: impl IntoIterator<Item = u32>) -> BTreeSet<Board> {
    boards.into_iter().map(Board).collect()
}

fn coverage(page: &Page, board: u32) -> Coverage {
    page.sync.read(|client| client.coverage(&Board(board)))
}

#[wasm_bindgen_test]
async fn what_fits_the_budget_is_kept_and_what_does_not_is_left_out() {
    let fixture = fixture();
    for (board, notes) in [(2, 3), (3, 5), (4, 2), (5, 1)] {
        fill(&fixture, board, notes);
    }
    let page = fixture.live_page().await;
    let wanted = RwSignal::new(vec![2, 3, 4, 5]);
    let kept = page.within(|| replicate::<Notes>(move || wanted.get().into_iter().map(Board).collect(), 5));
    let settled = Replication { kept: boards([2, 4]), left_out: boards([3, 5]), complete: boards([2, 4]), rows: 5 };
    until_seen(|| kept.get_untracked() == settled).await;
    until_seen(|| coverage(&page, 3) == Coverage::None).await;
    assert_eq!(coverage(&page, 2), Coverage::Complete);
    wanted.set(vec![3, 2, 4, 5]);
    let turned = Replication { kept: boards([3]), left_out: boards([2, 4, 5]), complete: boards([3]), rows: 5 };
    until_seen(|| kept.get_untracked() == turned).await;
    until_seen(|| coverage(&page, 3) == Coverage::Complete && coverage(&page, 2) == Coverage::None).await;
    assert_eq!(coverage(&page, 1), Coverage::Complete, "the list is read");
}

#[wasm_bindgen_test]
async fn many_scopes_are_kept_though_few_are_begun_at_a_time() {
    let fixture = fixture();
    let many = 2..2 + 3 * SIZED_AT_ONCE as u32;
    for board in many.clone() {
        fill(&fixture, board, 1);
    }
    let page = fixture.live_page().await;
    let wanted = many.clone();
    let kept = page.within(|| replicate::<Notes>(move || wanted.clone().map(Board).collect(), 100));
    until_seen(|| kept.get_untracked().rows == many.len() as u64).await;
    assert_eq!(kept.get_untracked().left_out, boards([]));
}

#[wasm_bindgen_test]
async fn what_is_held_is_not_let_go_while_the_size_of_others_is_unknown() {
    let fixture = fixture();
    let new = 3..3 + 2 * SIZED_AT_ONCE as u32;
    for board in new.clone().chain([2]) {
        fill(&fixture, board, 1);
    }
    let page = fixture.live_page().await;
    let wanted = RwSignal::new(vec![2]);
    let kept = page.within(|| replicate::<Notes>(move || wanted.get().into_iter().map(Board).collect(), 100));
    until_seen(|| coverage(&page, 2) == Coverage::Complete).await;
    fixture.server.hold();
    wanted.set(new.clone().chain([2]).collect());
    until_seen(|| kept.get_untracked().kept.len() > SIZED_AT_ONCE).await;
    next_task().await;
    assert_eq!(coverage(&page, 2), Coverage::Complete);
    fixture.server.release();
    until_seen(|| kept.get_untracked().rows == new.len() as u64 + 1).await;
}

#[wasm_bindgen_test]
async fn what_is_neither_kept_nor_read_leaves_the_device_after_a_while() {
    let fixture = fixture();
    for board in [2, 3] {
        fill(&fixture, board, 2);
    }
    let page = fixture.live_page().await;
    page.sync.subscribe(Board(2));
    page.sync.subscribe(Board(3));
    until_seen(|| coverage(&page, 2) == Coverage::Complete && coverage(&page, 3) == Coverage::Complete).await;
    fixture.clock.advance(1_000);
    next_task().await;
    page.close().await;
    // The next page wants only one of them, and knows of the other from the device alone.
    let page = fixture.live_page().await;
    page.within(|| replicate::<Notes>(|| vec![Board(2)], 100));
    next_task().await;
    assert_eq!(coverage(&page, 3), Coverage::Complete, "it may be wanted yet");
    fixture.clock.advance(COLLECTED_AFTER_MS);
    until_seen(|| coverage(&page, 3) == Coverage::None).await;
    assert_eq!(coverage(&page, 2), Coverage::Complete);
}

/// What the server changes while a first page is on its way is right on the screen, whichever of the two it was in.
#[wasm_bindgen_test]
async fn what_changes_while_rows_are_fetched_is_not_overwritten_by_them() {
    let fixture = fixture();
    fill(&fixture, 1, 1_200);
    fixture.server.set_gap(&fixture.clock, 10);
    let page = fixture.page();
    let progress = |page: &Page| match page.sync.status().connection.get_untracked() {
        ConnectionStatus::CatchingUp { done, total } => Some((done, total)),
        _ => None,
    };
    until_seen(|| {
        fixture.clock.advance(1);
        progress(&page).is_some_and(|(done, total)| done > 0 && done < total)
    })
    .await;
    let (done, total) = progress(&page).unwrap();
    assert_eq!((done % 500, total), (0, 1_200), "the banner tells how much of how many");
    let (first, last) = (10_000, 11_199);
    fixture.server.edit(rename(first, "changed: it was here"));
    fixture.server.edit(rename(last, "changed: it was on its way"));
    fixture.server.edit(Edit::Remove(NoteId(last - 1)));
    fixture.server.edit(Edit::Remove(NoteId(first + 1)));
    until_seen(|| {
        fixture.clock.advance(1);
        fixture.frames.draw();
        page.list.total.get_untracked() == 1_198 && progress(&page).is_none()
    })
    .await;
    next_task().await;
    assert_eq!(page.titles()[..2], ["changed: it was here", "note 10002"]);
    let listed = |index| {
        let key = page.list.key_at(index)?;
        page.sync.read(|client| client.row(&key).map(|note| note.title.clone()))
    };
    assert_eq!(listed(1_197).as_deref(), Some("changed: it was on its way"));
    assert_eq!(listed(1_196).as_deref(), Some("note 11197"));
}
