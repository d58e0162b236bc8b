//! I8, it heals: some time after the last fault every outbox is empty and every client has
//! caught up.

use super::{Checked, Checker, broken};
use crate::client::Client;
use holdfast_sync::client::ConnectionStatus;

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
