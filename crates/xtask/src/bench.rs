//! `cargo xtask bench`: what things cost as they grow, as a table of ratios; then the read path in a browser,
//! beside other stacks.
//!
//! Each row is one measurement, each column a size; beside the time stands how many times that of the
//! smallest size it is. What ought not to depend on the size is told by ratios that stay small.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::{fmt, fs};

use anyhow::{Context, Result, bail};

use crate::app::{self, App};
use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{browser, run, serve};

/// The benches of the engine.
const BENCHES: &[&str] = &["outbox", "rows"];

/// Where the page that is measured is served alone.
const SERVED_AT: &str = "127.0.0.1:8090";

/// What is done.
pub struct Wish {
    /// Only serve the page.
    pub serve: bool,
    /// Leave the browser out.
    pub native: bool,
    /// Leave the native benches out.
    pub browser: bool,
    /// More runs of each.
    pub full: bool,
}

/// Measures, or serves what is measured.
///
/// # Errors
///
/// When it cannot be built or run.
pub fn bench(workspace: &Workspace, wish: &Wish) -> Result<ExitCode> {
    if wish.serve {
        return serve(workspace);
    }
    if !wish.browser {
        native(workspace)?;
    }
    if !wish.native {
        beside_others(workspace, wish.full)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the page and becomes its server.
fn serve(workspace: &Workspace) -> Result<ExitCode> {
    let listen = SERVED_AT.parse().expect("it is an address");
    serve::free(listen, "")?;
    let site = page(workspace, &mut Steps::start())?;
    println!("\nhttp://{SERVED_AT}/bench.html  (Ctrl-C ends it)\n");
    let mut command = run::program(workspace.server("release"), &workspace.root);
    let database = workspace.state().join("bench.db");
    command.arg("serve").arg("--db").arg(format!("sqlite:{}", database.display()));
    command.args(["--listen", SERVED_AT, "--app"]).arg(site);
    Err(command.exec()).context("the server could not be started")
}

/// Runs every page in a browser, in turns.
fn beside_others(workspace: &Workspace, full: bool) -> Result<()> {
    let mut steps = Steps::start();
    let site = page(workspace, &mut steps)?;
    steps.run("the other stacks' pages", || peers(workspace, &site))?;
    let found = steps.run("Chromium", || browser::found_or_installed(workspace))?;
    let mut cargo = run::cargo(&workspace.root, ["run", "--release", "--package", "holdfast-e2e", "--bin", "bench"]);
    cargo.env("CHROMIUM", found.chromium).env("CHROMEDRIVER", found.chromedriver);
    cargo.args(["--", if full { "10" } else { "3" }]);
    run::live(cargo, "What went wrong stands above.")
}

/// Builds the page, and the server that it is served by, into a folder of its own.
fn page(workspace: &Workspace, steps: &mut Steps) -> Result<PathBuf> {
    let app = App::bench(workspace);
    app::build(workspace, &app, steps)?;
    steps.run("server, in release", || {
        let cargo = run::cargo(&workspace.root, ["build", "--release", "--package", "holdfast-server"]);
        run::live(cargo, "What the compiler said stands above.")
    })?;
    let site = workspace.state().join("bench-site");
    let _ = fs::remove_dir_all(&site);
    fs::create_dir_all(&site).context("cannot make the folder target/xtask/bench-site")?;
    copy(&app.dist, &site)?;
    // The server answers every place without a name with `index.html`; the page has one of its own.
    fs::copy(site.join("index.html"), site.join("bench.html")).context("cannot write bench.html")?;
    fs::copy(workspace.root.join("style/bench.css"), site.join("bench.css")).context("cannot write bench.css")?;
    Ok(site)
}

/// Builds the pages of the other stacks into the same folder, with what drives them all.
fn peers(workspace: &Workspace, site: &Path) -> Result<()> {
    let folder = workspace.root.join("tests/bench");
    let log = workspace.state().join("npm.log");
    let mut install = run::program("npm", &folder);
    install.args(["ci", "--no-audit", "--no-fund"]);
    run::logged(install, &log, "The other stacks' pages are built by npm, which comes with Node 20 or later.")?;
    let mut build = run::program("npm", &folder);
    build.args(["run", "build", "--"]).arg(site);
    run::logged(build, &log, "What went wrong stands in that file.")?;
    copy(&folder.join("drive"), site)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let path = file?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// Runs the native benches and shows their table.
fn native(workspace: &Workspace) -> Result<()> {
    let mut cargo = run::cargo(&workspace.root, ["bench", "--package", "holdfast-sync"]);
    for bench in BENCHES {
        cargo.args(["--bench", bench]);
    }
    cargo.args(["--", "--output-format", "bencher"]);
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("Cargo could not be started")?;
    let output = child.stdout.take().expect("the output was asked for as a pipe");
    let mut table = Table::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("the output of the benches broke off")?;
        if table.read(&line) {
            println!("{line}");
        }
    }
    let status = child.wait().context("the end of the benches was not seen")?;
    if !status.success() {
        bail!("the benches failed ({status}). What they said stands above.");
    }
    println!("\n{table}");
    Ok(())
}

/// Nanoseconds, by measurement and size.
#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<String, BTreeMap<u64, f64>>,
}

impl Table {
    /// Takes in `test NAME/SIZE ... bench: 1,234 ns/iter (+/- 5)`; whether the line was one.
    fn read(&mut self, line: &str) -> bool {
        let measured = || {
            let (name, result) = line.strip_prefix("test ")?.split_once(" ... bench:")?;
            let (name, size) = name.trim().rsplit_once('/')?;
            let (time, _) = result.split_once("ns/iter")?;
            Some((name.to_owned(), size.parse().ok()?, time.trim().replace(',', "").parse().ok()?))
        };
        let Some((name, size, time)) = measured() else { return false };
        self.rows.entry(name).or_default().insert(size, time);
        true
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.keys().map(String::len).max().unwrap_or_default();
        for (name, times) in &self.rows {
            write!(f, "{name:width$}")?;
            let smallest = times.values().next().copied().unwrap_or(1.0).max(1.0);
            for (size, time) in times {
                write!(f, "  {size:>7}: {:>9} ×{:<6.1}", Time(*time).to_string(), time / smallest)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Nanoseconds as people say them.
struct Time(f64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ns if ns < 1e3 => write!(f, "{ns:.0} ns"),
            ns if ns < 1e6 => write!(f, "{:.1} µs", ns / 1e3),
            ns => write!(f, "{:.1} ms", ns / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_become_ratios() {
        let mut table = Table::default();
        assert!(table.read("test patch/0 ... bench:      10,000 ns/iter (+/- 7,154)"));
        assert!(table.read("test patch/1000 ... bench:   2,500,000 ns/iter (+/- 1)"));
        assert!(!table.read("Warning: Unable to complete 10 samples in 2.0s."));
        let shown = table.to_string();
        assert!(shown.contains("0:   10.0 µs ×1.0"), "{shown}");
        assert!(shown.contains("1000:    2.5 ms ×250.0"), "{shown}");
    }
}
