//! The list, and what stands at `window.bench`.

use super::{
    host::Host,
    schema::{All, Board, Id, Item},
    wire::Message,
};
use crate::components::virtual_list::{VirtualList, forget_positions};
use futures::future::LocalBoxFuture;
use holdfast_leptos::{
    bridge::World,
    persistence::{Backend, OpenFault, Opened},
    query::{ListSpec, LiveList, LiveRowAt, use_live_list, use_live_row_at},
    status::{SyncContext, SyncOptions, provide_sync},
};
use holdfast_sync::{ClientId, Seq, client::SyncClient, protocol::ServerFrame};
use jiff::Timestamp;
use leptos::prelude::*;
use std::{
    any::Any,
    cell::{Cell, OnceCell},
    cmp::Reverse,
    rc::Rc,
};
use wasm_bindgen::{JsError, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Element, HtmlElement};

/// The scroll container's id.
const LIST: &str = "list";

/// Mounts the page and gives the outside `window.bench`.
pub fn start() {
    console_error_panic_hook::set_once();
    forget_positions("");
    let is_live = window().location().search().is_ok_and(|search| search.contains("view=live"));
    if let Some(body) = document().body() {
        expose(&Rc::new(Bench::mount(body, is_live)));
    }
}

#[component]
fn Rows(is_live: bool) -> impl IntoView {
    let list: LiveList<Board> = match is_live {
        true => use_live_list(|| ListSpec::new(All, "live", Item::is_live, |item: &Item| Reverse(item.updated_at))),
        false => use_live_list(|| ListSpec::new(All, "id", |_| true, |_| ())),
    };
    view! {
        <VirtualList
            total=list.total
            keys=move |range| list.slice(move || range.clone()).get()
            row=|key| view! { <Row key /> }
            label="Rows"
            restore_key="bench"
            index_of=Callback::new(move |key: Id| list.index_of(&key))
            id=LIST
        />
    }
}

#[component]
fn Row(key: Signal<Id>) -> impl IntoView {
    let LiveRowAt { row, mark } = use_live_row_at::<Board>(move || key.get());
    let cell = move |read: fn(&Item) -> std::sync::Arc<str>| {
        move || row.with(|row| row.as_ref().map(read).unwrap_or_default())
    };
    view! {
        <div class="row" data-sync=move || mark.get().name()>
            <span>{move || key.get().0}</span>
            <span>{cell(|item| item.title.0.clone())}</span>
            <span>{cell(|item| item.status.0.clone())}</span>
            <span>{cell(|item| item.priority.0.clone())}</span>
            <span>{cell(|item| item.assignee.clone().unwrap_or_default().0)}</span>
            <span>{cell(|item| item.labels.0.0.clone())}</span>
            <span>{move || row.with(|row| row.as_ref().map(|item| iso(item.updated_at)).unwrap_or_default())}</span>
        </div>
    }
}

