//! Which queries a change is held against.

use crate::schema::{Key, LOOKED, Row, Tagged, Task, Tasks};
use holdfast_sync::{
    ClientId, MutationId, Stored,
    authority::{LogChange, LogEntry, Outcome, Watches},
    protocol::{Reach, Total, WatchTotal},
};
use uuid::Uuid;

fn task(list: u32, tags: &[u8]) -> Row {
    Row::Task(Task { id: 1, list, title: "Paint".to_owned(), tags: tags.iter().copied().collect() })
}

fn entry(seq: u64, before: Option<Row>, after: Option<Row>) -> LogEntry<Tasks> {
    let stored = |row| Stored { seq, born: 1, versions: Default::default(), row };
    LogEntry {
        seq,
        id: MutationId { client: ClientId(Uuid::nil()), seq },
        nonce: 0,
        actor: 0,
        at_ms: 0,
        outcome: Outcome::Applied,
        changes: vec![LogChange { key: Key::Task(1), before: before.map(stored), after: after.map(stored) }],
    }
}

/// Of every list and tag one; each counted as 10 at position 5.
fn watches() -> Watches<Tasks> {
    let mut watches = Watches::default();
    for (id, (list, tag)) in (0..).zip((0..5).flat_map(|list| (0..200).map(move |tag| (list, Some(tag))))) {
        watches.begin(id, Tagged { list, tag }, Reach::All, Some(Total { count: 10, at: 5 }));
    }
    watches
}

#[test]
fn a_change_is_held_against_those_alone_that_it_can_concern() {
    let mut watches = watches();
    assert_eq!(watches.len(), 1000);
    LOOKED.set(0);
    let moved = entry(6, Some(task(2, &[7, 8])), Some(task(2, &[8, 9])));
    let totals = watches.count(&[moved], 6);
    assert_eq!(totals, [WatchTotal { id: 407, count: 9 }, WatchTotal { id: 409, count: 11 }]);
    assert_eq!(LOOKED.get(), 4, "twice two of a thousand");
    assert!(watches.hold(&task(2, &[9])) && !watches.hold(&task(2, &[])) && !watches.hold(&task(5, &[9])));
    watches.end(409);
    assert!(!watches.hold(&task(2, &[9])), "it has ended");
    assert_eq!(watches.end_all(&crate::schema::Scope::List(2)).len(), 199);
    assert!(!watches.hold(&task(2, &[8])) && watches.hold(&task(3, &[8])));
}

#[test]
fn what_was_counted_before_is_not_counted_again() {
    let mut watches = watches();
    let old = entry(5, None, Some(task(0, &[1])));
    assert_eq!(watches.count(&[old], 5), []);
    let there_and_back = [entry(6, None, Some(task(0, &[1]))), entry(7, Some(task(0, &[1])), None)];
    assert_eq!(watches.count(&there_and_back, 7), []);
    let to_another = entry(8, Some(task(0, &[1])), Some(task(1, &[1])));
    assert_eq!(watches.count(&[to_another], 8), [WatchTotal { id: 1, count: 9 }, WatchTotal { id: 201, count: 11 }]);
}
