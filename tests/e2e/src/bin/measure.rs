//! The figures, as a table: `cargo run -p holdfast-e2e --bin measure`, after `cargo xtask serve` has
//! built app and server in release.

use anyhow::{Context, Result, ensure};
use holdfast_e2e::{Browser, Server, Stage, figures, latency};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const EDITS: usize = 100;
const ISSUES: usize = 2000;
const ROUNDS: usize = 7;

/// Notes in each document, from its start on, when the first row is in it.
const NOTE_FIRST_ROW: &str = "
    const observer = new MutationObserver(() => {
        if (!document.querySelector('[data-testid=issue-row]')) return;
        window.firstRowMs = performance.now();
        observer.disconnect();
    });
    observer.observe(document, { subtree: true, childList: true });
";

#[tokio::main]
async fn main() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(ISSUES).await?;
    println!("server: {}\n", stage.programs().server.display());
    println!("| what | figure |");
    println!("|---|---|");
    row("click to remote DOM", &figures::spread(&edits(&stage, &server).await?));
    let starts = starts(&stage, &server).await?;
    row(&format!("{ISSUES} issues, first rows, nothing on the device"), &figures::spread(&starts.cold));
    row("… with the app's files in the browser's cache", &figures::spread(&starts.empty));
    row("… with all rows in IndexedDB", &figures::spread(&starts.filled));
    let wasm = only_wasm(&stage.programs().app)?;
    row("wasm", &size(fs::metadata(&wasm)?.len()));
    row("wasm, brotli -q 11", &size(brotli_bytes(&wasm)?));
    Ok(())
}

fn row(what: &str, figure: &str) {
    println!("| {what} | {figure} |");
}

async fn edits(stage: &Stage, server: &Server) -> Result<Vec<f64>> {
    let (ada, bob) = (stage.browser("ada").await?, stage.browser("bob").await?);
    for (browser, name) in [(&ada, "Ada"), (&bob, "Bob")] {
        browser.sign_in(server.origin(), name).await?;
        browser.open_project("WEB").await?;
        browser.until_drained().await?;
    }
    latency::measure(&ada, &bob, EDITS).await
}

/// Milliseconds from navigation to the first row.
struct Starts {
    cold: Vec<f64>,
    empty: Vec<f64>,
    filled: Vec<f64>,
}

async fn starts(stage: &Stage, server: &Server) -> Result<Starts> {
    let mut starts = Starts { cold: Vec::new(), empty: Vec::new(), filled: Vec::new() };
    let rows = server.export().await?.rows_in_all();
    for round in 0..ROUNDS {
        let browser = stage.browser(&format!("start-{round}")).await?;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NOTE_FIRST_ROW })).await?;
        browser.goto(&format!("{}/healthz", server.origin())).await?;
        let sign_in = "const body = JSON.stringify({ name: 'Ada' });
            const answer = await fetch('/api/session',
                { method: 'POST', headers: { 'content-type': 'application/json' }, body });
            if (!answer.ok) throw answer.status;";
        browser.eval_async(sign_in, Value::Null).await?;
        starts.cold.push(start(&browser, server, rows).await?);
        starts.filled.push(start(&browser, server, rows).await?);
        browser.goto(&format!("{}/healthz", server.origin())).await?;
        let database = json!({ "origin": server.origin(), "storageTypes": "indexeddb" });
        browser.devtools("Storage.clearDataForOrigin", database).await?;
        starts.empty.push(start(&browser, server, rows).await?);
        starts.filled.push(start(&browser, server, rows).await?);
    }
    Ok(starts)
}

/// Opens the list, waits for all of it to be on the device, and tells when the first row was there.
async fn start(browser: &Browser, server: &Server, rows: usize) -> Result<f64> {
    browser.goto(&format!("{}/projects/WEB", server.origin())).await?;
    let first_ms = browser.until("the first row", "window.firstRowMs", Value::Null).await?;
    browser.until_drained().await?;
    browser.until_stored(rows).await?;
    first_ms.as_f64().context("a time is a number")
}

fn only_wasm(app: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(app)?.flatten().map(|file| file.path());
    let wasm = files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    wasm.with_context(|| format!("there is no wasm in {}", app.display()))
}

fn brotli_bytes(path: &Path) -> Result<u64> {
    let output = Command::new("brotli").args(["-q", "11", "-w", "24", "-c"]).arg(path).output();
    let output = output.context("the command brotli is not there")?;
    ensure!(output.status.success(), "brotli: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout.len() as u64)
}

fn size(bytes: u64) -> String {
    format!("{bytes} bytes, {} KiB", bytes.div_ceil(1024))
}
