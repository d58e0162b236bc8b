//! Servers and profiles that are put back to what they were.

use crate::desk::{Desk, another_client};
use holdfast_simulation::schema::{Act, Key};
use holdfast_sync::authority::MemoryStore;
use holdfast_sync::client::{Batch, Input, Notice, Op, SyncMark, Table};
use holdfast_sync::protocol::{Reject, ServerFrame};
use holdfast_sync::{Epoch, Refusal, RefusalCode};
use uuid::Uuid;

#[test]
fn a_server_restored_under_a_new_epoch_is_loaded_anew_and_what_it_lacks_is_told() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.create(2);
    desk.pass(1_000);
    desk.cut();
    desk.create(3);
    desk.server = MemoryStore::new(Epoch(Uuid::from_u128(2)));
    assert!(desk.has(1), "it stays on screen until the new rows are complete");
    desk.reconnect();
    assert!(desk.notices.contains(&Notice::ServerRestored { lost: 2 }));
    assert!(desk.is_at_rest());
    assert!(!desk.has(1) && !desk.has(2) && desk.has(3));
    desk.pass(1_000);
    desk.reachable = false;
    desk.boot();
    assert!(!desk.has(1) && desk.has(3), "after a restart");
}

#[test]
fn a_server_file_put_back_is_noticed_before_and_after_it_has_overtaken_the_client() {
    for overtaken in [false, true] {
        let mut desk = Desk::new();
        desk.create(1);
        let backup = desk.server.clone();
        desk.create(2);
        desk.pass(1_000);
        desk.cut();
        desk.server = backup;
        for seq in 1..if overtaken { 6 } else { 1 } {
            another_client(&mut desk.server, seq, Act::Vote { id: 1 });
        }
        desk.reconnect();
        assert!(desk.is_at_rest(), "overtaken: {overtaken}");
        assert!(desk.has(1) && !desk.has(2), "overtaken: {overtaken}");
        assert!(desk.notices.contains(&Notice::ServerRestored { lost: 1 }), "overtaken: {overtaken}");
        desk.create(3);
        assert!(desk.is_at_rest(), "it goes on, overtaken: {overtaken}");
    }
}

#[test]
fn a_profile_put_back_takes_a_new_id_and_loses_no_edit() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let copy = desk.store.clone();
    desk.create(2);
    desk.create(3);
    desk.pass(1_000);
    // The copy knows nothing of the last two, and gives their numbers to other edits.
    let mut desk = Desk::with(copy, desk.server, false);
    let before = desk.client.client();
    desk.create(4);
    desk.create(5);
    desk.reconnect();
    desk.pass(5_000);
    assert!(desk.is_at_rest());
    assert_ne!(desk.client.client(), before);
    assert!((1..=5).all(|id| desk.has(id)));
    assert_eq!(desk.applied(), 5);
    desk.boot();
    desk.pass(5_000);
    assert_ne!(desk.client.client(), before, "after a restart");
    assert!(desk.is_at_rest());
}

#[test]
fn a_profile_put_back_uses_its_new_id_once_that_is_stored() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let copy = desk.store.clone();
    desk.create(2);
    desk.pass(1_000);
    let mut desk = Desk::with(copy, desk.server, false);
    let before = desk.client.client();
    desk.create(3);
    desk.store_works = false;
    desk.reconnect();
    desk.pass(5_000);
    assert_eq!(desk.client.client(), before, "a crash now would leave nobody who knows another");
    assert_eq!(desk.applied(), 2);
    desk.store_works = true;
    desk.pass(5_000);
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 3);
}

#[test]
fn an_edit_that_a_lost_log_had_settled_is_seen_once_when_it_is_sent_again() {
    let (mut other, backup) = Desk::left_behind();
    let records = other.store.table(Table::Outbox);
    other.server = backup;
    other.holds = Some("snapshot");
    other.reconnect();
    other.feed(Input::OutboxGrew(records));
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1), "the rows on screen hold it");
    assert_eq!(other.client.mark(&Key::Doc(1)), SyncMark::Queued, "the server does not");
    other.release();
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1));
    other.take_the_lead();
    other.pass(5_000);
    assert!(other.votes(1) == 1 && other.is_at_rest());
    assert_eq!(other.applied(), 2);
}

