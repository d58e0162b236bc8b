//! The user's mutations not yet settled, in order, and the refused ones in the tray.

use super::record::{self, Unreadable};
use crate::{
    MutationId, Seq,
    protocol::{Base, Basis, Body, FieldName, Pushed},
    schema::{Footprint, Refusal, Schema, Spot},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Names an entry within this tab, from before the store has numbered it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalId(pub u64);

/// How far an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryState {
    /// On the screen only, or just being put back into the store.
    Saving,
    /// Safe in the device's store.
    Queued,
    /// Sent on the present connection and not answered, or answered and on its way back.
    Sending,
}

/// One unsettled mutation.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry<S: Schema> {
    /// Its name in this tab.
    pub local: LocalId,
    /// Its place in the client's order, once the store has given it.
    pub seq: Option<u64>,
    /// What it does.
    pub body: Body<S>,
    /// How far it is.
    pub state: EntryState,
    /// When the user made it, Unix milliseconds by the server's clock as estimated then.
    pub created_ms: i64,
    /// Why it has no effect on the present rows, where it has none: the server will likely refuse it.
    pub blocked: Option<Refusal>,
    /// The rows it changes as the view stands; those of its footprint, while it is `beneath`.
    pub touched: BTreeSet<S::Key>,
    /// The confirmed rows hold its effect already, and it must be sent all the same: it had left the outbox,
    /// and the server has lost that log; or it was settled under the profile's old id while a new one was
    /// being stored. It is replayed once other rows are there.
    pub beneath: bool,
    pub(super) nonce: u64,
    pub(super) bases: Vec<Draft<S>>,
    pub(super) footprint: Footprint<S>,
    /// The fingerprint of its record, once it is stored.
    pub(super) stored: Option<u64>,
    /// Whether the store knows that it may have been sent: only then it is.
    pub(super) may_be_sent: bool,
    /// The log position at which it stands, once the server said so; set by [`Outbox::answer`].
    pub(super) at: Option<Seq>,
    /// The server knows another mutation under its id, or none where it should stand: it needs a new
    /// id, or is settled already.
    pub(super) id_taken: bool,
}

impl<S: Schema> Entry<S> {
    /// What of it is to be seen above the confirmed rows.
    pub(super) fn replayed(&self) -> Option<&S::Mutation> {
        match &self.body {
            Body::Mutate(mutation) if !self.beneath => Some(mutation),
            _ => None,
        }
    }
}

/// What a field was based on, by the names of this tab.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Draft<S: Schema> {
    pub(super) key: S::Key,
    pub(super) field: FieldName,
    pub(super) base: DraftBase,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum DraftBase {
    Confirmed(Seq),
    /// An entry of this outbox.
    Entry(LocalId),
    /// A mutation that was settled since.
    After(u64),
}

/// A refused mutation, for the user to settle.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct TrayEntry<S: Schema> {
    /// Its name.
    pub id: MutationId,
    /// What it would have done.
    pub body: Body<S>,
    /// Why it was not carried out.
    pub refusal: Refusal,
    /// When the user made it, Unix milliseconds by the server's clock as estimated then.
    pub created_ms: i64,
    /// The rows it changed on screen.
    #[serde(default = "BTreeSet::new")]
    pub touched: BTreeSet<S::Key>,
}

impl<S: Schema> TrayEntry<S> {
    /// Its key in the store.
    pub(super) fn store_key(&self) -> String {
        format!("{}/{}", self.id.client, super::outbox_key(self.id.seq))
    }
}

