//! I4, converge: at rest each client has the rows the server would show its user, and calls
//! complete whatever it asked for and that user may read.

use super::{Checked, Checker, broken};
use crate::{
    client::Client,
    schema::{Key, Notes, Scope},
};
use holdfast_sync::{Schema, client::Coverage};
use std::collections::BTreeSet;

pub(super) fn look(checker: &Checker, client: &dyn Client, user: u8, dropped: &BTreeSet<Scope>) -> Checked {
    let log = checker.present();
    let is_owed = |scope: &Scope| !dropped.contains(scope) && Notes::may_read(&user, scope, log);
    if let Some(scope) = Scope::all().filter(is_owed).find(|scope| client.coverage(scope) != Coverage::Complete) {
        return broken("I4", format!("{scope} may be read, and is {:?}", client.coverage(&scope)));
    }
    for (key, kept) in &log.rows {
        let scope = Notes::scope(&kept.row);
        let covered = client.coverage(&scope) == Coverage::Complete;
        if covered && Notes::may_read(&user, &scope, log) && !client.holds(key, Some(kept)) {
            return broken("I4", format!("{key} is {}, at the server {kept:?}", client.described(key)));
        }
    }
    let gone = |key: &&Key| {
        !log.rows.contains_key(key)
            && client.confirmed_scope(key).is_some_and(|scope| client.coverage(&scope) == Coverage::Complete)
    };
    match client.confirmed_keys().iter().find(gone) {
        Some(key) => broken("I4", format!("{key} is held, but not there any more")),
        None => Ok(()),
    }
}
