//! A server in memory, and sockets to it.

use super::{FakeClock, line::Line};
use crate::bridge::{Clock, Connector, Guard, OnEvent, Socket, SocketEvent};
use futures::channel::oneshot;
use holdfast_sync::{
    ClientId, Epoch, Refusal, Schema, Seq,
    authority::{Answer, MemoryStore, PushAnswer, Request, SessionInput, SessionOutput},
    protocol::{Body, Pushed},
};
use std::{
    cell::{Cell, Ref, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// The close code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

/// The kinds of frames.
const KINDS: [&str; 14] = [
    "hello",
    "subscribe",
    "unsubscribe",
    "push",
    "ping",
    "welcome",
    "snapshot",
    "purge",
    "grant",
    "patch",
    "ack",
    "reject",
    "pong",
    "error",
];

/// Unix milliseconds by the fake server's clock, which stands still: 2026-01-01.
const NOW_MS: i64 = 1_767_225_600_000;

/// A server in memory, as one user reaches it. Clones are the same server and user.
///
/// What is sent is delivered in a microtask of its own, unless faults are ordered. Faults are of
/// all sockets, whoever's they are.
pub struct FakeServer<S: Schema> {
    state: Rc<RefCell<State<S>>>,
    user: Rc<User<S>>,
}

impl<S: Schema> Clone for FakeServer<S> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), user: self.user.clone() }
    }
}

/// A user, and a device of theirs whose edits need no page.
struct User<S: Schema> {
    actor: S::Actor,
    client: ClientId,
    last_seq: Cell<u64>,
}

impl<S: Schema> User<S> {
    fn new(actor: S::Actor) -> Rc<Self> {
        Rc::new(Self { actor, client: ClientId(Uuid::now_v7()), last_seq: Cell::new(0) })
    }
}

struct State<S: Schema> {
    store: MemoryStore<S>,
    lines: BTreeMap<u64, Line<S>>,
    next_line: u64,
    is_reachable: bool,
    is_held: bool,
    duplicates: bool,
    lost: Vec<String>,
    delay: Option<(FakeClock, u64)>,
    /// Between one frame of the server and the next.
    gap_ms: u64,
    /// When what is under way arrives next.
    arrival: Option<(u64, Guard)>,
    refusals: VecDeque<Rejection>,
    is_pump_due: bool,
    waiting: Vec<(Condition<S>, oneshot::Sender<()>)>,
}

type Condition<S> = Box<dyn Fn(&MemoryStore<S>) -> bool>;

enum Rejection {
    Refused(Refusal),
    Transient(Refusal),
}

impl<S: Schema> FakeServer<S> {
    /// A server without rows, for that user.
    pub fn new(actor: S::Actor) -> Self {
        let state = State {
            store: MemoryStore::new(Epoch(Uuid::now_v7())),
            lines: BTreeMap::new(),
            next_line: 1,
            is_reachable: true,
            is_held: false,
            duplicates: false,
            lost: Vec::new(),
            delay: None,
            gap_ms: 0,
            arrival: None,
            refusals: VecDeque::new(),
            is_pump_due: false,
            waiting: Vec::new(),
        };
        Self { state: Rc::new(RefCell::new(state)), user: User::new(actor) }
    }

    /// The same server, as another user reaches it.
    #[must_use]
    pub fn user(&self, actor: S::Actor) -> Self {
        Self { state: self.state.clone(), user: User::new(actor) }
    }

    /// Who reaches it.
    pub fn actor(&self) -> &S::Actor {
        &self.user.actor
    }

