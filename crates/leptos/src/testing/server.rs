//! A server in memory, and sockets to it.

use crate::bridge::{Connector, OnEvent, Socket, SocketEvent};
use futures::channel::oneshot;
use holdfast_sync::{
    ClientId, Epoch, Refusal, Schema, Seq,
    authority::{Answer, MemoryStore, PushAnswer, Request, Session, SessionInput, SessionOutput},
    protocol::{Body, Pushed},
};
use std::{
    cell::{Ref, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// The close code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

/// Unix milliseconds by the fake server's clock, which stands still: 2026-01-01.
const NOW_MS: i64 = 1_767_225_600_000;

/// A server in memory that all its clients reach as the same user. Clones are the same server.
///
/// What is sent is delivered in a microtask of its own, unless faults are ordered.
pub struct FakeServer<S: Schema>(Rc<RefCell<State<S>>>);

impl<S: Schema> Clone for FakeServer<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct State<S: Schema> {
    store: MemoryStore<S>,
    actor: S::Actor,
    lines: BTreeMap<u64, Line<S>>,
    next_line: u64,
    colleague: ClientId,
    colleague_seq: u64,
    is_reachable: bool,
    is_held: bool,
    duplicates: bool,
    refusals: VecDeque<Rejection>,
    is_pump_due: bool,
    waiting: Vec<(Condition<S>, oneshot::Sender<()>)>,
}

type Condition<S> = Box<dyn Fn(&MemoryStore<S>) -> bool>;

enum Rejection {
    Refused(Refusal),
    Transient(Refusal),
}

/// One socket, and the session at its other end.
struct Line<S: Schema> {
    session: Session<S>,
    tell: OnEvent,
    to_server: VecDeque<String>,
    to_client: VecDeque<SocketEvent>,
    is_frozen: bool,
}

impl<S: Schema> FakeServer<S> {
    /// A server without rows, for that user.
    pub fn new(actor: S::Actor) -> Self {
        Self(Rc::new(RefCell::new(State {
            store: MemoryStore::new(Epoch(Uuid::now_v7())),
            actor,
            lines: BTreeMap::new(),
            next_line: 1,
            colleague: ClientId(Uuid::now_v7()),
            colleague_seq: 0,
            is_reachable: true,
            is_held: false,
            duplicates: false,
            refusals: VecDeque::new(),
            is_pump_due: false,
            waiting: Vec::new(),
        })))
    }

    /// Rows and log.
    pub fn store(&self) -> Ref<'_, MemoryStore<S>> {
        Ref::map(self.0.borrow(), |state| &state.store)
    }

    /// How many sockets are open.
    pub fn connections(&self) -> usize {
        self.0.borrow().lines.len()
    }

    /// A colleague's edit: it is in the log when this returns, and on its way to all.
    pub fn edit(&self, mutation: S::Mutation) -> Seq {
        let mut state = self.0.borrow_mut();
        state.colleague_seq += 1;
        let pushed = Pushed { seq: state.colleague_seq, body: Body::Mutate(mutation), bases: Vec::new(), nonce: 0 };
        let (actor, colleague) = (state.actor.clone(), state.colleague);
        let at = state.store.commit(&actor, colleague, NOW_MS, &pushed).at;
        drop(state);
        self.pump_soon();
        at
    }

    /// Waits until that is so; it is looked at after each delivery.
    pub async fn until(&self, condition: impl Fn(&MemoryStore<S>) -> bool + 'static) {
        if condition(&self.store()) {
            return;
        }
        let (done, wait) = oneshot::channel();
        self.0.borrow_mut().waiting.push((Box::new(condition), done));
        // The server lives as long as the caller holds it.
        let _ = wait.await;
    }

    /// Whether sockets can be opened.
    pub fn set_reachable(&self, is_reachable: bool) {
        self.0.borrow_mut().is_reachable = is_reachable;
    }

    /// Delivers nothing, either way, until [`release`](Self::release). What is sent waits.
    pub fn hold(&self) {
        self.0.borrow_mut().is_held = true;
    }

    /// Delivers what waited, in order.
    pub fn release(&self) {
        self.0.borrow_mut().is_held = false;
        self.pump_soon();
    }

    /// Cuts all sockets. What was not delivered is lost.
    pub fn cut(&self) {
        self.close_all(ABNORMAL);
    }

    /// Closes all sockets with that code. What was not delivered is lost.
    pub fn close_all(&self, code: u16) {
        for line in self.0.borrow_mut().lines.values_mut() {
            line.to_server.clear();
            line.to_client = VecDeque::from([SocketEvent::Closed { code }]);
        }
        self.pump_soon();
    }

    /// Makes all sockets half-open: they stay, and whatever is sent is lost.
    pub fn freeze(&self) {
        for line in self.0.borrow_mut().lines.values_mut() {
            line.is_frozen = true;
        }
    }

    /// Whether each push reaches the server twice.
    pub fn set_duplicates(&self, duplicates: bool) {
        self.0.borrow_mut().duplicates = duplicates;
    }

    /// Refuses the next mutation that is pushed, for good. The answer must reach the client:
    /// to a resend the server would give another.
    pub fn refuse_next(&self, refusal: Refusal) {
        self.0.borrow_mut().refusals.push_back(Rejection::Refused(refusal));
    }

    /// Refuses the next push for now.
    pub fn refuse_next_for_now(&self, refusal: Refusal) {
        self.0.borrow_mut().refusals.push_back(Rejection::Transient(refusal));
    }

    fn pump_soon(&self) {
        if std::mem::replace(&mut self.0.borrow_mut().is_pump_due, true) {
            return;
        }
        let this = self.clone();
        spawn_local(async move {
            this.0.borrow_mut().is_pump_due = false;
            this.pump();
        });
    }

    /// Delivers everything, and what follows from it.
    fn pump(&self) {
        loop {
            let next = self.0.borrow_mut().next_event();
            let Some((tell, event)) = next else { break };
            tell(event);
        }
        let mut state = self.0.borrow_mut();
        let State { store, waiting, .. } = &mut *state;
        for (_, done) in waiting.extract_if(.., |(condition, _)| condition(store)) {
            // Whoever waited may have gone.
            let _ = done.send(());
        }
    }
}

impl<S: Schema> State<S> {
    /// What is to be told next, and to whom.
    fn next_event(&mut self) -> Option<(OnEvent, SocketEvent)> {
        if self.is_held {
            return None;
        }
        let ids: Vec<u64> = self.lines.keys().copied().collect();
        for id in ids {
            self.serve(id);
            let Some(line) = self.lines.get_mut(&id) else { continue };
            let Some(event) = line.to_client.pop_front() else { continue };
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
        let Some(line) = self.lines.get_mut(&id) else { return };
        if line.is_frozen {
            line.to_server.clear();
            line.to_client.clear();
            return;
        }
        for text in line.to_server.drain(..) {
            if self.duplicates && text.starts_with(r#"{"push""#) {
                line.session.handle(SessionInput::Frame(text.clone()));
            }
            line.session.handle(SessionInput::Frame(text));
        }
        line.session.handle(SessionInput::Head(self.store.head().seq));
        while let Some(output) = line.session.poll() {
            match output {
                SessionOutput::Send(text) => line.to_client.push_back(SocketEvent::Text(text)),
                SessionOutput::Close { code, .. } => line.to_client.push_back(SocketEvent::Closed { code }),
                SessionOutput::Read(request) => {
                    let answer = answer(&mut self.store, &self.actor, &mut self.refusals, request);
                    line.session.handle(answer);
                }
            }
        }
    }
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
        let mut state = self.0.borrow_mut();
        let id = state.next_line;
        state.next_line += 1;
        let first = if state.is_reachable { SocketEvent::Opened } else { SocketEvent::Closed { code: ABNORMAL } };
        let line = Line {
            session: Session::new(state.actor.clone(), state.store.limits),
            tell: on_event,
            to_server: VecDeque::new(),
            to_client: VecDeque::from([first]),
            is_frozen: false,
        };
        state.lines.insert(id, line);
        drop(state);
        self.pump_soon();
        Box::new(FakeSocket { id, server: Rc::downgrade(&self.0) })
    }
}

struct FakeSocket<S: Schema> {
    id: u64,
    server: Weak<RefCell<State<S>>>,
}

impl<S: Schema> Socket for FakeSocket<S> {
    fn send(&self, text: &str) {
        let Some(state) = self.server.upgrade() else { return };
        if let Some(line) = state.borrow_mut().lines.get_mut(&self.id) {
            line.to_server.push_back(text.to_owned());
        }
        FakeServer(state).pump_soon();
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
