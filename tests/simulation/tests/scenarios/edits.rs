//! An edit's way: sent, refused, taken back, replayed.

use crate::desk::{Desk, another_client};
use holdfast_simulation::schema::{Act, Key, Mutation, Notes, Row};
use holdfast_sync::authority::Outcome;
use holdfast_sync::client::{Batch, Input, Output, SyncMark};
use holdfast_sync::protocol::{Reject, ServerFrame};
use holdfast_sync::{Refusal, RefusalCode};

#[test]
fn an_edit_goes_through_and_survives_a_restart() {
    let mut desk = Desk::new();
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Synced);
    assert!(desk.is_at_rest());
    desk.pass(1_000);
    desk.reachable = false;
    desk.boot();
    assert!(matches!(desk.client.row(&Key::Doc(1)), Some(Row::Doc(doc)) if doc.number == Some(1)));
}

#[test]
fn an_edit_without_a_server_is_queued_and_sent_later_once() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Queued);
    desk.boot();
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Queued, "after a restart");
    desk.reconnect();
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn a_passing_refusal_is_sent_again_and_nothing_behind_it_goes_first() {
    let mut desk = Desk::new();
    desk.silent = true;
    desk.create(1);
    desk.create(2);
    let refusal = Refusal::new(RefusalCode::Failed, "The disk is full.");
    desk.frame(&ServerFrame::Reject(Reject { seq: 1, at: None, refusal }));
    assert_eq!(desk.client.unsent(), 2);
    desk.silent = false;
    desk.pass(5_000);
    assert!(desk.is_at_rest());
    let seqs: Vec<u64> = desk.server.log().iter().map(|entry| entry.id.seq).collect();
    assert_eq!(seqs, [1, 2]);
}

#[test]
fn a_refused_edit_goes_to_the_tray_and_stays_until_it_is_dropped() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.cut();
    let mut other = desk.server.clone();
    another_client(&mut other, 1, Act::Delete { id: 1 });
    desk.server = other;
    desk.mutate(Act::Vote { id: 1 });
    desk.reconnect();
    assert!(desk.is_at_rest());
    assert!(!desk.has(1));
    desk.boot();
    let id = desk.client.tray().next().expect("it is in the tray after a restart").id;
    desk.feed(Input::Discard { id });
    desk.pass(1_000);
    desk.boot();
    assert_eq!(desk.client.tray().count(), 0);
}

#[test]
fn an_edit_taken_back_before_it_was_sent_keeps_its_place_as_void() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    desk.create(2);
    desk.feed(Input::Cancel { seq: 1 });
    assert!(!desk.has(1) && desk.has(2));
    desk.boot();
    assert!(!desk.has(1) && desk.has(2), "after a restart");
    desk.reconnect();
    assert!(desk.is_at_rest());
    let outcomes: Vec<&Outcome> = desk.server.log().iter().map(|entry| &entry.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Void, &Outcome::Applied]);
}

#[test]
fn what_an_edit_is_based_on_stays_while_it_is_being_stored() {
    let mut desk = Desk::new();
    desk.create(1);
    // It is there already: this changes nothing, and is based on nothing.
    let stay = Mutation { stamp: 90, act: Act::Move { id: 1, shelf: 0 } };
    desk.client.mutate(desk.clock(), stay).expect("it makes sense");
    let mut server = desk.server.clone();
    another_client(&mut server, 1, Act::Move { id: 1, shelf: 1 });
    let patch = ServerFrame::<Notes>::Patch(desk.patch_to(&server, &Key::Doc(1)));
    let generation = desk.session.as_ref().expect("there is a connection").0;
    let text = patch.encode();
    desk.client.handle(desk.clock(), Input::Frame { generation, text });
    let mut sent = Vec::new();
    while let Some(output) = desk.client.poll_output() {
        match output {
            Output::Persist(batch) => {
                let (id, result) = (batch.id, desk.store.write(&Batch { lead: None, ..batch }));
                desk.client.handle(desk.clock(), Input::Persisted { batch: id, result });
            }
            Output::Send { text, .. } => sent.extend(text.contains("push").then_some(text)),
            _ => {}
        }
    }
    assert_eq!(sent.len(), 1);
    assert!(!sent[0].contains("bases"), "{}", sent[0]);
}

#[test]
fn an_entry_is_replayed_on_what_was_there_before_it() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.silent = true;
    desk.mutate(Act::AddNote { id: 2, doc: 1, text: "one".to_owned() });
    desk.mutate(Act::CountNotes { doc: 1 });
    desk.mutate(Act::AddNote { id: 3, doc: 1, text: "two".to_owned() });
    let mut server = desk.server.clone();
    another_client(&mut server, 1, Act::Vote { id: 1 });
    let patch = ServerFrame::<Notes>::Patch(desk.patch_to(&server, &Key::Doc(1)));
    desk.frame(&patch);
    let Some(Row::Doc(doc)) = desk.client.row(&Key::Doc(1)) else { panic!("it is there") };
    assert_eq!((doc.votes, doc.title.as_str()), (1, "1 notes"), "the second note came later");
}

#[test]
fn a_refused_edit_dropped_while_the_store_fails_does_not_come_back() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.cut();
    another_client(&mut desk.server, 1, Act::Delete { id: 1 });
    desk.mutate(Act::Vote { id: 1 });
    desk.pass(1_000);
    desk.reachable = true;
    desk.feed(Input::RetryNow);
    desk.store_works = false;
    desk.pass(100);
    let id = desk.client.tray().next().expect("it was refused").id;
    desk.feed(Input::Discard { id });
    desk.store_works = true;
    desk.pass(5_000);
    desk.boot();
    assert_eq!(desk.client.tray().count(), 0);
}
