//! The read path beside other stacks, as a table of ratios: `cargo xtask bench` builds the pages, then runs this.
//!
//! `bench [RUNS] [ROWS,ROWS…] [WORKLOAD,WORKLOAD…] [PAGE,PAGE…]`. The stacks take turns within each run, so that a noisy
//! moment hits all alike; of the runs the one that cost least stands, the least disturbed. A page that is
//! given up as too slow, or fails, is told of in its row, and the others go on; after a failure the program ends as failed.

use anyhow::{Context, Result, bail, ensure};
use holdfast_e2e::{Browser, Programs, Server, Stage};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The pages, and what they are called. The first is what the others are measured by.
const STACKS: &[(&str, &str)] = &[
    ("hand", "hand-written JavaScript"),
    ("bench", "Holdfast"),
    ("query-normalised", "React, TanStack Query, normalised"),
    ("query", "React, TanStack Query"),
    ("db", "React, TanStack DB"),
];

const RUNS: usize = 3;
const ROWS: &str = "10000,100000";
const WORKLOADS: &str = "w1,w2,w3,w4,w5";

/// What one run cost.
#[derive(Clone, Debug)]
struct Cost {
    /// CPU time of the page's main thread, milliseconds; of it in scripts.
    busy_ms: f64,
    script_ms: f64,
    /// What the page tells: times, and whether what it showed was right.
    told: Value,
    /// Private memory of the page's process, with what is not JavaScript's.
    private_bytes: f64,
    load_ms: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let runs = args.next().map_or(Ok(RUNS), |runs| runs.parse()).context("RUNS is a number")?;
    let rows = args.next().unwrap_or_else(|| ROWS.to_owned());
    let workloads = args.next().unwrap_or_else(|| WORKLOADS.to_owned());
    let pages = args.next();
    let is_wanted = |page: &str| pages.as_deref().is_none_or(|pages| pages.split(',').any(|wanted| wanted == page));
    let stage = Stage::with(Programs::find_bench()?).await?;
    let server = stage.server().await?;
    println!(
        "| workload | rows | stack | busy ms | × | script ms | took ms | latency p50/p99 ms | gap p99/max ms | memory MB | load ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut failed = 0;
    for workload in workloads.split(',') {
        for count in rows.split(',') {
            let mut best: BTreeMap<usize, Cost> = BTreeMap::new();
            let mut too_slow: BTreeSet<usize> = BTreeSet::new();
            let mut faults: BTreeMap<usize, anyhow::Error> = BTreeMap::new();
            for run in 0..runs {
                for (index, (page, _)) in STACKS.iter().enumerate().filter(|(_, (page, _))| is_wanted(page)) {
                    if faults.contains_key(&index) || too_slow.contains(&index) {
                        continue;
                    }
                    let profile = format!("{page}-{workload}-{count}-{run}");
                    match measure(&stage, &profile, &server, page, workload, count.parse()?, run).await {
                        Ok(None) => {
                            too_slow.insert(index);
                        }
                        Ok(Some(cost)) if best.get(&index).is_none_or(|before| cost.busy_ms < before.busy_ms) => {
                            best.insert(index, cost);
                        }
                        Ok(Some(_)) => {}
                        Err(fault) => {
                            faults.insert(index, fault);
                        }
                    }
                }
            }
            let unit = best.get(&0).map_or(1.0, |cost| cost.busy_ms);
            for (index, (_, stack)) in STACKS.iter().enumerate() {
                if let Some(fault) = faults.get(&index) {
                    println!("| {workload} | {count} | {stack} | failed: {fault:#} |");
                } else if too_slow.contains(&index) {
                    println!("| {workload} | {count} | {stack} | too slow: given up |");
                } else if let Some(cost) = best.get(&index) {
                    tell(workload, count, stack, cost, unit);
                }
            }
            failed += faults.len();
        }
    }
    if failed > 0 {
        bail!("{failed} measurements failed: they stand in the table");
    }
    Ok(())
}

fn tell(workload: &str, count: &str, stack: &str, cost: &Cost, unit: f64) {
    let told = |name: &str| cost.told[name].as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    println!(
        "| {workload} | {count} | {stack} | {:.0} | {:.2} | {:.0} | {} | {} / {} | {} / {} | {:.1} | {:.0} |",
        cost.busy_ms,
        cost.busy_ms / unit,
        cost.script_ms,
        told("tookMs"),
        told("latencyP50Ms"),
        told("latencyP99Ms"),
        told("gapP99Ms"),
        told("gapMaxMs"),
        cost.private_bytes / 1e6,
        cost.load_ms,
    );
}

async fn measure(
    stage: &Stage,
    profile: &str,
    server: &Server,
    page: &str,
    workload: &str,
    count: usize,
    run: usize,
) -> Result<Option<Cost>> {
    let browser = stage.browser(profile).await?;
    let view = if matches!(workload, "w1" | "w3") { "id" } else { "live" };
    browser.set_screen(1280, 1000, false).await?;
    browser.goto(&format!("{}/{page}.html?view={view}", server.origin())).await?;
    browser.until("the page to be there", "window.bench", json!({})).await?;
    browser.devtools("Performance.enable", json!({ "timeDomain": "threadTicks" })).await?;
    browser.eval_async("await import('/drive.js')", json!({})).await?;
    let prepare = "return await window.drive.prepare(a.workload, a.count, a.seed)";
    let prepared =
        browser.eval_async(prepare, json!({ "workload": workload, "count": count, "seed": 7 + run })).await?;
    let load_ms = prepared["loadMs"].as_f64().with_context(|| format!("it was not loaded: {prepared}"))?;
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await?;
    let before = metrics(&browser).await?;
    let told = browser.eval_async("return await window.drive.run()", json!({})).await?;
    if told["givenUpMs"].is_number() {
        return Ok(None);
    }
    ensure!(told["tookMs"].is_number(), "it did not run: {told}");
    let after = metrics(&browser).await?;
    let wrong = browser.eval("return window.drive.check()", json!({})).await?;
    ensure!(wrong.is_null(), "it shows what is not so: {wrong}");
    let spent = |name: &str| (after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0)) * 1e3;
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await?;
    let private_bytes = private_bytes(&stage.path(profile))?;
    Ok(Some(Cost { busy_ms: spent("TaskDuration"), script_ms: spent("ScriptDuration"), told, private_bytes, load_ms }))
}

