//! The one write path.

use super::{Answer, LogChange, LogEntry, Outcome, Recorded};
use crate::{
    ClientId, MutationId, SyncCursor,
    protocol::{Body, Pushed},
    schema::{ApplyContext, Footprint, Refusal, Rows, Schema, Stored, Tx, Write},
};
use std::{cell::OnceCell, collections::BTreeMap};

/// What to do with a pushed mutation.
#[derive(Clone, PartialEq, Debug)]
pub enum Admission {
    /// It is the next one: [`settle`] it.
    Fresh,
    /// It came before: give the stored answer.
    Again(Answer),
    /// Its id came before with other content.
    IdReused,
    /// Mutations before it are missing: nothing is done.
    Gap {
        /// The place of the one that should come.
        expected: u64,
    },
}

/// What [`settle`] needs to know, all read in the transaction that will hold its result.
pub struct Facts<'a, S: Schema> {
    /// Who pushed it.
    pub actor: S::Actor,
    /// The author's client.
    pub client: ClientId,
    /// The server's clock, Unix milliseconds.
    pub now_ms: i64,
    /// The log's head.
    pub head: SyncCursor,
    /// The rows of the mutation's footprint, as they stand.
    pub rows: &'a BTreeMap<S::Key, Stored<S>>,
    /// The counters of the mutation's footprint; one not there counts from 0.
    pub counters: BTreeMap<String, u64>,
    /// The answer to the very same mutation under another id, if it [has a name of its own](is_named): a copy
    /// of the author's profile sent it.
    pub twin: Option<Answer>,
}

/// What must be committed together.
#[derive(Clone, PartialEq, Debug)]
pub struct Settlement<S: Schema> {
    /// The log entry; its changes are the rows to write.
    pub entry: LogEntry<S>,
    /// The log's head from here on.
    pub head: SyncCursor,
    /// The counters from here on.
    pub counters: BTreeMap<String, u64>,
    /// The dedupe row.
    pub recorded: Recorded,
}

/// The hash of what was sent under one id: of nonce, body and bases. Where there is a nonce, the upper half is of
/// that alone and of whether the mutation was taken back: another version may encode the same mutation otherwise.
pub fn content_hash<S: Schema>(pushed: &Pushed<S>) -> u128 {
    let bytes = serde_json::to_vec(&(pushed.nonce, &pushed.body, &pushed.bases)).expect("what was decoded encodes");
    let content = xxhash_rust::xxh3::xxh3_128(&bytes);
    match pushed.nonce {
        0 => content,
        nonce => u128::from(name_hash(nonce, pushed.body == Body::Void)) << 64 | content & u128::from(u64::MAX),
    }
}

/// What a mutation is known by under its id, whichever version encodes it.
fn name_hash(nonce: u64, is_void: bool) -> u64 {
    let mut bytes = nonce.to_be_bytes().to_vec();
    bytes.push(is_void.into());
    xxhash_rust::xxh3::xxh3_64(&bytes)
}

/// Whether what was sent and hashed before was this.
fn is_same<S: Schema>(hash: u128, pushed: &Pushed<S>) -> bool {
    let hashed = content_hash(pushed);
    hash == hashed || (pushed.nonce != 0 && hash >> 64 == hashed >> 64)
}

/// What a mutation goes out as once its author has taken it back.
fn taken_back<S: Schema>(pushed: &Pushed<S>) -> Pushed<S> {
    Pushed { seq: pushed.seq, nonce: pushed.nonce, body: Body::Void, bases: Vec::new() }
}

/// Whether a mutation is known by its [`content_hash`] whatever id it is sent under.
pub fn is_named<S: Schema>(pushed: &Pushed<S>) -> bool {
    pushed.nonce != 0 && pushed.body != Body::Void
}

