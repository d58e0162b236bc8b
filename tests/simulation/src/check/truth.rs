//! I9, the screen tells the truth: nothing is called settled that the log lacks, nor kept that no
//! store has, nor live what is still being loaded.

use super::{Checked, Checker, Seen, Who, broken};
use crate::{
    client::{Client, Unsettled},
    schema::Scope,
};
use holdfast_sync::client::{ConnectionStatus, Coverage, EntryState, SyncMark, Table, outbox_key};

/// What was made here and is not settled is called unsent.
pub(super) fn look_unsent(checker: &Checker, client: &dyn Client, seen: &mut Seen) -> Checked {
    let is_over = |stamp: &u64| {
        let made = checker.made.get(stamp);
        checker.present().settled(*stamp).is_some()
            || made.is_none_or(|made| made.given_up || made.left || made.refused)
    };
    seen.mine.retain(|stamp| !is_over(stamp));
    match client.unsent() < seen.mine.len() {
        true => broken("I9", format!("{} are called unsent, but {:?} are not in the log", client.unsent(), seen.mine)),
        false => Ok(()),
    }
}

/// What marks and status claim.
pub(super) fn look(checker: &Checker, client: &dyn Client, outbox: &[Unsettled], who: Who<'_>) -> Checked {
    for entry in outbox {
        let Some(stamp) = entry.stamp else { continue };
        let is_stored = checker.made.get(&stamp).is_some_and(|made| made.stored);
        if entry.state != EntryState::Saving && !is_stored {
            return broken("I9", format!("mutation {stamp} is called {:?}, and in no store", entry.state));
        }
        // One that is being put back is called what it is.
        if let (Some(inherited), Some(seq)) = (who.inherited, entry.seq)
            && entry.state != EntryState::Saving
            && !inherited.contains(&stamp)
            && !who.store.has(Table::Outbox, &outbox_key(seq))
        {
            return broken("I9", format!("mutation {stamp} is called {:?}, its record is gone", entry.state));
        }
        let settled = entry.touched.iter().find(|key| client.mark(key) == SyncMark::Synced);
        if let Some(key) = settled {
            return broken("I9", format!("{key} is called synced while mutation {stamp} is on its way"));
        }
        let is_kept = |key: &&crate::schema::Key| {
            matches!(client.mark(key), SyncMark::Queued | SyncMark::Sending) && entry.state == EntryState::Saving
        };
        if let Some(key) = entry.touched.iter().find(is_kept) {
            return broken("I9", format!("{key} is called kept while mutation {stamp} is in no store"));
        }
    }
    if *client.status() == ConnectionStatus::Live
        && let Some(scope) = Scope::all().find(|scope| matches!(client.coverage(scope), Coverage::Loading { .. }))
    {
        return broken("I9", format!("all is called live while {scope} is being loaded"));
    }
    Ok(())
}
