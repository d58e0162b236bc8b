//! What is to be stored, in two lanes: the outbox's, strict and at once, and the
//! replica's, gathered for a moment. One batch of each is under way at a time. What fails, and so reading
//! the outbox, is tried again after a while.

use super::{
    Batch, CLIENT_KEY, Committed, Now, Op, Output, StoreFault, Table, client_record,
    engine::SyncClient,
    fingerprint,
    outbox::{EntryState, LocalId},
    outbox_key, record,
    replica::Replica,
};
use crate::{
    ClientId, MutationId, SyncCursor,
    protocol::Subscribe,
    schema::{Schema, Stored},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Milliseconds that changes of the replica gather before they are written.
const GATHER_MS: u64 = 50;

/// Milliseconds after which a failed batch is tried again.
const RETRY_MS: u64 = 1_000;

/// The [`Table::Meta`] key of [`ReplicaMeta`].
const REPLICA_KEY: &str = "replica";

/// Mutations one batch stores at most.
const ENQUEUE_MAX: usize = 500;

/// What the store knows of its replicas.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct ReplicaMeta<S: Schema> {
    /// [`Schema::VERSION`] of who wrote the rows: those of another version lack what only this one reads.
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    pub(super) version: u32,
    pub(super) base: Held<S>,
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub(super) staging: Option<Held<S>>,
    /// The entries of the outbox whose effect the base has already.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) beneath: BTreeSet<u64>,
}

fn first_version() -> u32 {
    1
}

fn is_first_version(version: &u32) -> bool {
    *version == first_version()
}

/// What the store holds of one replica.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct Held<S: Schema> {
    pub(super) generation: u64,
    pub(super) cursor: Option<SyncCursor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<SyncCursor>,
    pub(super) scopes: Vec<Subscribe<S>>,
}

/// What is to be stored, and what is under way.
#[derive(Clone, Debug)]
pub(super) struct Saving<S: Schema> {
    next_batch: u64,
    /// Whether rows, and what is known of them, are stored.
    pub(super) keeps_rows: bool,
    unsaved: BTreeSet<LocalId>,
    /// Entries to be marked as perhaps sent, before they are.
    to_mark: BTreeSet<LocalId>,
    to_rewrite: BTreeSet<LocalId>,
    /// Entries whose record another tab has made another: it is read first.
    pub(super) stale: BTreeSet<LocalId>,
    outbox_lane: Option<OutboxWrite>,
    replica: Dirty<S>,
    replica_lane: Option<(u64, Dirty<S>)>,
    replica_due: Option<u64>,
    retry_at: Option<u64>,
    /// The outbox could not be read.
    must_read: bool,
    /// What failed last, and whether in the outbox's lane: only that lane shows that it works again.
    fault: Option<(StoreFault, bool)>,
    /// Tray records to be dropped, which any tab may do.
    to_discard: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct OutboxWrite {
    batch: u64,
    enqueued: Vec<LocalId>,
    marked: BTreeSet<LocalId>,
    rewritten: BTreeSet<LocalId>,
    discarded: BTreeSet<String>,
    /// What each of these has as its record then.
    fingerprints: Vec<(LocalId, u64)>,
}

#[derive(Clone, PartialEq, Debug)]
struct Dirty<S: Schema> {
    rows: BTreeSet<(u64, S::Key)>,
    meta: bool,
    outbox_gone: BTreeSet<u64>,
    /// Tray records to be made; what the user has dropped meanwhile is not.
    tray: BTreeSet<MutationId>,
    generations_gone: BTreeSet<u64>,
    quarantine: Vec<(Table, String, Vec<u8>)>,
    /// Entries whose record is to be written whatever the store has there: places kept as void, and what is to
    /// be sent again.
    outbox_put: BTreeSet<u64>,
    /// The profile's new id.
    client: Option<ClientId>,
}

impl<S: Schema> Dirty<S> {
    fn nothing() -> Self {
        Self {
            rows: BTreeSet::new(),
            meta: false,
            outbox_gone: BTreeSet::new(),
            tray: BTreeSet::new(),
            generations_gone: BTreeSet::new(),
            quarantine: Vec::new(),
            outbox_put: BTreeSet::new(),
            client: None,
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Self::nothing()
    }

    /// Takes back what could not be written; what is newer stands.
    fn take_back(&mut self, failed: Self) {
        self.rows.extend(failed.rows);
        self.meta |= failed.meta;
        self.outbox_gone.extend(failed.outbox_gone.into_iter().filter(|seq| !self.outbox_put.contains(seq)));
        self.tray.extend(failed.tray);
        self.generations_gone.extend(failed.generations_gone);
        self.quarantine.extend(failed.quarantine);
        self.outbox_put.extend(failed.outbox_put.into_iter().filter(|seq| !self.outbox_gone.contains(seq)));
        self.client = self.client.or(failed.client);
    }
}

impl<S: Schema> Saving<S> {
    pub(super) fn new() -> Self {
        Self {
            next_batch: 1,
            keeps_rows: true,
            unsaved: BTreeSet::new(),
            to_mark: BTreeSet::new(),
            to_rewrite: BTreeSet::new(),
            stale: BTreeSet::new(),
            outbox_lane: None,
            replica: Dirty::nothing(),
            replica_lane: None,
            replica_due: None,
            retry_at: None,
            must_read: false,
            fault: None,
            to_discard: BTreeSet::new(),
        }
    }

