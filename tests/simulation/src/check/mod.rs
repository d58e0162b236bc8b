//! The checkers, one a file, each for one invariant of DESIGN §4. They look from outside, at
//! what a step touched and at everything at rest, and name the invariant they found broken.
//!
//! A mutation is known by its stamp, which the users' app gives it: what the engine calls it
//! (client, number, nonce) is among what is checked.

pub(crate) mod branch;
mod converge;
mod flicker;
mod heal;
mod lost;
mod once;
mod order;
mod sight;
mod truth;
pub(crate) mod view;
pub(crate) mod watched;

use crate::{
    client::Client,
    schema::{Key, Notes, Question, Scope},
    store::{Stamped, Store},
};
use branch::Branch;
pub(crate) use heal::look_timer;
use holdfast_sync::{ClientId, Epoch, Mark, Schema, Seq, SyncCursor, authority::LogEntry};
use std::collections::{BTreeMap, BTreeSet};

/// A broken invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Its name in DESIGN §4: `I1` to `I9`.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

impl Violation {
    pub(crate) fn at(self, tab: usize) -> Self {
        Self { what: format!("tab {tab}: {}", self.what), ..self }
    }
}

pub(crate) type Checked = Result<(), Violation>;

pub(crate) fn broken(invariant: &'static str, what: String) -> Checked {
    Err(Violation { invariant, what })
}

/// What the checkers remember.
pub(crate) struct Checker {
    users: u8,
    /// Every log there was; the last is the server's.
    branches: Vec<Branch>,
    /// By stamp.
    made: BTreeMap<u64, Made>,
    by_nonce: BTreeMap<u64, u64>,
    /// Ids that a store was made with: their numbers start from 1.
    born: BTreeSet<ClientId>,
    /// The ids of profiles that were copied or put back.
    copied: BTreeSet<ClientId>,
    /// The mutations that were in such a copy, or in a log that was put back a second time.
    doubled: BTreeSet<u64>,
    sight: sight::Sight,
}

/// What became of one mutation.
#[derive(Clone, Debug)]
struct Made {
    mutation: crate::schema::Mutation,
    /// It is in a store.
    stored: bool,
    /// The user was told so.
    saved: bool,
    /// The user took it back, or dropped it from the tray; or the store that alone had it is gone.
    given_up: bool,
    /// It left an outbox when the cursor stood where a log had it: should that log be lost, so is it.
    left: bool,
    /// It was seen in a tray.
    refused: bool,
}

/// Whose tab it is, and what of its outbox it was left by others, should it lead: of those mutations it may
/// not know how they were settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who<'a> {
    pub(crate) user: u8,
    pub(crate) store: &'a Store,
    pub(crate) inherited: Option<&'a BTreeSet<u64>>,
}

/// What a tab wants to hold.
#[derive(Clone, Copy)]
pub(crate) struct Wishes<'a> {
    /// Scopes it does not want.
    pub(crate) dropped: &'a BTreeSet<Scope>,
    /// How many rows of which queries.
    pub(crate) watched: &'a BTreeMap<Question, u64>,
}

/// What the checkers remember of one tab between two steps.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    cursor: Option<SyncCursor>,
    /// Its profile's id, and how far the log was told when it first went by that.
    named: Option<(ClientId, Seq)>,
    /// The number of each stamp.
    outbox: BTreeMap<u64, Option<u64>>,
    /// What was in it and is no more.
    gone: BTreeSet<u64>,
    /// What was made in this tab since it started and is not yet in the log.
    mine: BTreeSet<u64>,
}

impl Checker {
    pub(crate) fn new(users: u8, epoch: Epoch) -> Self {
        Self {
            users,
            branches: vec![Branch::new(epoch)],
            made: BTreeMap::new(),
            by_nonce: BTreeMap::new(),
            born: BTreeSet::new(),
            copied: BTreeSet::new(),
            doubled: BTreeSet::new(),
            sight: sight::Sight::default(),
        }
    }

    /// A store was made.
    pub(crate) fn note_born(&mut self, client: ClientId) {
        self.born.insert(client);
    }

    /// A profile was copied over another, or put back.
    pub(crate) fn note_copied(&mut self, copy: &Store) {
        self.copied.insert(copy.client());
        self.doubled.extend(copy.stamps());
    }

