//! Several tabs of one profile.

use crate::desk::{Desk, empty_server};
use holdfast_sync::ClientId;
use holdfast_sync::client::{Batch, Input, Notice, Op, Table, outbox_key};
use holdfast_sync::protocol::{Ack, Patch, ServerFrame, Settled};
use uuid::Uuid;

#[test]
fn another_tabs_edit_is_shown_and_sent_by_the_one_that_leads() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    // The other tab reads the same store, and does not lead.
    let mut other = desk.other_tab();
    other.create(2);
    let record = other.store.table(Table::Outbox);
    desk.store = other.store.clone();
    desk.feed(Input::OutboxGrew(record));
    assert!(desk.has(2) && desk.is_at_rest());
    assert_eq!(desk.applied(), 2);
}

#[test]
fn another_tabs_edit_that_nobody_told_of_is_read_and_goes_first() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = desk.other_tab();
    other.create(1);
    desk.store = other.store.clone();
    desk.create(2);
    assert!(desk.has(1) && desk.has(2) && desk.is_at_rest());
    assert_eq!(desk.lost, 0, "no gap was sent");
}

#[test]
fn an_edit_stored_by_a_tab_that_closed_before_it_told_anybody_is_sent() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = desk.other_tab();
    other.create(1);
    desk.store = other.store.clone();
    desk.pass(30_000);
    assert!(desk.has(1) && desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn an_edit_that_nobody_told_of_goes_before_one_that_was_told_of() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    desk.cut();
    // Another tab stores an edit and closes; opened again, it stores the next, and tells of that one only.
    let mut other = desk.other_tab();
    other.create(2);
    other.create(3);
    let records = other.store.table(Table::Outbox);
    desk.store = other.store.clone();
    desk.feed(Input::OutboxGrew(records[1..].to_vec()));
    desk.reconnect();
    desk.pass(30_000);
    assert!(desk.has(2) && desk.has(3) && desk.is_at_rest());
    assert_eq!(desk.applied(), 3);
    assert!(!desk.notices.contains(&Notice::ProfileRolledBack), "{:?}", desk.notices);
}

#[test]
fn a_settlement_that_comes_before_the_record_counts() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), true);
    other.create(1);
    let record = other.store.table(Table::Outbox);
    assert_eq!(record.len(), 1, "it is not yet told to the store that it has left");
    desk.server = other.server.clone();
    desk.feed(Input::Wake);
    desk.pass(11_000);
    assert!(desk.has(1));
    desk.feed(Input::OutboxGrew(record));
    assert!(desk.is_at_rest());
}

#[test]
fn a_tab_that_does_not_lead_goes_by_the_profiles_new_id() {
    let mut desk = Desk::new();
    desk.feed(Input::Lead(None));
    desk.create(1);
    let client = ClientId(Uuid::from_u128(77));
    desk.feed(Input::Renamed(client));
    assert_eq!(desk.client.client(), Some(client));
    assert_eq!(desk.lost, 1, "its connection was under the old one");
    assert!(desk.has(1));
}

#[test]
fn an_edit_that_another_tab_has_settled_is_not_taken_back() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    let mut other = desk.other_tab();
    desk.reconnect();
    desk.pass(1_000);
    assert!(desk.is_at_rest());
    other.store = desk.store.clone();
    other.feed(Input::Cancel { seq: 1 });
    assert_eq!(other.notices, [Notice::NotTakenBack]);
    assert_eq!(other.store.table(Table::Outbox), [], "no record comes back");
    assert_eq!(other.client.unsent(), 0);
}

#[test]
fn an_edit_taken_back_in_one_tab_is_not_carried_out_by_another() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    let mut other = desk.other_tab();
    desk.feed(Input::Cancel { seq: 1 });
    desk.reconnect();
    desk.pass(1_000);
    assert!(!desk.has(1) && desk.is_at_rest());
    // The other was told of nothing, and the one that led is gone.
    (other.store, other.server) = (desk.store.clone(), desk.server.clone());
    assert!(other.has(1));
    other.take_the_lead();
    other.reconnect();
    other.pass(5_000);
    assert!(!other.has(1) && other.is_at_rest());
    assert_eq!(other.applied(), 0);
    assert_eq!(other.notices, []);
}

#[test]
fn an_answered_edit_whose_id_is_then_found_taken_goes_when_the_store_has_it_no_more() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = desk.other_tab();
    other.create(1);
    other.reachable = true;
    other.feed(Input::RetryNow);
    other.frame(&ServerFrame::Ack(Ack { seq: 1, at: 5 }));
    assert!(other.has(1));
    // The log says that another edit has that number; the tab that leads has seen to it.
    other.store = desk.store.clone();
    let head = other.server.head();
    let settled = Settled { through: 1, made: vec![(1, 12_345)], ..Settled::default() };
    let patch = Patch {
        from: 0,
        to: 1,
        mark: head.mark,
        rights: 0,
        settled: Some(settled),
        changes: Vec::new(),
        totals: Vec::new(),
    };
    other.frame(&ServerFrame::Patch(patch));
    assert_eq!(other.client.unsent(), 0);
}

#[test]
fn a_place_kept_as_void_is_written_only_under_the_lead() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = desk.other_tab();
    other.create(1);
    other.create(2);
    desk.store = other.store.clone();
    let gone = vec![Op::Delete { table: Table::Outbox, key: outbox_key(1) }];
    desk.store.write(&Batch { ops: gone, ..Batch::default() }).expect("the store works");
    desk.feed(Input::OutboxGrew(desk.store.table(Table::Outbox)));
    desk.pass(5_000);
    assert!(desk.has(2) && desk.is_at_rest());
    let is_void = |op: &Op| matches!(op, Op::Put { table: Table::Outbox, key, .. } if *key == outbox_key(1));
    let mut apart = desk.batches.iter().filter(|batch| batch.lead.is_none());
    assert!(apart.all(|batch| !batch.ops.iter().any(is_void)), "another tab may have settled it since");
}

#[test]
fn places_that_the_store_has_lost_do_not_hold_up_what_is_here() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    desk.cut();
    let mut other = desk.other_tab();
    other.create(1);
    desk.store = other.store.clone();
    desk.create(2);
    let all = vec![Op::DeletePrefix { table: Table::Outbox, prefix: String::new() }];
    desk.store.write(&Batch { ops: all, ..Batch::default() }).expect("the store works");
    desk.reconnect();
    desk.pass(1_000);
    assert!(desk.has(2) && desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn what_a_lost_log_said_of_an_edit_does_not_settle_it() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), true);
    other.create(1);
    let record = other.store.table(Table::Outbox);
    desk.server = other.server.clone();
    desk.feed(Input::Wake);
    assert!(desk.has(1), "the log has it, its record is not here yet");
    desk.cut();
    desk.server = empty_server(2);
    desk.reconnect();
    desk.store = other.store.clone();
    desk.feed(Input::OutboxGrew(record));
    desk.pass(1_000);
    assert!(desk.has(1) && desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}
