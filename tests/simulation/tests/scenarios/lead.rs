//! A tab that takes the lead.

use crate::desk::{Desk, another_client, empty_server};
use holdfast_simulation::schema::{Act, Key};
use holdfast_sync::ClientId;
use holdfast_sync::client::{Claim, ConnectionStatus, Input, Notice, Table};
use holdfast_sync::protocol::{ErrorCode, ErrorFrame, ServerFrame};
use uuid::Uuid;

#[test]
fn answers_of_a_log_half_loaded_do_not_count_for_the_rows_on_screen() {
    let mut desk = Desk::new();
    (1..=5).for_each(|id| desk.create(id));
    desk.pass(1_000);
    desk.cut();
    let mut other = desk.other_tab();
    other.create(9);
    // The server begins anew; the tab that leads sends the edit there first of all.
    desk.store = other.store.clone();
    desk.server = empty_server(2);
    desk.feed(Input::OutboxGrew(other.store.table(Table::Outbox)));
    other.holds = Some("snapshot");
    other.server = desk.server.clone();
    other.reconnect();
    desk.reconnect();
    assert!(desk.has(9) && desk.is_at_rest());
    other.server = desk.server.clone();
    other.feed(Input::Wake);
    assert!(other.has(9), "it is in the new log, and above the old rows");
    other.take_the_lead();
    assert!(other.has(9), "the old rows do not hold it");
    other.release();
    other.pass(5_000);
    assert!(other.has(9) && !other.has(1) && other.is_at_rest());
    assert_eq!(other.applied(), 1);
}

#[test]
fn rows_of_no_position_are_not_taken_for_those_of_the_log() {
    let mut desk = Desk::new();
    desk.create(1);
    (0..9).for_each(|_| desk.mutate(Act::Vote { id: 1 }));
    desk.create(2);
    desk.pass(1_000);
    let rows = desk.store.table(Table::Rows);
    let (key, _) = rows.iter().find(|(key, _)| key.ends_with("00002")).expect("the second is stored");
    desk.store.spoil(Table::Rows, key);
    let mut other = desk.other_tab();
    assert_eq!((other.votes(1), other.has(2)), (9, false));
    other.take_the_lead();
    other.server = empty_server(2);
    another_client(&mut other.server, 1, Act::Create { id: 1, shelf: 0, title: "anew".to_owned() });
    another_client(&mut other.server, 2, Act::Vote { id: 1 });
    other.reconnect();
    assert!(other.is_at_rest());
    assert_eq!(other.client.confirmed(&Key::Doc(1)), other.server.rows().get(&Key::Doc(1)));
}

#[test]
fn an_edit_whose_id_was_found_taken_before_is_sent_under_another() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let mut copy = desk.other_tab();
    desk.create(2);
    desk.pass(1_000);
    copy.server = desk.server.clone();
    copy.create(3);
    copy.reconnect();
    copy.pass(30_000);
    assert_eq!((copy.client.unsent(), copy.applied()), (1, 2), "only the tab that leads takes another id");
    copy.take_the_lead();
    copy.pass(5_000);
    assert!((1..=3).all(|id| copy.has(id)) && copy.is_at_rest());
    assert_eq!(copy.applied(), 3);
}

#[test]
fn a_tab_that_was_told_to_stop_stays_stopped() {
    for is_renamed in [false, true] {
        let mut desk = Desk::new();
        desk.create(1);
        desk.pass(1_000);
        let mut other = desk.other_tab();
        // All is loaded anew when it is told.
        other.server = empty_server(2);
        other.holds = Some("snapshot");
        other.create(2);
        other.reconnect();
        let error = ErrorFrame { code: ErrorCode::Version, message: "Reload.".to_owned(), retry: None };
        other.frame(&ServerFrame::Error(error));
        let claim = other.store.claim_lead();
        let client = if is_renamed { ClientId(Uuid::from_u128(77)) } else { claim.client };
        other.feed(Input::Lead(Some(Claim { client, ..claim })));
        other.pass(60_000);
        assert_eq!(*other.client.status(), ConnectionStatus::UpdateNeeded, "renamed: {is_renamed}");
    }
}

#[test]
fn what_a_server_lost_is_told_by_the_tab_that_leads() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let mut other = desk.other_tab();
    for tab in [&mut desk, &mut other] {
        tab.cut();
        tab.server = empty_server(2);
        tab.reconnect();
        assert!(tab.is_at_rest());
    }
    assert!(desk.notices.contains(&Notice::ServerRestored { lost: 1 }));
    assert_eq!(other.notices, []);
}

