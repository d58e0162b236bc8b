//! The engine under faults: no invariant breaks, and each planted mistake is found.

use holdfast_simulation::{PLANTED, Plan, Report, run};
use holdfast_sync::planted::Planted;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that every test run takes in.
const SEEDS: u64 = 1000;

/// Mutations a seed makes.
const MUTATIONS: usize = 200;

/// Runs plans on all cores; gives the reports that `keep` wants, by seed.
fn run_all(
    seeds: std::ops::Range<u64>,
    plan: impl Fn(u64) -> Plan + Sync,
    keep: fn(&Report) -> bool,
) -> Vec<(u64, Report)> {
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut kept: Vec<(u64, Report)> = std::thread::scope(|scope| {
        let work = || {
            let mut kept = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return kept;
                }
                let report = run(&plan(seed));
                if keep(&report) {
                    kept.push((seed, report));
                }
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a run panicked")).collect()
    });
    kept.sort_by_key(|(seed, _)| *seed);
    kept
}

/// Scopes are taken up anew all the time, and what an old socket still brings comes late.
fn restless(seed: u64) -> Plan {
    Plan { resubscribe: 250, hold: 50, delay_ms: 200, ..Plan::of(seed, MUTATIONS) }
}

#[test]
fn no_invariant_breaks() {
    none_breaks(0..SEEDS, |seed| Plan::of(seed, MUTATIONS));
}

#[test]
fn no_invariant_breaks_while_scopes_come_and_go() {
    none_breaks(0..SEEDS / 5, restless);
}

fn none_breaks(seeds: std::ops::Range<u64>, plan: fn(u64) -> Plan) {
    let failed = run_all(seeds.clone(), plan, |report| report.violation.is_some());
    let listed: Vec<String> = failed
        .iter()
        .take(5)
        .filter_map(|(seed, report)| {
            let violation = report.violation.as_ref()?;
            Some(format!("seed {seed}: {} {}", violation.invariant, violation.what))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {seeds:?} failed:\n{}", failed.len(), listed.join("\n"));
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 77, 512] {
        let plan = Plan::of(seed, MUTATIONS);
        assert_eq!(run(&plan), run(&plan), "seed {seed}");
    }
    assert_ne!(run(&Plan::of(1, 50)).trace, run(&Plan::of(2, 50)).trace);
}

#[test]
fn a_run_does_what_it_says() {
    let reports = run_all(0..20, |seed| Plan::of(seed, MUTATIONS), |_| true);
    let settled: usize = reports.iter().map(|(_, report)| report.settled).sum();
    assert!(settled > 20 * MUTATIONS / 2, "only {settled} mutations were settled");
}

/// Which checkers name a planted mistake, and the first seed that shows it.
fn found_by(bug: Planted) -> (Vec<&'static str>, u64) {
    found_in(bug, |seed| Plan::of(seed, MUTATIONS))
}

fn found_in(bug: Planted, plan: fn(u64) -> Plan) -> (Vec<&'static str>, u64) {
    let found = run_all(0..400, |seed| plan(seed).planted(bug), |report| report.violation.is_some());
    let first = found.first().unwrap_or_else(|| panic!("{bug:?} was not found")).0;
    let mut names: Vec<_> = found.iter().filter_map(|(_, report)| Some(report.violation.as_ref()?.invariant)).collect();
    names.sort_unstable();
    names.dedup();
    println!("{bug:?}: first at seed {first}, {} of 400 seeds, by {names:?}", found.len());
    (names, first)
}

#[test]
fn planted_entry_dropped_on_ack_is_found() {
    assert!(found_by(Planted::EntryDroppedOnAck).0.contains(&"I5"));
}

#[test]
fn planted_cursor_apart_from_rows_is_found() {
    assert!(found_by(Planted::CursorApartFromRows).0.iter().any(|name| ["I4", "I6"].contains(name)));
}

#[test]
fn planted_no_dedupe_row_is_found() {
    assert!(found_by(Planted::NoDedupeRow).0.contains(&"I2"));
}

#[test]
fn planted_old_socket_accepted_is_found() {
    assert!(found_in(Planted::OldSocketAccepted, restless).0.iter().any(|name| ["I4", "I6"].contains(name)));
}

#[test]
fn every_planted_mistake_has_its_test() {
    assert_eq!(PLANTED.len(), 4);
}
