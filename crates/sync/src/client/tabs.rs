//! The profile's other tabs: what they stored, and which of all leads.

use super::{
    Claim, Notice, Now, Output, StoreFault, Table,
    engine::SyncClient,
    outbox::{EntryState, LocalId},
    replica::Moved,
};
use crate::{MutationId, protocol::Body, schema::Schema};
use std::collections::BTreeSet;

impl<S: Schema> SyncClient<S> {
    /// Another tab of the profile stored mutations.
    pub(super) fn handle_outbox_grew(&mut self, records: Vec<(String, Vec<u8>)>) {
        let mut grown = BTreeSet::new();
        for (key, bytes) in records {
            grown.extend(self.load_entry(&key, &bytes));
        }
        self.outbox_changed |= !grown.is_empty();
        let moved = self.settle_early();
        self.rebase(moved, grown);
    }

    /// All that is stored.
    pub(super) fn handle_outbox_read(&mut self, now: Now, read: Result<Vec<(String, Vec<u8>)>, StoreFault>) {
        let asked_at = self.reading_outbox.pop_front().unwrap_or_default();
        let Ok(records) = read else { return self.read_failed(now) };
        self.refresh(&records);
        let stored: BTreeSet<u64> = records.iter().filter_map(|(key, _)| super::outbox_seq(key)).collect();
        if self.reading_outbox.is_empty() && std::mem::take(&mut self.takes_over) {
            self.take_over(now, &stored);
        }
        self.handle_outbox_grew(records);
        self.keep_awaited(&stored);
        self.miss(asked_at, &stored);
        if self.lead.is_none() {
            return;
        }
        // What this tab saw settled while it led the store has still; or another tab kept a place as void that it
        // did not know to be settled.
        let left = |seq: &&u64| self.retired.has(**seq) && self.outbox.by_seq(**seq).is_none();
        for seq in stored.iter().filter(left).copied() {
            self.saving.outbox_gone(seq);
            self.refused_as(seq).into_iter().for_each(|id| self.saving.tray_put(id));
        }
        if self.connection.is_open() {
            // What is numbered here had all before it stored, when it was.
            let numbered = self.outbox.last_before(asked_at);
            self.fill_gaps(numbered.max(stored.last().copied()).unwrap_or_default());
            self.finish_rolled_back();
        }
    }

    /// Whether it leads, and knows what is stored.
    pub(super) fn leads(&self) -> bool {
        self.lead.is_some() && !self.takes_over
    }

    /// What has left here and is stored was not settled for the tab that led before, or it did not come to say so:
    /// the server is asked again. Where the rows may hold the effect of one, and nobody knows it, all are loaded
    /// anew.
    fn take_over(&mut self, now: Now, stored: &BTreeSet<u64>) {
        let mut is_known = true;
        for seq in stored.iter().copied().filter(|seq| self.outbox.by_seq(*seq).is_none()) {
            let may_be_settled = self.retired.has(seq) || seq <= self.passed_over;
            if may_be_settled && self.refused_as(seq).is_none() && !self.early.contains_key(&seq) {
                is_known &= self.retired.forget(seq);
            }
        }
        if !is_known && self.base.cursor.take().is_some() {
            if self.connection.has_socket() {
                self.lose(now, 0); // It carries what was for these rows.
            }
            self.start_staging();
        }
    }

    /// The id of a refused mutation that is in the tray.
    fn refused_as(&self, seq: u64) -> Option<MutationId> {
        let id = self.client.map(|client| MutationId { client, seq });
        id.filter(|id| self.tray.contains_key(id))
    }

    /// What was to be written again while another tab took the lead: its record is there after all, or is written
    /// should this tab lead again.
    fn keep_awaited(&mut self, stored: &BTreeSet<u64>) {
        let is_awaited = |entry: &&super::Entry<S>| entry.state == EntryState::Saving && entry.body != Body::Void;
        let awaited: Vec<u64> = self.outbox.iter().filter(is_awaited).filter_map(|entry| entry.seq).collect();
        for seq in awaited {
            if self.saving.keep_outbox(seq, self.lead.is_some()) {
                match stored.contains(&seq) {
                    true => self.outbox_kept(seq),
                    false if self.lead.is_some() => self.saving.outbox_put(seq),
                    false => {}
                }
            }
        }
    }

    /// Takes in what other tabs made of entries that this one meant to write.
    fn refresh(&mut self, records: &[(String, Vec<u8>)]) {
        let mut moved = Moved::nothing();
        let mut entries = BTreeSet::new();
        for local in std::mem::take(&mut self.saving.stale) {
            let Some(entry) = self.outbox.entry_mut(local) else { continue };
            let was_taken_back = entry.body == Body::Void;
            let key = entry.seq.map(super::outbox_key);
            match records.iter().find(|(of, _)| Some(of) == key.as_ref()) {
                Some((_, bytes)) => {
                    moved.keys.extend(self.overlay.unwatch(entry));
                    // What cannot be read is set aside at the next start.
                    if self.outbox.reload(local, bytes).is_ok() {
                        entries.insert(local);
                    }
                    self.overlay.watch(&self.outbox, local);
                }
                // It is settled: what it did comes with the log.
                None if was_taken_back => moved.keys.extend(self.let_go(local)),
                // Likewise. The server is asked for the answer, and was sent it before.
                None => (entry.may_be_sent, entry.stored) = (true, None),
            }
            if was_taken_back && self.outbox.entry(local).is_none_or(|entry| entry.body != Body::Void) {
                self.notice(Notice::NotTakenBack);
            }
        }
        self.outbox_changed |= !entries.is_empty();
        self.rebase(moved, entries);
    }

