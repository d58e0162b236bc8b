//! Lists of a scope that is not held whole: as much is loaded as is looked at, and that is live.

use crate::{
    notes::{Board, Edit, Note, NoteId, Notes, SECRET, Undone, note, rename},
    page::{Fixture, Page, Pages, fixture, next_task, until_seen},
};
use holdfast_leptos::query::{ListSpec, LiveList, QueryState, use_live_list};
use holdfast_sync::client::Coverage;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

const NOTES: u32 = 1200;

/// A board with more notes than are loaded at a time, the rank of each its number.
fn filled() -> Fixture {
    let fixture = fixture();
    for id in 0..NOTES {
        fixture.server.edit(Edit::Add(Note { board: Board(2), ..note(id, &format!("note {id}")) }));
    }
    fixture
}

fn list(page: &Page, board: Board) -> LiveList<Notes> {
    page.within(|| {
        use_live_list(move || {
            ListSpec::new(board, "undone", |note: &Note| !note.done, |note: &Note| (note.rank, note.id))
                .asked(Undone(board))
        })
    })
}

fn at(list: LiveList<Notes>, index: usize) -> Option<u32> {
    list.key_at(index).map(|id| id.0)
}

async fn show_edit(fixture: &Fixture, edit: Edit) {
    fixture.server.edit(edit);
    next_task().await;
    fixture.frames.draw();
    next_task().await;
}

async fn until_rows(fixture: &Fixture, list: LiveList<Notes>, rows: usize) {
    until_seen(|| {
        fixture.frames.draw();
        list.total.get_untracked() == rows
    })
    .await;
}

#[wasm_bindgen_test]
async fn as_much_is_loaded_as_is_wanted_and_the_rest_is_counted() {
    let fixture = filled();
    let page = fixture.live_page().await;
    let list = list(&page, Board(2));
    assert!(list.state.get_untracked().is_loading());
    until_rows(&fixture, list, 500).await;
    assert_eq!((list.state.get_untracked(), list.beyond.get_untracked()), (QueryState::Ready, Some(1200)));
    assert_eq!((at(list, 0), at(list, 499)), (Some(0), Some(499)));
    list.want(501);
    until_rows(&fixture, list, 1000).await;
    assert_eq!(at(list, 999), Some(999));
    list.want(1001);
    until_rows(&fixture, list, 1200).await;
    assert_eq!(list.beyond.get_untracked(), None, "all of it is here");
    assert_eq!(page.sync.read(|client| client.coverage(&Board(2))), Coverage::None, "the board was never held");
}

#[wasm_bindgen_test]
async fn what_is_loaded_is_live_and_so_is_the_number_of_what_is_not() {
    let fixture = filled();
    let page = fixture.live_page().await;
    let list = list(&page, Board(2));
    until_rows(&fixture, list, 500).await;
    let row = |id| page.sync.read(|client| client.row(&NoteId(id)).map(|note| note.title.clone()));
    show_edit(&fixture, rename(3, "renamed")).await;
    assert_eq!(row(3), Some("renamed".to_owned()));
    show_edit(&fixture, rename(900, "renamed")).await;
    assert_eq!(row(900), None, "what is beyond is not sent");
    show_edit(&fixture, Edit::SetDone(NoteId(900), true)).await;
    assert_eq!((list.total.get_untracked(), list.beyond.get_untracked()), (500, Some(1199)));
    show_edit(&fixture, Edit::SetDone(NoteId(0), true)).await;
    // What is missing comes, and some to spare.
    until_rows(&fixture, list, 550).await;
    assert_eq!((at(list, 0), list.beyond.get_untracked()), (Some(1), Some(1198)));
    show_edit(&fixture, Edit::SetRank(NoteId(1000), 2)).await;
    assert_eq!((at(list, 2), list.total.get_untracked(), list.beyond.get_untracked()), (Some(1000), 551, Some(1198)));
    page.sync.mutate(Edit::SetRank(NoteId(5), 0)).unwrap();
    assert_eq!(at(list, 0), Some(5), "one's own edit is shown at once");
    let unsent = page.sync.status().unsent;
    until_seen(|| unsent.get_untracked() == 0).await;
    assert_eq!((at(list, 0), list.beyond.get_untracked()), (Some(5), Some(1198)));
}

#[wasm_bindgen_test]
async fn it_is_caught_up_after_a_cut_and_says_without_a_connection_that_it_is_partial() {
    let fixture = filled();
    let page = fixture.live_page().await;
    let list = list(&page, Board(2));
    until_rows(&fixture, list, 500).await;
    fixture.server.set_reachable(false);
    fixture.server.cut();
    until_seen(|| list.state.get_untracked() == QueryState::Partial).await;
    assert_eq!(list.total.get_untracked(), 500, "what is here stays");
    fixture.server.edit(Edit::SetDone(NoteId(7), true));
    fixture.server.edit(Edit::SetDone(NoteId(700), true));
    fixture.server.set_reachable(true);
    page.sync.retry_now();
    until_rows(&fixture, list, 550).await;
    assert_eq!(list.index_of(&NoteId(7)), None);
    assert_eq!((list.state.get_untracked(), list.beyond.get_untracked()), (QueryState::Ready, Some(1198)));
}

#[wasm_bindgen_test]
async fn a_board_that_may_not_be_read_is_refused_and_says_nothing_else() {
    let fixture = filled();
    let page = fixture.live_page().await;
    let list = list(&page, SECRET);
    until_seen(|| list.state.get_untracked() == QueryState::Refused).await;
    assert_eq!((list.total.get_untracked(), list.beyond.get_untracked()), (0, None));
}
