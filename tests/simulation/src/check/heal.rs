//! I8, it heals: some time after the last fault every outbox is empty and every client has
//! caught up, and no store keeps an edit that nobody sends. No timer stays due, which would be a
//! loop without an end.

use super::{Checked, Checker, broken};
use crate::{
    client::Client,
    store::{Stamped, Store},
};
use holdfast_sync::client::{ConnectionStatus, Table};

/// A tab has done what its timers asked for.
pub(crate) fn look_timer(timeout: Option<u64>, now: u64) -> Checked {
    match timeout {
        Some(at) if at <= now => broken("I8", format!("a timer for {at} is still due at {now}")),
        _ => Ok(()),
    }
}

impl Checker {
    /// What a store keeps in its outbox at rest is settled, and about to go.
    pub(crate) fn look_kept(&self, store: &Store) -> Checked {
        let records = store.table(Table::Outbox);
        let stamps = records.iter().filter_map(|(_, record)| Stamped::read(record)?.stamp);
        match stamps.into_iter().find(|stamp| self.present().settled(*stamp).is_none()) {
            Some(stamp) => broken("I8", format!("mutation {stamp} is in a store, and nobody sends it")),
            None => Ok(()),
        }
    }
}

pub(super) fn look(checker: &Checker, client: &dyn Client) -> Checked {
    let (status, head) = (client.status(), checker.present().len());
    let unsent = client.unsent();
    let cursor = client.cursor();
    let at_head = cursor.is_some_and(|cursor| cursor.seq == head && checker.present().has(cursor));
    if *status != ConnectionStatus::Live || unsent > 0 || !at_head {
        return broken("I8", format!("{unsent} unsent, {status:?}, cursor {cursor:?}, head {head}"));
    }
    Ok(())
}
