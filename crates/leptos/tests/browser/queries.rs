//! Live rows and lists.

use crate::{
    notes::{Board, Edit, NoteId, Notes, SECRET, add, note, rename},
    page::{Fixture, Page, Pages, fixture, next_task, until, until_seen},
};
use holdfast_leptos::{
    query::{ListSpec, LiveOne, QueryState, use_live_list, use_live_one},
    status::SyncOptions,
};
use holdfast_sync::client::{ConnectionStatus, Coverage, SyncMark};
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{MutationObserver, MutationObserverInit, MutationRecord};

/// What is written to the DOM below an element, as kind and text.
struct Writes {
    written: Rc<RefCell<Vec<(String, String)>>>,
    observer: MutationObserver,
    _closure: Closure<dyn FnMut(js_sys::Array)>,
}

impl Writes {
    fn watch(root: &web_sys::Element) -> Self {
        let written = Rc::new(RefCell::new(Vec::new()));
        let seen = written.clone();
        let closure = Closure::new(move |records: js_sys::Array| {
            for record in records.iter() {
                let record: MutationRecord = record.unchecked_into();
                let text = record.target().unwrap().text_content().unwrap_or_default();
                seen.borrow_mut().push((record.type_(), text));
            }
        });
        let observer = MutationObserver::new(closure.as_ref().unchecked_ref()).unwrap();
        let what = MutationObserverInit::new();
        what.set_subtree(true);
        what.set_child_list(true);
        what.set_character_data(true);
        what.set_attributes(true);
        observer.observe_with_options(root, &what).unwrap();
        Self { written, observer, _closure: closure }
    }

    fn take(&self) -> Vec<(String, String)> {
        self.written.take()
    }
}

