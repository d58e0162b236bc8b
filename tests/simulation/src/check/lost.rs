//! I1, nothing lost: an entry leaves an outbox only to the tray, or when the cursor stands where
//! the log has it; what the user was told is saved is in the log, in a store's outbox, or in
//! its tray.

use super::{Checked, Checker, Seen, Who, branch::How, broken};
use crate::{
    client::{Client, Unsettled},
    store::{Records, Stamped},
};
use holdfast_sync::client::outbox_seq;
use std::collections::{BTreeMap, BTreeSet};

impl Seen {
    /// What a tab that leads finds stored is in its outbox, or leaves it: it may do both in one step.
    pub(crate) fn note_read(&mut self, records: &Records) {
        for (key, record) in records {
            if let Some(stamp) = Stamped::read(record).and_then(|stamped| stamped.stamp) {
                self.outbox.entry(stamp).or_insert(outbox_seq(key));
            }
        }
    }
}

impl Checker {
    /// What is in an outbox, and what is no more (I1, I5).
    pub(super) fn look_outbox(
        &mut self,
        client: &dyn Client,
        outbox: &[Unsettled],
        seen: &mut Seen,
        who: Who<'_>,
    ) -> Checked {
        let now: BTreeMap<u64, Option<u64>> =
            outbox.iter().filter_map(|entry| Some((entry.stamp?, entry.seq))).collect();
        let gone: Vec<u64> = seen.outbox.keys().copied().filter(|stamp| !now.contains_key(stamp)).collect();
        if !gone.is_empty() {
            let tray: BTreeSet<u64> = client.tray().into_iter().filter_map(|(_, stamp)| stamp).collect();
            seen.gone.extend(&gone);
            for stamp in gone {
                // A tab that led before saw it settled, and kept its place as void under the profile's new id.
                let is_void = |entry: &Unsettled| entry.stamp.is_none() && entry.seq == seen.outbox[&stamp];
                let is_left_void = who.inherited.is_some_and(|had| had.contains(&stamp)) && outbox.iter().any(is_void);
                let looked = self.look_gone(client, stamp, tray.contains(&stamp), is_left_void);
                if who.inherited.is_some() {
                    looked?;
                }
            }
        }
        if who.inherited.is_some() {
            // What has left here, and is here again, must not be lost a second time.
            for stamp in seen.gone.iter().filter(|stamp| now.contains_key(stamp)) {
                if let Some(made) = self.made.get_mut(stamp) {
                    made.left = false;
                }
            }
        }
        seen.gone.retain(|stamp| !now.contains_key(stamp));
        seen.outbox = now;
        super::view::look_entries(self, client, outbox, seen, who)
    }

    fn look_gone(&mut self, client: &dyn Client, stamp: u64, in_tray: bool, is_left_void: bool) -> Checked {
        if in_tray && let Some(made) = self.made.get_mut(&stamp) {
            made.refused = true;
        }
        if in_tray || self.made.get(&stamp).is_none_or(|made| made.given_up || made.left) {
            return Ok(());
        }
        let cursor = client.cursor();
        let seq = cursor.map_or(0, |cursor| cursor.seq);
        let branch = cursor.and_then(|cursor| self.branch_of(cursor)).unwrap_or_else(|| self.present());
        match branch.settled(stamp) {
            // Another tab has it in its tray.
            None if self.made[&stamp].refused => Ok(()),
            None => broken("I1", format!("mutation {stamp} left the outbox at {seq} and is nowhere")),
            // It is in the store's tray, or `look_saved` misses it.
            Some((_, How::Refused)) => Ok(()),
            Some((at, _)) if at > seq && !is_left_void => {
                broken("I5", format!("mutation {stamp} left the outbox at {seq}, but stands at {at}"))
            }
            Some((_, How::Void)) => broken("I1", format!("mutation {stamp} was taken back by nobody")),
            Some((_, How::Applied)) => {
                if let Some(made) = self.made.get_mut(&stamp) {
                    made.left = true;
                }
                Ok(())
            }
        }
    }

    /// Everything that was saved, given what all stores keep.
    pub(crate) fn look_saved(&self, kept: &BTreeSet<u64>) -> Checked {
        for (stamp, made) in &self.made {
            let in_log = matches!(self.present().settled(*stamp), Some((_, How::Applied)));
            if made.saved && !made.given_up && !made.left && !in_log && !kept.contains(stamp) {
                return broken("I1", format!("mutation {stamp} was saved and is nowhere"));
            }
        }
        Ok(())
    }

    /// Stores are gone; what no other has is excused.
    pub(crate) fn excuse(&mut self, had: &BTreeSet<u64>, kept: &BTreeSet<u64>) {
        for stamp in had.difference(kept) {
            self.note_given_up(*stamp);
        }
    }
}