#[test]
fn an_edit_refused_again_by_a_server_that_was_put_back_still_marks_its_row() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    desk.cut();
    another_client(&mut desk.server, 1, Act::Create { id: 1, shelf: 0, title: "other".to_owned() });
    let backup = desk.server.clone();
    desk.create(1);
    let records = desk.store.table(Table::Outbox);
    desk.holds = Some("patch");
    desk.reconnect();
    desk.release();
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Refused);
    desk.feed(Input::Lead(None));
    desk.cut();
    desk.server = backup;
    desk.reconnect();
    let (key, value) = records[0].clone();
    let put = vec![Op::Put { table: Table::Outbox, key, value }];
    desk.store.write(&Batch { ops: put, ..Batch::default() }).expect("the store works");
    desk.feed(Input::OutboxGrew(records));
    assert_eq!(desk.client.unsent(), 1, "another tab has it still");
    desk.take_the_lead();
    desk.pass(5_000);
    assert_eq!((desk.client.unsent(), desk.client.tray().count()), (0, 1));
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Refused, "there is another under its name");
}

#[test]
fn an_id_found_taken_in_a_lost_log_is_asked_for_again() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let backup = desk.server.clone();
    // Two copies of the profile give one number to two edits.
    let mut copy = Desk::with(desk.store.clone(), desk.server.clone(), false);
    let mut tab = desk.other_tab();
    tab.mutate(Act::Vote { id: 1 });
    let records = tab.store.clone();
    copy.mutate(Act::Paint { id: 1, color: "red".to_owned() });
    copy.reconnect();
    tab.server = copy.server.clone();
    tab.reconnect();
    assert_eq!((tab.votes(1), tab.client.unsent()), (1, 1), "the log has another edit there");
    tab.cut();
    // The server loses that log; in the new one the number is this edit's, which a third copy has sent.
    let mut third = Desk::with(records, backup, false);
    third.reconnect();
    assert!(third.votes(1) == 1 && third.is_at_rest());
    tab.server = third.server.clone();
    tab.reconnect();
    assert_eq!((tab.votes(1), tab.client.unsent()), (1, 0));
}

#[test]
fn an_edit_that_was_never_here_is_seen_once_when_a_lost_log_had_settled_it() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let backup = desk.server.clone();
    let mut other = desk.other_tab();
    other.reconnect();
    desk.mutate(Act::Vote { id: 1 });
    let records = desk.store.table(Table::Outbox);
    assert_eq!(records.len(), 1, "it is not yet told to the store that it has left");
    other.server = desk.server.clone();
    other.feed(Input::Wake);
    assert_eq!((other.votes(1), other.client.unsent()), (1, 0));
    other.cut();
    other.server = backup;
    other.holds = Some("snapshot");
    other.reconnect();
    other.feed(Input::OutboxGrew(records));
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1), "the rows on screen hold it");
    other.release();
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1));
}

#[test]
fn an_edit_that_another_tab_saw_settled_is_shown_until_the_rows_that_hold_it_are() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let backup = desk.server.clone();
    desk.create(2);
    desk.pass(1_000);
    let mut other = desk.other_tab();
    other.mutate(Act::Vote { id: 1 });
    other.server = backup;
    other.holds = Some("snapshot");
    other.reconnect();
    // The tab that leads has sent it under another id, and seen it settled.
    other.store = desk.store.clone();
    let refusal = Refusal { code: RefusalCode::IdReused, message: String::new() };
    other.frame(&ServerFrame::Reject(Reject { seq: 3, at: Some(3), refusal }));
    assert_eq!((other.votes(1), other.client.unsent()), (1, 1), "the rows on screen do not hold it");
    other.release();
    assert_eq!(other.client.unsent(), 0);
}