/// ISO 8601 with milliseconds, as `Date.prototype.toISOString` gives it.
fn iso(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// Nothing is stored, as nothing is by what it is measured beside.
struct NoStore;

impl Backend for NoStore {
    fn open<'a>(&'a self, _: &'a str, _: ClientId) -> LocalBoxFuture<'a, Result<Opened, OpenFault>> {
        Box::pin(async { Err(OpenFault::Unavailable("nothing is stored here".to_owned())) })
    }
}

/// A mounted page, as the outside drives it.
pub struct Bench {
    sync: SyncContext<Board>,
    host: Host,
    /// The position of the page's first frame, which is the engine's first.
    behind: Cell<Option<Seq>>,
    _mounted: Box<dyn Any>,
}

impl Bench {
    /// Mounts the list, by id or of what is not done.
    ///
    /// # Panics
    /// Never: what is mounted is there.
    pub fn mount(parent: HtmlElement, is_live: bool) -> Self {
        let host = Host::default();
        let sync = Rc::new(OnceCell::new());
        let (connector, started) = (host.clone(), sync.clone());
        let mounted = leptos::mount::mount_to(parent, move || {
            let world = World { backend: Rc::new(NoStore), shared: false, ..World::browser(connector) };
            let sync = provide_sync::<Board>(SyncOptions::new((), "bench", world));
            sync.subscribe(All);
            // It is mounted once.
            let _ = started.set(sync);
            view! { <Rows is_live /> }
        });
        let sync = *sync.get().expect("it was set as the list was mounted");
        Self { sync, host, behind: Cell::new(None), _mounted: Box::new(mounted) }
    }

    /// The list's way into sync.
    pub fn sync(&self) -> SyncContext<Board> {
        self.sync
    }

    /// Holds these rows, as JSON, and resolves once they are painted.
    ///
    /// # Errors
    /// Where they are none.
    pub async fn load(&self, json: &str) -> Result<(), JsValue> {
        let rows: Vec<Item> = serde_json::from_str(json).map_err(|error| JsError::new(&error.to_string()))?;
        for page in self.host.pages(rows).await {
            self.sync.hear(page);
        }
        next_frame().await?;
        next_frame().await
    }

    /// Takes in a frame, as JSON.
    ///
    /// # Errors
    /// Where it is none.
    pub fn message(&self, json: &str) -> Result<(), JsValue> {
        let message: Message = serde_json::from_str(json).map_err(|error| JsError::new(&error.to_string()))?;
        let behind = self.behind.get().unwrap_or(message.from);
        self.behind.set(Some(behind));
        let held = |client: &SyncClient<Board>| {
            message.into_patch(|id| client.confirmed(id).map(|stored| &stored.row), behind)
        };
        let patch = self.sync.read(held);
        self.host.told(patch.to);
        self.sync.hear(ServerFrame::Patch(patch));
        Ok(())
    }

    /// Resolves once all that was taken in is on the screen.
    ///
    /// # Errors
    /// Never: a page has frames.
    pub async fn settled(&self) -> Result<(), JsValue> {
        next_frame().await?;
        while !self.sync.is_shown() {
            next_frame().await?;
        }
        Ok(())
    }

    /// The cells of each row that is in sight, joined by `|`.
    pub fn visible() -> Vec<String> {
        let Some(list) = document().get_element_by_id(LIST) else { return Vec::new() };
        let frame = list.get_bounding_client_rect();
        let rows = list.get_elements_by_class_name("row");
        let rows = (0..rows.length()).filter_map(|index| rows.item(index));
        let in_sight = |row: &Element| {
            let at = row.get_bounding_client_rect();
            at.bottom() > frame.top() && at.top() < frame.bottom()
        };
        let text = |row: Element| {
            let cells = row.children();
            let cells = (0..cells.length()).filter_map(|index| cells.item(index)?.text_content());
            cells.collect::<Vec<_>>().join("|")
        };
        rows.filter(in_sight).map(text).collect()
    }
}

fn expose(bench: &Rc<Bench>) {
    let this = bench.clone();
    let load = Closure::<dyn Fn(String) -> js_sys::Promise>::new(move |json: String| {
        let this = this.clone();
        future_to_promise(async move { this.load(&json).await.map(|()| JsValue::UNDEFINED) })
    });
    let this = bench.clone();
    let message = Closure::<dyn Fn(String) -> Result<(), JsValue>>::new(move |json: String| this.message(&json));
    let this = bench.clone();
    let settled = Closure::<dyn Fn() -> js_sys::Promise>::new(move || {
        let this = this.clone();
        future_to_promise(async move { this.settled().await.map(|()| JsValue::UNDEFINED) })
    });
    let visible =
        Closure::<dyn Fn() -> js_sys::Array>::new(|| Bench::visible().into_iter().map(JsValue::from).collect());
    let functions = [
        ("load", load.into_js_value()),
        ("message", message.into_js_value()),
        ("settled", settled.into_js_value()),
        ("visible", visible.into_js_value()),
    ];
    let outside = js_sys::Object::new();
    for (name, function) in functions {
        // An object of one's own takes any field.
        let _ = js_sys::Reflect::set(&outside, &name.into(), &function);
    }
    let _ = js_sys::Reflect::set(&window(), &"bench".into(), &outside);
}

/// The next animation frame. What was asked for before is drawn by then.
async fn next_frame() -> Result<(), JsValue> {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // It fails for what is no function.
        let _ = window().request_animation_frame(&resolve);
    });
    JsFuture::from(promise).await.map(drop)
}
