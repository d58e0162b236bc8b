//! The bridge: carries the engine's outputs out, and tells it what happened.
//!
//! It owns what the engine must not know: the socket, the store, the clocks, the
//! browser's hints, which tab leads, when the screen is drawn. It decides nothing.
//! There is one loop, [`Bridge::feed`]:
//!
//! ```text
//! a frame, a timer, a hint, a finished write, the user
//!       │ feed(input)
//!       ▼
//!   SyncClient::handle ──► poll_output ─┬─► Connect, Send, Disconnect   socket
//!       ▲                               ├─► Persist    written in order by one task
//!       │                               ├─► Changed    own: shown at once;
//!       │                               │              others': with the next frame
//!       └── poll_timeout: one timer     └─► Status, OutboxChanged, …    Surface
//! ```
//!
//! What holds:
//! - The user's own edit reaches the [`Surface`] before [`Bridge::mutate`] returns; one made while the surface
//!   is told, right after it was.
//! - What others changed reaches it at most once a frame, as it is then: newest wins.
//! - While the surface is told, the engine is not borrowed: it may read, feed and mutate.
//! - No callback holds the bridge: when its owner drops it, socket, timers, listeners and
//!   the lead go with it. Only batches handed out before are still written.
//!
//! Everything it touches of the world comes in a [`World`], so that tests bring their own.

mod boot;
mod clock;
mod connectivity;
mod frame;
mod leadership;
mod pace;
mod saver;
mod socket;
mod tabs;

pub use clock::{BrowserClock, Clock, Guard};
pub(crate) use clock::{sleep, window};
pub use frame::{BrowserFrames, Frames};
pub use socket::{Connector, OnEvent, Socket, SocketEvent, WebSocketConnector};

use crate::{
    persistence::{Backend, IndexedDbBackend},
    status::StoreState,
};
use connectivity::{Connectivity, Hint};
use futures::channel::oneshot;
use holdfast_sync::{
    Refusal, RefusalCode, Schema,
    client::{Config, ConnectionStatus, Input, LocalId, Notice, Now, Output, StoreFault, SyncClient},
    protocol::ServerFrame,
};
use leadership::Leadership;
use pace::Pace;
use saver::Saver;
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, VecDeque},
    rc::{Rc, Weak},
};
use tabs::{TabMessage, Tabs};

/// What the bridge touches.
#[derive(Clone)]
pub struct World {
    /// Opens sockets.
    pub connector: Rc<dyn Connector>,
    /// Holds the database.
    pub backend: Rc<dyn Backend>,
    /// Tells the time.
    pub clock: Rc<dyn Clock>,
    /// Tells when the screen is drawn.
    pub frames: Rc<dyn Frames>,
    /// Whether other tabs may have the same database open.
    pub shared: bool,
    /// Where the jitter of the reconnects starts: another number in each page.
    pub seed: u64,
}

impl World {
    /// The browser, its IndexedDB, and the server at `connector`.
    pub fn browser(connector: impl Connector + 'static) -> Self {
        Self {
            connector: Rc::new(connector),
            backend: Rc::new(IndexedDbBackend),
            clock: Rc::new(BrowserClock),
            frames: Rc::new(BrowserFrames),
            shared: true,
            seed: uuid::Uuid::now_v7().as_u64_pair().1,
        }
    }
}

/// Where the engine's state is shown. It is told what may be different and reads the rest
/// of the bridge itself.
pub trait Surface<S: Schema> {
    /// These rows, or their marks, may be different; `own` where the user has just done it.
    fn rows_changed(&self, bridge: &Bridge<S>, keys: &BTreeSet<S::Key>, own: bool);

    /// How much of a scope is held is different; of all scopes, where none is named.
    fn coverage_changed(&self, bridge: &Bridge<S>, scope: Option<&S::Scope>);

    /// How much of a query is held, or how many rows meet it, changed; of all, where none is named.
    fn watch_changed(&self, bridge: &Bridge<S>, query: Option<&S::Query>);

    /// The connection's status is different.
    fn status_changed(&self, bridge: &Bridge<S>, status: ConnectionStatus);

    /// The outbox or the tray is different.
    fn outbox_changed(&self, bridge: &Bridge<S>);

    /// The store's state is different.
    fn store_changed(&self, state: StoreState);

    /// The user must be told something.
    fn notice(&self, notice: Notice);
}

/// Drives one [`SyncClient`]; see the [module](self) for what holds.
pub struct Bridge<S: Schema> {
    this: Weak<Self>,
    world: World,
    surface: Rc<dyn Surface<S>>,
    engine: RefCell<SyncClient<S>>,
    inputs: RefCell<VecDeque<Input<S>>>,
    is_running: Cell<bool>,
    is_stopped: Cell<bool>,
    socket: RefCell<Option<(u64, Box<dyn Socket>)>>,
    /// The moment the one timer stands for.
    timer: RefCell<Option<(u64, Guard)>>,
    /// Changes that wait for the next frame.
    waiting: RefCell<Vec<S::Key>>,
    frame: RefCell<Option<Guard>>,
    pace: RefCell<Pace>,
    saver: Rc<Saver>,
    /// What the store's state is while it does not fail.
    store_state: RefCell<StoreState>,
    held: RefCell<Held>,
}