impl Drop for Writes {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn text_write(text: &str) -> (String, String) {
    ("characterData".to_owned(), text.to_owned())
}

/// Lets a colleague's edit arrive, and draws the frame that shows it.
async fn show_edit(fixture: &Fixture, edit: Edit) {
    fixture.server.edit(edit);
    next_task().await;
    fixture.frames.draw();
    next_task().await;
}

#[wasm_bindgen_test]
async fn one_remote_field_change_writes_one_dom_node() {
    let fixture = fixture();
    for id in 1..=30 {
        fixture.server.edit(add(id, &format!("note {id}")));
    }
    let page = fixture.live_page().await;
    assert_eq!(page.titles().len(), 30);
    let writes = Writes::watch(&page.root);
    fixture.server.edit(rename(7, "renamed"));
    next_task().await;
    assert!(writes.take().is_empty(), "nothing before the frame");
    fixture.frames.draw();
    next_task().await;
    assert_eq!(writes.take(), [text_write("renamed")]);
    show_edit(&fixture, Edit::SetDone(NoteId(8), true)).await;
    assert_eq!(writes.take(), [text_write("done")]);
    show_edit(&fixture, rename(7, "renamed")).await;
    assert!(writes.take().is_empty(), "the same again is no change");
}

#[wasm_bindgen_test]
async fn an_own_edit_writes_its_field_and_its_mark() {
    let fixture = fixture();
    for id in 1..=30 {
        fixture.server.edit(add(id, "note"));
    }
    let page = fixture.live_page().await;
    let writes = Writes::watch(&page.root);
    page.sync.mutate(rename(7, "mine")).unwrap();
    let unsent = page.sync.status().unsent;
    until(move || unsent.get() == 0).await;
    fixture.frames.draw();
    next_task().await;
    let mut written = writes.take();
    assert_eq!(written.remove(0), text_write("mine"));
    assert!(
        written.iter().all(|write| ["saving", "queued", "sending", "synced"].contains(&write.1.as_str())),
        "{written:?}"
    );
    assert_eq!(written.last(), Some(&text_write("synced")));
}

#[wasm_bindgen_test]
async fn rows_enter_leave_and_move() {
    let fixture = fixture();
    for id in 1..=3 {
        fixture.server.edit(add(id, &id.to_string()));
    }
    let page = fixture.live_page().await;
    assert_eq!(page.titles(), ["1", "2", "3"]);
    show_edit(&fixture, Edit::SetRank(NoteId(1), 9)).await;
    assert_eq!(page.titles(), ["2", "3", "1"]);
    show_edit(&fixture, add(4, "4")).await;
    assert_eq!(page.titles(), ["2", "3", "4", "1"]);
    show_edit(&fixture, Edit::Remove(NoteId(3))).await;
    assert_eq!(page.titles(), ["2", "4", "1"]);
    page.show_done.set(false);
    next_task().await;
    show_edit(&fixture, Edit::SetDone(NoteId(2), true)).await;
    assert_eq!(page.titles(), ["4", "1"]);
    assert_eq!(page.list.total.get_untracked(), 2);
    page.show_done.set(true);
    next_task().await;
    assert_eq!(page.titles(), ["2", "4", "1"]);
}

#[wasm_bindgen_test]
async fn a_window_tells_only_of_what_is_in_it() {
    let fixture = fixture();
    for id in 1..=20 {
        fixture.server.edit(add(id, "note"));
    }
    let page = fixture.live_page().await;
    let (list, runs) = (page.list, Rc::new(Cell::new(0)));
    let slice = page.within(|| list.slice(|| 0..5));
    let count = runs.clone();
    let effect = RenderEffect::new(move |_| {
        slice.track();
        count.set(count.get() + 1);
    });
    assert_eq!(runs.get(), 1);
    show_edit(&fixture, add(21, "beyond")).await;
    assert_eq!((runs.get(), list.total.get_untracked()), (1, 21), "it changes the total only");
    show_edit(&fixture, Edit::SetRank(NoteId(10), 100)).await;
    show_edit(&fixture, rename(3, "within, but not moved")).await;
    assert_eq!(runs.get(), 1);
    show_edit(&fixture, Edit::SetRank(NoteId(20), 0)).await;
    assert_eq!(runs.get(), 2);
    assert_eq!(slice.get_untracked()[0], NoteId(20));
    assert_eq!(list.index_of(&NoteId(20)), Some(0));
    drop(effect);
}

#[wasm_bindgen_test]
async fn while_a_list_is_paused_what_others_move_waits() {
    let fixture = fixture();
    for id in 1..=4 {
        fixture.server.edit(add(id, &id.to_string()));
    }
    let page = fixture.live_page().await;
    let (list, is_paused) = (page.list, RwSignal::new(true));
    page.within(|| list.pause_while(move || is_paused.get()));
    next_task().await;
    show_edit(&fixture, Edit::SetRank(NoteId(1), 9)).await;
    show_edit(&fixture, add(5, "5")).await;
    show_edit(&fixture, rename(2, "two")).await;
    assert_eq!(page.titles(), ["1", "two", "3", "4"], "what a row says is shown where it stands");
    assert_eq!(list.waiting.get_untracked(), 2);

    page.sync.mutate(Edit::SetRank(NoteId(4), 0)).unwrap();
    assert_eq!(list.index_of(&NoteId(4)), Some(0), "what the user does is shown at once");
    page.sync.mutate(Edit::SetRank(NoteId(1), 8)).unwrap();
    assert_eq!((list.index_of(&NoteId(1)), list.waiting.get_untracked()), (Some(3), 1), "and takes along what waited");
    show_edit(&fixture, Edit::SetRank(NoteId(2), 20)).await;
    assert_eq!(list.waiting.get_untracked(), 2);
    show_edit(&fixture, Edit::SetRank(NoteId(2), 2)).await;
    assert_eq!(list.waiting.get_untracked(), 1, "what is where it was waits no longer");

    list.catch_up();
    next_task().await;
    assert_eq!((page.titles(), list.waiting.get_untracked()), (names(["4", "two", "3", "5", "1"]), 0));
    show_edit(&fixture, Edit::SetRank(NoteId(3), 30)).await;
    assert_eq!(list.waiting.get_untracked(), 1, "it is paused still");
    is_paused.set(false);
    next_task().await;
    assert_eq!((page.titles(), list.waiting.get_untracked()), (names(["4", "two", "5", "1", "3"]), 0));
    show_edit(&fixture, Edit::Remove(NoteId(5))).await;
    assert_eq!(page.titles(), ["4", "two", "1", "3"]);
}

fn names(names: [&str; 5]) -> Vec<String> {
    names.map(ToOwned::to_owned).to_vec()
}

#[wasm_bindgen_test]
async fn groups_are_counted_as_rows_come_go_and_move() {
    let fixture = fixture();
    for id in 1..=4 {
        fixture.server.edit(add(id, &id.to_string()));
    }
    let page = fixture.live_page().await;
    let spec = || {
        ListSpec::<Notes, u32>::new(Board(1), "tens", |_| true, |note| note.rank)
            .grouped(|rank| (rank / 10).to_string())
    };
    let groups = page.within(|| use_live_list(spec).groups());
    let told = move || groups.get_untracked().into_iter().map(|group| (group.name, group.rows)).collect::<Vec<_>>();
    assert_eq!(told(), [("0".to_owned(), 0..4)]);
    show_edit(&fixture, Edit::SetRank(NoteId(2), 25)).await;
    show_edit(&fixture, Edit::SetRank(NoteId(3), 21)).await;
    assert_eq!(told(), [("0".to_owned(), 0..2), ("2".to_owned(), 2..4)]);
    show_edit(&fixture, Edit::Remove(NoteId(1))).await;
    show_edit(&fixture, Edit::Remove(NoteId(4))).await;
    assert_eq!(told(), [("2".to_owned(), 0..2)]);
}

#[wasm_bindgen_test]
async fn there_are_signals_for_mounted_rows_only() {
    let fixture = fixture();
    for id in 1..=80 {
        fixture.server.edit(add(id, "note"));
    }
    let page = fixture.live_page().await;
    let registry = page.sync.registry();
    assert_eq!(page.list.total.get_untracked(), 80);
    assert_eq!(registry.rows_read(), 50, "as many as the window shows");
    for id in 1..=40 {
        page.sync.mutate(Edit::SetDone(NoteId(id), true)).unwrap();
    }
    page.show_done.set(false);
    until_seen(|| page.titles().len() == 40).await;
    assert_eq!(registry.rows_read(), 40);
    page.close().await;
    assert_eq!(registry.rows_read(), 0);
}

#[wasm_bindgen_test]
async fn two_readers_share_one_list() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    let filtered = Rc::new(Cell::new(0));
    let calls = filtered.clone();
    let (first, second) = page.within(move || {
        let spec = move || {
            let calls = calls.clone();
            ListSpec::<Notes, u32> {
                scope: Board(1),
                id: "counted".to_owned(),
                filter: Rc::new(move |_| {
                    calls.set(calls.get() + 1);
                    true
                }),
                sort: Rc::new(|note| note.rank),
                group: None,
                query: None,
            }
        };
        (use_live_list(spec.clone()), use_live_list(spec))
    });
    show_edit(&fixture, add(1, "one")).await;
    assert_eq!(filtered.get(), 1);
    assert_eq!((first.total.get_untracked(), second.total.get_untracked()), (1, 1));
}