    /// A user made a mutation in a tab.
    pub(crate) fn note_made(&mut self, seen: &mut Seen, mutation: &crate::schema::Mutation) {
        let made = Made {
            mutation: mutation.clone(),
            stored: false,
            saved: false,
            given_up: false,
            left: false,
            refused: false,
        };
        self.made.insert(mutation.stamp, made);
        seen.mine.insert(mutation.stamp);
    }

    /// A mutation is on its way to a store.
    pub(crate) fn note_enqueued(&mut self, record: &[u8]) {
        if let Some(Stamped { nonce, stamp: Some(stamp) }) = Stamped::read(record) {
            self.by_nonce.insert(nonce, stamp);
        }
    }

    /// A store has committed a mutation.
    pub(crate) fn note_stored(&mut self, record: &[u8]) -> Option<u64> {
        let stamp = Stamped::read(record)?.stamp?;
        self.made.get_mut(&stamp)?.stored = true;
        Some(stamp)
    }

    /// The user was told.
    pub(crate) fn note_saved(&mut self, record: &[u8]) {
        if let Some(stamp) = Stamped::read(record).and_then(|stamped| stamped.stamp)
            && let Some(made) = self.made.get_mut(&stamp)
        {
            made.saved = true;
        }
    }

    /// The user took it back or dropped it, or the only store that had it is gone.
    pub(crate) fn note_given_up(&mut self, stamp: u64) {
        if let Some(made) = self.made.get_mut(&stamp) {
            made.given_up = true;
        }
    }

    /// The log that the server has now.
    pub(crate) fn present(&self) -> &Branch {
        self.branches.last().expect("there is always a log")
    }

    /// The server was put back to that log.
    pub(crate) fn note_put_back(&mut self, branch: &Branch, epoch: Option<Epoch>) {
        // What comes back with a log that went another way: meanwhile it may have been given another id.
        let apart: Vec<u64> = branch.stamps_apart_from(self.present()).collect();
        self.doubled.extend(apart);
        let mut branch = branch.clone();
        branch.epoch = epoch.unwrap_or(branch.epoch);
        self.branches.push(branch);
        self.look_around();
    }

    fn branch_of(&self, cursor: SyncCursor) -> Option<&Branch> {
        self.branches.iter().rev().find(|branch| branch.has(cursor))
    }

    /// The log has grown.
    pub(crate) fn look_log(&mut self, entries: Vec<(LogEntry<crate::schema::Notes>, Mark)>) -> Checked {
        for (entry, mark) in entries {
            let stamp = self.by_nonce.get(&entry.nonce).copied();
            once::look(self.present(), &entry, stamp)?;
            order::look(self, &entry)?;
            let changes = entry.changes.clone();
            self.branches.last_mut().expect("there is always a log").take(entry, stamp, mark);
            for change in changes {
                self.note_state(&change.key, change.after.as_ref().map(|stored| &stored.row));
            }
        }
        Ok(())
    }

    /// A tab has taken a step.
    pub(crate) fn look_client(
        &mut self,
        client: &dyn Client,
        seen: &mut Seen,
        changed: &BTreeSet<Key>,
        outbox_changed: bool,
        who: Who<'_>,
    ) -> Checked {
        let before = seen.cursor;
        flicker::look_cursor(self, client, seen)?;
        if seen.named.map(|(id, _)| id) != client.id() {
            seen.named = client.id().map(|id| (id, client.cursor().map_or(0, |cursor| cursor.seq)));
        }
        if outbox_changed || before != seen.cursor {
            let outbox = client.outbox();
            self.look_outbox(client, &outbox, seen, who)?;
            truth::look(self, client, &outbox, who)?;
        }
        truth::look_unsent(self, client, seen)?;
        changed.iter().try_for_each(|key| flicker::look_row(self, client, key, who.user))
    }

    /// Nothing happens any more: what one tab is to show, and has.
    pub(crate) fn look_rest(&self, client: &dyn Client, user: u8, wishes: Wishes<'_>) -> Checked {
        heal::look(self, client)?;
        converge::look(self, client, user, wishes.dropped)?;
        sight::look_held(self, client, user)?;
        let log = self.present();
        wishes.watched.iter().try_for_each(|(question, rows)| {
            let may_read = Notes::may_read(&user, &Scope::Shelf(question.shelf), log);
            client.look_watched(&log.rows, &watched::Wish { question: *question, rows: *rows, may_read })
        })
    }
}