/// What is let go of when the bridge stops.
#[derive(Default)]
struct Held {
    connectivity: Option<Connectivity>,
    tabs: Option<Tabs>,
    leadership: Option<Leadership>,
    boot: Option<Guard>,
}

impl<S: Schema> Bridge<S> {
    /// Opens the database, shows what it holds, and connects.
    pub fn start(actor: S::Actor, database: String, world: World, surface: Rc<dyn Surface<S>>) -> Rc<Self> {
        let engine = RefCell::new(SyncClient::new(Config::new(actor), world.seed));
        let bridge = Rc::new_cyclic(|this| Self {
            this: this.clone(),
            world,
            surface,
            engine,
            inputs: RefCell::default(),
            is_running: Cell::new(false),
            is_stopped: Cell::new(false),
            socket: RefCell::default(),
            timer: RefCell::default(),
            waiting: RefCell::default(),
            frame: RefCell::default(),
            pace: RefCell::default(),
            saver: Rc::default(),
            store_state: RefCell::new(StoreState::Opening),
            held: RefCell::default(),
        });
        let this = bridge.this.clone();
        let connectivity = Connectivity::watch(move |hint| {
            if let Some(bridge) = this.upgrade() {
                bridge.feed(match hint {
                    Hint::Wake => Input::Wake,
                    Hint::NetworkLost => Input::NetworkLost,
                });
            }
        });
        bridge.held.borrow_mut().connectivity = Some(connectivity);
        boot::begin(&bridge, database);
        bridge
    }

    /// Tells the engine what happened, and carries out what follows.
    pub fn feed(&self, input: Input<S>) {
        self.inputs.borrow_mut().push_back(input);
        self.run();
    }

    /// Takes in a frame of the present connection that whatever carries it has read itself.
    pub fn hear(&self, frame: ServerFrame<S>) {
        let generation = self.socket.borrow().as_ref().map(|(generation, _)| *generation);
        if let Some(generation) = generation {
            self.feed(Input::Heard { generation, frame });
        }
    }

    /// Carries a mutation out on the screen at once, and starts to store and send it.
    ///
    /// # Errors
    /// Why it makes no sense on the rows in view; then nothing is changed.
    pub fn mutate(&self, mutation: S::Mutation) -> Result<LocalId, Refusal> {
        if self.is_stopped.get() {
            let message = "The app has been closed on this page; reload it to go on.";
            return Err(Refusal::new(RefusalCode::Failed, message));
        }
        let now = self.now();
        let result = self.engine.borrow_mut().mutate(now, mutation);
        self.run();
        result
    }

    /// Reads the engine. What is done within must not call back into the bridge.
    pub fn read<R>(&self, read: impl FnOnce(&SyncClient<S>) -> R) -> R {
        read(&self.engine.borrow())
    }

    /// Whether this tab writes rows and cursor and sends the profile's edits.
    pub fn is_leading(&self) -> bool {
        self.held.borrow().leadership.is_some()
    }

    /// The time.
    pub fn now(&self) -> Now {
        self.world.clock.now()
    }

    /// The server's time as estimated, Unix milliseconds.
    pub fn server_now_ms(&self) -> i64 {
        self.engine.borrow().server_now_ms(self.now())
    }

    /// Lets go of the socket, the lead and everything else, for good. Safe to call from
    /// a panic hook.
    pub fn stop(&self) {
        self.is_stopped.set(true);
        // Taken out before it is dropped: what is borrowed in a panic stays borrowed.
        let held = self.held.try_borrow_mut().map(|mut held| std::mem::take(&mut *held));
        let socket = self.socket.try_borrow_mut().map(|mut socket| socket.take());
        let timer = self.timer.try_borrow_mut().map(|mut timer| timer.take());
        let frame = self.frame.try_borrow_mut().map(|mut frame| frame.take());
        drop((held, socket, timer, frame));
    }

    /// Stops, here and in the other tabs, and then ends everything that is stored, unsent
    /// edits too. It goes on where the future is dropped.
    pub fn wipe(&self) -> impl Future<Output = Result<(), StoreFault>> + use<S> {
        if let Some(tabs) = &self.held.borrow().tabs {
            tabs.tell(&TabMessage::Wiped);
        }
        self.stop();
        let (wiped, done) = oneshot::channel();
        self.saver.wipe(wiped);
        let surface = self.surface.clone();
        async move {
            let result = done.await.unwrap_or(Err(StoreFault::Broken));
            surface.store_changed(result.map_or_else(StoreState::Fault, |()| StoreState::Wiped));
            result
        }
    }

