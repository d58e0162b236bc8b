//! What becomes of sockets, and what the server says on them.

use crate::desk::Desk;
use holdfast_simulation::schema::{Key, Scope};
use holdfast_sync::client::{ConnectionStatus, Coverage, Input, SyncMark};
use holdfast_sync::protocol::{ErrorCode, ErrorFrame, Grant, Patch, Purge, ServerFrame};

#[test]
fn a_socket_that_falls_silent_is_given_up_within_30_seconds() {
    let mut desk = Desk::new();
    desk.pass(60_000);
    assert_eq!(desk.lost, 0, "a connection that answers is kept");
    desk.silent = true;
    desk.pass(30_000);
    assert!(desk.lost >= 1);
    assert!(matches!(desk.client.status(), ConnectionStatus::Reconnecting { .. }));
}

#[test]
fn on_waking_a_silent_socket_is_given_up_within_2_seconds() {
    let mut desk = Desk::new();
    desk.silent = true;
    desk.feed(Input::Wake);
    desk.pass(2_000);
    assert_eq!(desk.lost, 1);
}

#[test]
fn a_server_that_wants_a_newer_app_is_not_asked_again() {
    let mut desk = Desk::new();
    let error = ErrorFrame { code: ErrorCode::Version, message: "Reload.".to_owned(), retry: None };
    desk.frame(&ServerFrame::Error(error));
    desk.pass(600_000);
    assert_eq!(*desk.client.status(), ConnectionStatus::UpdateNeeded);
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Queued, "editing goes on");
}

#[test]
fn a_session_that_ended_keeps_the_outbox_until_the_user_signs_in() {
    let mut desk = Desk::new();
    let error = ErrorFrame { code: ErrorCode::SignIn, message: "Sign in.".to_owned(), retry: None };
    desk.frame(&ServerFrame::Error(error));
    desk.create(1);
    assert_eq!(*desk.client.status(), ConnectionStatus::NeedsSignIn);
    desk.feed(Input::SignedIn);
    desk.pass(1_000);
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn a_frame_of_a_kind_from_the_future_is_passed_over() {
    let mut desk = Desk::new();
    let generation = desk.session.as_ref().expect("there is a connection").0;
    desk.feed(Input::Frame { generation, text: r#"{"fanfare":{"loud":true}}"#.to_owned() });
    assert_eq!(desk.lost, 0);
    desk.feed(Input::Frame { generation, text: "no JSON".to_owned() });
    assert_eq!(desk.lost, 1);
    desk.pass(30_000);
    assert!(desk.is_at_rest());
}

#[test]
fn what_is_told_of_rights_counts_once_and_none_is_missed() {
    let mut desk = Desk::new();
    desk.create(1);
    let scope = Scope::Shelf(1);
    // This user may not look into the last shelf: two purges have come.
    desk.frame(&ServerFrame::Purge(Purge { scope, id: 0, number: 3 }));
    assert_eq!(desk.client.coverage(&scope), Coverage::Refused);
    desk.frame(&ServerFrame::Grant(Grant { scope, number: 4 }));
    desk.frame(&ServerFrame::Purge(Purge { scope, id: 0, number: 3 }));
    assert_eq!((desk.client.coverage(&scope), desk.lost), (Coverage::Complete, 0), "it came twice");
    desk.frame(&ServerFrame::Purge(Purge { scope, id: 0, number: 6 }));
    assert_eq!(desk.lost, 1, "one is missing");
}

#[test]
fn a_patch_behind_a_purge_that_was_lost_is_not_taken() {
    let mut desk = Desk::new();
    desk.create(1);
    let head = desk.server.head();
    let patch = Patch {
        from: head.seq,
        to: head.seq + 1,
        mark: head.mark,
        rights: 3,
        settled: None,
        changes: Vec::new(),
        totals: Vec::new(),
    };
    desk.frame(&ServerFrame::Patch(patch));
    assert_eq!((desk.client.cursor(), desk.lost), (Some(head), 1));
}