    pub(super) fn enqueue(&mut self, local: LocalId) {
        self.unsaved.insert(local);
    }

    pub(super) fn mark(&mut self, local: LocalId) {
        self.to_mark.insert(local);
    }

    pub(super) fn is_marking(&self, local: LocalId) -> bool {
        self.stale.contains(&local)
            || self.to_mark.contains(&local)
            || self.outbox_lane.as_ref().is_some_and(|lane| lane.marked.contains(&local))
    }

    /// An entry's record must be written anew before the entry may be sent.
    pub(super) fn rewrite(&mut self, local: LocalId) {
        self.to_rewrite.insert(local);
    }

    pub(super) fn is_rewriting(&self, local: LocalId) -> bool {
        self.to_rewrite.contains(&local)
            || self.outbox_lane.as_ref().is_some_and(|lane| lane.rewritten.contains(&local))
    }

    pub(super) fn rows_changed(&mut self, generation: u64, keys: impl IntoIterator<Item = S::Key>) {
        if self.keeps_rows {
            self.replica.rows.extend(keys.into_iter().map(|key| (generation, key)));
        }
    }

    pub(super) fn meta_changed(&mut self) {
        self.replica.meta = self.keeps_rows;
    }

    /// Gives the profile another id, which counts once it is stored.
    pub(super) fn rename(&mut self, client: ClientId) {
        self.replica.client = Some(client);
    }

    /// Another tab leads, and writes what there is to write. Gives whether a fault of its own writing is over.
    pub(super) fn leave_to_others(&mut self) -> bool {
        self.replica = Dirty { tray: std::mem::take(&mut self.replica.tray), ..Dirty::nothing() };
        self.replica_due = None;
        self.fault.take_if(|(_, of_outbox)| !*of_outbox).is_some()
    }

    /// Somebody else has.
    pub(super) fn forget_name(&mut self) {
        self.replica.client = None;
    }

    /// Whether the profile's new id is not in the store yet.
    pub(super) fn is_naming(&self) -> bool {
        self.replica.client.is_some() || self.replica_lane.as_ref().is_some_and(|(_, dirty)| dirty.client.is_some())
    }

    /// An entry's record is written, under the lead.
    pub(super) fn outbox_put(&mut self, seq: u64) {
        self.replica.outbox_gone.remove(&seq);
        self.replica.outbox_put.insert(seq);
    }

    pub(super) fn outbox_gone(&mut self, seq: u64) {
        self.replica.outbox_put.remove(&seq);
        self.replica.outbox_gone.insert(seq);
    }

    /// What had left is in the outbox again: its record stays, or comes back if it is just being deleted. Gives
    /// whether it stays.
    pub(super) fn keep_outbox(&mut self, seq: u64, leads: bool) -> bool {
        self.replica.outbox_gone.remove(&seq);
        let is_going = self.replica_lane.as_ref().is_some_and(|(_, dirty)| dirty.outbox_gone.contains(&seq));
        if leads && is_going {
            self.replica.outbox_put.insert(seq);
        }
        !is_going
    }

    /// Records that were to be deleted and are to be spared.
    pub(super) fn spare_outbox(&mut self, spares: impl Fn(u64) -> bool) {
        self.replica.outbox_gone.retain(|seq| !spares(*seq));
    }

    pub(super) fn tray_put(&mut self, id: MutationId) {
        self.replica.tray.insert(id);
    }

    pub(super) fn tray_gone(&mut self, key: String) {
        self.to_discard.insert(key);
    }

