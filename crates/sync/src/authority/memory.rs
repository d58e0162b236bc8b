//! A server's data in memory: the reference that the simulation and the tests of
//! applications run the real [`Session`](super::Session) against.

use super::{
    Admission, Answer, Facts, HelloFacts, LogEntry, LogRead, Page, PushAnswer, QueryPage, Recorded, Request, Rights,
    SessionInput, Settlement, admit, content_hash, greet, is_named,
    rights::{self, Watched},
    settle,
};
use crate::{
    ClientId, Epoch, Mark, Seq, SyncCursor,
    protocol::{Body, ErrorCode, ErrorFrame, Hello, Limits, Pushed},
    schema::{Place, Query, Schema, Spot, Stored},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

/// Rows, log, answers, clients and counters of one workspace.
#[derive(Clone, Debug)]
pub struct MemoryStore<S: Schema> {
    head: SyncCursor,
    rows: BTreeMap<S::Key, Stored<S>>,
    children: BTreeMap<S::Key, BTreeSet<S::Key>>,
    /// Where the log was cut off: it holds every entry behind this.
    horizon: SyncCursor,
    log: Vec<Arc<LogEntry<S>>>,
    /// The mark behind each entry.
    marks: Vec<Mark>,
    answers: BTreeMap<(ClientId, u64), Recorded>,
    /// The answers by the hash of what was sent, with who sent it.
    named: BTreeMap<u128, (S::Actor, Answer)>,
    clients: BTreeMap<ClientId, (S::Actor, u64)>,
    counters: BTreeMap<String, u64>,
    /// What both ends keep to.
    pub limits: Limits,
    /// A known mistake.
    #[cfg(feature = "planted")]
    pub planted: Option<crate::planted::Planted>,
    /// What such a mistake writes in a transaction of its own.
    #[cfg(feature = "planted")]
    apart: Option<(ClientId, u64, Recorded)>,
}

impl<S: Schema> MemoryStore<S> {
    /// An empty workspace.
    pub fn new(epoch: Epoch) -> Self {
        let start = SyncCursor { epoch, seq: 0, mark: Mark::default() };
        Self {
            head: start,
            horizon: start,
            rows: BTreeMap::new(),
            children: BTreeMap::new(),
            log: Vec::new(),
            marks: Vec::new(),
            answers: BTreeMap::new(),
            named: BTreeMap::new(),
            clients: BTreeMap::new(),
            counters: BTreeMap::new(),
            limits: Limits::default(),
            #[cfg(feature = "planted")]
            planted: None,
            #[cfg(feature = "planted")]
            apart: None,
        }
    }

    /// The log's head.
    pub fn head(&self) -> SyncCursor {
        self.head
    }

    /// Every row.
    pub fn rows(&self) -> &BTreeMap<S::Key, Stored<S>> {
        &self.rows
    }

    /// The log behind its horizon.
    pub fn log(&self) -> &[Arc<LogEntry<S>>] {
        &self.log
    }

    /// Where the log was cut off: it holds every entry behind this.
    pub fn horizon(&self) -> SyncCursor {
        self.horizon
    }

    /// Cuts the log off: the entries up to that position go. A client that stands before it loads its
    /// rows anew.
    pub fn compact(&mut self, through: Seq) {
        let gone = through.min(self.head.seq).saturating_sub(self.horizon.seq) as usize;
        if gone > 0 {
            self.horizon.seq += gone as u64;
            self.horizon.mark = self.marks[gone - 1];
            self.log.drain(..gone);
            self.marks.drain(..gone);
        }
    }

    /// Begins another life of the log at where it ends, as a restored backup does: what was settled
    /// before keeps its answer.
    pub fn begin_life(&mut self, epoch: Epoch) {
        self.compact(self.head.seq);
        self.head.epoch = epoch;
        self.horizon.epoch = epoch;
    }

    /// Whether an actor may read each of these scopes.
    pub fn rights(&self, actor: &S::Actor, scopes: BTreeSet<S::Scope>) -> Rights<S> {
        let keys = rights::deciding::<S>(actor, &scopes).into_iter();
        let rows = keys.filter_map(|key| Some((key.clone(), self.rows.get(&key)?.clone()))).collect();
        rights::decide(actor, scopes, &rows)
    }

    /// Carries out what a session asks for.
    pub fn carry_out(&mut self, actor: &S::Actor, now_ms: i64, request: Request<S>) -> SessionInput<S> {
        #[cfg(feature = "planted")]
        self.write_apart();
        match request {
            Request::Hello(hello) => SessionInput::Greeted(self.greet(actor, now_ms, &hello)),
            Request::Settle { client, mutations } => SessionInput::Settled(
                mutations.iter().map(|pushed| self.settle(actor, client, now_ms, pushed)).collect(),
            ),
            Request::Rights { scopes } => SessionInput::Rights(self.rights(actor, scopes)),
            Request::Log { after, limit, watched } => SessionInput::Log(self.read_log(actor, after, limit, &watched)),
            Request::Page { scope, after, limit } => {
                let may_read = self.rights(actor, BTreeSet::from([scope.clone()]))[&scope];
                SessionInput::Page(may_read.then(|| self.page(&scope, after.as_ref(), limit)))
            }
            Request::Query { query, after, limit, count } => {
                let may_read = self.rights(actor, BTreeSet::from([query.scope()]))[&query.scope()];
                SessionInput::Query(may_read.then(|| self.query(&query, after.as_ref(), limit, count)))
            }
        }
    }

    fn greet(&mut self, actor: &S::Actor, now_ms: i64, hello: &Hello<S>) -> Result<super::Greeting, ErrorFrame> {
        let known = self.clients.get(&hello.client);
        if known.is_some_and(|(owner, _)| owner != actor) {
            let message = "This browser profile belongs to another user.".to_owned();
            return Err(ErrorFrame { code: ErrorCode::NotYours, message, retry: None });
        }
        let facts = HelloFacts {
            head: self.head,
            horizon: self.horizon.seq,
            mark_at_cursor: hello.cursor.filter(|_| self.compares_marks()).and_then(|cursor| self.mark_at(cursor.seq)),
            mark_at_seen: hello.seen.filter(|_| self.compares_marks()).and_then(|seen| self.mark_at(seen.seq)),
            settled: known.map_or(0, |(_, settled)| *settled),
            now_ms,
            limits: self.limits,
        };
        let greeting = greet(hello, facts)?;
        let settled = greeting.raise_settled.unwrap_or(facts.settled);
        self.clients.insert(hello.client, (actor.clone(), settled));
        Ok(greeting)
    }

    /// Settles one mutation, or gives the answer it got before.
    pub fn settle(&mut self, actor: &S::Actor, client: ClientId, now_ms: i64, pushed: &Pushed<S>) -> PushAnswer {
        let settled = self.clients.get(&client).map_or(0, |(_, settled)| *settled);
        #[cfg(feature = "planted")]
        if let Some(answer) = self.answer_planted(actor, client, now_ms, pushed) {
            return answer;
        }
        match admit(pushed, settled, self.answers.get(&(client, pushed.seq))) {
            Admission::Again(answer) => PushAnswer::Settled(answer),
            Admission::IdReused => PushAnswer::IdReused,
            Admission::Gap { expected } => PushAnswer::Gap { expected },
            Admission::Fresh => {
                let twin = self.named.get(&content_hash(pushed)).filter(|(of, _)| of == actor && is_named(pushed));
                let twin = twin.map(|(_, answer)| answer.clone());
                PushAnswer::Settled(self.write_down(actor, client, now_ms, pushed, twin))
            }
        }
    }

    /// Carries a mutation out without asking whether it came before.
    pub fn commit(&mut self, actor: &S::Actor, client: ClientId, now_ms: i64, pushed: &Pushed<S>) -> Answer {
        self.write_down(actor, client, now_ms, pushed, None)
    }

    fn write_down(
        &mut self,
        actor: &S::Actor,
        client: ClientId,
        now_ms: i64,
        pushed: &Pushed<S>,
        twin: Option<Answer>,
    ) -> Answer {
        let (rows, counters) = match &pushed.body {
            Body::Void => (BTreeMap::new(), BTreeMap::new()),
            Body::Mutate(mutation) => self.load(mutation),
        };
        let facts = Facts { actor: actor.clone(), client, now_ms, head: self.head, rows: &rows, counters, twin };
        let Settlement { entry, head, counters, recorded } = settle(pushed, facts);
        for change in &entry.changes {
            self.write(&change.key, change.after.clone());
        }
        self.counters.extend(counters);
        self.head = head;
        self.log.push(Arc::new(entry));
        self.marks.push(head.mark);
        let answer = recorded.answer.clone();
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::DedupeRowApart) {
            self.write_apart();
            self.apart = Some((client, pushed.seq, recorded));
            return answer;
        }
        self.named.entry(recorded.hash).or_insert_with(|| (actor.clone(), answer.clone()));
        self.answers.insert((client, pushed.seq), recorded);
        self.clients.entry(client).or_insert((actor.clone(), 0)).1 = pushed.seq;
        answer
    }

    fn compares_marks(&self) -> bool {
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::MarkNotCompared) {
            return false;
        }
        true
    }

    fn load(&self, mutation: &S::Mutation) -> (BTreeMap<S::Key, Stored<S>>, BTreeMap<String, u64>) {
        let footprint = S::footprint(mutation);
        let mut keys = BTreeSet::new();
        for spot in footprint.spots {
            match spot {
                Spot::Row(key) => {
                    keys.insert(key);
                }
                Spot::Children(parent) => keys.extend(self.children.get(&parent).into_iter().flatten().cloned()),
            }
        }
        let rows = keys.into_iter().filter_map(|key| Some((key.clone(), self.rows.get(&key)?.clone()))).collect();
        let counters =
            footprint.counters.into_iter().filter_map(|name| Some((name.clone(), *self.counters.get(&name)?)));
        (rows, counters.collect())
    }

    fn write(&mut self, key: &S::Key, after: Option<Stored<S>>) {
        match after {
            Some(stored) => {
                if let Some(parent) = S::parent(&stored.row) {
                    self.children.entry(parent).or_default().insert(key.clone());
                }
                self.rows.insert(key.clone(), stored);
            }
            None => {
                let parent = self.rows.remove(key).and_then(|stored| S::parent(&stored.row));
                if let Some(children) = parent.and_then(|parent| self.children.get_mut(&parent)) {
                    children.remove(key);
                }
            }
        }
    }

    /// The mark behind a position, where the log holds it.
    pub fn mark_at(&self, seq: Seq) -> Option<Mark> {
        match seq.checked_sub(self.horizon.seq)? {
            0 => Some(self.horizon.mark),
            place => self.marks.get(place as usize - 1).copied(),
        }
    }

    fn read_log(&self, actor: &S::Actor, after: Seq, limit: usize, watched: &Watched<S>) -> Option<LogRead<S>> {
        let place = after.checked_sub(self.horizon.seq)? as usize;
        let entries: Vec<_> = self.log.iter().skip(place).take(limit).cloned().collect();
        let seq = after + entries.len() as u64;
        let to = SyncCursor { epoch: self.head.epoch, seq, mark: self.mark_at(seq)? };
        let rights = self.rights(actor, rights::concerned(&entries, watched));
        Some(LogRead { entries, to, rights })
    }

    fn page(&self, scope: &S::Scope, after: Option<&S::Key>, limit: usize) -> Page<S> {
        let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(key.clone()));
        let in_scope = |stored: &&Stored<S>| S::scope(&stored.row) == *scope;
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::PageSkipsMoved) {
            return self.page_by_seq(scope, after, limit);
        }
        let mut rows: Vec<Stored<S>> = self
            .rows
            .range((start, Bound::Unbounded))
            .map(|(_, stored)| stored)
            .filter(in_scope)
            .take(limit + 1)
            .cloned()
            .collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        Page { as_of: self.head, rows, more, total: self.rows.values().filter(in_scope).count() as u64 }
    }
}

