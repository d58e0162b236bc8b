//! The checkers. Each looks from outside, at what a step touched and at everything at rest,
//! and names the invariant it found broken.

use crate::{
    schema::{Key, Notes, Row, Rows, Scope},
    store::Store,
};
use holdfast_sync::{
    ApplyContext, ClientId, Schema, Seq, SyncCursor, Tx, Write,
    authority::{LogEntry, Outcome},
    client::{ConnectionStatus, Coverage, SyncClient, Table, outbox_key},
    protocol::Body,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A broken invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Its name in DESIGN §4: `I1` to `I8`.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

pub(crate) type Checked = Result<(), Violation>;

fn broken(invariant: &'static str, what: String) -> Checked {
    Err(Violation { invariant, what })
}

/// What the checkers remember.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    /// Of each row, every state it had, by log position.
    history: BTreeMap<Key, Vec<(Seq, Option<Row>)>>,
    settled: BTreeMap<(ClientId, u64), (Seq, bool)>,
    last: BTreeMap<ClientId, u64>,
    read: usize,
}

/// What a checker remembers of one client between two steps.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) cursor: Option<SyncCursor>,
    pub(crate) outbox: BTreeSet<u64>,
    /// The mutations that the user was told are saved.
    pub(crate) saved: BTreeSet<u64>,
}

impl Checker {
    /// The log has grown: exactly once (I2), in order (I3).
    pub(crate) fn look_log(&mut self, log: &[Arc<LogEntry<Notes>>]) -> Checked {
        for entry in &log[self.read..] {
            let id = (entry.id.client, entry.id.seq);
            let refused = matches!(entry.outcome, Outcome::Refused(_));
            if self.settled.insert(id, (entry.seq, refused)).is_some() {
                return broken("I2", format!("{} is in the log twice, again at {}", entry.id, entry.seq));
            }
            let last = self.last.insert(entry.id.client, entry.id.seq).unwrap_or_default();
            if entry.id.seq != last + 1 {
                return broken("I3", format!("{} follows {last} at {}", entry.id, entry.seq));
            }
            for change in &entry.changes {
                let row = change.after.as_ref().map(|stored| stored.row.clone());
                self.history.entry(change.key).or_default().push((entry.seq, row));
            }
        }
        self.read = log.len();
        Ok(())
    }

    fn row_at(&self, key: &Key, seq: Seq) -> Option<&Row> {
        let states = self.history.get(key)?;
        let count = states.partition_point(|(at, _)| *at <= seq);
        states[..count].last()?.1.as_ref()
    }

    /// A client has taken a step.
    pub(crate) fn look_client(&self, client: &SyncClient<Notes>, seen: &mut Seen, changed: &BTreeSet<Key>) -> Checked {
        self.cursor_goes_forward(client, seen)?;
        self.entries_leave_rightly(client, seen)?;
        changed.iter().try_for_each(|key| self.row_is_as_logged(client, key))
    }

    fn cursor_goes_forward(&self, client: &SyncClient<Notes>, seen: &mut Seen) -> Checked {
        let cursor = client.cursor();
        if let (Some(before), Some(now)) = (seen.cursor, cursor)
            && before.epoch == now.epoch
            && now.seq < before.seq
        {
            return broken("I6", format!("the cursor went back from {} to {}", before.seq, now.seq));
        }
        seen.cursor = cursor;
        Ok(())
    }

    /// Nothing leaves the outbox but to the tray or into the log at or before the cursor (I1, I5).
    fn entries_leave_rightly(&self, client: &SyncClient<Notes>, seen: &mut Seen) -> Checked {
        let outbox: BTreeSet<u64> = client.outbox().filter_map(|entry| entry.seq).collect();
        let Some(id) = client.client() else { return Ok(()) };
        let cursor = client.cursor().map_or(0, |cursor| cursor.seq);
        for seq in seen.outbox.difference(&outbox) {
            let in_tray = client.tray().any(|entry| entry.id.seq == *seq);
            match self.settled.get(&(id, *seq)) {
                _ if in_tray => {}
                None => return broken("I1", format!("mutation {seq} left the outbox and is nowhere")),
                Some((_, true)) => return broken("I1", format!("refused mutation {seq} is not in the tray")),
                Some((at, false)) if *at > cursor => {
                    return broken("I5", format!("mutation {seq} left at {cursor}, but stands at {at}"));
                }
                Some(_) => {}
            }
        }
        seen.outbox = outbox;
        Ok(())
    }

