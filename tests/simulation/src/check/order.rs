//! I3, in order: a client's mutations settle in its order, without gaps. What another log had
//! and this one lacks, because the server was put back, may be passed over.

use super::{Checked, Checker, broken};
use crate::schema::Notes;
use holdfast_sync::{MutationId, authority::LogEntry};

pub(super) fn look(checker: &Checker, entry: &LogEntry<Notes>) -> Checked {
    let MutationId { client, seq } = entry.id;
    let last = checker.present().last(client);
    let last = last.unwrap_or_default();
    let was_lost = |seq| checker.branches.iter().any(|branch| branch.has_id(MutationId { client, seq }));
    // An id that a profile took later, and one that copies of it share, goes on where an outbox does.
    let is_dense = checker.born.contains(&client) && !checker.copied.contains(&client);
    if seq <= last || (is_dense && (last + 1..seq).any(|seq| !was_lost(seq))) {
        return broken("I3", format!("{} follows {last} at {}", entry.id, entry.seq));
    }
    Ok(())
}
