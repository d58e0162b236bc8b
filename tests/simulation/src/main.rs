//! Runs a range of seeds: `holdfast-simulation --seeds FROM..TO [--mutations N]`. Each failing seed is named with
//! what it broke; the last line is `N passed, N failed`.

use holdfast_simulation::{Plan, run};
use std::{process::ExitCode, time::Instant};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().skip_while(|arg| *arg != name).nth(1);
    let range = value("--seeds").and_then(|range| {
        let (from, to) = range.split_once("..")?;
        Some(from.parse::<u64>().ok()?..to.parse::<u64>().ok()?)
    });
    let Some(range) = range else {
        eprintln!("usage: holdfast-simulation --seeds FROM..TO [--mutations N]");
        return ExitCode::FAILURE;
    };
    let mutations = value("--mutations").and_then(|count| count.parse().ok()).unwrap_or(200);
    let started = Instant::now();
    let (mut passed, mut failed, mut events) = (0, 0, 0);
    for seed in range {
        let report = run(&Plan::of(seed, mutations));
        events += report.events;
        match report.violation {
            None => passed += 1,
            Some(violation) => {
                failed += 1;
                println!("seed {seed}: {} {}", violation.invariant, violation.what);
            }
        }
    }
    println!("{events} events in {:.1} s", started.elapsed().as_secs_f64());
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
