//! The server of either version behind one face: the real authority, one real session a
//! connection, backups.

use crate::{
    plan::Rng,
    schema::{Notes, Version, read_as},
};
use holdfast_sync::{
    Epoch, Mark, Refusal, RefusalCode, SyncCursor,
    authority::{LogEntry, MemoryStore, PushAnswer, Request, Session, SessionInput, SessionOutput, Sizes},
    planted::Planted,
};
use std::{any::Any, collections::BTreeMap};
use uuid::Uuid;

/// What a session wants done.
#[derive(Debug)]
pub(crate) enum Say {
    Send(String),
    /// Something is to be read or settled: call [`Server::answer`] in a while.
    Read,
    Close,
}

/// What happens to the server while it carries something out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    None,
    /// It refuses for the moment.
    Passing,
    /// It stops somewhere.
    Crash,
}

/// A server of either version.
pub(crate) trait Server {
    fn connect(&mut self, wire: usize, user: u8);
    fn hang_up(&mut self, wire: usize);
    fn frame(&mut self, wire: usize, text: String);
    fn head_moved(&mut self, wire: usize);
    fn poll(&mut self, wire: usize) -> Option<Say>;
    /// Whether what the session waits for is a push.
    fn is_settling(&self, wire: usize) -> bool;
    fn answer(&mut self, wire: usize, now_ms: i64, trouble: Trouble, rng: &mut Rng);

    fn head(&self) -> SyncCursor;
    /// The log behind a position, each entry with the mark behind it.
    fn log_behind(&self, seq: u64) -> Vec<(LogEntry<Notes>, Mark)>;
    fn compact(&mut self, through: u64);
    /// A copy of its data.
    fn copy(&self) -> Box<dyn Any>;
    /// Puts such a copy in place; under a new epoch where it was done by command.
    fn put_back(&mut self, copy: &dyn Any, epoch: Option<Epoch>);
}

/// Sessions, by connection, and the data.
struct Served<S: Version> {
    store: MemoryStore<S>,
    sessions: BTreeMap<usize, (u8, Session<S>)>,
    asked: BTreeMap<usize, Request<S>>,
}

/// An empty server of a version.
pub(crate) fn start<S: Version>(planted: Option<Planted>) -> Box<dyn Server> {
    let mut store = MemoryStore::<S>::new(Epoch(Uuid::from_u128(1)));
    store.planted = planted;
    Box::new(Served { store, sessions: BTreeMap::new(), asked: BTreeMap::new() })
}

impl<S: Version> Server for Served<S> {
    fn connect(&mut self, wire: usize, user: u8) {
        let sizes = Sizes { log_entries: 20, page_rows: 4 };
        #[allow(unused_mut, reason = "a planted mistake changes it")]
        let mut session = Session::new(user, self.store.limits).with_sizes(sizes);
        session.planted = self.store.planted;
        self.sessions.insert(wire, (user, session));
    }

    fn hang_up(&mut self, wire: usize) {
        self.sessions.remove(&wire);
        self.asked.remove(&wire);
    }

    fn frame(&mut self, wire: usize, text: String) {
        if let Some((_, session)) = self.sessions.get_mut(&wire) {
            session.handle(SessionInput::Frame(text));
        }
    }

    fn head_moved(&mut self, wire: usize) {
        let head = self.store.head().seq;
        if let Some((_, session)) = self.sessions.get_mut(&wire) {
            session.handle(SessionInput::Head(head));
        }
    }

    fn poll(&mut self, wire: usize) -> Option<Say> {
        let (_, session) = self.sessions.get_mut(&wire)?;
        Some(match session.poll()? {
            SessionOutput::Send(text) => Say::Send(text),
            SessionOutput::Read(request) => {
                self.asked.insert(wire, request);
                Say::Read
            }
            SessionOutput::Close { .. } => Say::Close,
        })
    }

    fn is_settling(&self, wire: usize) -> bool {
        matches!(self.asked.get(&wire), Some(Request::Settle { .. }))
    }

    fn answer(&mut self, wire: usize, now_ms: i64, trouble: Trouble, rng: &mut Rng) {
        let Some(mut request) = self.asked.remove(&wire) else { return };
        let Some((user, session)) = self.sessions.get_mut(&wire) else { return };
        let (mut done, mut refused) = (0, 0);
        if let (Request::Settle { mutations, .. }, Trouble::Passing | Trouble::Crash) = (&mut request, trouble) {
            done = rng.below(mutations.len() as u64 + 1) as usize;
            refused = mutations.len() - done;
            if self.store.planted == Some(Planted::TransientPassedOver) && refused > 1 {
                mutations.remove(done);
            } else {
                mutations.truncate(done);
            }
        }
        let input = self.store.carry_out(user, now_ms, request);
        if matches!(trouble, Trouble::Crash) {
            self.store.crash();
            return;
        }
        let input = match input {
            SessionInput::Settled(mut answers) if refused > 0 => {
                answers.truncate(done);
                let refusal = Refusal::new(RefusalCode::Failed, "The disk is full.");
                answers.extend((0..refused).map(|_| PushAnswer::Transient(refusal.clone())));
                SessionInput::Settled(answers)
            }
            input => input,
        };
        session.handle(input);
    }

    fn head(&self) -> SyncCursor {
        self.store.head()
    }

    fn log_behind(&self, seq: u64) -> Vec<(LogEntry<Notes>, Mark)> {
        let behind = self.store.log().iter().filter(|entry| entry.seq > seq);
        let newest = |entry: &LogEntry<S>| match (entry as &dyn Any).downcast_ref::<LogEntry<Notes>>() {
            Some(entry) => entry.clone(),
            None => read_as(entry).expect("the newest version reads what the one before writes"),
        };
        let marked = behind.filter_map(|entry| Some((newest(entry), self.store.mark_at(entry.seq)?)));
        marked.collect()
    }

    fn compact(&mut self, through: u64) {
        self.store.compact(through);
    }

    fn copy(&self) -> Box<dyn Any> {
        Box::new(self.store.clone())
    }

    fn put_back(&mut self, copy: &dyn Any, epoch: Option<Epoch>) {
        let copy = copy.downcast_ref::<MemoryStore<S>>().expect("a copy of this very server");
        self.store = copy.clone();
        if let Some(epoch) = epoch {
            self.store.begin_life(epoch);
        }
        self.sessions.clear();
        self.asked.clear();
    }
}