#[wasm_bindgen_test]
async fn a_query_says_how_much_it_has() {
    let fixture = fixture();
    for id in 1..=3 {
        fixture.server.edit(add(id, "note"));
    }
    fixture.server.hold();
    let page = fixture.page();
    let state = page.list.state;
    assert!(state.get_untracked().is_loading());
    assert!(page.list.resource.get_untracked().is_none(), "the query is pending");
    fixture.server.release();
    until(move || state.get() == QueryState::Ready).await;
    let resource = page.list.resource;
    until_seen(|| resource.get_untracked().is_some()).await;
    assert_eq!(page.list.total.get_untracked(), 0, "the rows come with the frame");
    fixture.frames.draw();
    assert_eq!(page.list.total.get_untracked(), 3);
}

#[wasm_bindgen_test]
async fn without_a_connection_a_query_says_that_it_is_partial() {
    let fixture = fixture();
    fixture.server.set_reachable(false);
    let page = fixture.page();
    page.until_status(|status| matches!(status, ConnectionStatus::Reconnecting { .. })).await;
    let state = page.list.state;
    assert_eq!(state.get_untracked(), QueryState::Partial);
    page.sync.mutate(add(1, "mine")).unwrap();
    next_task().await;
    assert_eq!(page.titles(), ["mine"], "what is held is shown");
    fixture.server.set_reachable(true);
    page.sync.retry_now();
    until(move || state.get() == QueryState::Ready).await;
}

