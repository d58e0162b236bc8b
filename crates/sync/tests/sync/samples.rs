//! One frame of every kind and variant there is, made of a few values that an application brings.

use holdfast_sync::{
    ClientId, Epoch, Mark, Refusal, RefusalCode, Schema, Stored, SyncCursor,
    protocol::{
        Ack, Base, Basis, Body, Change, ClientFrame, ErrorCode, ErrorFrame, FieldName, Grant, Held, Hello, Limits,
        Patch, Ping, Pong, Purge, Push, Pushed, Reach, RefusedAt, Reject, Results, ResyncReason, ServerFrame, Settled,
        Snapshot, Subscribe, Total, Unsubscribe, Unwatch, Watch, WatchTotal, Welcome,
    },
    schema::{Place, Query},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What the frames are made of.
pub struct Sample<S: Schema> {
    pub key: S::Key,
    pub scope: S::Scope,
    /// A row never changed since it was made.
    pub fresh: S::Row,
    /// A row of which `field` was changed since.
    pub edited: S::Row,
    pub field: S::Field,
    pub mutation: S::Mutation,
    /// One that `fresh` and `edited` meet.
    pub query: S::Query,
}

/// A client id.
pub fn client() -> ClientId {
    ClientId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001))
}

/// A place in a log.
pub fn cursor(seq: u64) -> SyncCursor {
    let epoch = Epoch(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ee));
    SyncCursor { epoch, seq, mark: Mark(0xabc).chain(&seq.to_be_bytes()) }
}

impl<S: Schema> Sample<S> {
    /// A row as it is confirmed.
    pub fn fresh(&self, seq: u64) -> Stored<S> {
        Stored { seq, born: seq, versions: Default::default(), row: self.fresh.clone() }
    }

    /// A row as it is confirmed, changed since it was made.
    pub fn edited(&self, born: u64, seq: u64) -> Stored<S> {
        Stored { seq, born, versions: [(self.field, seq)].into(), row: self.edited.clone() }
    }

    fn subscribe(&self, held: Held<S>) -> Subscribe<S> {
        Subscribe { scope: self.scope.clone(), id: 5, held }
    }

    fn watch(&self, held: Reach, total: Option<Total>, more: u64) -> Watch<S> {
        Watch { id: 6, query: self.query.clone(), held, total, rows: 50, more }
    }

    fn hello(&self, cursor: Option<SyncCursor>, scopes: Vec<Subscribe<S>>) -> ClientFrame<S> {
        ClientFrame::Hello(Hello {
            version: 1,
            version_min: 1,
            schema: 1,
            client: client(),
            cursor,
            seen: None,
            scopes,
            queries: Vec::new(),
            oldest_unsettled: 4,
            access: 1,
        })
    }

    fn push(&self, body: Body<S>, bases: &[Base]) -> ClientFrame<S> {
        let basis = |base: &Base| Basis { key: self.key.clone(), field: FieldName::of::<S>(self.field), base: *base };
        let bases = bases.iter().map(basis).collect();
        ClientFrame::Push(Push { mutations: vec![Pushed { seq: 4, nonce: 77, body, bases }] })
    }

    fn snapshot(&self, after: Option<S::Key>, rows: Vec<Stored<S>>, next: Option<S::Key>) -> ServerFrame<S> {
        let (scope, id, live_from, as_of, total) = (self.scope.clone(), 5, 9, 12, 2);
        ServerFrame::Snapshot(Snapshot { scope, id, live_from, after, as_of, mark: None, rows, next, total })
    }

