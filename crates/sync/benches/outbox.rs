//! What the size of the outbox costs: a patch beside it, a patch beneath one of its entries, an edit,
//! the settling of an entry, a start. All but the last should not depend on how many entries there are.

#[path = "../tests/sync/schema.rs"]
#[allow(dead_code, missing_docs, reason = "the tests use all of it")]
mod schema;
mod stage;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use holdfast_sync::protocol::{Change, Settled};
use schema::{Key, Mutation};
use stage::Stage;
use std::time::Duration;

/// Entries in the outbox.
const SIZES: [u32; 4] = [0, 10, 1_000, 10_000];

/// Rows held: twice as many as the longest outbox has entries.
const ROWS: u32 = 20_000;

/// Patches of one measured stream.
const STREAM: u64 = 200;

/// A client that is connected, holds all rows, and has so many edits to as many rows unsettled.
fn edited(entries: u32) -> Stage {
    let mut stage = Stage::of(ROWS);
    for id in 0..entries {
        stage.mutate(Mutation::SetTitle { id, title: "mine".to_owned() });
    }
    stage
}

/// A stream of patches, each of one change; the time of one.
fn stream(criterion: &mut Criterion, name: &str, change: impl Fn(&Stage, u64, u64) -> Change<schema::Tasks>) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for entries in SIZES {
        let stage = edited(entries);
        group.bench_function(BenchmarkId::from_parameter(entries), |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let mut stage = stage.clone();
                    let texts: Vec<String> = (1..=STREAM)
                        .map(|step| stage.patch(step, None, vec![change(&stage, step, stage.head + step)]))
                        .collect();
                    took += stage.hear_all(texts);
                }
                took / STREAM as u32
            });
        });
    }
    group.finish();
}

fn patches(criterion: &mut Criterion) {
    // Rows that no entry meets.
    stream(criterion, "patch-beside", |stage, step, seq| {
        Change::Put(stage.task(ROWS - 1 - step as u32, "theirs", seq))
    });
    // Rows that one entry each meets, as far as there are any.
    stream(criterion, "patch-beneath", |stage, step, seq| Change::Put(stage.task(step as u32 - 1, "theirs", seq)));
    // Rows that are gone, under one entry each.
    stream(criterion, "patch-removes", |_, step, seq| Change::Remove { key: Key::Task(step as u32 - 1), seq });
}

/// The log settles the outbox, entry by entry.
fn settling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("settle-one");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for entries in &SIZES[1..] {
        let stage = edited(*entries);
        let steps = STREAM.min(u64::from(*entries));
        group.bench_function(BenchmarkId::from_parameter(entries), |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let mut stage = stage.clone();
                    let settled =
                        |seq: u64| Settled { through: seq, made: vec![(seq, stage.nonce(seq))], refused: vec![] };
                    let change = |seq: u64| Change::Put(stage.task(seq as u32 - 1, "mine", stage.head + seq));
                    let texts: Vec<String> =
                        (1..=steps).map(|seq| stage.patch(seq, Some(settled(seq)), vec![change(seq)])).collect();
                    let before = stage.client.unsent();
                    took += stage.hear_all(texts);
                    assert_eq!(stage.client.unsent() as u64, before as u64 - steps, "each is settled");
                }
                took / steps as u32
            });
        });
    }
    group.finish();
}

/// One more edit by the user.
fn edits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("edit");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for entries in SIZES {
        let stage = edited(entries);
        group.bench_function(BenchmarkId::from_parameter(entries), |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let mut stage = stage.clone();
                    took += stage.timed(|stage| {
                        for step in 0..STREAM as u32 {
                            stage.mutate(Mutation::SetTitle { id: ROWS - 1 - step, title: "more".to_owned() });
                        }
                    });
                }
                took / STREAM as u32
            });
        });
    }
    group.finish();
}

/// Edits that all meet one row, and a patch to that: the only one that may cost as many replays as
/// there are entries.
fn piled(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patch-beneath-all");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for entries in SIZES {
        let mut stage = Stage::of(100);
        for tag in 0..entries {
            stage.mutate(Mutation::SetTitle { id: 1, title: format!("title {tag}") });
        }
        group.bench_function(BenchmarkId::from_parameter(entries), |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let mut stage = stage.clone();
                    let text = stage.patch(1, None, vec![Change::Put(stage.task(1, "theirs", stage.head + 1))]);
                    took += stage.hear_all(vec![text]);
                }
                took
            });
        });
    }
    group.finish();
}

/// A start from the store.
fn starts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for entries in SIZES {
        let stage = edited(entries);
        group.bench_function(BenchmarkId::from_parameter(entries), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| stage.restart_time()).sum());
        });
    }
    group.finish();
}

criterion_group!(benches, patches, settling, edits, piled, starts);
criterion_main!(benches);