    pub(super) fn generation_gone(&mut self, generation: u64) {
        self.replica.rows.retain(|(of, _)| *of != generation);
        self.replica.generations_gone.insert(generation);
    }

    pub(super) fn quarantine(&mut self, table: Table, key: String, value: Vec<u8>) {
        self.replica.quarantine.push((table, key, value));
    }

    pub(super) fn timeout(&self) -> Option<u64> {
        match self.retry_at {
            Some(at) => Some(at),
            None => self.replica_due.filter(|_| self.replica_lane.is_none()),
        }
    }

    fn next_batch(&mut self) -> u64 {
        self.next_batch += 1;
        self.next_batch
    }
}

impl<S: Schema> SyncClient<S> {
    /// Starts the batches that are due.
    pub(super) fn save(&mut self, now: Now) {
        if self.client.is_none() {
            return;
        }
        if self.saving.retry_at.is_some_and(|at| at > now.mono_ms) {
            return;
        }
        self.saving.retry_at = None;
        if std::mem::take(&mut self.saving.must_read) {
            self.read_outbox();
        }
        self.save_outbox();
        self.save_replica(now);
    }

    fn save_outbox(&mut self) {
        if self.saving.outbox_lane.is_some() {
            return;
        }
        let enqueued: Vec<LocalId> = self.saving.unsaved.iter().copied().take(ENQUEUE_MAX).collect();
        let numbered = |local: &LocalId| self.outbox.entry(*local).is_some_and(|entry| entry.seq.is_some());
        let marked: BTreeSet<LocalId> = std::mem::take(&mut self.saving.to_mark).into_iter().filter(numbered).collect();
        let rewritten: BTreeSet<LocalId> =
            std::mem::take(&mut self.saving.to_rewrite).into_iter().filter(numbered).collect();
        let discarded = std::mem::take(&mut self.saving.to_discard);
        if enqueued.is_empty() && marked.is_empty() && rewritten.is_empty() && discarded.is_empty() {
            return;
        }
        for local in &enqueued {
            self.saving.unsaved.remove(local);
        }
        // With a connection it will be sent as soon as it is stored: one write says both.
        let at_once = self.connection.is_open();
        for local in &enqueued {
            if let Some(entry) = self.outbox.entry_mut(*local) {
                entry.may_be_sent = at_once;
            }
        }
        let mut batch = Batch { id: self.saving.next_batch(), strict: true, ..Batch::default() };
        let mut fingerprints = Vec::new();
        for (index, local) in enqueued.iter().enumerate() {
            let record = self.outbox.record(*local, &enqueued[..=index]);
            fingerprints.push((*local, fingerprint(&record)));
            batch.enqueue.push(record);
        }
        for local in marked.union(&rewritten) {
            let Some(entry) = self.outbox.entry_mut(*local) else { continue };
            entry.may_be_sent |= marked.contains(local);
            let (Some(seq), stored) = (entry.seq, entry.stored) else { continue };
            let value = self.outbox.record(*local, &[]);
            fingerprints.push((*local, fingerprint(&value)));
            batch.expect.extend(stored.map(|stored| (outbox_key(seq), stored)));
            batch.ops.push(Op::Put { table: Table::Outbox, key: outbox_key(seq), value });
        }
        for key in &discarded {
            batch.ops.push(Op::Delete { table: Table::Tray, key: key.clone() });
        }
        // Until the store says so, nothing of this counts.
        for local in enqueued.iter().chain(&marked) {
            if let Some(entry) = self.outbox.entry_mut(*local) {
                entry.may_be_sent = false;
            }
        }
        let mut marked = marked;
        if at_once {
            marked.extend(&enqueued);
        }
        self.saving.outbox_lane =
            Some(OutboxWrite { batch: batch.id, enqueued, marked, rewritten, discarded, fingerprints });
        self.outputs.push_back(Output::Persist(batch));
    }