    /// What a client says.
    pub fn client_frames(&self) -> Vec<(String, ClientFrame<S>)> {
        let key = &self.key;
        let holds =
            vec![self.subscribe(Held::Nothing), self.subscribe(Held::UpTo(key.clone())), self.subscribe(Held::All)];
        let up_to = Reach::UpTo(self.query.place(&self.fresh));
        let total = Some(Total { count: 42, at: 9 });
        let mut frames = vec![
            ("hello-first".to_owned(), self.hello(None, Vec::new())),
            ("hello-again".to_owned(), self.hello(Some(cursor(9)), holds.clone())),
            ("unsubscribe".to_owned(), ClientFrame::Unsubscribe(Unsubscribe { scope: self.scope.clone() })),
            ("push-void".to_owned(), self.push(Body::Void, &[])),
            ("push-mutate".to_owned(), self.push(Body::Mutate(self.mutation.clone()), &[])),
            (
                "push-bases".to_owned(),
                self.push(Body::Mutate(self.mutation.clone()), &[Base::Confirmed(3), Base::After(2)]),
            ),
            ("ping".to_owned(), ClientFrame::Ping(Ping { nonce: 6 })),
            ("error".to_owned(), ClientFrame::Error(error(ErrorCode::Internal, None))),
            ("watch-first".to_owned(), ClientFrame::Watch(self.watch(Reach::Nothing, None, 50))),
            ("watch-more".to_owned(), ClientFrame::Watch(self.watch(up_to.clone(), total, 10))),
            ("unwatch".to_owned(), ClientFrame::Unwatch(Unwatch { id: 6 })),
            (
                "hello-queries".to_owned(),
                ClientFrame::Hello(Hello {
                    version: 1,
                    version_min: 1,
                    schema: 1,
                    client: client(),
                    cursor: Some(cursor(9)),
                    seen: None,
                    scopes: Vec::new(),
                    queries: vec![self.watch(up_to, total, 0), self.watch(Reach::All, total, 0)],
                    oldest_unsettled: 4,
                    access: 1,
                }),
            ),
            (
                "hello-seen".to_owned(),
                ClientFrame::Hello(Hello {
                    version: 1,
                    version_min: 1,
                    schema: 1,
                    client: client(),
                    cursor: Some(cursor(9)),
                    seen: Some(cursor(12)),
                    scopes: Vec::new(),
                    queries: Vec::new(),
                    oldest_unsettled: 4,
                    access: 1,
                }),
            ),
        ];
        for (name, subscribe) in ["nothing", "up-to", "all"].into_iter().zip(holds) {
            frames.push((format!("subscribe-{name}"), ClientFrame::Subscribe(subscribe)));
        }
        frames
    }

    /// What a server says.
    pub fn server_frames(&self) -> Vec<(String, ServerFrame<S>)> {
        let (key, scope) = (&self.key, &self.scope);
        let place = self.query.place(&self.fresh);
        let mut frames = vec![
            ("welcome".to_owned(), welcome(None)),
            ("patch-put".to_owned(), self.patch(None, vec![Change::Put(self.fresh(11))])),
            ("patch-edited".to_owned(), self.patch(None, vec![Change::Put(self.edited(2, 12))])),
            ("patch-remove".to_owned(), self.patch(None, vec![Change::Remove { key: key.clone(), seq: 11 }])),
            ("patch-watermark".to_owned(), self.patch(None, Vec::new())),
            (
                "patch-settled".to_owned(),
                self.patch(Some(Settled { through: 4, made: vec![(3, 76), (4, 77)], refused: Vec::new() }), Vec::new()),
            ),
            ("snapshot-first".to_owned(), self.snapshot(None, vec![self.fresh(8)], Some(key.clone()))),
            ("snapshot-last".to_owned(), self.snapshot(Some(key.clone()), vec![self.edited(2, 8)], None)),
            ("snapshot-empty".to_owned(), self.snapshot(None, Vec::new(), None)),
            ("purge".to_owned(), ServerFrame::Purge(Purge { scope: scope.clone(), id: 0, number: 0 })),
            ("grant".to_owned(), ServerFrame::Grant(Grant { scope: scope.clone(), number: 0 })),
            (
                "patch-counted".to_owned(),
                ServerFrame::Patch(Patch {
                    from: 9,
                    to: 12,
                    mark: cursor(12).mark,
                    rights: 2,
                    settled: None,
                    changes: Vec::new(),
                    totals: Vec::new(),
                }),
            ),
            (
                "patch-totals".to_owned(),
                ServerFrame::Patch(Patch {
                    from: 9,
                    to: 12,
                    mark: cursor(12).mark,
                    rights: 0,
                    settled: None,
                    changes: Vec::new(),
                    totals: vec![WatchTotal { id: 6, count: 41 }],
                }),
            ),
            ("results-first".to_owned(), self.results(None, vec![self.fresh(8)], Some(place.clone()))),
            ("results-last".to_owned(), self.results(Some(place), vec![self.edited(2, 8)], None)),
            (
                "snapshot-marked".to_owned(),
                ServerFrame::Snapshot(Snapshot {
                    scope: scope.clone(),
                    id: 5,
                    live_from: 9,
                    after: None,
                    as_of: 12,
                    mark: Some(cursor(12).mark),
                    rows: Vec::new(),
                    next: None,
                    total: 0,
                }),
            ),
            ("purge-counted".to_owned(), ServerFrame::Purge(Purge { scope: scope.clone(), id: 0, number: 1 })),
            ("purge-named".to_owned(), ServerFrame::Purge(Purge { scope: scope.clone(), id: 4, number: 1 })),
            ("grant-counted".to_owned(), ServerFrame::Grant(Grant { scope: scope.clone(), number: 2 })),
            ("pong-counted".to_owned(), ServerFrame::Pong(Pong { nonce: 6, to: 12, settled: 4, rights: 2 })),
            ("ack".to_owned(), ServerFrame::Ack(Ack { seq: 4, at: 12 })),
            ("reject-passing".to_owned(), reject(RefusalCode::Failed, None)),
            ("pong".to_owned(), ServerFrame::Pong(Pong { nonce: 6, to: 12, settled: 4, rights: 0 })),
        ];
        for (name, reason) in RESYNC_REASONS {
            frames.push((format!("welcome-{name}"), welcome(Some(*reason))));
        }
        for (name, code) in REFUSAL_CODES {
            frames.push((format!("reject-{name}"), reject(*code, Some(12))));
            let refused = vec![RefusedAt { seq: 4, refusal: Refusal::new(*code, "It was refused.") }];
            let settled = Settled { through: 4, made: vec![(4, 77)], refused };
            frames.push((format!("patch-refused-{name}"), self.patch(Some(settled), Vec::new())));
        }
        for (name, code) in ERROR_CODES {
            frames.push((format!("error-{name}"), ServerFrame::Error(error(*code, Some(250)))));
        }
        frames
    }

