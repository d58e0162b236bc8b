//! The optimistic view: the replica with the outbox replayed on it.
//!
//! Only what differs from the replica is held. When rows change beneath, those entries
//! are replayed whose footprint meets them, and those that meet what these wrote, and so
//! on; all others keep their effect untouched.

use super::{
    outbox::{Draft, DraftBase, LocalId, Outbox, Place},
    replica::{Moved, Replica},
};
use crate::{
    protocol::FieldName,
    schema::{ApplyContext, Rows, Schema, Spot, Tx, Write},
};
use std::collections::{BTreeMap, BTreeSet};

/// The rows that the outbox makes differ from the replica.
#[derive(Clone, Debug)]
pub(super) struct Overlay<S: Schema> {
    rows: BTreeMap<S::Key, Over<S>>,
    /// Children that exist here only, or exist beneath too.
    children: BTreeMap<S::Key, BTreeSet<S::Key>>,
    /// The entries whose footprint holds a spot.
    by_spot: BTreeMap<Spot<S>, BTreeSet<LocalId>>,
    /// A known mistake.
    #[cfg(feature = "planted")]
    pub(super) skips_children: bool,
}

#[derive(Clone, Debug)]
struct Over<S: Schema> {
    write: Write<S>,
    /// The last entry that wrote each field.
    writers: BTreeMap<S::Field, LocalId>,
    /// All entries that wrote it.
    entries: BTreeSet<LocalId>,
}

/// The replica seen through the overlay.
pub(super) struct View<'a, S: Schema> {
    pub(super) replica: &'a Replica<S>,
    pub(super) overlay: &'a Overlay<S>,
}

impl<S: Schema> Rows<S> for View<'_, S> {
    fn row(&self, key: &S::Key) -> Option<&S::Row> {
        match self.overlay.rows.get(key).map(|over| &over.write) {
            Some(Write::Put(row)) => Some(row),
            Some(Write::Delete) => None,
            None => self.replica.row(key),
        }
    }

    fn children(&self, parent: &S::Key) -> Vec<S::Key> {
        let mut keys = self.replica.children(parent);
        if let Some(over) = self.overlay.children.get(parent) {
            keys.extend(over.iter().cloned());
            keys.sort();
            keys.dedup();
        }
        keys.retain(|key| self.row(key).is_some());
        keys
    }
}

impl<S: Schema> Overlay<S> {
    pub(super) fn new() -> Self {
        Self {
            rows: BTreeMap::new(),
            children: BTreeMap::new(),
            by_spot: BTreeMap::new(),
            #[cfg(feature = "planted")]
            skips_children: false,
        }
    }

    /// What it makes of a row, if anything.
    pub(super) fn write_of(&self, key: &S::Key) -> Option<&Write<S>> {
        self.rows.get(key).map(|over| &over.write)
    }

