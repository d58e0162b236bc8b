//! What the number of rows costs: reading a frame, taking it in, keeping a list in order.

#[path = "../tests/sync/schema.rs"]
#[allow(dead_code, missing_docs, reason = "the tests use all of it")]
mod schema;
#[allow(dead_code, reason = "the other bench uses the rest")]
mod stage;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use holdfast_sync::{
    protocol::{Change, ServerFrame},
    view::LiveList,
};
use schema::Tasks;
use stage::Stage;
use std::{hint::black_box, time::Duration};

/// Rows changed by one patch.
const CHANGES: [u32; 3] = [1, 50, 500];

/// Rows held.
const ROWS: [u32; 3] = [1_000, 20_000, 200_000];

/// Rows of a list.
const LISTED: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode-patch-of-changes");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let stage = Stage::of(1);
    for count in CHANGES {
        let changes = (0..count).map(|id| Change::Put(stage.task(id, "a title as long as titles are", 2))).collect();
        let text = stage.patch(1, None, changes);
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| ServerFrame::<Tasks>::decode(black_box(&text)));
        });
    }
    group.finish();
}

fn applying(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("apply-one-with-rows");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for rows in ROWS {
        let stage = Stage::of(rows);
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times.div_ceil(500) {
                    let mut stage = stage.clone();
                    let change = |step: u64| {
                        let id = (step as u32).wrapping_mul(7_919) % rows;
                        Change::Put(stage.task(id, "theirs", stage.head + step))
                    };
                    let texts = (1..=500).map(|step| stage.patch(step, None, vec![change(step)])).collect();
                    took += stage.hear_all(texts);
                }
                took.mul_f64(times as f64 / (times.div_ceil(500) * 500) as f64)
            });
        });
    }
    group.finish();
}

fn lists(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("list-move-with-rows");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for rows in LISTED {
        let mut list = LiveList::from_rows((0..rows).map(|id| (id, u64::from(id))));
        let mut step = 0_u32;
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter(|| {
                step = step.wrapping_add(1);
                let (id, to) = (step.wrapping_mul(7_919) % rows, step.wrapping_mul(104_729) % rows);
                black_box(list.upsert(id, Some(u64::from(to))))
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("list-window-with-rows");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for rows in LISTED {
        let list = LiveList::from_rows((0..rows).map(|id| (id, u64::from(id))));
        let start = rows as usize - 100;
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter(|| black_box(list.range(start..start + 40)));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("list-build-of-rows");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for rows in LISTED {
        let entries: Vec<(u32, u64)> = (0..rows).map(|id| (id, u64::from(id.wrapping_mul(104_729)))).collect();
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter_batched(|| entries.clone(), LiveList::from_rows, BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, frames, applying, lists);
criterion_main!(benches);