    /// A confirmed row is what the log says at the client's cursor: nothing comes back (I6).
    fn row_is_as_logged(&self, client: &SyncClient<Notes>, key: &Key) -> Checked {
        let Some(cursor) = client.cursor() else { return Ok(()) };
        let held = client.confirmed(key).map(|stored| &stored.row);
        let logged = self.row_at(key, cursor.seq);
        let covered = |row: &Row| client.coverage(&Notes::scope(row)) == Coverage::Complete;
        let owed = held.is_some_and(covered) || logged.is_some_and(covered);
        // A page read when the row had changed already leaves it to the patch that is on its way.
        let last = self.history.get(key).and_then(|states| states.last());
        let on_its_way = held.is_none() && last.is_some_and(|(at, _)| *at > cursor.seq);
        if held == logged || !owed || on_its_way {
            return Ok(());
        }
        broken("I6", format!("{key} is {held:?} at {}, in the log {logged:?}", cursor.seq))
    }

    /// The view is the confirmed rows with the outbox replayed, entry by entry (I5).
    pub(crate) fn look_view(&self, client: &SyncClient<Notes>) -> Checked {
        let mut rows = Rows::new();
        for key in client.confirmed_keys() {
            rows.extend(client.confirmed(key).map(|stored| (*key, stored.row.clone())));
        }
        for entry in client.outbox() {
            let Body::Mutate(mutation) = &entry.body else { continue };
            let below = Plain(rows);
            let footprint = Notes::footprint(mutation);
            let ctx = ApplyContext { actor: 0, now_ms: entry.created_ms, id: None };
            let mut tx = Tx::new(&below, &footprint, None);
            let writes = match Notes::apply(mutation, &ctx, &mut tx) {
                Ok(()) => tx.finish(),
                Err(_) => BTreeMap::new(),
            };
            rows = below.0;
            for (key, write) in writes {
                match write {
                    Write::Put(row) => rows.insert(key, row),
                    Write::Delete => rows.remove(&key),
                };
            }
        }
        for key in rows.keys().chain(client.confirmed_keys()) {
            if client.row(key) != rows.get(key) {
                let seen = client.row(key);
                return broken("I5", format!("{key} shows {seen:?}, base and outbox make {:?}", rows.get(key)));
            }
        }
        let mut shown = 0;
        for scope in SCOPES {
            client.for_each_row(&scope, |_| shown += 1);
        }
        if shown != rows.len() {
            return broken("I5", format!("{shown} rows are shown, base and outbox make {}", rows.len()));
        }
        Ok(())
    }

    /// What the user was told is saved is in the log, the outbox or the tray (I1).
    pub(crate) fn look_saved(&self, client: ClientId, store: &Store, seen: &Seen) -> Checked {
        for seq in &seen.saved {
            let in_outbox = store.has(Table::Outbox, &outbox_key(*seq));
            let in_tray = store.has(Table::Tray, &format!("{client}/{}", outbox_key(*seq)));
            let kept = match self.settled.get(&(client, *seq)) {
                Some((_, false)) => true,
                Some((_, true)) | None => in_outbox || in_tray,
            };
            if !kept {
                return broken("I1", format!("mutation {seq} of {client} was saved and is nowhere"));
            }
        }
        Ok(())
    }

    /// At rest: drained and caught up (I8), and what the server holds (I4).
    pub(crate) fn look_rest(
        &self,
        client: &SyncClient<Notes>,
        server: &BTreeMap<Key, holdfast_sync::Stored<Notes>>,
        head: Seq,
    ) -> Checked {
        let status = client.status();
        if *status != ConnectionStatus::Live || client.unsent() > 0 {
            return broken(
                "I8",
                format!("{} unsent, {status:?}, cursor {:?}, head {head}", client.unsent(), client.cursor()),
            );
        }
        for (key, stored) in server {
            if client.coverage(&Notes::scope(&stored.row)) == Coverage::Complete
                && client.confirmed(key) != Some(stored)
            {
                return broken("I4", format!("{key} is {:?}, at the server {stored:?}", client.confirmed(key)));
            }
        }
        for key in client.confirmed_keys() {
            let wanted = client.confirmed(key).map(|stored| client.coverage(&Notes::scope(&stored.row)));
            if wanted == Some(Coverage::Complete) && !server.contains_key(key) {
                return broken("I4", format!("{key} is held, but not there any more"));
            }
        }
        Ok(())
    }
}

/// Every scope there is.
pub(crate) const SCOPES: [Scope; 3] = [Scope::Shelf(0), Scope::Shelf(1), Scope::Notes];

/// Rows in a map.
struct Plain(Rows);

impl holdfast_sync::Rows<Notes> for Plain {
    fn row(&self, key: &Key) -> Option<&Row> {
        self.0.get(key)
    }

    fn children(&self, parent: &Key) -> Vec<Key> {
        let children = self.0.iter().filter(|(_, row)| Notes::parent(row).as_ref() == Some(parent));
        children.map(|(key, _)| *key).collect()
    }
}