impl<S: Schema> MemoryStore<S> {
    /// A page of the rows that meet a query.
    pub fn query(&self, query: &S::Query, after: Option<&Place>, limit: usize, count: bool) -> QueryPage<S> {
        let scope = query.scope();
        let met = self.rows.values().filter(|stored| S::scope(&stored.row) == scope && query.meets(&stored.row));
        let mut placed: Vec<(Place, &Stored<S>)> = met.map(|stored| (query.place(&stored.row), stored)).collect();
        let total = count.then_some(placed.len() as u64);
        placed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let behind = |place: &Place| after.is_none_or(|after| place > after);
        let mut rows: Vec<Stored<S>> =
            placed.into_iter().filter(|(place, _)| behind(place)).map(|(_, stored)| stored.clone()).collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        QueryPage { as_of: self.head, rows, more, total }
    }
}

/// What planted mistakes do instead.
#[cfg(feature = "planted")]
impl<S: Schema> MemoryStore<S> {
    /// The server stops: what was to be written in a transaction of its own is not.
    pub fn crash(&mut self) {
        self.apart = None;
    }

    fn write_apart(&mut self) {
        if let Some((client, seq, recorded)) = self.apart.take() {
            self.answers.insert((client, seq), recorded);
            if let Some((_, settled)) = self.clients.get_mut(&client) {
                *settled = seq;
            }
        }
    }

