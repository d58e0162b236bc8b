//! What comes of changes made at once, in whatever order the server takes them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs)]

use holdfast_sync::{
    ClientId, Epoch, Stored,
    authority::{MemoryStore, Outcome},
    protocol::{Body, Pushed},
};
use poll::{Act, Answer, Change, Entity, Poll};
use uuid::Uuid;

const ANSWER: &str = "answer/1";

/// A poll with one answer, and these changes to it by these people, in that order.
fn after(changes: &[(u128, Change)]) -> MemoryStore<Poll> {
    let mut store = MemoryStore::new(Epoch(Uuid::nil()));
    let suggested = [(1, Change::Suggest("Night trains".to_owned()))];
    for (seq, (person, change)) in suggested.iter().chain(changes).enumerate() {
        let body = Body::Mutate(Act(ANSWER.to_owned(), change.clone()));
        let pushed = Pushed { seq: seq as u64 + 1, nonce: 0, body, bases: Vec::new() };
        store.commit(&Some(Uuid::from_u128(*person)), ClientId(Uuid::nil()), 0, &pushed);
    }
    store
}

fn answer(store: &MemoryStore<Poll>) -> Answer {
    store.rows()[ANSWER].row.answer().cloned().unwrap_or_default()
}

#[test]
fn votes_add_up_and_hands_stay_whoever_comes_first() {
    let mut changes = [(1, Change::Vote), (2, Change::Raise(true)), (2, Change::Vote), (3, Change::Raise(true))];
    let there = answer(&after(&changes));
    changes.reverse();
    assert_eq!(answer(&after(&changes)), there);
    assert_eq!((there.votes, there.hands), (2, [2, 3].map(Uuid::from_u128).into()));
}

#[test]
fn a_hand_is_lowered_by_whoever_raised_it() {
    let store = after(&[(1, Change::Raise(true)), (2, Change::Raise(false))]);
    assert_eq!(answer(&store).hands.len(), 1);
    assert!(answer(&after(&[(1, Change::Raise(true)), (1, Change::Raise(false))])).hands.is_empty());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let long = "x".repeat(121);
    let put = Change::Put(Entity::Person("Mallory".to_owned()));
    for change in [put, Change::Ask("Why?".to_owned()), Change::Suggest("Again".to_owned()), Change::Suggest(long)] {
        let store = after(&[(1, change.clone())]);
        assert!(matches!(store.log()[1].outcome, Outcome::Refused(_)), "{change:?}");
        assert_eq!(answer(&store).text, "Night trains");
    }
}

#[test]
fn what_a_newer_version_says_can_be_read_and_what_it_does_is_refused() {
    let store = after(&[(1, Change::Vote)]);
    let stored = serde_json::to_string(&store.rows()[ANSWER]).expect("it is written");
    let newer = stored.replace("Votes", "Stars");
    assert_ne!(newer, stored);
    assert!(serde_json::from_str::<Stored<Poll>>(&newer).is_ok(), "{newer}");
    let change = serde_json::from_str(r#"{"Star":{"of":5}}"#).expect("it is read");
    assert!(matches!(after(&[(1, change)]).log()[1].outcome, Outcome::Refused(_)));
}
