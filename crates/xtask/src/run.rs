//! Running other programs: live, into a log, or counted; and what to say when one fails.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;

/// How many lines of a log are shown when its command fails.
const TAIL_LINES: usize = 30;

/// A program to be run in `folder`, without input and without what Cargo tells
/// this program about this package (build scripts would see it and run again).
pub fn program(name: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let of_cargo =
            name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if of_cargo {
            command.env_remove(name);
        }
    }
    command
}

/// The Cargo that runs this program, to be run in `folder` with these arguments.
pub fn cargo<'a>(folder: &Path, args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = program(cargo_name(), folder);
    command.args(args);
    command
}

/// The same, on what processor time all else leaves.
pub fn cargo_in_the_gaps<'a>(folder: &Path, args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = program("nice", folder);
    command.args(["-n", "19"]).arg(cargo_name()).args(args);
    command
}

fn cargo_name() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs to the end, its output going straight to the user; `advice` says what to
/// do when it fails.
///
/// # Errors
///
/// When it cannot start or does not succeed.
pub fn live(mut command: Command, advice: &str) -> Result<()> {
    let status = command.status().with_context(|| not_started(&command, advice))?;
    succeeded(&command, status, advice)
}

/// Runs to the end, quietly: its output goes to `log`, whose tail is shown when it
/// fails.
///
/// # Errors
///
/// When it cannot start or does not succeed, or the log cannot be written.
pub fn logged(command: Command, log: &Path, advice: &'static str) -> Result<()> {
    beside(command, log, advice)?.finished()
}

/// A program that runs beside this one; dropped, it ends.
pub struct Beside {
    child: Child,
    command: Command,
    log: PathBuf,
    advice: &'static str,
}

/// Starts a program whose output goes to `log`.
///
/// # Errors
///
/// When it cannot start, or the log cannot be written.
pub fn beside(mut command: Command, log: &Path, advice: &'static str) -> Result<Beside> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let file = File::options().create(true).append(true).open(log);
    let file = file.with_context(|| format!("cannot write the log {}", log.display()))?;
    let also = file.try_clone().context("cannot write a log from two streams")?;
    let child = command.stdout(file).stderr(also).spawn().with_context(|| not_started(&command, advice))?;
    Ok(Beside { child, command, log: log.to_owned(), advice })
}

impl Beside {
    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// When it does not succeed; the log's tail is shown then.
    pub fn finished(mut self) -> Result<()> {
        let status = self.child.wait().with_context(|| not_started(&self.command, self.advice))?;
        succeeded(&self.command, status, self.advice).inspect_err(|_| {
            let text = fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let text = text.unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            for line in &lines[lines.len().saturating_sub(TAIL_LINES)..] {
                eprintln!("    | {line}");
            }
            eprintln!("    | (all of it: {})", self.log.display());
        })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Ended already in most cases.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs tests to the end, passing their output on and adding their results to `tally`.
///
/// # Errors
///
/// When it cannot start or does not succeed.
pub fn tallied(mut command: Command, tally: &mut Tally, advice: &str) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| not_started(&command, advice))?;
    let output = child.stdout.take().expect("the output was asked for as a pipe");
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("the output of the tests broke off")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.read(&line);
    }
    let status = child.wait().context("the end of the tests was not seen")?;
    succeeded(&command, status, advice)
}

/// What a program says on standard output, where it can be run and succeeds.
pub fn answer(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn succeeded(command: &Command, status: ExitStatus, advice: &str) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status}). {advice}", shown(command));
    }
    Ok(())
}

fn not_started(command: &Command, advice: &str) -> String {
    format!("`{}` could not be started. {advice}", shown(command))
}

/// The command as a person would type it, its program without the folder.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words: Vec<_> = [program].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_the_advice() {
        let command = program("false", Path::new("/"));
        let error = live(command, "Try again.").expect_err("`false` fails");
        assert_eq!(error.to_string(), "`false` failed (exit status: 1). Try again.");
    }

    #[test]
    fn a_missing_program_is_told_with_the_advice() {
        let error =
            live(program("holdfast-no-such-program", Path::new("/")), "Install it.").expect_err("it is not there");
        assert!(error.to_string().ends_with("could not be started. Install it."), "{error}");
        assert_eq!(answer("holdfast-no-such-program", &[]), None);
    }
}