    fn run(&self) {
        if self.is_stopped.get() || self.is_running.replace(true) {
            return;
        }
        loop {
            self.drain();
            let Some(input) = self.inputs.borrow_mut().pop_front() else { break };
            let now = self.now();
            self.engine.borrow_mut().handle(now, input);
        }
        self.is_running.set(false);
        self.set_timer();
    }

    fn drain(&self) {
        while !self.is_stopped.get() {
            let Some(output) = self.engine.borrow_mut().poll_output() else { break };
            match output {
                Output::Connect { generation } => self.connect(generation),
                Output::Send { generation, text } => self.send(generation, &text),
                Output::Disconnect { generation } => self.disconnect(generation),
                Output::Persist(batch) => self.saver.commit(batch),
                Output::ReadOutbox => {
                    let this = self.this.clone();
                    self.saver.read_outbox(move |records| {
                        if let Some(bridge) = this.upgrade() {
                            bridge.feed(Input::OutboxRead(records));
                        }
                    });
                }
                Output::Changed { keys, own: true } => self.show(keys),
                Output::Changed { keys, own: false } => self.show_with_frame(keys),
                Output::Status(status) => self.surface.status_changed(self, status),
                Output::OutboxChanged => self.surface.outbox_changed(self),
                Output::CoverageChanged(scope) => self.surface.coverage_changed(self, Some(&scope)),
                Output::WatchChanged(query) => self.surface.watch_changed(self, Some(&query)),
                Output::Store(fault) => {
                    let state = fault.map_or_else(|| self.store_state.borrow().clone(), StoreState::Fault);
                    self.surface.store_changed(state);
                }
                Output::Notice(notice) => self.surface.notice(notice),
            }
        }
    }

    fn connect(&self, generation: u64) {
        let this = self.this.clone();
        let on_event = Rc::new(move |event| {
            let Some(bridge) = this.upgrade() else { return };
            bridge.feed(match event {
                SocketEvent::Opened => Input::SocketOpened { generation },
                SocketEvent::Text(text) => Input::Frame { generation, text },
                SocketEvent::Closed { code } => Input::SocketClosed { generation, code },
            });
        });
        let socket = self.world.connector.connect(on_event);
        let before = self.socket.borrow_mut().replace((generation, socket));
        drop(before);
    }

    fn send(&self, generation: u64, text: &str) {
        if let Some((of, socket)) = &*self.socket.borrow()
            && *of == generation
        {
            socket.send(text);
        }
    }

    fn disconnect(&self, generation: u64) {
        let gone = self.socket.borrow_mut().take_if(|(of, _)| *of == generation);
        drop(gone);
    }

    fn show(&self, keys: BTreeSet<S::Key>) {
        self.waiting.borrow_mut().retain(|key| !keys.contains(key));
        self.surface.rows_changed(self, &keys, true);
    }

    fn show_with_frame(&self, keys: BTreeSet<S::Key>) {
        self.waiting.borrow_mut().extend(keys);
        if self.frame.borrow().is_none() {
            self.request_frame();
        }
    }

    fn request_frame(&self) {
        let this = self.this.clone();
        let frame = self.world.frames.request(Box::new(move || {
            if let Some(bridge) = this.upgrade() {
                bridge.flush();
            }
        }));
        *self.frame.borrow_mut() = Some(frame);
    }

    /// Calls once, so many milliseconds from now; not where what it gives is dropped before.
    pub(crate) fn after(&self, ms: u64, call: Box<dyn FnOnce()>) -> Guard {
        self.world.clock.at(self.now().mono_ms + ms, call)
    }

    /// Whether all that others changed, and came, has been handed to the screen.
    pub fn is_shown(&self) -> bool {
        self.frame.borrow().is_none()
    }

    /// Shows what waits for the next frame.
    fn flush(&self) {
        let done = self.frame.borrow_mut().take();
        let is_drawn = self.pace.borrow_mut().draws(self.now().mono_ms, self.waiting.borrow().len());
        if !is_drawn {
            return self.request_frame();
        }
        let keys = BTreeSet::from_iter(self.waiting.take());
        if !keys.is_empty() && !self.is_stopped.get() {
            self.surface.rows_changed(self, &keys, false);
        }
        drop(done);
    }

    /// Sees to it that the engine is called when it wants to be. One timer is kept that may
    /// come too early, but never too late.
    fn set_timer(&self) {
        let wanted = self.engine.borrow().poll_timeout();
        let Some(wanted) = wanted.filter(|_| !self.is_stopped.get()) else { return };
        if self.timer.borrow().as_ref().is_some_and(|(at, _)| *at <= wanted) {
            return;
        }
        let this = self.this.clone();
        let timer = self.world.clock.at(
            wanted,
            Box::new(move || {
                let Some(bridge) = this.upgrade() else { return };
                let done = bridge.timer.borrow_mut().take();
                bridge.feed(Input::Tick);
                drop(done);
            }),
        );
        *self.timer.borrow_mut() = Some((wanted, timer));
    }
}