    fn answer_planted(
        &mut self,
        actor: &S::Actor,
        client: ClientId,
        now_ms: i64,
        pushed: &Pushed<S>,
    ) -> Option<PushAnswer> {
        use crate::planted::Planted;
        let settled = self.clients.get(&client).map_or(0, |(_, settled)| *settled);
        let before = self.apart.as_ref().filter(|(of, ..)| *of == client).map_or(settled, |(_, seq, _)| *seq);
        let recorded = self.answers.get(&(client, pushed.seq));
        let commits = match self.planted? {
            Planted::NoDedupeRow => pushed.seq <= settled + 1,
            Planted::DedupeRowApart => recorded.is_none() && pushed.seq == before + 1,
            Planted::TransientPassedOver => pushed.seq > settled + 1,
            Planted::OneIdForTwoEdits => {
                let answer = recorded.map(|recorded| recorded.answer.clone());
                return answer.map(PushAnswer::Settled);
            }
            _ => false,
        };
        commits.then(|| PushAnswer::Settled(self.commit(actor, client, now_ms, pushed)))
    }

    fn page_by_seq(&self, scope: &S::Scope, after: Option<&S::Key>, limit: usize) -> Page<S> {
        let mut rows: Vec<&Stored<S>> = self.rows.values().filter(|stored| S::scope(&stored.row) == *scope).collect();
        rows.sort_by_key(|stored| stored.seq);
        let total = rows.len() as u64;
        let last = after.and_then(|key| self.rows.get(key)).map_or(0, |stored| stored.seq);
        rows.retain(|stored| stored.seq > last);
        let more = rows.len() > limit;
        rows.truncate(limit);
        Page { as_of: self.head, rows: rows.into_iter().cloned().collect(), more, total }
    }
}
