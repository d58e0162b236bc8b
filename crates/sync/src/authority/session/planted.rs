//! What planted mistakes do instead.

use super::Session;
use crate::{
    authority::{LogEntry, Rights, Viewer},
    planted::Planted,
    protocol::{Change, Patch},
    schema::Schema,
};
use std::collections::BTreeSet;

impl<S: Schema> Session<S> {
    pub(super) fn send_late(&mut self) {
        if let Some(page) = self.late.take() {
            self.send(page);
        }
    }
}

pub(super) fn rights_kept<S: Schema>(planted: Option<Planted>, viewer: &Viewer<S>, mut rights: Rights<S>) -> Rights<S> {
    if planted == Some(Planted::RightsNotFollowed) {
        rights.extend(viewer.scopes.iter().map(|scope| (scope.clone(), true)));
    }
    rights
}

pub(super) fn tell_strangers<S: Schema>(patch: &mut Patch<S>, entries: &[&LogEntry<S>]) {
    let name = |change: &Change<S>| match change {
        Change::Put(stored) => S::key(&stored.row),
        Change::Remove { key, .. } => key.clone(),
    };
    let told: BTreeSet<S::Key> = patch.changes.iter().map(name).collect();
    for entry in entries {
        let left = entry.changes.iter().filter(|change| change.before.is_some() && !told.contains(&change.key));
        patch.changes.extend(left.map(|change| Change::Remove { key: change.key.clone(), seq: entry.seq }));
    }
}
