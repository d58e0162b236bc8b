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
    /// The first number that is in the outbox, or is not known to have left it: another tab may have stored an
    /// edit under it and told nobody.
    pub(super) fn oldest_unsettled(&self) -> u64 {
        let not_left = self.retired.through(self.connection.settled).saturating_add(1);
        self.outbox.first_numbered().map_or(not_left, |first| first.min(not_left))
    }

    /// The log settled a mutation under that id, at or before `at`; gives the rows to rebuild.
    pub(super) fn settled(&mut self, seq: u64, nonce: u64, at: u64, refusal: Option<Refusal>) -> Moved<S> {
        if self.saving.is_naming() {
            return self.settled_again(seq, nonce, refusal);
        }
        let Some(local) = self.outbox.by_seq(seq) else {
            if !self.retired.has(seq) {
                self.early.insert(seq, Early { nonce, at, refusal });
                // The server has it, and all before it.
                self.pushed = self.pushed.max(seq);
            }
            return Moved::nothing();
        };
        let Some(entry) = self.outbox.entry_mut(local) else { return Moved::nothing() };
        #[cfg(feature = "planted")]
        let nonce = if self.planted == Some(crate::planted::Planted::OneIdForTwoEdits) { entry.nonce } else { nonce };
        if entry.nonce != nonce {
            // Another one: two copies of the profile gave the same number.
            self.doubt(local);
            return Moved::nothing();
        }
        entry.id_taken = false;
        match refusal {
            Some(refusal) => return self.refuse(seq, refusal),
            None if entry.at.is_none() => self.outbox.answer(local, Some(at)),
            None => {}
        }
        Moved::nothing()
    }

    /// All of the profile's old id is told: what is settled under it now is sent again under the new one.
    fn settled_again(&mut self, seq: u64, nonce: u64, refusal: Option<Refusal>) -> Moved<S> {
        let entry = self.outbox.by_seq(seq).and_then(|local| self.outbox.entry(local));
        let mut moved = Moved::nothing();
        if let Some(entry) = entry.filter(|entry| entry.nonce == nonce)
            && refusal.is_none()
            && self.staging.is_none()
        {
            moved.keys.clone_from(&entry.touched);
            let local = entry.local;
            self.outbox.note_beneath(local);
            self.retired.doubt([seq]);
            self.saving.meta_changed();
            self.remark(local);
        }
        moved
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

    /// Entries that the cursor has reached leave the outbox.
    pub(super) fn leave(&mut self) -> Moved<S> {
        let reached = self.outbox.reached(self.base.seq());
        let numbers: Vec<u64> = reached.iter().filter_map(|local| self.outbox.entry(*local)?.seq).collect();
        numbers.into_iter().for_each(|seq| self.retired.note_beneath(seq));
        self.retire(reached)
    }

    /// The server has another mutation under an entry's id, or none where it should stand. The tab
    /// that leads gives the profile another id. Any other cannot tell: it asks the store whether the
    /// entry is still to be sent.
    pub(super) fn doubt(&mut self, local: LocalId) {
        self.outbox.answer(local, None);
        if let Some(entry) = self.outbox.entry_mut(local) {
            entry.id_taken = true;
            if entry.state == EntryState::Sending {
                entry.state = EntryState::Queued;
            }
        }
        self.remark(local);
        match self.lead {
            Some(_) => self.roll_back(),
            None => self.read_outbox(),
        }
    }

    /// A tab that does not lead may still hold what the one that leads saw settled in a log that the server
    /// has lost since: the present log passed it over.
    pub(super) fn doubt_passed(&mut self, through: u64) {
        if self.lead.is_some() {
            return;
        }
        let passed = self.outbox.between(self.passed_over, through);
        let passed = passed.filter(|entry| entry.at.is_none() && !entry.id_taken);
        let passed: Vec<LocalId> = passed.map(|entry| entry.local).collect();
        passed.into_iter().for_each(|local| self.doubt(local));
    }

    pub(super) fn handle_ack(&mut self, seq: u64, at: u64) {
        self.holds = 0;
        if self.saving.is_naming() {
            return;
        }
        let Some(local) = self.outbox.by_seq(seq) else { return };
        self.outbox.answer(local, Some(at));
        if let Some(entry) = self.outbox.entry_mut(local) {
            entry.id_taken = false;
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
        self.finish_staging();
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
        if self.saving.is_naming() {
            return;
        }
        if reject.refusal.code == RefusalCode::IdReused {
            if let Some(local) = self.outbox.by_seq(reject.seq) {
                self.doubt(local);
            }
            self.finish_staging();
            return self.finish_rolled_back();
        }
        let moved = self.refuse(reject.seq, reject.refusal);
        self.rebase(moved, BTreeSet::new());
        self.finish_staging();
        self.finish_rolled_back();
    }

    /// Moves an entry to the tray; gives the rows to rebuild.
    pub(super) fn refuse(&mut self, seq: u64, refusal: Refusal) -> Moved<S> {
        let (Some(client), Some(local)) = (self.client, self.outbox.by_seq(seq)) else { return Moved::nothing() };
        let Some(entry) = self.outbox.entry(local) else { return Moved::nothing() };
        let id = MutationId { client, seq };
        let (before, touched) = (self.tray.get(&id), entry.touched.iter().cloned());
        let tray = TrayEntry {
            id,
            body: entry.body.clone(),
            refusal: refusal.clone(),
            created_ms: entry.created_ms,
            // Sent again and refused again, it may find the rows gone that it was about.
            touched: before.into_iter().flat_map(|before| before.touched.clone()).chain(touched).collect(),
        };
        self.saving.tray_put(tray.id);
        self.tray.insert(tray.id, tray);
        self.notice(Notice::Refused { message: refusal.message });
        self.retire([local])
    }

    /// Whether the server knows mutations that this profile has yet to make.
    pub(super) fn look_back(&mut self) {
        if self.connection.is_open() && self.connection.settled >= self.next_seq {
            self.roll_back();
        }
    }

    /// The profile is older than what the server knows of it: it was copied, or put back.
    pub(super) fn roll_back(&mut self) {
        if !std::mem::replace(&mut self.rolled_back, true) {
            self.notice(Notice::ProfileRolledBack);
        }
    }

    /// Once every id that the server may know is told apart, the profile goes on under a new client id,
    /// as soon as that is stored.
    pub(super) fn finish_rolled_back(&mut self) {
        let known = self.connection.may_be_known();
        let untold = |entry: &super::Entry<S>| {
            (entry.at.is_some() || entry.seq.is_some_and(|seq| seq <= known)) && !entry.id_taken
        };
        if !self.rolled_back
            || !self.leads()
            || !self.connection.is_open()
            || self.saving.is_naming()
            || self.outbox.iter().any(untold)
        {
            return;
        }
        // The new client's order has no gaps either: what has left keeps its place.
        let gaps = self.outbox.gaps();
        if gaps.iter().any(|seq| !self.has_left(*seq)) {
            return self.read_outbox(); // Another tab may have stored that one.
        }
        self.keep_as_void(gaps);
        let bits = self.next_name();
        self.saving.rename(ClientId(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()));
    }

    /// The store has another id for the profile: everything here goes by it from now on.
    pub(super) fn renamed(&mut self, client: ClientId) {
        self.client = Some(client);
        self.rolled_back = false;
        self.early.clear();
        self.absent.clear();
        self.passed_over = 0;
        self.outbox.doubt_answers(0);
        self.outbox.trust_ids_behind(0);
        if self.connection.has_socket() {
            self.outputs.push_back(Output::Disconnect { generation: self.connection.generation });
            self.connection.lost = true;
            self.connection.phase = Phase::Waiting { at: 0 };
        }
        self.requeue_all();
    }

    /// The tab that leads has given the profile another id.
    pub(super) fn handle_renamed(&mut self, client: ClientId) {
        if self.client == Some(client) {
            return;
        }
        self.saving.forget_name();
        self.renamed(client);
        self.read_outbox();
    }

    /// Follows from the present name and the first edit that needs another: copies of the profile that
    /// hold the same edits send them under the same ids, and one carries them out.
    fn next_name(&mut self) -> u128 {
        let taken = self.outbox.iter().find(|entry| entry.seq.is_some());
        match (self.client, taken) {
            (Some(client), Some(entry)) => {
                let bytes: Vec<u8> = client.0.as_bytes().iter().copied().chain(entry.nonce.to_be_bytes()).collect();
                xxhash_rust::xxh3::xxh3_128(&bytes)
            }
            _ => (u128::from(self.backoff.next()) << 64) | u128::from(self.backoff.next()),
        }
    }

    /// How far all behind that place is known to be settled, without being in the outbox.
    fn settled_through(&self, mut through: u64) -> u64 {
        loop {
            through = self.retired.through(through);
            match through.checked_add(1) {
                Some(next) if self.early.contains_key(&next) => through = next,
                _ => return through,
            }
        }
    }

    /// Sends what may be sent: in order, without gaps, within the limits.
    pub(super) fn push(&mut self, now: Now) {
        if self.hold_until > now.mono_ms {
            return;
        }
        self.hold_until = 0;
        // Nothing goes out under a name that the store could still lose.
        if !self.connection.is_open() || self.saving.is_naming() {
            return;
        }
        // Another tab asks only for the answers to what was settled when it passed the log over.
        let leads = self.leads();
        let mut in_flight = 0;
        let mut bytes = 0;
        let mut mutations = Vec::new();
        let mut sent = Vec::new();
        let mut to_mark = Vec::new();
        // Nothing goes before what another tab has put in front of it.
        let mut through = self.pushed;
        let mut missing = false;
        for entry in self.outbox.iter() {
            let Some(seq) = entry.seq.filter(|_| entry.state != EntryState::Saving) else { break };
            if entry.at.is_some() || entry.id_taken {
                // The server has something there, and everywhere before it.
                through = through.max(seq);
                continue;
            }
            if !leads && seq > self.passed_over {
                break;
            }
            if leads && self.rolled_back && seq > self.connection.may_be_known() {
                break; // That waits for the new id.
            }
            through = self.settled_through(through);
            if leads && seq > through.saturating_add(1) {
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
            if leads && (!entry.may_be_sent || self.saving.is_rewriting(entry.local)) {
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
        if missing {
            self.read_outbox();
        }
        let Some(last) = mutations.last() else { return };
        self.pushed = last.seq.max(self.pushed);
        self.connection.sent_through = self.connection.sent_through.max(last.seq);
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