/// Whether a pushed mutation is new, given its client's last settled place and the
/// stored answer under its id.
pub fn admit<S: Schema>(pushed: &Pushed<S>, settled: u64, recorded: Option<&Recorded>) -> Admission {
    match recorded {
        Some(recorded) if is_same(recorded.hash, pushed) => Admission::Again(recorded.answer.clone()),
        // Its author took it back in another tab, which this one has not heard.
        Some(recorded) if pushed.nonce != 0 && is_same(recorded.hash, &taken_back(pushed)) => {
            Admission::Again(recorded.answer.clone())
        }
        Some(_) => Admission::IdReused,
        // Settled, but the answer is not here: it is of a log that was lost since.
        None if pushed.seq <= settled => Admission::IdReused,
        None if pushed.seq == settled + 1 => Admission::Fresh,
        None => Admission::Gap { expected: settled + 1 },
    }
}

/// Carries a mutation out, or says why not; either way it takes the next log position.
pub fn settle<S: Schema>(pushed: &Pushed<S>, facts: Facts<'_, S>) -> Settlement<S> {
    let id = MutationId { client: facts.client, seq: pushed.seq };
    let seq = facts.head.seq + 1;
    let before = facts.counters.clone();
    let mut counters = facts.counters;
    let (outcome, changes) = match (&pushed.body, facts.twin) {
        (_, Some(Answer { refusal: Some(refusal), .. })) => (Outcome::Refused(refusal), Vec::new()),
        (Body::Void, _) | (_, Some(_)) => (Outcome::Void, Vec::new()),
        (Body::Mutate(mutation), None) => {
            let ctx = ApplyContext { actor: facts.actor.clone(), now_ms: facts.now_ms, id: Some(id) };
            match carry_out(mutation, &ctx, facts.rows, &mut counters) {
                Ok(writes) => (Outcome::Applied, log_changes(writes, facts.rows, seq)),
                Err(refusal) => {
                    counters = before;
                    (Outcome::Refused(refusal), Vec::new())
                }
            }
        }
    };
    let refusal = match &outcome {
        Outcome::Refused(refusal) => Some(refusal.clone()),
        _ => None,
    };
    let entry = LogEntry { seq, id, nonce: pushed.nonce, actor: facts.actor, at_ms: facts.now_ms, outcome, changes };
    Settlement {
        head: entry.advance(facts.head),
        counters,
        recorded: Recorded { hash: content_hash(pushed), answer: Answer { at: seq, refusal } },
        entry,
    }
}

fn carry_out<S: Schema>(
    mutation: &S::Mutation,
    ctx: &ApplyContext<S>,
    rows: &BTreeMap<S::Key, Stored<S>>,
    counters: &mut BTreeMap<String, u64>,
) -> Result<BTreeMap<S::Key, Write<S>>, Refusal> {
    let footprint: Footprint<S> = S::footprint(mutation);
    let loaded = Loaded { rows, by_parent: OnceCell::new() };
    let mut tx = Tx::new(&loaded, &footprint, Some(counters));
    S::apply(mutation, ctx, &mut tx)?;
    Ok(tx.finish())
}

fn log_changes<S: Schema>(
    writes: BTreeMap<S::Key, Write<S>>,
    rows: &BTreeMap<S::Key, Stored<S>>,
    seq: u64,
) -> Vec<LogChange<S>> {
    writes
        .into_iter()
        .map(|(key, write)| {
            let before = rows.get(&key).cloned();
            let after = match write {
                Write::Put(row) => Some(Stored::written(before.as_ref(), row, seq)),
                Write::Delete => None,
            };
            LogChange { key, before, after }
        })
        .collect()
}

/// The rows of a footprint.
struct Loaded<'a, S: Schema> {
    rows: &'a BTreeMap<S::Key, Stored<S>>,
    by_parent: OnceCell<BTreeMap<S::Key, Vec<S::Key>>>,
}

impl<S: Schema> Rows<S> for Loaded<'_, S> {
    fn row(&self, key: &S::Key) -> Option<&S::Row> {
        self.rows.get(key).map(|stored| &stored.row)
    }

    fn children(&self, parent: &S::Key) -> Vec<S::Key> {
        let by_parent = self.by_parent.get_or_init(|| {
            let mut index = BTreeMap::<S::Key, Vec<S::Key>>::new();
            for (key, stored) in self.rows {
                if let Some(parent) = S::parent(&stored.row) {
                    index.entry(parent).or_default().push(key.clone());
                }
            }
            index
        });
        by_parent.get(parent).cloned().unwrap_or_default()
    }
}
