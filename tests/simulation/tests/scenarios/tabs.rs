//! Several tabs of one profile.

use crate::desk::Desk;
use holdfast_sync::ClientId;
use holdfast_sync::client::{Input, Notice, Table};
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