/// An outbox entry as it is stored; its key is its sequence number.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct Record<S: Schema> {
    #[serde(default)]
    nonce: u64,
    body: Body<S>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    bases: Vec<RecordBasis<S>>,
    sent: bool,
    created_ms: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct RecordBasis<S: Schema> {
    key: S::Key,
    field: FieldName,
    base: RecordBase,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordBase {
    Confirmed(Seq),
    After(u64),
    /// So many places before this one: both are in one batch, not numbered yet.
    Back(u64),
}

/// The numbers of mutations that have left the outbox.
#[derive(Clone, Debug, Default)]
pub(super) struct Retired {
    /// All up to this one.
    floor: u64,
    beyond: BTreeSet<u64>,
    /// Of all that ever have: those whose effect the rows on screen hold.
    beneath: BTreeSet<u64>,
    /// Of these: those that must be sent again.
    doubted: BTreeSet<u64>,
    /// Numbers and nonces of those that were never here, whose effect the rows on screen hold by a log that is lost.
    unseen: BTreeMap<u64, u64>,
}

impl Retired {
    /// All up to that one have.
    pub(super) fn start_at(&mut self, seq: u64) {
        self.floor = seq;
        self.beyond = BTreeSet::new();
    }

    pub(super) fn add(&mut self, seq: u64) {
        self.doubted.remove(&seq);
        self.beyond.insert(seq);
        self.floor = self.through(self.floor);
        self.beyond = self.beyond.split_off(&self.floor.saturating_add(1));
    }

    /// The rows on screen hold what that one did.
    pub(super) fn note_beneath(&mut self, seq: u64) {
        self.beneath.insert(seq);
    }

    /// The rows on screen hold what these did, and they must be sent again.
    pub(super) fn doubt(&mut self, seqs: impl IntoIterator<Item = u64> + Clone) {
        self.beneath.extend(seqs.clone());
        self.doubted.extend(seqs);
    }

    /// Those that must be sent again, and whose effect the rows on screen hold.
    pub(super) fn doubted(&self) -> &BTreeSet<u64> {
        &self.doubted
    }

    /// The rows on screen hold what these did, each with its nonce; they were not here as that was told, and the log
    /// that told it is lost.
    pub(super) fn note_unseen(&mut self, unseen: Vec<(u64, u64)>) {
        self.unseen.extend(unseen);
    }

    /// Whether that one, which is here now, must be sent again, and the rows on screen hold what it did.
    pub(super) fn doubts(&mut self, seq: u64, nonce: u64) -> bool {
        if self.unseen.get(&seq) == Some(&nonce) {
            self.doubt([seq]);
        }
        self.doubted.contains(&seq)
    }

    /// Others are on screen.
    pub(super) fn forget_beneath(&mut self) {
        self.beneath.clear();
        self.doubted.clear();
        self.unseen.clear();
    }

    /// That one is still stored, and whether it is settled is to be asked again. Gives whether the rows on screen
    /// hold what it did, for all that is known.
    pub(super) fn forget(&mut self, seq: u64) -> bool {
        if seq <= self.floor {
            self.beyond.extend(seq + 1..=self.floor);
            self.floor = seq - 1;
        }
        self.beyond.remove(&seq);
        let is_beneath = self.beneath.contains(&seq);
        self.doubted.extend(is_beneath.then_some(seq));
        is_beneath
    }

    /// Those after that one are not known to have, but for all up to the floor.
    pub(super) fn forget_after(&mut self, seq: u64) {
        let next = seq.saturating_add(1);
        drop(self.beyond.split_off(&next));
        self.doubted.extend(self.beneath.range(next..));
    }

    /// Those after that one are not known to have.
    pub(super) fn forget_all_after(&mut self, seq: u64) {
        self.floor = self.floor.min(seq);
        self.forget_after(seq);
    }

    pub(super) fn has(&self, seq: u64) -> bool {
        seq <= self.floor || self.beyond.contains(&seq)
    }

    /// How far numbers have left without a gap behind that one.
    pub(super) fn through(&self, seq: u64) -> u64 {
        let seq = seq.max(self.floor);
        let next = seq.saturating_add(1);
        seq + self.beyond.range(next..).zip(next..).take_while(|(left, next)| *left == next).count() as u64
    }
}

/// Where an entry stands in the order: numbered ones first, then as they were made.
pub(super) type Place = (u64, LocalId);

/// The outbox.
#[derive(Clone, Debug)]
pub(super) struct Outbox<S: Schema> {
    entries: BTreeMap<LocalId, Entry<S>>,
    order: BTreeSet<Place>,
    by_seq: BTreeMap<u64, LocalId>,
    /// The entries that have an answer, by the log position where they stand.
    answered: BTreeSet<(Seq, LocalId)>,
    /// The entries whose effect the confirmed rows hold.
    beneath: BTreeSet<LocalId>,
    /// The numbers of entries that have left while others may be based on them.
    left: BTreeMap<LocalId, u64>,
    next_local: u64,
    /// A known mistake.
    #[cfg(feature = "planted")]
    pub(super) names_the_wrong: bool,
}

impl<S: Schema> Outbox<S> {
    pub(super) fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            order: BTreeSet::new(),
            by_seq: BTreeMap::new(),
            answered: BTreeSet::new(),
            beneath: BTreeSet::new(),
            left: BTreeMap::new(),
            next_local: 1,
            #[cfg(feature = "planted")]
            names_the_wrong: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<S>> {
        self.order.iter().map(|(_, local)| &self.entries[local])
    }

    pub(super) fn entry(&self, local: LocalId) -> Option<&Entry<S>> {
        self.entries.get(&local)
    }

    pub(super) fn entry_mut(&mut self, local: LocalId) -> Option<&mut Entry<S>> {
        self.entries.get_mut(&local)
    }

    pub(super) fn by_seq(&self, seq: u64) -> Option<LocalId> {
        self.by_seq.get(&seq).copied()
    }

    /// The entries behind one place up to another.
    pub(super) fn between(&self, behind: u64, through: u64) -> impl Iterator<Item = &Entry<S>> {
        let numbered = self.by_seq.range(behind.saturating_add(1)..);
        numbered.take_while(move |(seq, _)| **seq <= through).map(|(_, local)| &self.entries[local])
    }

    /// The first number that an entry has.
    pub(super) fn first_numbered(&self) -> Option<u64> {
        self.by_seq.first_key_value().map(|(seq, _)| *seq)
    }

    /// The last number below that one that an entry has.
    pub(super) fn last_before(&self, seq: u64) -> Option<u64> {
        self.by_seq.range(..seq).next_back().map(|(seq, _)| *seq)
    }

    /// The numbers between the entries' that no entry has.
    pub(super) fn gaps(&self) -> Vec<u64> {
        let pairs = self.by_seq.keys().zip(self.by_seq.keys().skip(1));
        pairs.flat_map(|(seq, next)| seq + 1..*next).collect()
    }

    pub(super) fn place(&self, local: LocalId) -> Place {
        (self.entries.get(&local).and_then(|entry| entry.seq).unwrap_or(u64::MAX), local)
    }

    /// A new entry at the end.
    pub(super) fn push(&mut self, body: Body<S>, nonce: u64, created_ms: i64) -> LocalId {
        self.insert(None, body, nonce, Vec::new(), false, created_ms)
    }

    /// Keeps the place of a mutation that is gone, once that is stored. It needs no mark before it is sent: it was
    /// perhaps, and is the same whoever sends it.
    pub(super) fn insert_void(&mut self, seq: u64) {
        if !self.by_seq.contains_key(&seq) {
            let local = self.insert(Some(seq), Body::Void, 0, Vec::new(), true, 0);
            if let Some(entry) = self.entries.get_mut(&local) {
                entry.state = EntryState::Saving;
            }
        }
    }

    fn insert(
        &mut self,
        seq: Option<u64>,
        body: Body<S>,
        nonce: u64,
        bases: Vec<Draft<S>>,
        may_be_sent: bool,
        created_ms: i64,
    ) -> LocalId {
        let local = LocalId(self.next_local);
        self.next_local += 1;
        let footprint = footprint_of(&body);
        let entry = Entry {
            local,
            seq,
            body,
            state: if seq.is_some() { EntryState::Queued } else { EntryState::Saving },
            created_ms,
            blocked: None,
            touched: BTreeSet::new(),
            beneath: false,
            nonce,
            bases,
            footprint,
            stored: None,
            may_be_sent,
            at: None,
            id_taken: false,
        };
        self.entries.insert(local, entry);
        self.order.insert((seq.unwrap_or(u64::MAX), local));
        if let Some(seq) = seq {
            self.by_seq.insert(seq, local);
        }
        local
    }

    /// Takes in a stored record; one that is here already is left as it is.
    pub(super) fn load(&mut self, seq: u64, bytes: &[u8]) -> Result<Option<LocalId>, Unreadable> {
        let record: Record<S> = record::open(bytes)?;
        if self.by_seq.contains_key(&seq) {
            return Ok(None);
        }
        let bases = self.drafts(seq, record.bases);
        let local = self.insert(Some(seq), record.body, record.nonce, bases, record.sent, record.created_ms);
        self.note_stored(local, bytes);
        Ok(Some(local))
    }

    /// Takes in what another tab made of an entry's record. Its footprint may be another then.
    pub(super) fn reload(&mut self, local: LocalId, bytes: &[u8]) -> Result<(), Unreadable> {
        let record: Record<S> = record::open(bytes)?;
        let Some(seq) = self.entry(local).and_then(|entry| entry.seq) else { return Ok(()) };
        let bases = self.drafts(seq, record.bases);
        let Some(entry) = self.entries.get_mut(&local) else { return Ok(()) };
        entry.footprint = footprint_of(&record.body);
        (entry.body, entry.bases, entry.nonce) = (record.body, bases, record.nonce);
        entry.may_be_sent = record.sent;
        self.note_stored(local, bytes);
        Ok(())
    }

    /// That is the entry's record.
    pub(super) fn note_stored(&mut self, local: LocalId, bytes: &[u8]) {
        if let Some(entry) = self.entries.get_mut(&local) {
            entry.stored = Some(super::fingerprint(bytes));
        }
    }

    fn drafts(&self, seq: u64, bases: Vec<RecordBasis<S>>) -> Vec<Draft<S>> {
        let draft = |basis: RecordBasis<S>| {
            let after = |seq| match self.by_seq.get(&seq) {
                Some(local) => DraftBase::Entry(*local),
                None => DraftBase::After(seq),
            };
            let base = match basis.base {
                RecordBase::Confirmed(version) => DraftBase::Confirmed(version),
                RecordBase::After(other) => after(other),
                RecordBase::Back(places) => after(seq.saturating_sub(places)),
            };
            Draft { key: basis.key, field: basis.field, base }
        };
        bases.into_iter().map(draft).collect()
    }

    /// The record of an entry. `batch` are the unnumbered entries that will be numbered
    /// together, in order, up to and with this one.
    pub(super) fn record(&self, local: LocalId, batch: &[LocalId]) -> Vec<u8> {
        let entry = &self.entries[&local];
        let back = |other: LocalId| {
            let places = batch.iter().rev().position(|candidate| *candidate == other);
            places.expect("what an unsaved entry is based on is saved before it or with it") as u64
        };
        let bases = entry.bases.iter().map(|draft| RecordBasis {
            key: draft.key.clone(),
            field: draft.field.clone(),
            base: match draft.base {
                DraftBase::Confirmed(version) => RecordBase::Confirmed(version),
                DraftBase::After(seq) => RecordBase::After(seq),
                DraftBase::Entry(other) => match self.seq_of(other) {
                    Some(seq) => RecordBase::After(seq),
                    None => RecordBase::Back(back(other)),
                },
            },
        });
        record::seal(&Record {
            nonce: entry.nonce,
            body: entry.body.clone(),
            bases: bases.collect(),
            sent: entry.may_be_sent,
            created_ms: entry.created_ms,
        })
    }

    /// The entry as it travels.
    pub(super) fn pushed(&self, entry: &Entry<S>) -> Option<Pushed<S>> {
        let seq = entry.seq?;
        let basis = |draft: &Draft<S>| {
            let base = match draft.base {
                DraftBase::Confirmed(version) => Base::Confirmed(version),
                DraftBase::After(seq) => Base::After(seq),
                #[cfg(feature = "planted")]
                DraftBase::Entry(local) if self.names_the_wrong => Base::After(self.seq_of(local)?.max(2) - 1),
                DraftBase::Entry(local) => Base::After(self.seq_of(local)?),
            };
            Some(Basis { key: draft.key.clone(), field: draft.field.clone(), base })
        };
        let bases = match entry.body {
            Body::Void => Vec::new(),
            Body::Mutate(_) => entry.bases.iter().filter_map(basis).collect(),
        };
        Some(Pushed { seq, nonce: entry.nonce, body: entry.body.clone(), bases })
    }

    /// No entry's id behind that place counts as another's any more.
    pub(super) fn trust_ids_behind(&mut self, seq: u64) {
        let behind = self.entries.values_mut().filter(|entry| entry.seq.is_some_and(|of| of > seq));
        behind.for_each(|entry| entry.id_taken = false);
    }

    /// The entry stands at that log position; none where it is to be asked again.
    pub(super) fn answer(&mut self, local: LocalId, at: Option<Seq>) {
        let Some(entry) = self.entries.get_mut(&local) else { return };
        if let Some(before) = std::mem::replace(&mut entry.at, at) {
            self.answered.remove(&(before, local));
        }
        self.answered.extend(at.map(|at| (at, local)));
    }

    /// The confirmed rows hold an entry's effect.
    pub(super) fn note_beneath(&mut self, local: LocalId) {
        let Some(entry) = self.entries.get_mut(&local).filter(|entry| entry.body != Body::Void) else { return };
        entry.beneath = true;
        let rows = entry.footprint.spots.iter().filter_map(|spot| match spot {
            Spot::Row(key) => Some(key.clone()),
            Spot::Children(_) => None,
        });
        entry.touched = rows.collect();
        self.beneath.insert(local);
    }

    /// The entries whose effect the confirmed rows hold.
    pub(super) fn beneath(&self) -> impl Iterator<Item = &Entry<S>> {
        self.beneath.iter().filter_map(|local| self.entries.get(local))
    }

    /// Other rows are there: gives the entries whose effect the former ones held.
    pub(super) fn take_beneath(&mut self) -> BTreeSet<LocalId> {
        let beneath = std::mem::take(&mut self.beneath);
        for local in &beneath {
            if let Some(entry) = self.entries.get_mut(local) {
                entry.beneath = false;
            }
        }
        beneath
    }

    /// Answers beyond that position no longer count.
    pub(super) fn doubt_answers(&mut self, certain: Seq) {
        for (_, local) in self.answered.split_off(&(certain.saturating_add(1), LocalId(0))) {
            if let Some(entry) = self.entries.get_mut(&local) {
                entry.at = None;
            }
        }
    }

    /// The entries that stand in the log up to that position.
    pub(super) fn reached(&self, seq: Seq) -> Vec<LocalId> {
        let reached = self.answered.range(..=(seq, LocalId(u64::MAX))).map(|(_, local)| *local);
        reached.filter(|local| self.entry(*local).is_some_and(|entry| !entry.id_taken)).collect()
    }

    /// The store has numbered an entry.
    pub(super) fn number(&mut self, local: LocalId, seq: u64) {
        let Some(entry) = self.entries.get_mut(&local) else { return };
        self.order.remove(&(u64::MAX, local));
        entry.seq = Some(seq);
        entry.state = EntryState::Queued;
        self.order.insert((seq, local));
        self.by_seq.insert(seq, local);
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, local: LocalId) -> Option<Entry<S>> {
        let place = self.place(local);
        let entry = self.entries.remove(&local)?;
        self.order.remove(&place);
        self.beneath.remove(&local);
        if let Some(at) = entry.at {
            self.answered.remove(&(at, local));
        }
        if let Some(seq) = entry.seq {
            self.by_seq.remove(&seq);
            self.left.insert(local, seq);
        }
        if self.entries.is_empty() {
            self.left.clear();
        }
        Some(entry)
    }

    /// The number of an entry of this outbox, whether or not it has left.
    fn seq_of(&self, local: LocalId) -> Option<u64> {
        match self.entries.get(&local) {
            Some(entry) => entry.seq,
            None => self.left.get(&local).copied(),
        }
    }
}

fn footprint_of<S: Schema>(body: &Body<S>) -> Footprint<S> {
    match body {
        Body::Mutate(mutation) => S::footprint(mutation),
        Body::Void => Footprint::none(),
    }
}
