//! I8, it heals: some time after the last fault every outbox is empty and every client has
//! caught up. No timer stays due, which would be a loop without an end.

use super::{Checked, Checker, broken};
use crate::client::Client;
use holdfast_sync::client::ConnectionStatus;

/// A tab has done what its timers asked for.
pub(crate) fn look_timer(timeout: Option<u64>, now: u64) -> Checked {
    match timeout {
        Some(at) if at <= now => broken("I8", format!("a timer for {at} is still due at {now}")),
        _ => Ok(()),
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
