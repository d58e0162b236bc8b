//! Steps: a command's work in named parts, shown as they run, with their time.

use std::fmt;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use anyhow::{Error, Result};

/// The steps of one run, in order, with what each took.
pub struct Steps {
    started: Instant,
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    failed: bool,
}

impl Steps {
    /// A run without steps yet; its time starts now.
    pub fn start() -> Self {
        Self { started: Instant::now(), done: Vec::new() }
    }

    /// Runs one step: its name before, its time after.
    ///
    /// # Errors
    ///
    /// Those of the work; the step is then kept as the failed one.
    pub fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("==> {name}");
        // Standard error comes next from a child: keep the order.
        let _ = io::stdout().flush();
        let begun = Instant::now();
        let outcome = work();
        let took = begun.elapsed();
        let failed = outcome.is_err();
        println!("    {} {}", if failed { "FAILED after" } else { "done in" }, Seconds(took));
        self.done.push(Step { name: name.to_owned(), took, failed });
        outcome
    }
}

/// A table of the steps, and the whole.
impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.done.iter().map(|step| step.name.chars().count()).max().unwrap_or(0).max(5);
        for Step { name, took, failed } in &self.done {
            writeln!(f, "{name:width$}  {:>9}{}", Seconds(*took).to_string(), if *failed { "  FAILED" } else { "" })?;
        }
        write!(f, "{:width$}  {:>9}", "total", Seconds(self.started.elapsed()).to_string())
    }
}

/// A duration as people say it: `0.4 s`, `12.3 s`, `3 min 05 s`.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < Duration::from_secs(60) {
            return write!(f, "{:.1} s", self.0.as_secs_f64());
        }
        let seconds = self.0.as_secs();
        write!(f, "{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Tells a failure on standard error: what failed, then why, a line each.
pub fn explain(error: &Error) {
    let mut causes = error.chain();
    if let Some(what) = causes.next() {
        eprintln!("\nerror: {what}");
    }
    for cause in causes {
        eprintln!("  because: {cause}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_kept_and_marked() {
        let mut steps = Steps::start();
        steps.run("first", || Ok(())).expect("it succeeds");
        steps.run("second", || -> Result<()> { anyhow::bail!("no") }).expect_err("it fails");
        let table = steps.to_string();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("first ") && !lines[0].contains("FAILED"));
        assert!(lines[1].starts_with("second ") && lines[1].ends_with("FAILED"));
        assert!(lines[2].starts_with("total "));
    }

    #[test]
    fn durations_read_well() {
        let said = |ms| Seconds(Duration::from_millis(ms)).to_string();
        assert_eq!(said(380), "0.4 s");
        assert_eq!(said(12_340), "12.3 s");
        assert_eq!(said(185_900), "3 min 05 s");
    }
}