#[wasm_bindgen_test]
async fn a_covered_query_is_ready_at_once() {
    let fixture = fixture();
    fixture.server.edit(add(1, "note"));
    let page = fixture.live_page().await;
    let one = page.one(Board(1), NoteId(1));
    assert_eq!(one.state.get_untracked(), QueryState::Ready);
    assert_eq!(one.row.get_untracked().unwrap().title, "note");
    assert_eq!(one.mark.get_untracked(), SyncMark::Synced);
    page.sync.mutate(rename(1, "mine")).unwrap();
    assert_eq!(one.row.get_untracked().unwrap().title, "mine");
    assert_eq!(one.mark.get_untracked(), SyncMark::Saving);
}

#[wasm_bindgen_test]
async fn a_query_loads_the_scope_it_reads() {
    let fixture = fixture();
    let mut other = note(1, "elsewhere");
    other.board = Board(2);
    fixture.server.edit(Edit::Add(other));
    let page = fixture.live_page().await;
    let one = page.one(Board(2), NoteId(1));
    assert!(one.state.get_untracked().is_loading());
    assert_eq!(one.row.get_untracked(), None);
    until(move || one.state.get() == QueryState::Ready).await;
    fixture.frames.draw();
    assert_eq!(one.row.get_untracked().unwrap().title, "elsewhere");
}

#[wasm_bindgen_test]
async fn a_scope_that_may_not_be_read_is_refused() {
    let fixture = fixture();
    let page = fixture.live_page().await;
    let one = page.one(SECRET, NoteId(1));
    until(move || one.state.get() == QueryState::Refused).await;
}

#[wasm_bindgen_test]
async fn a_query_that_nobody_reads_is_collected_and_its_scope_unsubscribed() {
    let fixture = fixture();
    let mut other = note(1, "elsewhere");
    other.board = Board(2);
    fixture.server.edit(Edit::Add(other));
    let mut options = SyncOptions::new("ada".to_owned(), "notes", fixture.world());
    options.kept = Duration::from_millis(50);
    let page = Page::open_with(options);
    page.until_live().await;
    page.sync.subscribe(Board(3));
    let reading = Owner::new();
    let one = page.within_owner(&reading, || use_live_one::<Notes>(|| (Board(2), NoteId(1))));
    until(move || one.state.get() == QueryState::Ready).await;
    let sync = page.sync;
    let coverage = move |board| sync.read(|client| client.coverage(&Board(board)));
    assert_eq!(coverage(2), Coverage::Complete);
    reading.cleanup();
    next_task().await;
    assert_eq!(coverage(2), Coverage::Complete, "it is kept for a while");
    until_seen(|| coverage(2) == Coverage::None).await;
    assert_eq!(coverage(1), Coverage::Complete, "the list is still read");
    assert_eq!(coverage(3), Coverage::Complete, "the app wants it whether or not it is read");
}

impl Page {
    fn one(&self, board: Board, id: NoteId) -> LiveOne<Notes> {
        self.within(|| use_live_one(move || (board, id)))
    }
}
