//! The wire: between the bridge and a connector.

use super::{Direction, Fate, Faults, FrameRecord, Traffic, frames::Journal, lane::Lane};
use crate::bridge::{BrowserClock, Clock, Connector, OnEvent, Socket, SocketEvent};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    sync::Arc,
};
use wasm_bindgen_futures::spawn_local;

/// The close code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

/// A connector around another one: what it does to the other's sockets is to order, and what passes
/// on them is kept. Clones are the same wire.
///
/// Each socket is a stream as before: whatever the [`Faults`], of what arrives nothing has overtaken
/// anything. Without faults, frames pass at once.
#[derive(Clone)]
pub struct Wire(Rc<State>);

struct State {
    connector: Box<dyn Connector>,
    clock: Rc<dyn Clock>,
    faults: Cell<Faults>,
    journal: RefCell<Journal>,
    lines: RefCell<Vec<Weak<Line>>>,
}

impl Wire {
    /// A wire to where that connector connects, with nothing wrong.
    pub fn around(connector: impl Connector + 'static) -> Self {
        Self::around_by(Rc::new(BrowserClock), connector)
    }

    /// The same, with delays by that clock.
    pub fn around_by(clock: Rc<dyn Clock>, connector: impl Connector + 'static) -> Self {
        Self(Rc::new(State {
            connector: Box::new(connector),
            clock,
            faults: Cell::default(),
            journal: RefCell::default(),
            lines: RefCell::default(),
        }))
    }

    /// What is wrong with it.
    pub fn faults(&self) -> Faults {
        self.0.faults.get()
    }

    /// Says what is wrong from now on. What is under way arrives as it was to.
    pub fn set_faults(&self, faults: Faults) {
        self.0.faults.set(faults);
    }

    /// Cuts all present sockets, as a lost network does: what was under way is lost, and they close
    /// without a code.
    pub fn cut(&self) {
        let lines: Vec<Rc<Line>> = self.0.lines.borrow().iter().filter_map(Weak::upgrade).collect();
        lines.iter().for_each(|line| line.cut());
    }

    /// How much came to it.
    pub fn traffic(&self) -> Traffic {
        self.0.journal.borrow().traffic
    }

    /// The last 200 frames that came to it, the newest first.
    pub fn frames(&self) -> Vec<Arc<FrameRecord>> {
        self.0.journal.borrow().latest()
    }
}

impl Connector for Wire {
    fn connect(&self, on_event: OnEvent) -> Box<dyn Socket> {
        let line = Line::new(self.0.clone(), on_event);
        let mut lines = self.0.lines.borrow_mut();
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Rc::downgrade(&line));
        drop(lines);
        if self.faults().is_blocked {
            line.cut();
        } else {
            line.open();
        }
        Box::new(WiredSocket(line))
    }
}

impl State {
    /// Keeps a frame; says what becomes of it.
    fn judge(&self, direction: Direction, text: &str) -> Fate {
        let fate = self.faults.get().fate();
        self.journal.borrow_mut().note(direction, self.clock.now().wall_ms, text, fate);
        fate
    }
}

/// The socket that the bridge has. Dropping it is the end of the line.
struct WiredSocket(Rc<Line>);

impl Socket for WiredSocket {
    fn send(&self, text: &str) {
        self.0.send(text);
    }
}

impl Drop for WiredSocket {
    fn drop(&mut self) {
        self.0.is_over.set(true);
        self.0.let_go();
    }
}

/// One socket, and what is under way on it.
struct Line {
    this: Weak<Self>,
    state: Rc<State>,
    on_event: OnEvent,
    socket: RefCell<Option<Rc<dyn Socket>>>,
    there: Rc<Lane<String>>,
    back: Rc<Lane<SocketEvent>>,
    /// Nothing is told any more.
    is_over: Cell<bool>,
}

impl Line {
    fn new(state: Rc<State>, on_event: OnEvent) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Self>| {
            let (line, told) = (this.clone(), this.clone());
            Self {
                this: this.clone(),
                there: Lane::new(state.clock.clone(), move |text: String| {
                    let socket = line.upgrade().and_then(|line| line.socket.borrow().clone());
                    if let Some(socket) = socket {
                        socket.send(&text);
                    }
                }),
                back: Lane::new(state.clock.clone(), move |event| {
                    if let Some(line) = told.upgrade() {
                        line.tell(event);
                    }
                }),
                state,
                on_event,
                socket: RefCell::default(),
                is_over: Cell::new(false),
            }
        })
    }

    fn open(&self) {
        let this = self.this.clone();
        let socket = self.state.connector.connect(Rc::new(move |event| {
            if let Some(line) = this.upgrade() {
                line.hear(event);
            }
        }));
        *self.socket.borrow_mut() = Some(socket.into());
    }

    fn send(&self, text: &str) {
        let delay_ms = self.state.faults.get().delay_ms;
        carry(&self.there, text.to_owned(), self.state.judge(Direction::Sent, text), delay_ms);
    }

    /// Something happened on the socket.
    fn hear(&self, event: SocketEvent) {
        let faults = self.state.faults.get();
        let fate = match &event {
            SocketEvent::Text(text) => self.state.judge(Direction::Received, text),
            _ if faults.is_silent => Fate::Dropped,
            _ => Fate::Passed,
        };
        carry(&self.back, event, fate, faults.delay_ms);
    }

    fn tell(&self, event: SocketEvent) {
        if self.is_over.get() {
            return;
        }
        self.is_over.set(matches!(event, SocketEvent::Closed { .. }));
        (self.on_event)(event);
    }

    /// Ends the socket and forgets what is under way; tells that later, unless it is let go before.
    fn cut(&self) {
        self.let_go();
        let this = self.this.clone();
        spawn_local(async move {
            if let Some(line) = this.upgrade() {
                line.tell(SocketEvent::Closed { code: ABNORMAL });
            }
        });
    }

    fn let_go(&self) {
        let socket = self.socket.take();
        self.there.clear();
        self.back.clear();
        drop(socket);
    }
}

fn carry<T: Clone + 'static>(lane: &Lane<T>, item: T, fate: Fate, delay_ms: u32) {
    match fate {
        Fate::Dropped => {}
        Fate::Passed => lane.pass(item, delay_ms),
        Fate::Twice => {
            lane.pass(item.clone(), delay_ms);
            lane.pass(item, delay_ms);
        }
    }
}