    /// What has a place between those that are stored and is not among them is gone for good, since
    /// places are given inside the store's transactions: it is kept as void, or the server would
    /// take nothing behind it. Where the profile is to have another id, that holds of what was sent too.
    fn fill_gaps(&mut self, last: u64) {
        let mut gaps: BTreeSet<u64> =
            (self.pushed + 1..last).filter(|seq| self.outbox.by_seq(*seq).is_none()).collect();
        if self.rolled_back {
            gaps.extend(self.outbox.gaps().into_iter().filter(|seq| *seq < last));
        }
        gaps.retain(|seq| !self.has_left(*seq));
        self.keep_as_void(gaps);
    }

    /// Whether it is known to be settled, without being in the outbox.
    pub(super) fn has_left(&self, seq: u64) -> bool {
        self.retired.has(seq) || self.early.contains_key(&seq)
    }

    pub(super) fn keep_as_void(&mut self, seqs: impl IntoIterator<Item = u64>) {
        for seq in seqs {
            self.outbox.insert_void(seq);
            self.saving.outbox_put(seq);
        }
    }

    /// What is here and was not stored any more: the tab that leads has seen it settled.
    fn miss(&mut self, asked_at: u64, stored: &BTreeSet<u64>) {
        let is_missing = |entry: &&super::Entry<S>| {
            entry.at.is_none() && entry.seq.is_some_and(|seq| seq < asked_at && !stored.contains(&seq))
        };
        let missing: Vec<(LocalId, bool)> =
            self.outbox.iter().filter(is_missing).map(|entry| (entry.local, entry.id_taken)).collect();
        let mut moved = Moved::nothing();
        let before = std::mem::take(&mut self.absent);
        for (local, is_doubted) in missing {
            if is_doubted && self.staging.is_none() {
                moved.keys.extend(self.let_go(local));
            } else if is_doubted || self.lead.is_none() {
                let ping = before.get(&local).copied().unwrap_or(self.connection.nonce);
                self.absent.insert(local, ping);
            }
        }
        self.rebase(moved, BTreeSet::new());
        self.finish_staging();
    }

    /// Of what another tab saw settled under another id the rows that were loaded anew hold the effect; gives the rows to
    /// rebuild.
    pub(super) fn let_go_absent(&mut self) -> BTreeSet<S::Key> {
        let is_doubted =
            |local: &LocalId| self.outbox.entry(*local).is_some_and(|entry| entry.id_taken && entry.at.is_none());
        let absent: Vec<LocalId> = self.absent.keys().copied().filter(is_doubted).collect();
        absent.into_iter().flat_map(|local| self.let_go(local)).collect()
    }

    /// The log was told up to that ping. What had left the store before it, and was not settled by what
    /// was told, is not in this log: the tab that leads saw it settled in one that the server has lost.
    pub(super) fn look_for_absent(&mut self, ping: u64) {
        if self.lead.is_some() {
            // A tab may have gone between storing an edit and telling of it.
            if self.outbox.len() == 0 {
                self.read_outbox();
            }
            return;
        }
        let is_late = |(_, before): &(&LocalId, &u64)| **before < ping;
        let late: Vec<LocalId> = self.absent.iter().filter(is_late).map(|(local, _)| *local).collect();
        for local in late {
            if self.outbox.entry(local).is_some_and(|entry| entry.at.is_none()) {
                self.doubt(local);
            }
        }
        if self.outbox.iter().any(|entry| entry.seq.is_some()) {
            self.read_outbox();
        }
    }

    /// What had left beyond what the server has settled was settled in a log that is no more: its record,
    /// where it is still there, is sent again; else its place is kept as void. Of all up to `passed` the tab that
    /// leads has told the server that they are settled, or heard it.
    pub(super) fn doubt_retired(&mut self, settled: u64, passed: u64) {
        match self.lead {
            Some(_) => self.retired.forget_after(passed),
            None => self.retired.forget_all_after(settled),
        }
        self.saving.meta_changed();
        let Self { retired, tray, saving, client, .. } = self;
        let is_refused = |seq| client.is_some_and(|client| tray.contains_key(&MutationId { client, seq }));
        saving.spare_outbox(|seq| !retired.has(seq) && !is_refused(seq));
    }