    fn save_replica(&mut self, now: Now) {
        if self.hydrated && self.lead.is_none() {
            self.saving.replica.rows.clear(); // Should this tab lead one day, it writes them all.
        }
        let Some(lead) = self.lead.filter(|_| self.hydrated && !self.takes_over) else { return };
        if self.saving.replica_lane.is_some() {
            return;
        }
        if self.saving.replica.is_nothing() {
            self.saving.replica_due = None; // What there was, somebody else has done.
            return;
        }
        let due = *self.saving.replica_due.get_or_insert(now.mono_ms + GATHER_MS);
        if due > now.mono_ms {
            return;
        }
        self.saving.replica_due = None;
        let dirty = std::mem::replace(&mut self.saving.replica, Dirty::nothing());
        let id = self.saving.next_batch();
        #[allow(unused_mut, reason = "a planted mistake changes it")]
        let mut ops = self.replica_ops(&dirty);
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::CursorApartFromRows) {
            let apart = self.saving.next_batch();
            let cursor = ops.split_off(ops.len() - 1);
            let batch = Batch { id: apart, lead: Some(lead), ops: cursor, ..Batch::default() };
            self.outputs.push_back(Output::Persist(batch));
        }
        // Nobody would know what was sent under an id that is lost.
        let strict = dirty.client.is_some();
        self.saving.replica_lane = Some((id, dirty));
        self.outputs.push_back(Output::Persist(Batch { id, strict, lead: Some(lead), ops, ..Batch::default() }));
    }

    fn replica_ops(&self, dirty: &Dirty<S>) -> Vec<Op> {
        let mut ops = Vec::new();
        for (table, key, value) in &dirty.quarantine {
            let quarantined = format!("{}/{key}", table.name());
            ops.push(Op::Put { table: Table::Quarantine, key: quarantined, value: value.clone() });
            ops.push(Op::Delete { table: *table, key: key.clone() });
        }
        for generation in &dirty.generations_gone {
            ops.push(Op::DeletePrefix { table: Table::Rows, prefix: row_prefix(*generation) });
        }
        for (generation, key) in &dirty.rows {
            let replica = [Some(&self.base), self.staging.as_ref()].into_iter().flatten();
            let mut replica = replica.filter(|replica| replica.generation == *generation);
            let key_text = row_key(*generation, key);
            ops.push(match replica.next().and_then(|replica| replica.stored(key)) {
                Some(stored) => Op::Put { table: Table::Rows, key: key_text, value: record::seal(stored) },
                None => Op::Delete { table: Table::Rows, key: key_text },
            });
        }
        for entry in dirty.tray.iter().filter_map(|id| self.tray.get(id)) {
            ops.push(Op::Put { table: Table::Tray, key: entry.store_key(), value: record::seal(entry) });
        }
        for local in dirty.outbox_put.iter().filter_map(|seq| self.outbox.by_seq(*seq)) {
            let Some(seq) = self.outbox.entry(local).and_then(|entry| entry.seq) else { continue };
            let value = self.outbox.record(local, &[]);
            ops.push(Op::Put { table: Table::Outbox, key: outbox_key(seq), value });
        }
        for seq in &dirty.outbox_gone {
            ops.push(Op::Delete { table: Table::Outbox, key: outbox_key(*seq) });
        }
        if let Some(client) = dirty.client {
            let value = client_record(client);
            ops.push(Op::Put { table: Table::Meta, key: CLIENT_KEY.to_owned(), value });
        }
        // The cursor goes with the rows it brought, whichever of them changed.
        let meta = ReplicaMeta {
            version: S::VERSION,
            base: held(&self.base),
            staging: self.staging.as_ref().map(held),
            beneath: self.retired.doubted().clone(),
        };
        ops.push(Op::Put { table: Table::Meta, key: REPLICA_KEY.to_owned(), value: record::seal(&meta) });
        ops
    }

    pub(super) fn handle_persisted(&mut self, now: Now, batch: u64, result: Result<Committed, StoreFault>) {
        let outbox_lane = self.saving.outbox_lane.take_if(|lane| lane.batch == batch);
        let replica_lane = self.saving.replica_lane.take_if(|(id, _)| *id == batch);
        let is_outbox = outbox_lane.is_some();
        match result {
            Ok(committed) => {
                if let Some(lane) = outbox_lane {
                    self.outbox_saved(lane, committed);
                }
                if let Some((_, dirty)) = replica_lane {
                    dirty.outbox_put.iter().for_each(|seq| self.outbox_kept(*seq));
                    dirty.client.into_iter().for_each(|client| self.renamed(client));
                }
                if self.saving.fault.take_if(|(_, of_outbox)| *of_outbox == is_outbox).is_some() {
                    self.outputs.push_back(Output::Store(None));
                }
            }
            Err(StoreFault::Stale) => {
                let Some(lane) = outbox_lane else { return };
                self.saving.unsaved.extend(lane.enqueued.iter().copied());
                self.saving.to_discard.extend(lane.discarded);
                let stale = lane.marked.into_iter().chain(lane.rewritten);
                self.saving.stale.extend(stale.filter(|local| !lane.enqueued.contains(local)));
                self.read_outbox();
            }
            Err(fault) => {
                if let Some(lane) = outbox_lane {
                    self.saving.unsaved.extend(lane.enqueued.iter().copied());
                    self.saving.to_mark.extend(lane.marked.iter().filter(|local| !lane.enqueued.contains(local)));
                    self.saving.to_rewrite.extend(lane.rewritten);
                    self.saving.to_discard.extend(lane.discarded);
                }
                if let Some((_, dirty)) = replica_lane {
                    self.saving.replica.take_back(dirty);
                }
                self.store_failed(now, fault, is_outbox);
            }
        }
    }