    /// Rows and log.
    pub fn store(&self) -> Ref<'_, MemoryStore<S>> {
        Ref::map(self.state.borrow(), |state| &state.store)
    }

    /// How many sockets are open.
    pub fn connections(&self) -> usize {
        self.state.borrow().lines.len()
    }

    /// An edit of this user's on another device, or of the server's own where that is who it is:
    /// it is in the log when this returns, and on its way to all.
    pub fn edit(&self, mutation: S::Mutation) -> Seq {
        let User { actor, client, last_seq } = &*self.user;
        last_seq.set(last_seq.get() + 1);
        let pushed = Pushed { seq: last_seq.get(), body: Body::Mutate(mutation), bases: Vec::new(), nonce: 0 };
        let at = self.state.borrow_mut().store.commit(actor, *client, NOW_MS, &pushed).at;
        self.pump_soon();
        at
    }

    /// Waits until that is so; it is looked at after each delivery.
    pub async fn until(&self, condition: impl Fn(&MemoryStore<S>) -> bool + 'static) {
        if condition(&self.store()) {
            return;
        }
        let (done, wait) = oneshot::channel();
        self.state.borrow_mut().waiting.push((Box::new(condition), done));
        // The server lives as long as the caller holds it.
        let _ = wait.await;
    }

    /// Whether sockets can be opened.
    pub fn set_reachable(&self, is_reachable: bool) {
        self.state.borrow_mut().is_reachable = is_reachable;
    }

    /// Delivers nothing, either way, until [`release`](Self::release). What is sent waits.
    pub fn hold(&self) {
        self.state.borrow_mut().is_held = true;
    }

    /// Delivers what waited, in order.
    pub fn release(&self) {
        self.state.borrow_mut().is_held = false;
        self.pump_soon();
    }

    /// From now on everything takes so long on its way, in either direction, by that clock; with 0
    /// no longer. The order stays.
    pub fn set_delay(&self, clock: &FakeClock, ms: u64) {
        self.state.borrow_mut().delay = Some((clock.clone(), ms));
    }

    /// From now on each frame of the server arrives so long after the one before it, by that clock.
    pub fn set_gap(&self, clock: &FakeClock, ms: u64) {
        let mut state = self.state.borrow_mut();
        state.delay.get_or_insert_with(|| (clock.clone(), 0));
        state.gap_ms = ms;
    }

    /// Cuts all sockets. What was not delivered is lost.
    pub fn cut(&self) {
        self.close_all(ABNORMAL);
    }

    /// Closes all sockets with that code. What was not delivered is lost.
    pub fn close_all(&self, code: u16) {
        self.state.borrow_mut().lines.values_mut().for_each(|line| line.close(code));
        self.pump_soon();
    }

    /// Makes all sockets half-open: they stay, and whatever is sent is lost.
    pub fn freeze(&self) {
        self.state.borrow_mut().lines.values_mut().for_each(Line::freeze);
    }

    /// Whether each push reaches the server twice, and each answer and patch the client.
    pub fn set_duplicates(&self, duplicates: bool) {
        self.state.borrow_mut().duplicates = duplicates;
    }

    /// Loses the next frame of that kind (`push`, `ack`, `patch`, …) on its way, whoever sends it.
    /// A socket loses nothing without closing; a proxy does.
    ///
    /// # Panics
    /// Where that is no kind of frame.
    pub fn lose_next(&self, kind: &str) {
        assert!(KINDS.contains(&kind), "{kind:?} is no kind of frame; these are: {KINDS:?}");
        self.state.borrow_mut().lost.push(format!("{{\"{kind}\":"));
    }

    /// Refuses the next mutation that is pushed, for good. The answer must reach the client:
    /// to a resend the server would give another.
    pub fn refuse_next(&self, refusal: Refusal) {
        self.state.borrow_mut().refusals.push_back(Rejection::Refused(refusal));
    }

    /// Refuses the next push for now.
    pub fn refuse_next_for_now(&self, refusal: Refusal) {
        self.state.borrow_mut().refusals.push_back(Rejection::Transient(refusal));
    }

    fn pump_soon(&self) {
        if std::mem::replace(&mut self.state.borrow_mut().is_pump_due, true) {
            return;
        }
        let this = self.clone();
        spawn_local(async move {
            this.state.borrow_mut().is_pump_due = false;
            this.pump();
        });
    }

    /// Delivers everything that is due, and what follows from it.
    fn pump(&self) {
        loop {
            let next = self.state.borrow_mut().next_event();
            let Some((tell, event)) = next else { break };
            tell(event);
        }
        self.wait_for_arrival();
        let mut state = self.state.borrow_mut();
        let State { store, waiting, .. } = &mut *state;
        for (_, done) in waiting.extract_if(.., |(condition, _)| condition(store)) {
            // Whoever waited may have gone.
            let _ = done.send(());
        }
    }

    /// Comes back when the next of what is under way arrives.
    fn wait_for_arrival(&self) {
        let mut state = self.state.borrow_mut();
        let next = state.lines.values().filter_map(Line::next_arrival).min().filter(|_| !state.is_held);
        if next == state.arrival.as_ref().map(|(at, _)| *at) {
            return;
        }
        let clock = state.delay.as_ref().map(|(clock, _)| clock.clone());
        state.arrival = next.zip(clock).map(|(at, clock)| {
            let (this, user) = (Rc::downgrade(&self.state), self.user.clone());
            let arrived = move || {
                let Some(state) = this.upgrade() else { return };
                // Kept until here: it is what is being called.
                let _called = state.borrow_mut().arrival.take();
                Self { state, user }.pump();
            };
            (at, clock.at(at, Box::new(arrived)))
        });
    }
}

impl<S: Schema> State<S> {
    /// Now, and when what is sent now arrives.
    fn times(&self) -> (u64, u64) {
        let Some((clock, delay_ms)) = &self.delay else { return (0, 0) };
        let now_ms = clock.now().mono_ms;
        (now_ms, now_ms + delay_ms)
    }

