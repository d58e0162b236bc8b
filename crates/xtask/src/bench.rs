//! `cargo xtask bench`: what things cost as they grow, as a table of ratios.
//!
//! Each row is one measurement, each column a size; beside the time stands how many times that of the
//! smallest size it is. What ought not to depend on the size is told by ratios that stay small.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::run;
use crate::workspace::Workspace;

/// The benches of the engine.
const BENCHES: &[&str] = &["outbox", "rows"];

/// Runs the benches and shows their table.
///
/// # Errors
///
/// When they cannot be built or run.
pub fn bench(workspace: &Workspace) -> Result<ExitCode> {
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
    Ok(ExitCode::SUCCESS)
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
