//! One connection at the server, without I/O.
//!
//! ```text
//! loop {
//!     while let Some(output) = session.poll() {
//!         match output {
//!             Send(text)     => write it to the socket, wait until it is taken
//!             Read(request)  => carry it out, then session.handle(its answer)
//!             Close { .. }   => close the socket, stop
//!         }
//!     }
//!     wait for: a frame, the log's head moving on  =>  session.handle(it)
//! }
//! ```
//!
//! At most one [`Request`] is outstanding, and frames are taken in order, so that an
//! answer never overtakes what came before it. The session reads the log itself, from
//! where it last sent to; that the head moved is only a hint. A driver that does not
//! poll while the socket is full therefore needs no queue for a slow consumer.

mod carried;
#[cfg(feature = "planted")]
mod planted;

use super::{
    Answer, Greeting, LogEntry, LogRead, PushAnswer, Request, Rights, SessionInput, SessionOutput, Sizes, Viewer,
    Watches, close, patch_for, rights::Watched,
};
use crate::{
    Seq, SyncCursor,
    protocol::{
        Ack, ClientFrame, ErrorCode, ErrorFrame, Held, Hello, Limits, Patch, Pong, Reach, Reject, ServerFrame, Unwatch,
    },
    schema::{Refusal, Schema},
};
use carried::{Asked, Loading, Wanted};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// One connection.
#[derive(Debug)]
pub struct Session<S: Schema> {
    actor: S::Actor,
    limits: Limits,
    sizes: Sizes,
    open: Option<Open<S>>,
    closed: bool,
    head: Seq,
    frames: VecDeque<ClientFrame<S>>,
    waiting: Option<Waiting<S>>,
    outputs: VecDeque<SessionOutput<S>>,
    /// A known mistake.
    #[cfg(feature = "planted")]
    pub planted: Option<crate::planted::Planted>,
    /// A page that such a mistake holds back.
    #[cfg(feature = "planted")]
    late: Option<ServerFrame<S>>,
}

/// What a connection knows once it was greeted.
#[derive(Debug)]
struct Open<S: Schema> {
    viewer: Viewer<S>,
    /// The `to` of the last patch sent.
    sent: SyncCursor,
    /// The log read so far, of which nothing concerned the client since `sent`.
    passed: SyncCursor,
    settled: u64,
    /// What was told of rights so far, counted.
    rights: u64,
    /// Scopes that were asked for and may not be read.
    denied: BTreeSet<S::Scope>,
    /// Queries that were watched and may not be read, by the scopes that they ask.
    denied_watches: BTreeMap<u64, S::Scope>,
    /// The subscriptions of those and of what is subscribed.
    ids: BTreeMap<S::Scope, u64>,
    /// The rows on which rights to all those, and to what is subscribed, depend.
    watched: Arc<Watched<S>>,
    /// Scopes whose pages are still to be sent.
    loading: BTreeMap<S::Scope, Loading<S>>,
    /// Pages of queries that are still to be sent.
    asked: VecDeque<Asked>,
    /// Whether a page or a piece of the log comes next, so that neither starves the other.
    page_next: bool,
}

/// What the outstanding request is for.
#[derive(Debug)]
enum Waiting<S: Schema> {
    Hello(Hello<S>),
    Rights(Vec<Wanted<S>>, Rights<S>),
    Settle(Vec<u64>),
    Log,
    Page(S::Scope, u64),
    Query(Asked),
}

impl<S: Schema> Open<S> {
    /// Notes which rows decide on what was asked for.
    fn watch(&mut self, actor: &S::Actor) {
        let mut watched = Watched::<S>::new();
        let asked = self.viewer.scopes.iter().chain(self.viewer.watches.scopes());
        for scope in asked.chain(&self.denied).chain(self.denied_watches.values()) {
            for key in S::rights(actor, scope) {
                watched.entry(key).or_default().insert(scope.clone());
            }
        }
        self.watched = Arc::new(watched);
    }
}

impl<S: Schema> Session<S> {
    /// A connection of that actor that has said nothing yet.
    pub fn new(actor: S::Actor, limits: Limits) -> Self {
        Self {
            actor,
            limits,
            sizes: Sizes::default(),
            open: None,
            closed: false,
            head: 0,
            frames: VecDeque::new(),
            waiting: None,
            outputs: VecDeque::new(),
            #[cfg(feature = "planted")]
            planted: None,
            #[cfg(feature = "planted")]
            late: None,
        }
    }