    /// What is to be told next, and to whom.
    fn next_event(&mut self) -> Option<(OnEvent, SocketEvent)> {
        if self.is_held {
            return None;
        }
        let (now_ms, _) = self.times();
        let ids: Vec<u64> = self.lines.keys().copied().collect();
        for id in ids {
            self.serve(id);
            let Some(line) = self.lines.get_mut(&id) else { continue };
            let Some(event) = line.to_client.arrived(now_ms) else { continue };
            let tell = line.tell.clone();
            if matches!(event, SocketEvent::Closed { .. }) {
                self.lines.remove(&id);
            }
            return Some((tell, event));
        }
        None
    }

    /// Lets one session take in what it was sent.
    fn serve(&mut self, id: u64) {
        let (now_ms, arrival_ms) = self.times();
        let Self { store, lines, lost, duplicates, refusals, gap_ms, .. } = self;
        let Some(line) = lines.get_mut(&id) else { return };
        line.to_client.gap_ms = *gap_ms;
        if line.is_frozen {
            return line.clear();
        }
        while let Some(text) = line.to_server.arrived(now_ms) {
            for _ in 0..copies(&text, &["push"], *duplicates, lost) {
                line.session.handle(SessionInput::Frame(text.clone()));
            }
        }
        line.session.handle(SessionInput::Head(store.head().seq));
        while let Some(output) = line.session.poll() {
            match output {
                SessionOutput::Send(text) => {
                    for _ in 0..copies(&text, &["ack", "reject", "patch"], *duplicates, lost) {
                        line.to_client.send(arrival_ms, SocketEvent::Text(text.clone()));
                    }
                }
                SessionOutput::Close { code, .. } => line.to_client.send(arrival_ms, SocketEvent::Closed { code }),
                SessionOutput::Read(request) => {
                    let answer = answer(store, &line.actor, refusals, request);
                    line.session.handle(answer);
                }
            }
        }
    }
}

/// How often a frame arrives.
fn copies(text: &str, duplicated: &[&str], duplicates: bool, lost: &mut Vec<String>) -> usize {
    if let Some(place) = lost.iter().position(|kind| text.starts_with(kind)) {
        lost.remove(place);
        return 0;
    }
    let is_one = |kind: &&str| text.strip_prefix("{\"").is_some_and(|rest| rest.starts_with(&format!("{kind}\"")));
    if duplicates && duplicated.iter().any(is_one) { 2 } else { 1 }
}

fn answer<S: Schema>(
    store: &mut MemoryStore<S>,
    actor: &S::Actor,
    refusals: &mut VecDeque<Rejection>,
    request: Request<S>,
) -> SessionInput<S> {
    let Request::Settle { client, mutations } = request else { return store.carry_out(actor, NOW_MS, request) };
    let mut answers = Vec::new();
    for pushed in mutations {
        answers.push(match refusals.pop_front() {
            None => store.settle(actor, client, NOW_MS, &pushed),
            Some(Rejection::Refused(refusal)) => {
                let void = Pushed { seq: pushed.seq, body: Body::Void, bases: Vec::new(), nonce: 0 };
                let at = store.commit(actor, client, NOW_MS, &void).at;
                PushAnswer::Settled(Answer { at, refusal: Some(refusal) })
            }
            Some(Rejection::Transient(refusal)) => {
                answers.push(PushAnswer::Transient(refusal));
                break;
            }
        });
    }
    SessionInput::Settled(answers)
}

impl<S: Schema> Connector for FakeServer<S> {
    fn connect(&self, on_event: OnEvent) -> Box<dyn Socket> {
        let mut state = self.state.borrow_mut();
        let id = state.next_line;
        state.next_line += 1;
        let (_, arrival_ms) = state.times();
        let mut line = Line::new(self.user.actor.clone(), state.store.limits, on_event);
        let first = if state.is_reachable { SocketEvent::Opened } else { SocketEvent::Closed { code: ABNORMAL } };
        line.to_client.send(arrival_ms, first);
        state.lines.insert(id, line);
        drop(state);
        self.pump_soon();
        Box::new(FakeSocket { id, server: Rc::downgrade(&self.state), user: self.user.clone() })
    }
}

struct FakeSocket<S: Schema> {
    id: u64,
    server: Weak<RefCell<State<S>>>,
    user: Rc<User<S>>,
}

impl<S: Schema> Socket for FakeSocket<S> {
    fn send(&self, text: &str) {
        let Some(state) = self.server.upgrade() else { return };
        let (_, arrival_ms) = state.borrow().times();
        if let Some(line) = state.borrow_mut().lines.get_mut(&self.id) {
            line.to_server.send(arrival_ms, text.to_owned());
        }
        FakeServer { state, user: self.user.clone() }.pump_soon();
    }
}

impl<S: Schema> Drop for FakeSocket<S> {
    fn drop(&mut self) {
        if let Some(state) = self.server.upgrade() {
            let line = state.borrow_mut().lines.remove(&self.id);
            drop(line);
        }
    }
}