    /// Asks for all that is stored of the outbox.
    pub(super) fn read_outbox(&mut self) {
        if self.reading_outbox.is_empty() && !self.saving.must_read {
            self.read_outbox_anew();
        }
    }

    /// The same, whatever is being read.
    pub(super) fn read_outbox_anew(&mut self) {
        self.reading_outbox.push_back(self.next_seq);
        self.outputs.push_back(Output::ReadOutbox);
    }

    /// It could not be read: it is asked for again in a while.
    pub(super) fn read_failed(&mut self, now: Now) {
        self.saving.must_read = true;
        self.saving.retry_at = Some(now.mono_ms + RETRY_MS);
    }

    fn store_failed(&mut self, now: Now, fault: StoreFault, is_outbox: bool) {
        if fault == StoreFault::NotLeading {
            return self.stop_leading();
        }
        self.saving.retry_at = Some(now.mono_ms + RETRY_MS);
        let before = self.saving.fault.map(|(fault, _)| fault);
        if is_outbox || self.saving.fault.is_none() {
            self.saving.fault = Some((fault, is_outbox));
        }
        if before != Some(fault) {
            self.outputs.push_back(Output::Store(Some(fault)));
        }
    }

    /// The store has the record of a numbered entry.
    pub(super) fn outbox_kept(&mut self, seq: u64) {
        let Some(local) = self.outbox.by_seq(seq) else { return };
        if let Some(entry) = self.outbox.entry_mut(local).filter(|entry| entry.state == EntryState::Saving) {
            entry.state = EntryState::Queued;
            self.remark(local);
        }
    }

    fn outbox_saved(&mut self, lane: OutboxWrite, committed: Committed) {
        for (local, seq) in lane.enqueued.iter().zip(committed.first_seq..) {
            self.outbox.number(*local, seq);
            self.next_seq = self.next_seq.max(seq + 1);
            self.remark(*local);
        }
        for local in &lane.marked {
            if let Some(entry) = self.outbox.entry_mut(*local) {
                entry.may_be_sent = true;
            }
        }
        for (local, fingerprint) in lane.fingerprints {
            if let Some(entry) = self.outbox.entry_mut(local) {
                entry.stored = Some(fingerprint);
            }
        }
        let moved = self.settle_early();
        self.rebase(moved, BTreeSet::new());
    }
}

fn held<S: Schema>(replica: &Replica<S>) -> Held<S> {
    Held { generation: replica.generation, cursor: replica.cursor, seen: replica.seen, scopes: replica.wanted() }
}

fn row_prefix(generation: u64) -> String {
    format!("{generation:016x}/")
}

pub(super) fn row_key<K: std::fmt::Display>(generation: u64, key: &K) -> String {
    format!("{generation:016x}/{key}")
}

/// Generation and key of a row's store key.
pub(super) fn parse_row_key(text: &str) -> Option<(u64, &str)> {
    let (generation, key) = text.split_once('/')?;
    Some((u64::from_str_radix(generation, 16).ok()?, key))
}

/// A record with its key.
type Keyed = (String, Vec<u8>);

/// The stored meta record; or what it is, where it cannot be read.
pub(super) fn read_meta<S: Schema>(meta: &[Keyed]) -> (Option<ReplicaMeta<S>>, Option<Keyed>) {
    match meta.iter().find(|(key, _)| key == REPLICA_KEY) {
        Some((key, bytes)) => match record::open(bytes) {
            Ok(meta) => (Some(meta), None),
            Err(_) => (None, Some((key.clone(), bytes.clone()))),
        },
        None => (None, None),
    }
}

/// The stored row of a record.
pub(super) fn read_row<S: Schema>(bytes: &[u8]) -> Result<Stored<S>, record::Unreadable> {
    record::open(bytes)
}
