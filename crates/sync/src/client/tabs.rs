//! The profile's other tabs: what they stored, and which of all leads.

use super::{
    Now, Output, Table,
    engine::SyncClient,
    outbox::{EntryState, LocalId},
};
use crate::schema::Schema;
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

    /// All that is stored. What has a place between these and is not among them is gone for good, since
    /// places are given inside the store's transactions: it is kept as void, or the server would
    /// take nothing behind it.
    pub(super) fn handle_outbox_read(&mut self, records: Vec<(String, Vec<u8>)>) {
        self.reading_outbox = false;
        let last = records.iter().filter_map(|(key, _)| super::outbox_seq(key)).max().unwrap_or_default();
        self.handle_outbox_grew(records);
        if !self.connection.is_open() || self.lead.is_none() {
            return;
        }
        for seq in self.pushed.max(self.retired) + 1..last {
            if self.outbox.by_seq(seq).is_none() && !self.early.contains_key(&seq) {
                self.outbox.insert_void(seq);
                self.saving.void(seq);
            }
        }
    }

    /// Takes a stored outbox record in; one that cannot be read is set aside.
    pub(super) fn load_entry(&mut self, key: &str, bytes: &[u8]) -> Option<LocalId> {
        let seq = super::outbox_seq(key);
        if seq.is_some_and(|seq| seq <= self.retired && self.outbox.by_seq(seq).is_none()) {
            return None; // It has left: the store is about to be told.
        }
        let loaded = seq.map(|seq| (seq, self.outbox.load(seq, bytes)));
        match loaded {
            Some((seq, Ok(local))) => {
                self.next_seq = self.next_seq.max(seq + 1);
                if let Some(local) = local {
                    self.overlay.watch(&self.outbox, local);
                }
                local
            }
            Some((seq, Err(_))) => {
                // Its place is kept, or the server would take nothing behind it.
                self.saving.quarantine(Table::Outbox, key.to_owned(), bytes.to_vec());
                self.outbox.insert_void(seq);
                self.saving.void(seq);
                self.next_seq = self.next_seq.max(seq + 1);
                None
            }
            None => {
                self.saving.quarantine(Table::Outbox, key.to_owned(), bytes.to_vec());
                None
            }
        }
    }

    pub(super) fn handle_lead(&mut self, now: Now, lead: Option<u64>) {
        let was_follower = self.hydrated && self.lead.is_none();
        self.lead = lead;
        let Some(lead) = lead.filter(|_| was_follower) else { return };
        // What the leader before us stored meanwhile is not known here: all rows are written
        // anew, under a generation that nobody has used.
        let generation = (lead << 16).max(self.target().generation + 1);
        self.saving.generation_gone(self.base.generation);
        if let Some(staging) = self.staging.take() {
            self.saving.generation_gone(staging.generation);
            // The socket carries what was for that one.
            self.lose(now, 0);
        }
        self.base.generation = generation;
        let keys: Vec<S::Key> = self.base.all().map(|(key, _)| key.clone()).collect();
        self.saving.rows_changed(generation, keys);
        self.saving.meta_changed();
        self.requeue_all();
        self.reading_outbox = true;
        self.outputs.push_back(Output::ReadOutbox);
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
        let before = self.outbox.iter().find_map(|entry| entry.seq).unwrap_or(self.next_seq) - 1;
        self.pushed = before;
    }
}