#[test]
fn an_edit_that_this_tab_saw_settled_in_a_lost_log_is_sent_when_it_leads() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = desk.other_tab();
    other.reconnect();
    desk.create(1);
    // The tab that leads is gone before it has told the store.
    other.store = desk.store.clone();
    other.server = desk.server.clone();
    other.feed(Input::OutboxGrew(other.store.table(Table::Outbox)));
    other.feed(Input::Wake);
    assert!(other.has(1) && other.is_at_rest());
    other.cut();
    other.server = empty_server(2);
    other.reconnect();
    assert!(!other.has(1));
    other.take_the_lead();
    other.pass(5_000);
    assert!(other.has(1) && other.is_at_rest());
    assert_eq!(other.applied(), 1);
}

#[test]
fn what_a_lost_log_had_settled_is_not_called_settled_by_a_tab_that_takes_the_lead() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let backup = desk.server.clone();
    let mut other = desk.other_tab();
    other.reconnect();
    desk.create(1);
    other.server = desk.server.clone();
    other.feed(Input::Wake);
    assert!(other.has(1), "the log has it, its record is not here yet");
    other.cut();
    // The tab that leads is gone before it has told the store, which takes its time to be read.
    (other.store, other.server) = (desk.store.clone(), backup);
    other.store_reads = false;
    other.take_the_lead();
    other.reconnect();
    other.feed(Input::OutboxRead(Ok(other.store.table(Table::Outbox))));
    other.pass(5_000);
    assert!(other.has(1) && other.is_at_rest());
    assert_eq!(other.applied(), 1);
    assert!(!other.notices.contains(&Notice::ProfileRolledBack), "{:?}", other.notices);
}

#[test]
fn what_this_tab_saw_settled_and_is_still_stored_is_asked_again_when_it_leads() {
    let (mut other, backup) = Desk::left_behind();
    // A tab that led meanwhile was to send it again, since the server has lost that log: it is gone.
    other.take_the_lead();
    other.pass(1_000);
    assert_eq!(other.store.table(Table::Outbox).len(), 1, "it may be all that is left of it");
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1), "the rows hold it");
    other.boot();
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1), "after a restart");
    other.server = backup;
    other.reconnect();
    other.pass(5_000);
    assert!(other.votes(1) == 1 && other.is_at_rest());
    assert_eq!(other.applied(), 2);
}

#[test]
fn rows_that_may_hold_what_others_stored_are_loaded_anew_by_the_tab_that_takes_the_lead() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let mut other = desk.other_tab();
    desk.mutate(Act::Vote { id: 1 });
    // The tab that leads is gone before it has told anybody, and the log that tells of the edit is passed over.
    (other.store, other.server) = (desk.store.clone(), desk.server.clone());
    other.server.compact(u64::MAX);
    other.reconnect();
    assert!(other.votes(1) == 1 && other.is_at_rest());
    other.cut();
    other.take_the_lead();
    assert_eq!(other.client.cursor(), None, "what is on screen is of no position in the log");
    other.pass(1_000);
    other.boot();
    other.reconnect();
    other.pass(5_000);
    assert!(other.votes(1) == 1 && other.is_at_rest());
    assert_eq!(other.applied(), 0, "nothing was done twice");
}

#[test]
fn a_tab_that_takes_the_lead_writes_no_rows_before_it_has_read_what_is_stored() {
    let (mut other, _) = Desk::left_behind();
    // The rows here hold what is still stored as to be sent; it crashes before it knows.
    other.store_reads = false;
    other.take_the_lead();
    other.pass(1_000);
    other.boot();
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1));
}

#[test]
fn an_edit_that_nobody_told_of_is_kept_as_the_profile_takes_another_id() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let mut copy = Desk::with(desk.store.clone(), desk.server.clone(), false);
    desk.create(2);
    desk.pass(1_000);
    copy.server = desk.server.clone();
    copy.create(3);
    let mut tab = copy.other_tab();
    tab.create(4);
    copy.store = tab.store;
    copy.create(5);
    copy.reconnect();
    copy.pass(5_000);
    assert!((1..=5).all(|id| copy.has(id)) && copy.is_at_rest());
    assert_eq!(copy.applied(), 5);
}
