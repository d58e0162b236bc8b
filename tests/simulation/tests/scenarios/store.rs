//! A device's store that fails, or holds what cannot be read.

use crate::desk::Desk;
use holdfast_simulation::schema::{Key, Scope};
use holdfast_sync::client::{Coverage, Notice, StoreFault, SyncMark, Table, outbox_key};

#[test]
fn a_bad_outbox_record_is_set_aside_and_does_not_hold_up_the_rest() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    desk.create(2);
    desk.store.spoil(Table::Outbox, &outbox_key(1));
    desk.boot();
    assert!(desk.notices.contains(&Notice::Quarantined { records: 1, edits: true }));
    assert!(!desk.has(1) && desk.has(2));
    desk.reconnect();
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
    assert_eq!(desk.store.table(Table::Quarantine).len(), 1);
}

#[test]
fn a_bad_row_record_is_loaded_anew_and_until_then_nothing_is_called_complete() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.create(2);
    desk.pass(1_000);
    let (key, _) = desk.store.table(Table::Rows).into_iter().next().expect("rows are stored");
    desk.store.spoil(Table::Rows, &key);
    desk.reachable = false;
    desk.boot();
    assert!(!desk.has(1) && desk.has(2));
    assert!(matches!(desk.client.coverage(&Scope::Shelf(0)), Coverage::Loading { .. }));
    desk.reconnect();
    assert!(desk.has(1) && desk.has(2) && desk.is_at_rest());
}

#[test]
fn a_store_that_fails_is_told_and_nothing_is_called_saved_or_sent() {
    let mut desk = Desk::new();
    desk.store_works = false;
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Saving);
    assert_eq!(desk.store_faults, [Some(StoreFault::Full)]);
    assert_eq!(desk.applied(), 0);
    desk.store_works = true;
    desk.pass(2_000);
    assert_eq!(desk.store_faults.last(), Some(&None));
    assert!(desk.is_at_rest());
}
