//! What becomes of the user's mutations: sent, answered, out of the outbox, into the tray.

use super::{
    Notice, Now, Output, TrayEntry,
    connection::Phase,
    engine::{Early, SyncClient},
    outbox::{EntryState, LocalId},
    replica::Moved,
};
use crate::{
    ClientId, MutationId,
    protocol::{ClientFrame, Push, Reject},
    schema::{Refusal, RefusalCode, Schema},
};
use std::collections::BTreeSet;

/// Milliseconds to wait after the server's first transient refusal; doubled with each further.
const HOLD_MS: u64 = 500;

/// Milliseconds to wait after a transient refusal at most.
const HOLD_MS_MAX: u64 = 30_000;

/// Bytes one push frame holds at most, if it holds more than one mutation.
const PUSH_BYTES: usize = 256 * 1024;

impl<S: Schema> SyncClient<S> {
    pub(super) fn oldest_unsettled(&self) -> u64 {
        self.outbox.iter().find_map(|entry| entry.seq).unwrap_or(self.next_seq)
    }

    /// The log settled a mutation under that id, at or before `at`; gives the rows to rebuild.
    pub(super) fn settled(&mut self, seq: u64, nonce: u64, at: u64, refusal: Option<Refusal>) -> Moved<S> {
        let Some(local) = self.outbox.by_seq(seq) else {
            if seq > self.retired {
                self.early.insert(seq, Early { nonce, at, refusal });
                // The server has it, and all before it.
                self.pushed = self.pushed.max(seq);
            }
            return Moved::nothing();
        };
        let Some(entry) = self.outbox.entry_mut(local) else { return Moved::nothing() };
        if entry.nonce != nonce {
            // Another one: two copies of the profile gave the same number.
            entry.id_taken = true;
            entry.state = EntryState::Queued;
            self.roll_back();
            return Moved::nothing();
        }
        match refusal {
            Some(refusal) => self.refuse(seq, refusal),
            None => {
                entry.at.get_or_insert(at);
                Moved::nothing()
            }
        }
    }

    /// Settles what has come in behind the patch that settled it.
    pub(super) fn settle_early(&mut self) -> Moved<S> {
        let mut moved = Moved::nothing();
        let known: Vec<u64> = self.early.keys().copied().filter(|seq| self.outbox.by_seq(*seq).is_some()).collect();
        for seq in known {
            if let Some(Early { nonce, at, refusal }) = self.early.remove(&seq) {
                moved.keys.extend(self.settled(seq, nonce, at, refusal).keys);
            }
        }
        if self.staging.is_none() {
            moved.keys.extend(self.leave().keys);
        }
        moved
    }

    /// Entries that the cursor has reached leave the outbox. They do so in order.
    pub(super) fn leave(&mut self) -> Moved<S> {
        let seq = self.base.seq();
        let done = self.outbox.iter().take_while(|entry| entry.at.is_some_and(|at| at <= seq));
        let done: Vec<LocalId> = done.map(|entry| entry.local).collect();
        self.retire(done)
    }

