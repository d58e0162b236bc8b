//! Rows and mutations, each as JSON: how they are written, and what the server does on them.

use crate::text;
use holdfast_sync::{
    ClientId, Epoch, Schema, Stored,
    authority::{LogEntry, MemoryStore, content_hash},
    protocol::{Body, Pushed},
};
use holdfast_tracker::{Actor, Key, Mutation, Row, Scope, Tracker, UserId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// How deep a value may nest: serde_json reads 128 levels, and what is read by itself here is read
/// within a frame elsewhere.
const DEPTH_MAX: usize = 100;

pub fn check(bytes: &[u8]) {
    let mut store = MemoryStore::<Tracker>::new(Epoch(Uuid::nil()));
    let client = ClientId(Uuid::nil());
    for (line, seq) in text(bytes).lines().zip(1..) {
        if line.matches(['[', '{']).count() > DEPTH_MAX {
            continue;
        }
        if let Some(stored) = round_trip::<Stored<Tracker>>(line) {
            row(&stored.row);
        }
        if let Some(of_row) = round_trip::<Row>(line) {
            row(&of_row);
            let pushed = Pushed { seq, nonce: 0, body: Body::Mutate(Mutation::Put { row: of_row }), bases: Vec::new() };
            store.commit(&Actor::System, client, 5, &pushed);
        }
        // A field given twice makes a mutation unknown, and is gone where that is written.
        let line = read::<Value>(line).map_or_else(|| line.to_owned(), |value| value.to_string());
        if let Some(mutation) = round_trip::<Mutation>(&line) {
            let pushed = Pushed::<Tracker> { seq, nonce: 0, body: Body::Mutate(mutation), bases: Vec::new() };
            let again: Pushed<Tracker> = read(&write(&pushed)).expect("what was written is read");
            assert_eq!(content_hash(&pushed), content_hash(&again), "a resend is known again");
            store.commit(&Actor::User(UserId(Uuid::nil())), client, 5, &pushed);
        }
    }
    for entry in store.log() {
        let written = entry.encode();
        let again: LogEntry<Tracker> = serde_json::from_slice(&written).expect("what was written is read");
        assert_eq!(again, **entry, "the log is read as it was written");
        assert_eq!(again.encode(), written, "its mark is the same");
    }
}

fn row(row: &Row) {
    let (key, scope) = (Tracker::key(row), Tracker::scope(row));
    assert_eq!(key.to_string().parse::<Key>().as_ref(), Ok(&key), "a row's key is read back");
    assert_eq!(scope.to_string().parse::<Scope>().as_ref(), Ok(&scope), "a row's scope is read back");
    let parent = Tracker::parent(row);
    assert!(parent.is_none_or(|parent| parent != key), "a row hangs on another");
}

/// What a text reads as, where it is one; that it is written so that it reads the same.
pub fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) -> Option<T> {
    let value: T = read(text)?;
    let written = write(&value);
    let again: T = read(&written).expect("what was written is read");
    assert_eq!(again, value, "it is read as it was written");
    assert_eq!(write(&again), written, "it is written as it was");
    Some(value)
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it is written as JSON")
}
