//! Which rows are here: of scopes that are followed, let go, taken away.

use crate::desk::{Desk, another_client};
use holdfast_simulation::schema::{Act, Question, Scope};
use holdfast_sync::client::{Coverage, Input};
use holdfast_sync::protocol::{Purge, ServerFrame};

#[test]
fn a_row_of_a_scope_that_is_not_followed_goes_once_another_scope_comes() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    desk.feed(Input::Unsubscribe(Scope::Shelf(0)));
    desk.feed(Input::Unsubscribe(Scope::Shelf(1)));
    // Of their own edits users see what became, wherever it is. What others make of the row, nobody tells.
    desk.create(2);
    assert!(!desk.has(1) && desk.has(2));
    another_client(&mut desk.server, 1, Act::Move { id: 2, shelf: 1 });
    another_client(&mut desk.server, 2, Act::Delete { id: 2 });
    desk.pass(30_000);
    assert!(desk.has(2) && desk.client.cursor() == Some(desk.server.head()), "the log has passed it");
    desk.feed(Input::Subscribe(Scope::Shelf(1)));
    desk.pass(1_000);
    assert_eq!(desk.client.coverage(&Scope::Shelf(1)), Coverage::Complete);
    assert!(!desk.has(2), "the row is where it was before it moved here, and went");
}

#[test]
fn a_page_that_takes_long_is_waited_for() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.feed(Input::Unsubscribe(Scope::Shelf(0)));
    desk.holds = Some("snapshot");
    desk.feed(Input::Subscribe(Scope::Shelf(0)));
    desk.pass(10_000);
    assert_eq!(desk.lost, 0, "the page may have been asked for just before the ping");
    desk.pass(10_000);
    assert_eq!(desk.lost, 1, "it is lost");
    desk.release();
    desk.pass(5_000);
    assert!(desk.has(1) && desk.is_at_rest());
}

#[test]
fn a_page_of_a_scope_that_was_refused_before_is_missed_when_it_is_lost() {
    let mut desk = Desk::new();
    let scope = Scope::Shelf(3);
    assert_eq!(desk.client.coverage(&scope), Coverage::Refused, "into the last shelf this user may not look");
    desk.cut();
    another_client(&mut desk.server, 1, Act::SetLock { shelf: 3, user: 1, closed: false });
    desk.holds = Some("snapshot");
    desk.reconnect();
    // All pages of this connection are lost.
    let before = desk.lost;
    desk.pass(25_000);
    assert_eq!(desk.lost, before + 1);
    desk.release();
    desk.pass(5_000);
    assert_eq!(desk.client.coverage(&scope), Coverage::Complete);
}

#[test]
fn what_is_settled_in_a_scope_that_waits_for_its_page_stays_when_another_scope_comes() {
    let mut desk = Desk::new();
    for shelf in 0..2 {
        desk.feed(Input::Unsubscribe(Scope::Shelf(shelf)));
    }
    desk.holds = Some("snapshot");
    desk.feed(Input::Subscribe(Scope::Shelf(0)));
    desk.create(1);
    desk.pass(1_000);
    assert!(desk.has(1) && desk.client.unsent() == 0);
    desk.holds = None;
    desk.feed(Input::Subscribe(Scope::Shelf(1)));
    desk.pass(100);
    assert_eq!(desk.client.coverage(&Scope::Shelf(1)), Coverage::Complete);
    assert!(desk.has(1), "its own page has not told of it yet");
    desk.release();
    desk.pass(1_000);
    assert!(desk.has(1) && desk.is_at_rest());
}

#[test]
fn a_purge_of_a_subscription_that_was_let_go_does_not_end_the_next() {
    let mut desk = Desk::new();
    desk.create(1);
    let scope = Scope::Shelf(0);
    desk.feed(Input::Unsubscribe(scope));
    desk.holds = Some("snapshot");
    desk.feed(Input::Subscribe(scope));
    // It was sent before the new subscription was heard; two came before it.
    desk.frame(&ServerFrame::Purge(Purge { scope, id: 1, number: 3 }));
    desk.release();
    assert_eq!((desk.client.coverage(&scope), desk.has(1), desk.lost), (Coverage::Complete, true, 0));
}

#[test]
fn a_query_that_finds_out_that_its_scope_was_closed_ends_the_scope_too() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.settle();
    let scope = Scope::Shelf(0);
    assert_eq!(desk.client.coverage(&scope), Coverage::Complete);
    another_client(&mut desk.server, 1, Act::SetLock { shelf: 0, user: 1, closed: true });
    // It is asked before the log says that.
    let query = Question { shelf: 0, tag: None, most: true };
    desk.feed(Input::Watch { query, rows: 3 });
    desk.pass(1_000);
    assert_eq!((desk.client.coverage(&scope), desk.has(1)), (Coverage::Refused, false));
    assert!(desk.client.watch_state(&query).is_some_and(|state| state.is_refused));
}