    /// Takes an entry out of this tab's outbox, not out of the profile's; gives the rows to rebuild.
    fn let_go(&mut self, local: LocalId) -> BTreeSet<S::Key> {
        let Some(entry) = self.outbox.remove(local) else { return BTreeSet::new() };
        self.outbox_changed = true;
        entry.seq.into_iter().for_each(|seq| self.retired.add(seq));
        self.overlay.unwatch(&entry)
    }

    /// Takes a stored outbox record in; one that cannot be read is set aside.
    pub(super) fn load_entry(&mut self, key: &str, bytes: &[u8]) -> Option<LocalId> {
        let seq = super::outbox_seq(key);
        if seq.is_some_and(|seq| self.retired.has(seq) && self.outbox.by_seq(seq).is_none()) {
            return None; // It has left: the store is about to be told.
        }
        let loaded = seq.map(|seq| (seq, self.outbox.load(seq, bytes)));
        match loaded {
            Some((seq, Ok(local))) => {
                self.next_seq = self.next_seq.max(seq + 1);
                if let Some(local) = local {
                    let nonce = self.outbox.entry(local).map_or(0, |entry| entry.nonce);
                    if self.retired.doubts(seq, nonce) {
                        self.outbox.note_beneath(local);
                        self.saving.meta_changed();
                    }
                    if !self.saving.keep_outbox(seq, self.lead.is_some())
                        && let Some(entry) = self.outbox.entry_mut(local)
                    {
                        entry.state = EntryState::Saving;
                    }
                    self.overlay.watch(&self.outbox, local);
                }
                local
            }
            Some((seq, Err(_))) => {
                // Its place is kept, or the server would take nothing behind it.
                self.saving.quarantine(Table::Outbox, key.to_owned(), bytes.to_vec());
                self.outbox.insert_void(seq);
                self.saving.outbox_put(seq);
                self.next_seq = self.next_seq.max(seq + 1);
                None
            }
            None => {
                self.saving.quarantine(Table::Outbox, key.to_owned(), bytes.to_vec());
                None
            }
        }
    }

    pub(super) fn handle_lead(&mut self, now: Now, claim: Option<Claim>) {
        let was_follower = self.hydrated && self.lead.is_none();
        match claim {
            Some(claim) => self.lead = Some(claim.lead),
            None => self.stop_leading(),
        }
        let Some(Claim { lead, client, next_seq }) = claim.filter(|_| was_follower) else { return };
        // A page that was frozen may have missed what others said.
        self.next_seq = self.next_seq.max(next_seq);
        self.handle_renamed(client);
        // Whether others have its ids, this tab finds out for itself.
        self.outbox.trust_ids_behind(0);
        self.rolled_back = false;
        self.look_back();
        // What the leader before us stored meanwhile is not known here: all rows are written anew, under a
        // generation that nobody has used; with them, in one batch, which stored edits they hold.
        let generation = (lead << 16).max(self.target().generation + 1);
        self.saving.generation_gone(self.base.generation);
        let unfinished = self.staging.take();
        if let Some(staging) = &unfinished {
            self.saving.generation_gone(staging.generation);
            // The socket carries what was for that one, and the answers were of its log.
            self.outbox.doubt_answers(0);
            if self.connection.has_socket() {
                self.lose(now, 0);
            }
        }
        self.base.generation = generation;
        if unfinished.is_some() && self.base.cursor.is_none() {
            self.start_staging(); // What is on screen is of no position in the log.
        }
        let keys: Vec<S::Key> = self.base.all().map(|(key, _)| key.clone()).collect();
        self.saving.rows_changed(generation, keys);
        self.saving.meta_changed();
        self.requeue_all();
        self.takes_over = true;
        self.read_outbox_anew();
    }

    /// Another tab leads: what only the one that leads writes is its business now.
    pub(super) fn stop_leading(&mut self) {
        self.lead = None;
        self.takes_over = false;
        if self.saving.leave_to_others() {
            self.outputs.push_back(Output::Store(None));
        }
        let awaited = self.outbox.iter().filter(|entry| entry.seq.is_some() && entry.state == EntryState::Saving);
        let awaited: Vec<(LocalId, bool)> = awaited.map(|entry| (entry.local, entry.body == Body::Void)).collect();
        for (local, is_void) in &awaited {
            // Nothing says that it may be kept as void: the other tab finds out for itself.
            if *is_void && self.outbox.remove(*local).is_some() {
                self.outbox_changed = true;
            }
        }
        if !awaited.is_empty() {
            self.read_outbox();
        }
    }

    /// A number for a replica that nobody has used.
    pub(super) fn fresh_generation(&self) -> u64 {
        (self.lead.unwrap_or_default() << 16).max(self.target().generation.max(self.base.generation) + 1)
    }

    pub(super) fn requeue_all(&mut self) {
        let sending: Vec<LocalId> =
            self.outbox.iter().filter(|entry| entry.state == EntryState::Sending).map(|entry| entry.local).collect();
        for local in sending {
            if let Some(entry) = self.outbox.entry_mut(local) {
                entry.state = EntryState::Queued;
            }
            self.remark(local);
        }
        self.pushed = self.oldest_unsettled() - 1;
    }
}