async fn metrics(browser: &Browser) -> Result<BTreeMap<String, f64>> {
    let answer = browser.devtools("Performance.getMetrics", json!({})).await?;
    let metrics = answer["metrics"].as_array().context("there are no metrics")?;
    let pair = |metric: &Value| Some((metric["name"].as_str()?.to_owned(), metric["value"].as_f64()?));
    Ok(metrics.iter().filter_map(pair).collect())
}

/// Private memory of the largest page of the browser whose profile lies there. JavaScript's heap alone would leave out
/// what WebAssembly holds.
fn private_bytes(profile: &Path) -> Result<f64> {
    let processes = fs::read_dir("/proc").context("there is no /proc to read memory from")?;
    let processes = processes.filter_map(|entry| {
        let path = entry.ok()?.path();
        let pid: u32 = path.file_name()?.to_str()?.parse().ok()?;
        // After the name, which is in brackets and may hold anything: the state, then the parent.
        let stat = fs::read_to_string(path.join("stat")).ok()?;
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Some((pid, (parent, fs::read_to_string(path.join("cmdline")).ok()?)))
    });
    let processes: BTreeMap<u32, (u32, String)> = processes.collect();
    let profile = format!("--user-data-dir={}", profile.display());
    let is_of_it = |pid: u32| {
        let above = |pid: &u32| processes.get(pid).map(|(parent, _)| *parent);
        std::iter::successors(Some(pid), above)
            .any(|pid| processes.get(&pid).is_some_and(|(_, line)| line.contains(&profile)))
    };
    let pages = processes.iter().filter(|(pid, (_, line))| line.contains("--type=renderer") && is_of_it(**pid));
    let private = |pid: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let kilobytes = rollup.lines().filter(|line| line.starts_with("Private_"));
        let kilobytes = kilobytes.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        Some(kilobytes.sum::<u64>() as f64 * 1024.0)
    };
    pages.filter_map(|(pid, _)| private(pid)).max_by(f64::total_cmp).context("the page's process is not to be found")
}
