//! A page with a tiny app on it, and what tests wait for.

use crate::notes::{Board, Note, NoteId, Notes};
pub use holdfast_leptos::testing::{next_frame, next_task, until};

use holdfast_leptos::{
    bridge::World,
    persistence::{Backend, IndexedDbBackend},
    query::{ListSpec, LiveList, use_live_list, use_live_row, use_mark},
    status::{SyncContext, SyncOptions, provide_sync},
    testing::{FakePage, FakeWorld},
};
use holdfast_sync::{
    ClientId,
    client::{ConnectionStatus, Table},
};
use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc};
use uuid::Uuid;
use web_sys::HtmlElement;

pub type Fixture = FakeWorld<Notes>;

/// A server, and Ada's device.
pub fn fixture() -> Fixture {
    FakeWorld::new("ada".to_owned())
}

/// The pages of a device.
pub trait Pages {
    fn page(&self) -> Page;

    /// A page on which all is loaded and drawn.
    async fn live_page(&self) -> Page;
}

impl Pages for Fixture {
    fn page(&self) -> Page {
        Page::open(self.world(), "notes")
    }

    async fn live_page(&self) -> Page {
        let page = self.page();
        page.until_live().await;
        self.frames.draw();
        next_task().await;
        page
    }
}

/// A mounted app. Dropping it is the end of the page.
pub struct Page {
    pub sync: SyncContext<Notes>,
    pub list: LiveList<Notes>,
    pub root: HtmlElement,
    page: FakePage,
    /// Whether finished notes are listed too.
    pub show_done: RwSignal<bool>,
    /// Of what tests read as a component would.
    pub owners: RefCell<Vec<Owner>>,
}

impl Page {
    pub fn open(world: World, database: &str) -> Self {
        Self::open_with(SyncOptions::new("ada".to_owned(), database, world))
    }

    pub fn open_with(options: SyncOptions<Notes>) -> Self {
        let inside = Rc::new(RefCell::new(None));
        let outside = inside.clone();
        let page = FakePage::open(move || {
            let sync = provide_sync(options);
            let show_done = RwSignal::new(true);
            let list = use_live_list(move || by_rank(show_done.get()));
            *inside.borrow_mut() = Some((sync, list, show_done));
            view! { <NoteList list/> }
        });
        let (sync, list, show_done) = outside.borrow_mut().take().unwrap();
        Self { sync, list, root: page.root().clone(), page, show_done, owners: RefCell::default() }
    }

    /// Calls hooks as a component of the page would that is there as long as the page.
    pub fn within<R>(&self, hooks: impl FnOnce() -> R) -> R {
        let owner = Owner::new();
        self.owners.borrow_mut().push(owner.clone());
        self.within_owner(&owner, hooks)
    }

    /// Calls hooks as a component of the page would that is there as long as the owner.
    pub fn within_owner<R>(&self, owner: &Owner, hooks: impl FnOnce() -> R) -> R {
        owner.with(|| {
            provide_context(self.sync);
            hooks()
        })
    }

    /// Ends the page. What it was about to do is lost.
    pub async fn close(self) {
        drop(self);
        // Leptos lets go of what hangs on effects when their tasks have ended.
        next_task().await;
    }

    /// The titles on screen, in order.
    pub fn titles(&self) -> Vec<String> {
        self.page.texts(".title")
    }

    /// The marks on screen, in order.
    pub fn marks(&self) -> Vec<String> {
        self.page.texts(".mark")
    }

    pub async fn until_live(&self) {
        self.until_status(|status| *status == ConnectionStatus::Live).await;
    }

    pub async fn until_status(&self, is: impl Fn(&ConnectionStatus) -> bool + 'static) {
        let connection = self.sync.status().connection;
        until(move || connection.with(|status| is(status))).await;
    }
}

/// The notes of board 1 by rank.
pub fn by_rank(show_done: bool) -> ListSpec<Notes, u32> {
    ListSpec {
        scope: Board(1),
        id: format!("by rank, done: {show_done}"),
        filter: Rc::new(move |note: &Note| show_done || !note.done),
        sort: Rc::new(|note: &Note| note.rank),
        group: None,
        query: None,
    }
}

#[component]
fn NoteList(list: LiveList<Notes>) -> impl IntoView {
    let keys = list.slice(|| 0..50);
    view! {
        <p class="total">{move || list.total.get()}</p>
        <ul>
            <For each=move || keys.get() key=|id| *id let(id)>
                <NoteRow id/>
            </For>
        </ul>
    }
}

#[component]
fn NoteRow(id: NoteId) -> impl IntoView {
    let note = use_live_row::<Notes>(id);
    let mark = use_mark::<Notes>(id);
    let title = move || note.with(|note| note.as_ref().map(|note| note.title.clone()));
    let done = move || note.with(|note| note.as_ref().is_some_and(|note| note.done));
    view! {
        <li>
            <span class="title">{title}</span>
            <span class="done">{move || if done() { "done" } else { "open" }}</span>
            <span class="mark">{move || mark.get().name()}</span>
        </li>
    }
}

/// Waits until the database holds so many rows, and their cursor.
pub async fn until_stored(database: &str, rows: usize) {
    loop {
        let opened = IndexedDbBackend.open(database, ClientId(Uuid::now_v7())).await.unwrap();
        let held = opened.store.scan(Table::Rows, None, u32::MAX).await.unwrap().len();
        // Beside the client's id there is one record, of the replica.
        if held == rows && opened.restored.meta.len() == 2 {
            return;
        }
    }
}

/// Waits until that is so, looking again with each frame: for what tells nobody.
pub async fn until_seen(is: impl Fn() -> bool) {
    for _ in 0..600 {
        if is() {
            return;
        }
        next_frame().await;
    }
    panic!("it did not come in ten seconds");
}
