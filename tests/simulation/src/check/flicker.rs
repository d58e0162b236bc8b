//! I6, no flicker: cursors only move forward, and stand in a log that there was; a confirmed
//! row is what the log says there, so that nothing that was confirmed goes and comes back.

use super::{Checked, Checker, Seen, broken};
use crate::{
    client::Client,
    schema::{Kept, Key, Notes, Scope},
};
use holdfast_sync::{Schema, client::Coverage};

pub(super) fn look_cursor(checker: &Checker, client: &dyn Client, seen: &mut Seen) -> Checked {
    let cursor = client.cursor();
    if cursor == seen.cursor {
        return Ok(());
    }
    let before = std::mem::replace(&mut seen.cursor, cursor);
    let Some(now) = cursor else { return Ok(()) };
    let Some(branch) = checker.branch_of(now) else {
        return broken("I6", format!("the cursor {now:?} is in no log"));
    };
    // A server put back twice may have the longer log again, when the client has gone back to the shorter.
    let was_put_back = |before| checker.branches.iter().any(|branch| branch.has(now) && !branch.has(before));
    match before {
        Some(before) if branch.has(before) && now.seq < before.seq && !was_put_back(before) => {
            broken("I6", format!("the cursor went back from {} to {}", before.seq, now.seq))
        }
        _ => Ok(()),
    }
}

pub(super) fn look_row(checker: &Checker, client: &dyn Client, key: &Key, user: u8) -> Checked {
    let Some(cursor) = client.cursor() else { return Ok(()) };
    let Some(branch) = checker.branch_of(cursor) else { return Ok(()) };
    let logged = branch.row_at(key, cursor.seq);
    if client.holds(key, logged) {
        return Ok(());
    }
    let held = client.confirmed_scope(key);
    let covered = |scope: &Scope| client.coverage(scope) == Coverage::Complete;
    let log = checker.present();
    let owed_row = |kept: &Kept| {
        let scope = Notes::scope(&kept.row);
        // What a right was lost to is purged when the client hears of it.
        covered(&scope) && Notes::may_read(&user, &scope, log)
    };
    let owed = held.as_ref().is_some_and(|scope| covered(scope) && Notes::may_read(&user, scope, log))
        || logged.is_some_and(owed_row);
    // A page read when the row had changed already leaves it to the patch that is on its way, were it in a
    // log that the server has lost since. Until then it may be here as it was in a scope that is not carried.
    let is_covered = held.as_ref().is_some_and(covered);
    let seen = client.seen().unwrap_or(cursor);
    let mut logs = checker.branches.iter().filter(|branch| branch.has(cursor) && branch.has(seen));
    let on_its_way = !is_covered && logs.any(|branch| branch.changes(key, cursor.seq, seen.seq));
    if !owed || on_its_way {
        return Ok(());
    }
    broken("I6", format!("{key} is {} at {}, in the log {logged:?}", client.described(key), cursor.seq))
}
