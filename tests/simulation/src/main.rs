//! Runs a range of seeds: `holdfast-simulation --seeds FROM..TO --mutations N`. Each failing seed is
//! named with what it broke; the last line is `N passed, N failed`. One of a hundred seeds is run
//! twice, and its traces compared.
//!
//! `--show SEED` prints a seed's plan; `--shrink SEED` makes a failing one's small and prints that (each step on
//! stderr); `--plan JSON` runs such a plan and tells each event.

use holdfast_simulation::{Plan, run, run_aloud, shrink};
use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// Seeds of which one is run twice.
const TWICE: u64 = 100;

/// Seconds between two lines of progress.
const PROGRESS_S: u64 = 30;

struct Args {
    seeds: std::ops::Range<u64>,
    mutations: u32,
    show: Option<u64>,
    shrink: Option<u64>,
    without: Vec<String>,
    with: Vec<(String, u64)>,
    plan: Option<Plan>,
}

impl Args {
    /// A seed's plan without the kinds of weather that were named, `tabs`, `older` and `older_server`
    /// count as such; and with others at the given rates.
    fn plan_of(&self, seed: u64) -> Plan {
        let mut plan = Plan::of(seed, self.mutations);
        for kind in &self.without {
            match kind.as_str() {
                "tabs" => plan.devices.iter_mut().for_each(|device| device.tabs = 1),
                "older" => plan.devices.iter_mut().for_each(|device| device.older = false),
                "older_server" => plan.older_server = false,
                kind => plan.weather.rate_mut(kind).into_iter().for_each(|rate| *rate = 0),
            }
        }
        for (kind, wanted) in &self.with {
            plan.weather.rate_mut(kind).into_iter().for_each(|rate| *rate = *wanted);
        }
        plan
    }
}

fn main() -> ExitCode {
    let args = match read_args(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(problem) => {
            eprintln!(
                "{problem}\nusage: holdfast-simulation --seeds FROM..TO [--mutations N] | --show SEED | --shrink SEED | --plan JSON"
            );
            return ExitCode::FAILURE;
        }
    };
    if let Some(plan) = args.plan {
        println!("{:#?}", run_aloud(&plan));
        return ExitCode::SUCCESS;
    }
    if let Some(seed) = args.show {
        println!("{}", args.plan_of(seed).to_json());
        return ExitCode::SUCCESS;
    }
    if let Some(seed) = args.shrink {
        match shrink(&args.plan_of(seed), |smaller| eprintln!("{}", smaller.to_json())) {
            Some((plan, violation)) => println!("{} {}\n{}", violation.invariant, violation.what, plan.to_json()),
            None => println!("seed {seed} breaks nothing"),
        }
        return ExitCode::SUCCESS;
    }
    run_range(&args)
}

fn read_args(mut args: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut read = Args {
        seeds: 0..0,
        mutations: 200,
        show: None,
        shrink: None,
        without: Vec::new(),
        with: Vec::new(),
        plan: None,
    };
    while let Some(name) = args.next() {
        let value = args.next().ok_or(format!("{name} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} needs a number"));
        match name.as_str() {
            "--seeds" => {
                let range = value.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
                read.seeds = range.ok_or("--seeds needs FROM..TO")?;
            }
            "--mutations" => read.mutations = number()? as u32,
            "--show" => read.show = Some(number()?),
            "--shrink" => read.shrink = Some(number()?),
            "--without" => read.without = value.split(',').map(str::to_owned).collect(),
            "--with" => {
                let rate =
                    |pair: &str| Some((pair.split_once('=')?.0.to_owned(), pair.split_once('=')?.1.parse().ok()?));
                read.with = value.split(',').map(rate).collect::<Option<_>>().ok_or("--with needs KIND=RATE,…")?;
            }
            "--plan" => read.plan = Some(Plan::from_json(&value).map_err(|error| error.to_string())?),
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(read)
}

#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    events: u64,
    mutations: u64,
    told_s: u64,
}

fn run_range(args: &Args) -> ExitCode {
    let seeds = args.seeds.clone();
    let started = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let tally = Mutex::new(Tally::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let plan = args.plan_of(seed);
            let report = run(&plan);
            let replays = !seed.is_multiple_of(TWICE) || run(&plan) == report;
            let mut tally = tally.lock().expect("no thread panics while it counts");
            tally.events += report.events;
            tally.mutations += report.mutations as u64;
            match report.violation {
                _ if !replays => {
                    tally.failed += 1;
                    println!("seed {seed}: two runs of it differ");
                }
                None => tally.passed += 1,
                Some(violation) => {
                    tally.failed += 1;
                    println!("seed {seed}: {} {}", violation.invariant, violation.what);
                }
            }
            let elapsed_s = started.elapsed().as_secs();
            if elapsed_s >= tally.told_s + PROGRESS_S {
                tally.told_s = elapsed_s;
                println!("{} passed, {} failed so far, in {elapsed_s} s", tally.passed, tally.failed);
            }
        }
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    let tally = tally.into_inner().expect("no thread panics while it counts");
    let elapsed_s = started.elapsed().as_secs_f64();
    let rate = (tally.passed + tally.failed) as f64 / elapsed_s;
    println!(
        "seeds {}..{}: {} mutations, {} events in {elapsed_s:.1} s, {rate:.1} seeds a second",
        seeds.start, seeds.end, tally.mutations, tally.events
    );
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