    fn results(&self, after: Option<Place>, rows: Vec<Stored<S>>, next: Option<Place>) -> ServerFrame<S> {
        let total = after.is_none().then_some(42);
        let (as_of, mark) = (12, cursor(12).mark);
        ServerFrame::Results(Results { id: 6, live_from: 9, after, as_of, mark, rows, next, total })
    }

    fn patch(&self, settled: Option<Settled>, changes: Vec<Change<S>>) -> ServerFrame<S> {
        ServerFrame::Patch(Patch {
            from: 9,
            to: 12,
            mark: cursor(12).mark,
            rights: 0,
            settled,
            changes,
            totals: Vec::new(),
        })
    }
}

fn welcome<S: Schema>(resync: Option<ResyncReason>) -> ServerFrame<S> {
    let (now_ms, limits) = (1_700_000_000_000, Limits::default());
    ServerFrame::Welcome(Welcome {
        version: 1,
        cursor: cursor(9),
        head: 12,
        settled: 3,
        resync,
        now_ms,
        access: 1,
        limits,
    })
}

fn reject<S: Schema>(code: RefusalCode, at: Option<u64>) -> ServerFrame<S> {
    ServerFrame::Reject(Reject { seq: 4, at, refusal: Refusal::new(code, "It was refused.") })
}

fn error(code: ErrorCode, retry: Option<u64>) -> ErrorFrame {
    ErrorFrame { code, message: "Something is wrong.".to_owned(), retry }
}

/// The variants of a type by name, and a match over them that does not compile before a new one is
/// named here too. Those that stand for the unknown have no name: nobody writes them.
macro_rules! variants {
    ($list:ident, $name:ident, $type:ident, $($variant:ident => $text:literal),+ $(,)?) => {
        const $list: &[(&str, $type)] = &[$(($text, $type::$variant)),+];

        fn $name(value: $type) -> &'static str {
            match value {
                $($type::$variant => $text,)+
                $type::Unknown => "",
            }
        }
    };
}

variants!(RESYNC_REASONS, resync_reason, ResyncReason,
    Epoch => "epoch", Ahead => "ahead", Mark => "mark", Compacted => "compacted");
variants!(REFUSAL_CODES, refusal_code, RefusalCode,
    NotFound => "not-found", NotAllowed => "not-allowed", Invalid => "invalid", Exists => "exists",
    IdReused => "id-reused", Unreadable => "unreadable", Failed => "failed");
