//! The one read path: what log entries mean to one client.

use super::{LogEntry, Outcome, Rights, Watches};
use crate::{
    ClientId, SyncCursor,
    protocol::{Change, Patch, RefusedAt, Settled},
    schema::{Schema, Stored},
};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

/// Who looks at the log: one connection.
#[derive(Clone, PartialEq, Debug)]
pub struct Viewer<S: Schema> {
    /// Whose rights count.
    pub actor: S::Actor,
    /// Whose own mutations are answered for.
    pub client: ClientId,
    /// What it subscribes to.
    pub scopes: BTreeSet<S::Scope>,
    /// What it asks of scopes that it does not hold whole.
    pub watches: Watches<S>,
}

impl<S: Schema> Viewer<S> {
    fn sees(&self, rights: &Rights<S>, row: Option<&Stored<S>>, own: bool) -> bool {
        row.is_some_and(|stored| {
            let scope = S::scope(&stored.row);
            // What was not asked may not be read.
            rights.get(&scope) == Some(&true) && (own || self.scopes.contains(&scope) || self.watches.hold(&stored.row))
        })
    }
}

/// What consecutive log entries mean to a viewer that stands at `from` and will stand at `to`.
///
/// `rights` says of every scope in the entries whether the viewer may read it, as of the
/// transaction that read them. A row that changed more than once is sent once, as it last was. One that left the
/// viewer's sight is an id-only removal, and only if it was in sight before.
pub fn patch_for<S: Schema, E: Borrow<LogEntry<S>>>(
    viewer: &Viewer<S>,
    rights: &Rights<S>,
    from: u64,
    to: SyncCursor,
    entries: &[E],
) -> Patch<S> {
    let mut settled: Option<Settled> = None;
    let mut latest: BTreeMap<S::Key, Change<S>> = BTreeMap::new();
    for entry in entries.iter().map(Borrow::borrow) {
        let own = entry.is_by(viewer.client);
        if own {
            let settled = settled.get_or_insert_default();
            settled.through = entry.id.seq;
            settled.made.push((entry.id.seq, entry.nonce));
            if let Outcome::Refused(refusal) = &entry.outcome {
                settled.refused.push(RefusedAt { seq: entry.id.seq, refusal: refusal.clone() });
            }
        }
        for change in &entry.changes {
            let sees = viewer.sees(rights, change.after.as_ref(), own);
            let saw = viewer.sees(rights, change.before.as_ref(), own) || latest.contains_key(&change.key);
            match &change.after {
                Some(after) if sees => {
                    latest.insert(change.key.clone(), Change::Put(after.clone()));
                }
                _ if saw => {
                    latest.insert(change.key.clone(), Change::Remove { key: change.key.clone(), seq: entry.seq });
                }
                _ => {}
            }
        }
    }
    let mut changes: Vec<Change<S>> = latest.into_values().collect();
    changes.sort_by_key(|change| match change {
        Change::Put(stored) => stored.seq,
        Change::Remove { seq, .. } => *seq,
    });
    Patch { from, to: to.seq, mark: to.mark, rights: 0, settled, changes, totals: Vec::new() }
}
