//! The read path beside other stacks, as a table of ratios: `cargo xtask bench` builds the pages, then runs this.
//!
//! `bench [RUNS] [ROWS,ROWS…] [WORKLOAD,WORKLOAD…] [PAGE,PAGE…]`. The stacks take turns within each run, so that a noisy
//! moment hits all alike; of the runs the one that cost least stands, the least disturbed.

use anyhow::{Context, Result, ensure};
use holdfast_e2e::{Browser, Programs, Server, Stage};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    heap_bytes: f64,
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
        "| workload | rows | stack | busy ms | × | script ms | took ms | latency p50/p99 ms | gap p99/max ms | JS heap MB | load ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for workload in workloads.split(',') {
        for count in rows.split(',') {
            let mut best: BTreeMap<usize, Cost> = BTreeMap::new();
            for run in 0..runs {
                for (index, (page, _)) in STACKS.iter().enumerate().filter(|(_, (page, _))| is_wanted(page)) {
                    let browser = stage.browser(&format!("{page}-{workload}-{count}-{run}")).await?;
                    let cost = measure(&browser, &server, page, workload, count.parse()?, run).await;
                    let cost = cost.with_context(|| format!("{page}, {workload}, {count} rows"))?;
                    if best.get(&index).is_none_or(|before| cost.busy_ms < before.busy_ms) {
                        best.insert(index, cost);
                    }
                }
            }
            let unit = best.get(&0).map_or(1.0, |cost| cost.busy_ms);
            for (index, cost) in &best {
                tell(workload, count, STACKS[*index].1, cost, unit);
            }
        }
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
        cost.heap_bytes / 1e6,
        cost.load_ms,
    );
}

async fn measure(
    browser: &Browser,
    server: &Server,
    page: &str,
    workload: &str,
    count: usize,
    run: usize,
) -> Result<Cost> {
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
    let before = metrics(browser).await?;
    let told = browser.eval_async("return await window.drive.run()", json!({})).await?;
    ensure!(told["tookMs"].is_number(), "it did not run: {told}");
    let after = metrics(browser).await?;
    let wrong = browser.eval("return window.drive.check()", json!({})).await?;
    ensure!(wrong.is_null(), "it shows what is not so: {wrong}");
    let spent = |name: &str| (after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0)) * 1e3;
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await?;
    let heap_bytes = metrics(browser).await?.get("JSHeapUsedSize").copied().unwrap_or_default();
    Ok(Cost { busy_ms: spent("TaskDuration"), script_ms: spent("ScriptDuration"), told, heap_bytes, load_ms })
}

async fn metrics(browser: &Browser) -> Result<BTreeMap<String, f64>> {
    let answer = browser.devtools("Performance.getMetrics", json!({})).await?;
    let metrics = answer["metrics"].as_array().context("there are no metrics")?;
    let pair = |metric: &Value| Some((metric["name"].as_str()?.to_owned(), metric["value"].as_f64()?));
    Ok(metrics.iter().filter_map(pair).collect())
}
