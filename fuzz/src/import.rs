//! GitHub's files: the issues, and behind a line of dashes the comments.

use crate::text;
use holdfast_sync::{
    ClientId, Epoch,
    authority::MemoryStore,
    protocol::{Body, Pushed},
};
use holdfast_tracker::{Actor, Mutation, Tracker, github};
use uuid::Uuid;

pub fn check(bytes: &[u8]) {
    let text = text(bytes);
    let (issues, comments) = match text.split_once("\n-----\n") {
        Some((issues, comments)) => (issues, Some(comments)),
        None => (&*text, None),
    };
    let import = match github::parse(issues, comments) {
        Ok(import) => import,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let rows = import.rows("Web", None);
    assert_eq!(rows, import.rows("Web", None), "the same files give the same rows");
    let mut store = MemoryStore::<Tracker>::new(Epoch(Uuid::nil()));
    for (row, seq) in rows.into_iter().zip(1..) {
        let key = row.key();
        let pushed = Pushed { seq, nonce: 0, body: Body::Mutate(Mutation::Put { row }), bases: Vec::new() };
        let answer = store.commit(&Actor::System, ClientId(Uuid::nil()), 5, &pushed);
        assert_eq!(answer.refusal, None, "{key}: what was read without complaint can be put");
    }
}