    pub(super) fn handle_ack(&mut self, seq: u64, at: u64) {
        self.holds = 0;
        let Some(local) = self.outbox.by_seq(seq) else { return };
        if let Some(entry) = self.outbox.entry_mut(local) {
            entry.at = Some(at);
        }
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::EntryDroppedOnAck) {
            let moved = self.retire([local]);
            self.rebase(moved, BTreeSet::new());
        }
        if self.staging.is_none() {
            let moved = self.leave();
            self.rebase(moved, BTreeSet::new());
        }
        self.finish_rolled_back();
    }

    pub(super) fn handle_reject(&mut self, now: Now, reject: Reject) {
        if reject.at.is_none() {
            self.holds += 1;
            let wait = (HOLD_MS << self.holds.min(10)).min(HOLD_MS_MAX);
            self.hold_until = now.mono_ms + wait;
            return self.requeue_all();
        }
        self.holds = 0;
        if reject.refusal.code == RefusalCode::IdReused {
            self.roll_back();
            if let Some(local) = self.outbox.by_seq(reject.seq)
                && let Some(entry) = self.outbox.entry_mut(local)
            {
                entry.id_taken = true;
                entry.state = EntryState::Queued;
            }
            return self.finish_rolled_back();
        }
        let moved = self.refuse(reject.seq, reject.refusal);
        self.rebase(moved, BTreeSet::new());
        self.finish_rolled_back();
    }

    /// Moves an entry to the tray; gives the rows to rebuild.
    pub(super) fn refuse(&mut self, seq: u64, refusal: Refusal) -> Moved<S> {
        let (Some(client), Some(local)) = (self.client, self.outbox.by_seq(seq)) else { return Moved::nothing() };
        let Some(entry) = self.outbox.entry(local) else { return Moved::nothing() };
        let tray = TrayEntry {
            id: MutationId { client, seq },
            body: entry.body.clone(),
            refusal: refusal.clone(),
            created_ms: entry.created_ms,
            touched: entry.touched.clone(),
        };
        self.saving.tray_put(tray.clone());
        self.tray.insert(tray.id, tray);
        self.notice(Notice::Refused { message: refusal.message });
        self.retire([local])
    }

    /// The profile is older than what the server knows of it: it was copied, or put back.
    pub(super) fn roll_back(&mut self) {
        if !std::mem::replace(&mut self.rolled_back, true) {
            self.notice(Notice::ProfileRolledBack);
        }
    }

    /// Once every id that the server knew is told apart, the profile goes on under a new client id.
    pub(super) fn finish_rolled_back(&mut self) {
        let untold = |entry: &super::Entry<S>| entry.seq.is_some() && !entry.id_taken;
        if !self.rolled_back || self.lead.is_none() || self.outbox.iter().any(untold) {
            return;
        }
        self.rolled_back = false;
        self.early.clear();
        let bits = (u128::from(self.backoff.next()) << 64) | u128::from(self.backoff.next());
        self.client = Some(ClientId(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()));
        self.saving.client_changed();
        let taken: Vec<(LocalId, u64)> =
            self.outbox.iter().filter_map(|entry| Some((entry.local, entry.seq?))).collect();
        for (local, _) in &taken {
            if let Some(entry) = self.outbox.entry_mut(*local) {
                entry.id_taken = false;
            }
        }
        // The new client's order has no gaps either.
        if let (Some((_, first)), Some((_, last))) = (taken.first(), taken.last()) {
            for seq in *first..=*last {
                if self.outbox.by_seq(seq).is_none() {
                    self.outbox.insert_void(seq);
                    self.saving.void(seq);
                }
            }
        }
        self.outputs.push_back(Output::Disconnect { generation: self.connection.generation });
        self.connection.lost = true;
        self.connection.phase = Phase::Waiting { at: 0 };
        self.requeue_all();
    }

    /// Sends what may be sent: in order, without gaps, within the limits.
    pub(super) fn push(&mut self, now: Now) {
        if self.hold_until > now.mono_ms {
            return;
        }
        self.hold_until = 0;
        if !self.connection.is_open() || self.lead.is_none() {
            return;
        }
        let mut in_flight = 0;
        let mut bytes = 0;
        let mut mutations = Vec::new();
        let mut sent = Vec::new();
        let mut to_mark = Vec::new();
        // Nothing goes before what another tab has put in front of it.
        let settled = self.outbox.iter().take_while(|entry| entry.at.is_some()).filter_map(|entry| entry.seq).last();
        let mut through = self.pushed.max(settled.unwrap_or_default());
        let mut missing = false;
        for entry in self.outbox.iter() {
            let Some(seq) = entry.seq else { break };
            if entry.at.is_some() || entry.id_taken {
                continue;
            }
            if seq > through + 1 {
                missing = true;
                break;
            }
            through = through.max(seq);
            in_flight += 1;
            if in_flight > self.limits.in_flight_max {
                break;
            }
            if entry.state == EntryState::Sending {
                continue;
            }
            // One that waits for its mark holds back all behind it.
            if !entry.may_be_sent || self.saving.is_rewriting(entry.local) {
                to_mark.push(entry.local);
                continue;
            }
            let Some(pushed) = self.outbox.pushed(entry).filter(|_| to_mark.is_empty()) else { break };
            let size = serde_json::to_string(&pushed).map_or(0, |text| text.len());
            if !mutations.is_empty() && bytes + size > PUSH_BYTES {
                break;
            }
            bytes += size;
            mutations.push(pushed);
            sent.push(entry.local);
        }
        for local in to_mark {
            if !self.saving.is_marking(local) {
                self.saving.mark(local);
            }
        }
        if missing && !std::mem::replace(&mut self.reading_outbox, true) {
            self.outputs.push_back(Output::ReadOutbox);
        }
        let Some(last) = mutations.last() else { return };
        self.pushed = last.seq.max(self.pushed);
        let more = bytes > PUSH_BYTES / 2;
        self.send(&ClientFrame::Push(Push { mutations }));
        for local in sent {
            if let Some(entry) = self.outbox.entry_mut(local) {
                entry.state = EntryState::Sending;
            }
            self.remark(local);
        }
        if more {
            self.push(now);
        }
    }
}
