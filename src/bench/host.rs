//! The server's part, in the page: it welcomes the engine, gives it the rows it is loaded with, and
//! answers its pings.

use super::schema::{All, Board};
use holdfast_leptos::bridge::{Connector, OnEvent, Socket, SocketEvent};
use holdfast_sync::{
    Epoch, Mark, Seq, Stored, SyncCursor,
    protocol::{ClientFrame, Limits, Pong, ServerFrame, Snapshot, VERSION, Welcome},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// Rows of one page of the first load.
const PAGE_ROWS: usize = 5_000;

/// The server as the page plays it. Clones are one server.
#[derive(Clone, Default)]
pub struct Host(Rc<State>);

#[derive(Default)]
struct State {
    /// The subscription's id, once the engine has asked for the rows.
    subscription: Cell<Option<u64>>,
    /// Whether it was welcomed: before, it believes nothing else.
    welcomed: Cell<bool>,
    /// Whoever waits for both.
    waiting: RefCell<Vec<futures::channel::oneshot::Sender<u64>>>,
    /// The last position told.
    head: Cell<Seq>,
}

impl Host {
    /// The pages that hold these rows, once the engine has asked for them.
    pub async fn pages(&self, rows: Vec<super::schema::Item>) -> Vec<ServerFrame<Board>> {
        let id = self.subscription().await;
        let total = rows.len() as u64;
        let stored = rows.into_iter().map(|row| Stored { seq: 0, born: 0, versions: BTreeMap::new(), row });
        let mut rows: Vec<Stored<Board>> = stored.collect();
        rows.sort_unstable_by_key(|stored| stored.row.id);
        let mut pages = Vec::new();
        let mut after = None;
        loop {
            let rest = rows.split_off(PAGE_ROWS.min(rows.len()));
            let next = rows.last().map(|stored| stored.row.id).filter(|_| !rest.is_empty());
            let page = std::mem::replace(&mut rows, rest);
            let page = Snapshot {
                scope: All,
                id,
                live_from: 0,
                after: std::mem::replace(&mut after, next),
                as_of: 0,
                mark: None,
                rows: page,
                next,
                total,
            };
            pages.push(ServerFrame::Snapshot(page));
            if next.is_none() {
                return pages;
            }
        }
    }

    /// Takes note of how far the engine was told.
    pub fn told(&self, to: Seq) {
        self.0.head.set(to);
    }

    async fn subscription(&self) -> u64 {
        let (waiting, asked) = futures::channel::oneshot::channel();
        self.0.waiting.borrow_mut().push(waiting);
        self.look();
        asked.await.unwrap_or_default()
    }

    /// Tells whoever waits, once there is something to tell.
    fn look(&self) {
        let Some(id) = self.0.subscription.get().filter(|_| self.0.welcomed.get()) else { return };
        for waiting in self.0.waiting.take() {
            // Whoever waited may have gone.
            let _ = waiting.send(id);
        }
    }

    fn subscribed(&self, id: u64) {
        self.0.subscription.set(Some(id));
        self.look();
    }

    fn answer(&self, text: &str) -> Option<ServerFrame<Board>> {
        match ClientFrame::<Board>::decode(text).ok()? {
            ClientFrame::Hello(hello) => {
                hello.scopes.first().into_iter().for_each(|of| self.subscribed(of.id));
                let cursor = SyncCursor { epoch: Epoch(Uuid::from_u128(1)), seq: 0, mark: Mark(0) };
                Some(ServerFrame::Welcome(Welcome {
                    version: VERSION,
                    cursor,
                    head: 0,
                    settled: 0,
                    resync: None,
                    now_ms: js_sys::Date::now() as i64,
                    access: 1,
                    limits: Limits::default(),
                }))
            }
            ClientFrame::Subscribe(subscribe) => {
                self.subscribed(subscribe.id);
                None
            }
            ClientFrame::Ping(ping) => {
                let pong = Pong { nonce: ping.nonce, to: self.0.head.get(), settled: 0, rights: 0 };
                Some(ServerFrame::Pong(pong))
            }
            _ => None,
        }
    }
}

impl Connector for Host {
    fn connect(&self, on_event: OnEvent) -> Box<dyn Socket> {
        let tell = on_event.clone();
        spawn_local(async move { tell(SocketEvent::Opened) });
        Box::new(Line { host: self.clone(), on_event })
    }
}

/// A socket to the server in the page.
struct Line {
    host: Host,
    on_event: OnEvent,
}

impl Socket for Line {
    fn send(&self, text: &str) {
        if let Some(frame) = self.host.answer(text) {
            let (tell, host) = (self.on_event.clone(), self.host.clone());
            spawn_local(async move {
                tell(SocketEvent::Text(frame.encode()));
                host.0.welcomed.set(true);
                host.look();
            });
        }
    }
}