    /// The same with smaller or larger answers.
    #[must_use]
    pub fn with_sizes(mut self, sizes: Sizes) -> Self {
        self.sizes = sizes;
        self
    }

    /// Whether a valid `hello` was answered.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether there are pages to be sent: it may be long before [`poll`](Self::poll) has nothing more to give.
    pub fn is_loading(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.loading.is_empty() || !open.asked.is_empty())
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: SessionInput<S>) {
        if self.closed {
            return;
        }
        match input {
            SessionInput::Frame(text) => self.handle_text(&text),
            SessionInput::Head(seq) => self.head = self.head.max(seq),
            SessionInput::Greeted(greeting) => self.handle_greeted(greeting),
            SessionInput::Rights(rights) => self.handle_rights(rights),
            SessionInput::Settled(answers) => self.handle_settled(answers),
            SessionInput::Log(log) => self.handle_log(log),
            SessionInput::Page(page) => self.handle_page(page),
            SessionInput::Query(page) => self.handle_query_page(page),
            SessionInput::Failed(_) => {
                self.waiting = None;
                self.fail(
                    close::INTERNAL,
                    ErrorFrame {
                        code: ErrorCode::Internal,
                        message: "The server could not read its data; it will try again.".to_owned(),
                        retry: Some(1000),
                    },
                );
            }
        }
    }

    /// What to do next, if anything.
    pub fn poll(&mut self) -> Option<SessionOutput<S>> {
        if self.outputs.is_empty() && self.waiting.is_none() && !self.closed {
            self.advance();
        }
        self.outputs.pop_front()
    }

    /// Says that the server restarts and closes.
    pub fn restart(&mut self) {
        if !self.closed {
            let message = "The server restarts; it will be back in a moment.".to_owned();
            self.fail(close::RESTART, ErrorFrame { code: ErrorCode::Restarting, message, retry: Some(0) });
        }
    }

    /// Tells the client what is wrong and closes.
    pub fn fail(&mut self, code: u16, error: ErrorFrame) {
        let reason = error.message.clone();
        self.send(ServerFrame::Error(error));
        self.outputs.push_back(SessionOutput::Close { code, reason });
        self.closed = true;
    }

    fn send(&mut self, frame: ServerFrame<S>) {
        self.outputs.push_back(SessionOutput::Send(frame.encode()));
    }

    fn handle_text(&mut self, text: &str) {
        if text.len() > self.limits.frame_bytes_max {
            let message = format!("A frame may have at most {} bytes.", self.limits.frame_bytes_max);
            return self.fail(close::TOO_BIG, ErrorFrame { code: ErrorCode::TooMuch, message, retry: None });
        }
        match ClientFrame::decode(text) {
            Ok(frame) => self.frames.push_back(frame),
            Err(error) => self.fail_malformed(error.to_string()),
        }
    }

    fn fail_malformed(&mut self, message: String) {
        self.fail(close::PROTOCOL, ErrorFrame { code: ErrorCode::Malformed, message, retry: None });
    }

    /// Starts the next thing there is to do. Frames first: an author's own answers are
    /// what a user waits for.
    fn advance(&mut self) {
        while let Some(frame) = self.frames.pop_front() {
            self.handle_frame(frame);
            if self.waiting.is_some() || !self.outputs.is_empty() {
                return;
            }
        }
        let Some(open) = &mut self.open else { return };
        let behind = open.passed.seq < self.head;
        // Somebody looks at a query: it goes before what is loaded in the background.
        if let Some(asked) = open.asked.front()
            && (!behind || open.page_next)
        {
            let asked = asked.clone();
            return self.ask(asked);
        }
        let page = open.loading.iter().next().map(|(scope, loading)| (scope.clone(), loading.clone()));
        match page {
            Some((scope, Loading { id, after, .. })) if !behind || open.page_next => {
                open.page_next = false;
                self.waiting = Some(Waiting::Page(scope.clone(), id));
                self.outputs.push_back(SessionOutput::Read(Request::Page {
                    scope,
                    after,
                    limit: self.sizes.page_rows,
                }));
            }
            _ if behind => {
                open.page_next = true;
                self.waiting = Some(Waiting::Log);
                self.outputs.push_back(SessionOutput::Read(Request::Log {
                    after: open.passed.seq,
                    limit: self.sizes.log_entries,
                    watched: open.watched.clone(),
                }));
            }
            _ => {
                #[cfg(feature = "planted")]
                self.send_late();
            }
        }
    }

    fn handle_frame(&mut self, frame: ClientFrame<S>) {
        match (frame, &mut self.open) {
            (ClientFrame::Hello(hello), None) => {
                self.waiting = Some(Waiting::Hello(hello.clone()));
                self.outputs.push_back(SessionOutput::Read(Request::Hello(hello)));
            }
            (ClientFrame::Hello(_), Some(_)) => self.fail_malformed("hello comes once, and first.".to_owned()),
            (ClientFrame::Unknown(_) | ClientFrame::Error(_), _) => {}
            (_, None) => self.fail_malformed("The first frame must be hello.".to_owned()),
            (ClientFrame::Subscribe(subscribe), Some(_)) => self.ask_for(vec![Wanted::Scope(subscribe)]),
            (ClientFrame::Watch(watch), Some(_)) => self.ask_for(vec![Wanted::Query(watch)]),
            (ClientFrame::Unwatch(Unwatch { id }), Some(open)) => {
                open.viewer.watches.end(id);
                open.denied_watches.remove(&id);
                open.asked.retain(|asked| asked.id != id);
                open.watch(&self.actor);
            }
            (ClientFrame::Unsubscribe(unsubscribe), Some(open)) => {
                open.viewer.scopes.remove(&unsubscribe.scope);
                open.loading.remove(&unsubscribe.scope);
                open.denied.remove(&unsubscribe.scope);
                open.ids.remove(&unsubscribe.scope);
                open.watch(&self.actor);
            }
            (ClientFrame::Push(push), Some(open)) => {
                if push.mutations.len() > self.limits.in_flight_max {
                    let message = format!("A push may hold at most {} mutations.", self.limits.in_flight_max);
                    return self.fail(close::TOO_BIG, ErrorFrame { code: ErrorCode::TooMuch, message, retry: None });
                }
                self.waiting = Some(Waiting::Settle(push.mutations.iter().map(|pushed| pushed.seq).collect()));
                let client = open.viewer.client;
                self.outputs.push_back(SessionOutput::Read(Request::Settle { client, mutations: push.mutations }));
            }
            (ClientFrame::Ping(ping), Some(_)) => {
                self.flush_passed();
                let open = self.open.as_ref().expect("matched above");
                let pong = Pong { nonce: ping.nonce, to: open.sent.seq, settled: open.settled, rights: open.rights };
                self.send(ServerFrame::Pong(pong));
            }
        }
    }

    fn handle_greeted(&mut self, greeting: Result<Greeting, ErrorFrame>) {
        let Some(Waiting::Hello(hello)) = self.waiting.take() else { return };
        let welcome = match greeting {
            Ok(greeting) => greeting.welcome,
            Err(error) => {
                let code = if error.code == ErrorCode::Version { close::VERSION } else { close::PROTOCOL };
                return self.fail(code, error);
            }
        };
        let fresh = welcome.resync.is_some() || hello.cursor.is_none();
        self.head = self.head.max(welcome.head);
        self.open = Some(Open {
            viewer: Viewer {
                actor: self.actor.clone(),
                client: hello.client,
                scopes: BTreeSet::new(),
                watches: Watches::default(),
            },
            sent: welcome.cursor,
            passed: welcome.cursor,
            settled: welcome.settled,
            rights: 0,
            denied: BTreeSet::new(),
            denied_watches: BTreeMap::new(),
            ids: BTreeMap::new(),
            watched: Arc::default(),
            loading: BTreeMap::new(),
            asked: VecDeque::new(),
            page_next: true,
        });
        self.send(ServerFrame::Welcome(welcome));
        let (mut scopes, mut queries) = (hello.scopes, hello.queries);
        if fresh {
            scopes.iter_mut().for_each(|subscribe| subscribe.held = Held::Nothing);
            queries.iter_mut().for_each(|watch| {
                (watch.held, watch.total, watch.more) = (Reach::Nothing, None, watch.rows);
            });
        }
        self.ask_for(scopes.into_iter().map(Wanted::Scope).chain(queries.into_iter().map(Wanted::Query)).collect());
    }

    fn handle_settled(&mut self, answers: Vec<PushAnswer>) {
        let Some(Waiting::Settle(seqs)) = self.waiting.take() else { return };
        for (seq, answer) in seqs.into_iter().zip(answers) {
            match answer {
                PushAnswer::Settled(Answer { at, refusal }) => {
                    if let Some(open) = &mut self.open {
                        open.settled = open.settled.max(seq);
                    }
                    self.head = self.head.max(at);
                    match refusal {
                        None => self.send(ServerFrame::Ack(Ack { seq, at })),
                        Some(refusal) => self.send(ServerFrame::Reject(Reject { seq, at: Some(at), refusal })),
                    }
                }
                PushAnswer::IdReused => {
                    let message = "Another edit was sent under this edit's id; it was not carried out.";
                    let refusal = Refusal::new(crate::RefusalCode::IdReused, message);
                    // Nothing stands in the log for it: the client settles it at where it is.
                    let at = self.open.as_ref().map(|open| open.sent.seq);
                    self.send(ServerFrame::Reject(Reject { seq, at, refusal }));
                }
                PushAnswer::Gap { expected } => {
                    let message = format!("Mutation {expected} must come before mutation {seq}.");
                    self.send(ServerFrame::Error(ErrorFrame { code: ErrorCode::Gap, message, retry: Some(0) }));
                    return;
                }
                PushAnswer::Transient(refusal) => {
                    self.send(ServerFrame::Reject(Reject { seq, at: None, refusal }));
                    return;
                }
            }
        }
    }

    fn handle_log(&mut self, log: Option<LogRead<S>>) {
        if !matches!(self.waiting.take(), Some(Waiting::Log)) {
            return;
        }
        let Some(LogRead { entries, to, rights }) = log else {
            let message = "The log no longer reaches back to this client.".to_owned();
            let error = ErrorFrame { code: ErrorCode::SlowConsumer, message, retry: Some(0) };
            return self.fail(close::TRY_AGAIN, error);
        };
        let Some(open) = &mut self.open else { return };
        if entries.is_empty() {
            // The hint ran ahead of what can be read: wait for the next one.
            self.head = open.passed.seq;
            return;
        }
        self.follow_rights(&rights);
        let Some(open) = &mut self.open else { return };
        let entries: Vec<&LogEntry<S>> = entries.iter().map(Borrow::borrow).collect();
        #[cfg(feature = "planted")]
        let rights = planted::rights_kept(self.planted, &open.viewer, rights);
        let mut patch = patch_for(&open.viewer, &rights, open.sent.seq, to, &entries);
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::RemovalToStranger) {
            planted::tell_strangers(&mut patch, &entries);
        }
        patch.totals = open.viewer.watches.count(&entries, to.seq);
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::TotalsWithheld) {
            patch.totals.retain(|total| total.count % 3 != 0);
        }
        open.passed = to;
        if let Some(settled) = &patch.settled {
            open.settled = open.settled.max(settled.through);
        }
        // A client that is catching up sees its cursor move; later, what does not concern it waits for a ping.
        let concerns = patch.settled.is_some()
            || !patch.changes.is_empty()
            || !patch.totals.is_empty()
            || entries.len() == self.sizes.log_entries;
        if concerns {
            open.sent = to;
            let rights = open.rights;
            self.send(ServerFrame::Patch(Patch { rights, ..patch }));
            #[cfg(feature = "planted")]
            self.send_late();
        }
    }

    /// Sends the watermark: what was read and did not concern the client.
    fn flush_passed(&mut self) {
        let Some(open) = &mut self.open else { return };
        if open.passed.seq > open.sent.seq {
            let patch = patch_for::<S, LogEntry<S>>(&open.viewer, &Rights::<S>::new(), open.sent.seq, open.passed, &[]);
            open.sent = open.passed;
            let rights = open.rights;
            self.send(ServerFrame::Patch(Patch { rights, ..patch }));
        }
    }
}