    /// The keys of all rows it holds.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&S::Key, &Write<S>)> {
        self.rows.iter().map(|(key, over)| (key, &over.write))
    }

    /// The entries that wrote a row.
    pub(super) fn writers(&self, key: &S::Key) -> impl DoubleEndedIterator<Item = LocalId> {
        self.rows.get(key).into_iter().flat_map(|over| over.entries.iter().copied())
    }

    /// Takes note of a new entry's footprint.
    pub(super) fn watch(&mut self, outbox: &Outbox<S>, local: LocalId) {
        if let Some(entry) = outbox.entry(local) {
            for spot in &entry.footprint.spots {
                self.by_spot.entry(spot.clone()).or_default().insert(local);
            }
        }
    }

    /// Forgets an entry that has left the outbox, and gives the rows to rebuild.
    pub(super) fn unwatch(&mut self, entry: &super::Entry<S>) -> BTreeSet<S::Key> {
        for spot in &entry.footprint.spots {
            if let Some(locals) = self.by_spot.get_mut(spot) {
                locals.remove(&entry.local);
                if locals.is_empty() {
                    self.by_spot.remove(spot);
                }
            }
        }
        entry.touched.clone()
    }

    /// Replays one entry that stands last, on top of all others; gives what it was based on.
    ///
    /// # Errors
    /// Why it has no effect.
    pub(super) fn replay(
        &mut self,
        replica: &Replica<S>,
        outbox: &mut Outbox<S>,
        local: LocalId,
        actor: &S::Actor,
        client: Option<crate::ClientId>,
    ) -> Result<Vec<Draft<S>>, crate::Refusal> {
        let Some(entry) = outbox.entry(local) else { return Ok(Vec::new()) };
        let Some(mutation) = entry.replayed() else {
            if let Some(entry) = outbox.entry_mut(local).filter(|entry| !entry.beneath) {
                entry.touched.clear();
            }
            return Ok(Vec::new());
        };
        let id = client.zip(entry.seq).map(|(client, seq)| crate::MutationId { client, seq });
        let ctx = ApplyContext { actor: actor.clone(), now_ms: entry.created_ms, id };
        let view = View { replica, overlay: self };
        let mut tx = Tx::new(&view, &entry.footprint, None);
        let applied = S::apply(mutation, &ctx, &mut tx);
        let writes = if applied.is_ok() { tx.finish() } else { BTreeMap::new() };
        let touched = writes.keys().cloned().collect();
        let bases = self.write(replica, local, writes);
        if let Some(entry) = outbox.entry_mut(local) {
            entry.touched = touched;
            entry.blocked = applied.as_ref().err().cloned();
        }
        applied.map(|()| bases)
    }

    /// Lays an entry's writes over what is there; gives what each field was based on.
    fn write(&mut self, replica: &Replica<S>, local: LocalId, writes: BTreeMap<S::Key, Write<S>>) -> Vec<Draft<S>> {
        let mut bases = Vec::new();
        for (key, write) in writes {
            let view = View { replica, overlay: self };
            let fields = match &write {
                Write::Put(row) => S::changed_fields(view.row(&key), row),
                Write::Delete => Vec::new(),
            };
            if let Write::Put(row) = &write
                && let Some(parent) = S::parent(row)
            {
                self.children.entry(parent).or_default().insert(key.clone());
            }
            let over = self.rows.entry(key.clone()).or_insert_with(|| Over {
                write: Write::Delete,
                writers: BTreeMap::new(),
                entries: BTreeSet::new(),
            });
            for field in fields {
                let base = match over.writers.insert(field, local) {
                    Some(writer) => DraftBase::Entry(writer),
                    None => DraftBase::Confirmed(replica.stored(&key).map_or(0, |stored| stored.version(field))),
                };
                bases.push(Draft { key: key.clone(), field: FieldName::of::<S>(field), base });
            }
            over.write = write;
            over.entries.insert(local);
        }
        bases
    }

    fn lift(&mut self, key: &S::Key) {
        if let Some(over) = self.rows.remove(key)
            && let Write::Put(row) = &over.write
            && let Some(parent) = S::parent(row)
            && let Some(children) = self.children.get_mut(&parent)
        {
            children.remove(key);
            if children.is_empty() {
                self.children.remove(&parent);
            }
        }
    }

    /// Replays what the moved rows and the new `entries` concern; gives all rows
    /// whose view may differ now.
    pub(super) fn rebase(
        &mut self,
        replica: &Replica<S>,
        outbox: &mut Outbox<S>,
        moved: Moved<S>,
        entries: BTreeSet<LocalId>,
        actor: &S::Actor,
        client: Option<crate::ClientId>,
    ) -> BTreeSet<S::Key> {
        let mut changed = moved.keys;
        if self.rows.is_empty() && self.by_spot.is_empty() && entries.is_empty() {
            return changed; // The outbox makes no difference.
        }
        let bereft = moved.parents.into_iter().filter_map(|parent| self.by_spot.get(&Spot::Children(parent)));
        let entries = entries.into_iter().chain(bereft.flatten().copied());
        let mut replay: BTreeSet<Place> = entries.map(|local| outbox.place(local)).collect();
        let mut fresh: Vec<S::Key> = changed.iter().cloned().collect();
        for (_, local) in &replay {
            fresh.extend(outbox.entry(*local).into_iter().flat_map(|entry| entry.touched.iter().cloned()));
            fresh.extend(self.written_later(replica, outbox, *local));
        }
        loop {
            // All entries that meet a row to rebuild, and the rows they wrote, until there are no more.
            while let Some(key) = fresh.pop() {
                changed.insert(key.clone());
                for local in self.meeting(replica, &key) {
                    if replay.insert(outbox.place(local)) {
                        let touched = outbox.entry(local).into_iter().flat_map(|entry| entry.touched.iter().cloned());
                        let rebuilt = touched.chain(self.written_later(replica, outbox, local));
                        fresh.extend(rebuilt.filter(|key| !changed.contains(key)));
                    }
                }
            }
            for key in &changed {
                self.lift(key);
            }
            for (_, local) in replay.clone() {
                // A refusal here is the entry's `blocked`: the server will have the word.
                let _ = self.replay(replica, outbox, local, actor, client);
                let touched = outbox.entry(local).into_iter().flat_map(|entry| entry.touched.iter());
                fresh.extend(touched.filter(|key| !changed.contains(*key)).cloned());
            }
            // What was written for the first time may be read by entries not replayed.
            fresh.sort();
            fresh.dedup();
            if fresh.iter().all(|key| self.meeting(replica, key).all(|local| replay.contains(&outbox.place(local)))) {
                changed.extend(fresh);
                return changed;
            }
        }
    }

    /// The rows of an entry's footprint that entries behind it wrote: it must not see what these made of them.
    fn written_later(&self, replica: &Replica<S>, outbox: &Outbox<S>, local: LocalId) -> Vec<S::Key> {
        let Some(entry) = outbox.entry(local) else { return Vec::new() };
        let place = outbox.place(local);
        let mut keys = Vec::new();
        for spot in &entry.footprint.spots {
            match spot {
                Spot::Row(key) => keys.push(key.clone()),
                Spot::Children(parent) => {
                    keys.extend(replica.children(parent));
                    keys.extend(self.children.get(parent).into_iter().flatten().cloned());
                }
            }
        }
        // From the last: a row that many entries wrote is told by one of them.
        keys.retain(|key| self.writers(key).rev().any(|writer| outbox.place(writer) > place));
        keys
    }

    /// The entries whose footprint holds a row, or that wrote it.
    fn meeting(&self, replica: &Replica<S>, key: &S::Key) -> impl Iterator<Item = LocalId> + use<S> {
        let below = replica.row(key).and_then(S::parent);
        let above = self.rows.get(key).and_then(|over| match &over.write {
            Write::Put(row) => S::parent(row),
            Write::Delete => None,
        });
        #[cfg(feature = "planted")]
        let (below, above) = if self.skips_children { (None, None) } else { (below, above) };
        let spots = [below, above].into_iter().flatten().map(Spot::Children).chain([Spot::Row(key.clone())]);
        let locals = spots.filter_map(|spot| self.by_spot.get(&spot)).flatten().copied();
        let locals: BTreeSet<LocalId> = locals.chain(self.writers(key)).collect();
        locals.into_iter()
    }
}