variants!(ERROR_CODES, error_code, ErrorCode,
    Malformed => "malformed", Version => "version", TooMuch => "too-much", SignIn => "sign-in", Gap => "gap",
    NotYours => "not-yours", SlowConsumer => "slow-consumer", Restarting => "restarting", Internal => "internal");

/// The kinds a set of frames must have among it; a new kind does not compile before it is in the
/// matches below, and is not found before it is in the samples above.
const KINDS: &[&str] = &[
    "hello",
    "subscribe",
    "unsubscribe",
    "push",
    "ping",
    "client error",
    "welcome",
    "patch",
    "snapshot",
    "purge",
    "grant",
    "ack",
    "reject",
    "pong",
    "server error",
    "nothing",
    "up to",
    "all",
    "mutate",
    "void",
    "confirmed",
    "after",
    "put",
    "remove",
    "watch",
    "watch nothing",
    "watch up to",
    "unwatch",
    "results",
];

/// That frames of every kind and variant are among these.
pub fn are_complete<S: Schema>(client: &[(String, ClientFrame<S>)], server: &[(String, ServerFrame<S>)]) {
    let mut seen = BTreeSet::new();
    for (_, frame) in client {
        let kind = match frame {
            ClientFrame::Hello(hello) => {
                seen.extend(hello.scopes.iter().map(|subscribe| held(&subscribe.held)));
                "hello"
            }
            ClientFrame::Subscribe(subscribe) => {
                seen.insert(held(&subscribe.held));
                "subscribe"
            }
            ClientFrame::Unsubscribe(_) => "unsubscribe",
            ClientFrame::Watch(watch) => {
                seen.insert(match watch.held {
                    Reach::Nothing => "watch nothing",
                    Reach::UpTo(_) => "watch up to",
                    Reach::All => "all",
                });
                "watch"
            }
            ClientFrame::Unwatch(_) => "unwatch",
            ClientFrame::Push(push) => {
                for pushed in &push.mutations {
                    seen.insert(match pushed.body {
                        Body::Mutate(_) => "mutate",
                        Body::Void => "void",
                    });
                    seen.extend(pushed.bases.iter().map(|basis| match basis.base {
                        Base::Confirmed(_) => "confirmed",
                        Base::After(_) => "after",
                    }));
                }
                "push"
            }
            ClientFrame::Ping(_) => "ping",
            ClientFrame::Error(_) => "client error",
            ClientFrame::Unknown(kind) => panic!("nobody writes {kind}"),
        };
        seen.insert(kind);
    }
    let (mut reasons, mut refusals, mut errors) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (_, frame) in server {
        let kind = match frame {
            ServerFrame::Welcome(welcome) => {
                reasons.extend(welcome.resync.map(resync_reason));
                "welcome"
            }
            ServerFrame::Patch(patch) => {
                seen.extend(patch.changes.iter().map(|change| match change {
                    Change::Put(_) => "put",
                    Change::Remove { .. } => "remove",
                }));
                "patch"
            }
            ServerFrame::Snapshot(_) => "snapshot",
            ServerFrame::Results(_) => "results",
            ServerFrame::Purge(_) => "purge",
            ServerFrame::Grant(_) => "grant",
            ServerFrame::Ack(_) => "ack",
            ServerFrame::Reject(reject) => {
                refusals.insert(refusal_code(reject.refusal.code));
                "reject"
            }
            ServerFrame::Pong(_) => "pong",
            ServerFrame::Error(error) => {
                errors.insert(error_code(error.code));
                "server error"
            }
            ServerFrame::Unknown(kind) => panic!("nobody writes {kind}"),
        };
        seen.insert(kind);
    }
    assert_eq!(seen, KINDS.iter().copied().collect(), "every kind has a sample");
    assert_eq!(reasons, RESYNC_REASONS.iter().map(|(name, _)| *name).collect());
    assert_eq!(refusals, REFUSAL_CODES.iter().map(|(name, _)| *name).collect());
    assert_eq!(errors, ERROR_CODES.iter().map(|(name, _)| *name).collect());
}

fn held<S: Schema>(held: &Held<S>) -> &'static str {
    match held {
        Held::Nothing => "nothing",
        Held::UpTo(_) => "up to",
        Held::All => "all",
    }
}
