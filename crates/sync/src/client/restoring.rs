//! From the store's records to rows, outbox and tray.

use super::{
    Notice, Now, Restored, Table,
    connection::Phase,
    engine::SyncClient,
    record,
    replica::{Moved, Replica},
    saving::{self, ReplicaMeta, parse_row_key},
};
use crate::{SyncCursor, protocol::Held, schema::Schema};
use std::collections::BTreeSet;

impl<S: Schema> SyncClient<S> {
    pub(super) fn handle_restored(&mut self, restored: Restored) {
        self.client = Some(restored.client);
        self.saving.keeps_rows = restored.lasting;
        self.next_seq = self.next_seq.max(restored.next_seq);
        let (meta, bad) = saving::read_meta::<S>(&restored.meta);
        if let Some(ReplicaMeta { version, base, staging, beneath }) = meta {
            self.retired.doubt(beneath);
            self.base = replica_of(base, &self.base);
            self.staging = staging.map(|held| replica_of(held, &self.base));
            if version != S::VERSION {
                // Shown until all is loaded anew.
                self.base.cursor = None;
                let unfinished = self.staging.take();
                unfinished.into_iter().for_each(|old| self.saving.generation_gone(old.generation));
            }
        }
        if let Some((key, bytes)) = bad {
            self.saving.quarantine(Table::Meta, key, bytes);
            self.saving.meta_changed();
            self.notice(Notice::Quarantined { records: 1, edits: false });
        }
        let mut lost = 0;
        let mut entries = BTreeSet::new();
        for (key, bytes) in &restored.outbox {
            match self.load_entry(key, bytes) {
                Some(local) => {
                    entries.insert(local);
                }
                None => lost += 1,
            }
        }
        for (key, bytes) in restored.tray {
            match record::open::<super::TrayEntry<S>>(&bytes) {
                Ok(entry) => {
                    self.tray.insert(entry.id, entry);
                }
                Err(_) => {
                    lost += 1;
                    self.saving.quarantine(Table::Tray, key, bytes);
                }
            }
        }
        let first = self.outbox.first_numbered().unwrap_or(self.next_seq);
        self.retired.start_at(first.saturating_sub(1));
        if lost > 0 {
            self.notice(Notice::Quarantined { records: lost, edits: true });
        }
        self.outbox_changed = true;
        self.rebase(Moved::nothing(), entries);
    }

    pub(super) fn handle_hydrated(&mut self, records: Vec<(String, Vec<u8>)>) {
        let mut moved = Moved::nothing();
        let mut bad = 0;
        for (key, bytes) in records {
            let Some((generation, _)) = parse_row_key(&key) else { continue };
            let is_base = generation == self.base.generation;
            let is_staging = self.staging.as_ref().is_some_and(|staging| staging.generation == generation);
            if !is_base && !is_staging {
                // Left by a load that was never finished; or the tab that leads wrote all rows anew meanwhile,
                // which is seen when all is read.
                if self.lead.is_some() {
                    self.saving.generation_gone(generation);
                }
                continue;
            }
            let Ok(stored) = saving::read_row::<S>(&bytes) else {
                bad += 1;
                self.saving.quarantine(Table::Rows, key, bytes);
                continue;
            };
            let target = if is_base { Some(&mut self.base) } else { self.staging.as_mut() };
            let Some(target) = target else { continue };
            let key = S::key(&stored.row);
            if target.cursor.is_some_and(|cursor| stored.seq > cursor.seq) {
                // Written since the cursor was read, by the tab that leads: it comes again by a patch.
                // Where that is this tab, nobody knows it.
                if self.lead.is_some() {
                    self.saving.rows_changed(generation, [key]);
                }
            } else if target.put(stored) && is_base {
                moved.keys.insert(key);
            }
        }
        if bad > 0 {
            // What is missing is only known to the server: everything is loaded anew.
            self.base.forget_rows();
            self.notice(Notice::Quarantined { records: bad, edits: false });
        }
        self.rebase(moved, BTreeSet::new());
    }

    pub(super) fn handle_hydrate_done(&mut self, now: Now, meta: &[(String, Vec<u8>)]) {
        self.hydrated = true;
        if let Some(ReplicaMeta { base, staging, .. }) = saving::read_meta(meta).0 {
            if base.generation != self.base.generation {
                // What was read is not all there was.
                self.base.forget_rows();
            }
            for (replica, held) in [(Some(&mut self.base), Some(&base)), (self.staging.as_mut(), staging.as_ref())] {
                if let (Some(replica), Some(held)) = (replica, held) {
                    note_written(replica, held);
                }
            }
        }
        if self.base.cursor.is_none() {
            // What is held is not all there was: it is loaded anew, beside what is shown.
            match self.base.is_empty() && self.outbox.len() == 0 {
                true => self.base.forget_rows(),
                false => self.start_staging(),
            }
        }
        if self.connection.phase == Phase::Idle {
            self.connection.phase = Phase::Waiting { at: now.mono_ms };
        }
        for subscribe in self.target().wanted() {
            self.outputs.push_back(super::Output::CoverageChanged(subscribe.scope));
        }
    }

    /// Begins to fill a replica beside the one on screen, with the same scopes.
    pub(super) fn start_staging(&mut self) {
        let mut staging = Replica::new(self.fresh_generation());
        if let Some(old) = self.staging.take() {
            self.saving.generation_gone(old.generation);
        }
        for subscribe in self.base.wanted() {
            staging.want(subscribe.scope, subscribe.id, Held::Nothing);
        }
        staging.watch_alike(&self.base.watches);
        self.staging = Some(staging);
        self.saving.meta_changed();
    }
}

/// The tab that leads wrote on while rows were read; `held` is what it had when they were. Of the rows that
/// it changed none is here, as of a page that was read when they had changed; of the scopes that it let go, not all.
fn note_written<S: Schema>(replica: &mut Replica<S>, held: &saving::Held<S>) {
    if held.generation != replica.generation || replica.cursor.is_none() {
        return;
    }
    let latest = held.seen.or(held.cursor);
    let is_later = |at: &SyncCursor| at.seq > replica.seen.map_or(replica.seq(), |seen| seen.seq);
    replica.seen = latest.filter(is_later).or(replica.seen);
    replica.trust_only(&held.scopes);
}

/// The empty replica that stored rows go into. Scopes wanted before the store was read stay wanted.
fn replica_of<S: Schema>(held: saving::Held<S>, before: &Replica<S>) -> Replica<S> {
    let mut replica = Replica::new(held.generation);
    (replica.cursor, replica.seen) = (held.cursor, held.seen);
    for subscribe in held.scopes {
        replica.want(subscribe.scope, subscribe.id, subscribe.held);
    }
    for subscribe in before.wanted() {
        replica.want(subscribe.scope, subscribe.id, Held::Nothing);
    }
    replica.watch_alike(&before.watches);
    replica
}
