//! A client of either version behind one face, which speaks in terms of the newest.

use crate::{
    check::{self, Checked},
    schema::{Kept, Key, Mutation, Scope, Version},
};
use holdfast_sync::{
    Refusal, Rows, SyncCursor,
    client::{
        Batch, Config, ConnectionStatus, Coverage, EntryState, Input, Now, Output, SyncClient, SyncMark, fingerprint,
    },
    planted::Planted,
    protocol::Body,
    view::LiveQuery,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// What a client asks for.
pub(crate) enum Ask {
    Connect {
        generation: u64,
    },
    Send {
        generation: u64,
        text: String,
    },
    Disconnect {
        generation: u64,
    },
    Persist(Batch),
    ReadOutbox,
    Changed(BTreeSet<Key>),
    OutboxChanged,
    /// What only a screen needs.
    Other,
}

/// One unsettled mutation, as the checkers see it.
#[derive(Clone, Debug)]
pub(crate) struct Unsettled {
    pub(crate) seq: Option<u64>,
    /// None where it was taken back.
    pub(crate) stamp: Option<u64>,
    pub(crate) state: EntryState,
    pub(crate) touched: Vec<Key>,
    /// It says that the confirmed rows hold its effect.
    pub(crate) beneath: bool,
}

/// What happens to a client that names no type of one version.
pub(crate) type Happening = Input<crate::schema::Notes>;

/// A client of either version.
pub(crate) trait Client {
    fn handle(&mut self, now: Now, input: Happening);
    /// Carries a mutation out; None where this version has no such mutation.
    fn mutate(&mut self, now: Now, mutation: &Mutation) -> Option<Result<(), Refusal>>;
    fn poll(&mut self) -> Option<Ask>;
    fn timeout(&self) -> Option<u64>;
    fn plant(&mut self, bug: Planted);

    fn id(&self) -> Option<holdfast_sync::ClientId>;
    fn cursor(&self) -> Option<SyncCursor>;
    fn seen(&self) -> Option<SyncCursor>;
    fn status(&self) -> &ConnectionStatus;
    fn unsent(&self) -> usize;
    fn is_hydrated(&self) -> bool;
    fn coverage(&self, scope: &Scope) -> Coverage;
    fn mark(&self, key: &Key) -> SyncMark;
    fn outbox(&self) -> Vec<Unsettled>;
    /// Name and stamp of each refused mutation.
    fn tray(&self) -> Vec<(holdfast_sync::MutationId, Option<u64>)>;
    /// Keys and parents of the rows in view.
    fn shown(&self) -> Vec<(Key, Option<Key>)>;

    /// Whether the confirmed row of that key is that one, as this version knows it.
    fn holds(&self, key: &Key, row: Option<&Kept>) -> bool;
    /// Its outbox, for a report.
    fn described_outbox(&self) -> String;
    /// What is confirmed under a key, for a report.
    fn described(&self, key: &Key) -> String;
    fn confirmed_scope(&self, key: &Key) -> Option<Scope>;
    fn confirmed_keys(&self) -> Vec<Key>;
    /// It holds of a query what it should.
    fn look_watched(&self, log: &BTreeMap<Key, Kept>, wish: &check::watched::Wish) -> Checked;
    /// The view is base and outbox (I5).
    fn look_view(&self) -> Checked;
}

/// A new client of a version.
pub(crate) fn start<S: Version>(user: u8, seed: u64) -> Box<dyn Client> {
    let sync = SyncClient::new(Config::new(user), seed);
    let shelves = Scope::all().filter(|scope| matches!(scope, Scope::Shelf(_)));
    let lists = shelves.map(|scope| List::<S>::of(&sync, scope)).collect();
    Box::new(Versioned::<S> { sync, user, screen: Screen { rows: BTreeMap::new(), lists } })
}

struct Versioned<S: Version> {
    sync: SyncClient<S>,
    user: u8,
    screen: Screen<S>,
}

/// What is shown where only that is drawn anew which is told to have changed.
pub(crate) struct Screen<S: Version> {
    pub(crate) rows: BTreeMap<Key, (S::Row, SyncMark)>,
    pub(crate) lists: Vec<List<S>>,
}

/// Some of a scope's rows, in an order that their changes change.
pub(crate) struct List<S: Version> {
    pub(crate) scope: Scope,
    pub(crate) query: LiveQuery<S, u64>,
}

impl<S: Version> List<S> {
    pub(crate) fn of(client: &SyncClient<S>, scope: Scope) -> Self {
        let digest = |row: &S::Row| fingerprint(format!("{row:?}").as_bytes());
        let (filter, sort) =
            (Rc::new(move |row: &S::Row| digest(row) % 3 != 0), Rc::new(move |row: &S::Row| digest(row) % 50));
        let query = LiveQuery::new(client, scope, filter, sort);
        Self { scope, query }
    }
}

fn stamp_of<S: Version>(body: &Body<S>) -> Option<u64> {
    match body {
        Body::Mutate(mutation) => Some(S::stamp(mutation)),
        Body::Void => None,
    }
}

fn input_of<S: Version>(input: Happening) -> Input<S> {
    match input {
        Input::Restored(restored) => Input::Restored(restored),
        Input::Hydrated(records) => Input::Hydrated(records),
        Input::HydrateDone(meta) => Input::HydrateDone(meta),
        Input::Lead(lead) => Input::Lead(lead),
        Input::OutboxGrew(records) => Input::OutboxGrew(records),
        Input::Renamed(client) => Input::Renamed(client),
        Input::OutboxRead(records) => Input::OutboxRead(records),
        Input::Persisted { batch, result } => Input::Persisted { batch, result },
        Input::SocketOpened { generation } => Input::SocketOpened { generation },
        Input::Frame { generation, text } => Input::Frame { generation, text },
        Input::Heard { generation, frame } => Input::Frame { generation, text: frame.encode() },
        Input::SocketClosed { generation, code } => Input::SocketClosed { generation, code },
        Input::Wake => Input::Wake,
        Input::NetworkLost => Input::NetworkLost,
        Input::RetryNow => Input::RetryNow,
        Input::SignedIn => Input::SignedIn,
        Input::Subscribe(scope) => Input::Subscribe(scope),
        Input::Unsubscribe(scope) => Input::Unsubscribe(scope),
        Input::Watch { query, rows } => Input::Watch { query, rows },
        Input::Unwatch(query) => Input::Unwatch(query),
        Input::Cancel { seq } => Input::Cancel { seq },
        Input::Discard { id } => Input::Discard { id },
        Input::Tick => Input::Tick,
    }
}

impl<S: Version> Client for Versioned<S> {
    fn handle(&mut self, now: Now, input: Happening) {
        self.sync.handle(now, input_of(input));
    }

    fn mutate(&mut self, now: Now, mutation: &Mutation) -> Option<Result<(), Refusal>> {
        Some(self.sync.mutate(now, S::mutation(mutation)?).map(|_| ()))
    }

    fn poll(&mut self) -> Option<Ask> {
        Some(match self.sync.poll_output()? {
            Output::Connect { generation } => Ask::Connect { generation },
            Output::Send { generation, text } => Ask::Send { generation, text },
            Output::Disconnect { generation } => Ask::Disconnect { generation },
            Output::Persist(batch) => Ask::Persist(batch),
            Output::ReadOutbox => Ask::ReadOutbox,
            Output::Changed { keys, .. } => {
                let Screen { rows, lists } = &mut self.screen;
                for key in &keys {
                    match self.sync.row(key) {
                        Some(row) => rows.insert(*key, (row.clone(), self.sync.mark(key))),
                        None => rows.remove(key),
                    };
                }
                for list in lists {
                    list.query.patch(&self.sync, &keys);
                }
                Ask::Changed(keys)
            }
            Output::OutboxChanged => Ask::OutboxChanged,
            Output::Notice(_)
            | Output::Status(_)
            | Output::CoverageChanged(_)
            | Output::WatchChanged(_)
            | Output::Store(_) => Ask::Other,
        })
    }

    fn timeout(&self) -> Option<u64> {
        self.sync.poll_timeout()
    }

    fn plant(&mut self, bug: Planted) {
        self.sync.plant(bug);
    }

    fn id(&self) -> Option<holdfast_sync::ClientId> {
        self.sync.client()
    }

    fn cursor(&self) -> Option<SyncCursor> {
        self.sync.cursor()
    }

    fn seen(&self) -> Option<SyncCursor> {
        self.sync.seen()
    }

    fn status(&self) -> &ConnectionStatus {
        self.sync.status()
    }

    fn unsent(&self) -> usize {
        self.sync.unsent()
    }

    fn is_hydrated(&self) -> bool {
        self.sync.is_hydrated()
    }

    fn coverage(&self, scope: &Scope) -> Coverage {
        self.sync.coverage(scope)
    }

    fn mark(&self, key: &Key) -> SyncMark {
        self.sync.mark(key)
    }

    fn outbox(&self) -> Vec<Unsettled> {
        let unsettled = self.sync.outbox().map(|entry| Unsettled {
            seq: entry.seq,
            stamp: stamp_of(&entry.body),
            state: entry.state,
            touched: entry.touched.iter().copied().collect(),
            beneath: entry.beneath,
        });
        unsettled.collect()
    }

    fn tray(&self) -> Vec<(holdfast_sync::MutationId, Option<u64>)> {
        self.sync.tray().map(|entry| (entry.id, stamp_of(&entry.body))).collect()
    }

    fn shown(&self) -> Vec<(Key, Option<Key>)> {
        let mut shown = Vec::new();
        for scope in Scope::all() {
            self.sync.for_each_row(&scope, |row| shown.push((S::key(row), S::parent(row))));
        }
        shown.sort_unstable();
        shown
    }

    fn holds(&self, key: &Key, row: Option<&Kept>) -> bool {
        match (self.sync.confirmed(key), row) {
            (None, None) => true,
            (Some(held), Some(row)) => {
                let has_versions = S::versions(row).is_none_or(|versions| held.versions == *versions);
                (held.seq, held.born) == (row.seq, row.born) && has_versions && held.row == *S::row(&row.row)
            }
            _ => false,
        }
    }

    fn described_outbox(&self) -> String {
        self.sync.outbox().map(|entry| format!("\n{entry:?}")).collect()
    }

    fn described(&self, key: &Key) -> String {
        format!("{:?}", self.sync.confirmed(key))
    }

    fn confirmed_scope(&self, key: &Key) -> Option<Scope> {
        Some(S::scope(&self.sync.confirmed(key)?.row))
    }

    fn confirmed_keys(&self) -> Vec<Key> {
        self.sync.confirmed_keys().copied().collect()
    }

    fn look_watched(&self, log: &BTreeMap<Key, Kept>, wish: &check::watched::Wish) -> Checked {
        check::watched::look(&self.sync, log, wish)
    }

    fn look_view(&self) -> Checked {
        check::view::look(&self.sync, self.user)?;
        check::view::look_screen(&self.sync, &self.screen)
    }
}

/// Rows in a map.
pub(crate) struct Plain<'a, S: Version>(pub(crate) &'a std::collections::BTreeMap<Key, S::Row>);

impl<S: Version> Rows<S> for Plain<'_, S> {
    fn row(&self, key: &Key) -> Option<&S::Row> {
        self.0.get(key)
    }

    fn children(&self, parent: &Key) -> Vec<Key> {
        let children = self.0.iter().filter(|(_, row)| S::parent(row).as_ref() == Some(parent));
        children.map(|(key, _)| *key).collect()
    }
}
