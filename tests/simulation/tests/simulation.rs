//! The engine under faults: no invariant breaks, and each planted mistake is found by its checker.

use holdfast_simulation::{Plan, planted::BUGS, run};
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that every test run takes in.
const SEEDS: u64 = 1000;

/// Mutations a seed makes at most.
const ACTS: u32 = 200;

/// Runs plans on all cores; gives what each failing one broke, by seed.
fn failing(seeds: u64, plan: impl Fn(u64) -> Plan + Sync) -> Vec<(u64, String)> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return failed;
            }
            if let Some(violation) = run(&plan(seed)).violation {
                failed.push((seed, format!("seed {seed}: {} {}", violation.invariant, violation.what)));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut failed: Vec<(u64, String)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a run panicked")).collect()
    });
    failed.sort();
    failed
}

#[test]
fn no_invariant_breaks() {
    none_breaks(SEEDS, |seed| Plan::of(seed, ACTS));
}

#[test]
fn no_invariant_breaks_while_scopes_come_and_go() {
    none_breaks(SEEDS / 10, |seed| {
        let mut plan = Plan::of(seed, ACTS);
        (plan.weather.resubscribe, plan.weather.hold, plan.weather.delay_ms) = (250, 50, 200);
        plan
    });
}

fn none_breaks(seeds: u64, plan: fn(u64) -> Plan) {
    let failed = failing(seeds, plan);
    let listed: Vec<&str> = failed.iter().take(5).map(|(_, what)| what.as_str()).collect();
    assert!(failed.is_empty(), "{} of {seeds} failed:\n{}", failed.len(), listed.join("\n"));
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..SEEDS / 100 {
        let plan = Plan::of(seed, ACTS);
        assert_eq!(run(&plan), run(&plan), "seed {seed}");
        assert_eq!(Plan::from_json(&plan.to_json()).expect("its own output"), plan);
    }
    assert_ne!(run(&Plan::of(1, 50)).trace, run(&Plan::of(2, 50)).trace);
}

#[test]
fn a_run_does_what_it_says() {
    let reports: Vec<_> = (0..20).map(|seed| run(&Plan::of(seed, ACTS))).collect();
    let made: usize = reports.iter().map(|report| report.mutations).sum();
    let settled: usize = reports.iter().map(|report| report.settled).sum();
    let acts = 20 * ACTS as usize;
    assert!(made > acts / 2, "only {made} mutations were made");
    assert!(settled > made / 2, "only {settled} of {made} mutations were settled");
}

#[test]
fn each_planted_mistake_is_found_by_its_checker() {
    let mut missed = Vec::new();
    for bug in &BUGS {
        match bug.first_seed(ACTS) {
            Some(seed) => println!("{:?}: by {} at seed {seed}", bug.bug, bug.found_by),
            None => missed.push(format!("{:?} by {}", bug.bug, bug.found_by)),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
