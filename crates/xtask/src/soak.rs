//! `cargo xtask soak`: the simulation, the decoders and `kill -9`, by the hour.
//!
//! Turns follow one another, each a range that no earlier turn had: seeds of the simulation, rounds of
//! the fuzzer, the end-to-end crash tests. Where it stands is written after each turn, so that it goes
//! on there after a stop; what each turn came to is appended to a log, which is the evidence. With
//! `--seeds FROM..TO` it runs that range of the simulation and nothing else, and ends with
//! `N passed, N failed`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::app::{self, App};
use crate::browser::{self, Browser};
use crate::run;
use crate::step::Steps;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Seeds of one turn of the simulation, rounds of one of the fuzzer.
const SEEDS: u64 = 200;
const ROUNDS: u64 = 20_000;

/// Turns of the former two before the crash tests have one.
const TURNS_PER_KILL: u64 = 10;

/// Lines of a failed turn's output that go into the log.
const LINES_MAX: usize = 40;

/// What is asked for.
#[derive(Debug)]
pub struct Wish {
    /// Exactly these seeds, and nothing else.
    pub seeds: Option<Range<u64>>,
    /// Mutations of each seed.
    pub mutations: u64,
    /// How long; without it until it is stopped.
    pub hours: Option<f64>,
    /// Leave out what needs a browser.
    pub quick: bool,
}

/// Runs what is asked for.
///
/// # Errors
///
/// When something cannot be built, started or written; not when a turn fails, which is in the exit code.
pub fn soak(workspace: &Workspace, wish: &Wish) -> Result<ExitCode> {
    let mut steps = Steps::start();
    let mut build = run::cargo(&workspace.root, ["build", "--release"]);
    build.args(["--package", "holdfast-simulation", "--package", "holdfast-fuzz"]);
    steps.run("simulation and fuzzer", || run::live(build, "What the compiler said stands above."))?;
    let mut soak = Soak::open(workspace)?;
    if let Some(seeds) = &wish.seeds {
        let tally = soak.turn("seeds", seeds.clone(), soak.simulation(seeds, wish.mutations))?;
        println!("{tally}");
        return Ok(code(&tally));
    }
    let browser = match wish.quick {
        true => None,
        false => Some(soak.prepare_kills(&mut steps)?),
    };
    let until = wish.hours.map(|hours| Instant::now() + Duration::from_secs_f64(hours * 3600.0));
    let mut whole = Tally::default();
    while until.is_none_or(|until| Instant::now() < until) {
        let seeds = soak.state.seeds..soak.state.seeds + SEEDS;
        whole.add(&soak.turn("seeds", seeds.clone(), soak.simulation(&seeds, wish.mutations))?);
        soak.state.seeds = seeds.end;
        soak.state.write(&soak.state_path)?;

        let rounds = soak.state.rounds..soak.state.rounds + ROUNDS;
        whole.add(&soak.turn("rounds", rounds.clone(), soak.fuzzer(&rounds))?);
        soak.state.rounds = rounds.end;
        soak.state.turns += 1;
        soak.state.write(&soak.state_path)?;

        if let Some(browser) = browser.as_ref().filter(|_| soak.state.turns.is_multiple_of(TURNS_PER_KILL)) {
            let kills = soak.state.kills..soak.state.kills + 1;
            whole.add(&soak.turn("kills", kills.clone(), soak.kills(browser))?);
            soak.state.kills = kills.end;
            soak.state.write(&soak.state_path)?;
        }
    }
    println!("{whole}");
    Ok(code(&whole))
}

fn code(tally: &Tally) -> ExitCode {
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Soak<'a> {
    workspace: &'a Workspace,
    state: State,
    state_path: PathBuf,
    log: File,
    /// The commit, and whether anything is changed beside it.
    commit: String,
}

impl<'a> Soak<'a> {
    fn open(workspace: &'a Workspace) -> Result<Self> {
        let folder = workspace.root.join("data");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let path = folder.join("soak.log");
        let log = File::options().create(true).append(true).open(&path);
        let log = log.with_context(|| format!("cannot write the log {}", path.display()))?;
        println!("    the log: {}", path.display());
        let state_path = folder.join("soak.state");
        let git = |args: &[&str]| {
            let root = workspace.root.display().to_string();
            run::answer("git", &[&["-C", &root], args].concat())
        };
        let mut commit = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
        if git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changed| !changed.is_empty()) {
            commit.push('+');
        }
        Ok(Self { workspace, state: State::read(&state_path), state_path, log, commit })
    }

    fn program(&self, name: &str) -> Command {
        let path = self.workspace.target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        run::program(path, &self.workspace.root)
    }

    fn simulation(&self, seeds: &Range<u64>, mutations: u64) -> Command {
        let mut command = self.program("holdfast-simulation");
        command.args(["--seeds", &shown(seeds), "--mutations", &mutations.to_string()]);
        command
    }

    fn fuzzer(&self, rounds: &Range<u64>) -> Command {
        let mut command = self.program("holdfast-fuzz");
        command.args(["--rounds", &shown(rounds), "--failures"]).arg(self.workspace.root.join("data/fuzz"));
        command
    }

    /// Builds what the crash tests need.
    fn prepare_kills(&self, steps: &mut Steps) -> Result<Browser> {
        let browser = steps.run("Chromium and its driver", || browser::found_or_installed(self.workspace))?;
        let app = App::tracker(self.workspace);
        app::build(self.workspace, &app, steps)?;
        let server = run::cargo(&self.workspace.root, ["build", "--package", "holdfast-server"]);
        steps.run("server", || run::live(server, "What the compiler said stands above."))?;
        Ok(browser)
    }

    fn kills(&self, browser: &Browser) -> Command {
        let args = ["test", "--package", "holdfast-e2e", "--no-fail-fast", "--", "--test-threads=1", "crash::"];
        let mut command = run::cargo(&self.workspace.root, args);
        command
            .env("HOLDFAST_SERVER", self.workspace.server("debug"))
            .env("HOLDFAST_APP", App::tracker(self.workspace).dist);
        command.env("CHROMEDRIVER", &browser.chromedriver).env("CHROMIUM", &browser.chromium);
        command
    }

    /// Runs one turn, its output shown, and logs what it came to.
    fn turn(&mut self, what: &str, range: Range<u64>, mut command: Command) -> Result<Tally> {
        let begun = Instant::now();
        let mut child =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("{what} could not be started"))?;
        let output = child.stdout.take().expect("the output was asked for as a pipe");
        let mut tally = Tally::default();
        let mut lines = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line.with_context(|| format!("the output of {what} broke off"))?;
            println!("{line}");
            match Tally::closing(&line) {
                Some(closing) => tally = closing,
                None => tally.read(&line),
            }
            lines.push(line);
        }
        let status = child.wait().with_context(|| format!("the end of {what} was not seen"))?;
        if !status.success() && tally.failed == 0 {
            tally.failed = 1; // It broke off before it could say what failed.
        }
        let mut entry = format!(
            "{} {} {what} {} {tally} in {:.1} s\n",
            run::answer("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]).unwrap_or_default(),
            self.commit,
            shown(&range),
            begun.elapsed().as_secs_f64(),
        );
        if tally.failed > 0 {
            for line in &lines[lines.len().saturating_sub(LINES_MAX)..] {
                writeln!(entry, "    | {line}").expect("a String takes all that is written");
            }
        }
        self.log.write_all(entry.as_bytes()).and_then(|()| self.log.sync_data()).context("the log takes nothing")?;
        Ok(tally)
    }
}

fn shown(range: &Range<u64>) -> String {
    format!("{}..{}", range.start, range.end)
}

/// What the next turns begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct State {
    seeds: u64,
    rounds: u64,
    kills: u64,
    turns: u64,
}

impl State {
    /// What was written last; the start, where nothing was.
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let of = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        Self { seeds: of("seeds"), rounds: of("rounds"), kills: of("kills"), turns: of("turns") }
    }

    /// Replaces the file in one step, so that a kill leaves the old or the new.
    fn write(&self, path: &Path) -> Result<()> {
        let Self { seeds, rounds, kills, turns } = self;
        let text = format!("seeds {seeds}\nrounds {rounds}\nkills {kills}\nturns {turns}\n");
        let beside = path.with_extension("new");
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).context("the state cannot be written")
    }
}

/// A range as it is written on the command line: `FROM..TO`.
///
/// # Errors
///
/// A sentence that says what is wrong with it.
pub fn range(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("a range is written FROM..TO")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text:?}: {error}"));
    let range = number(from)?..number(to)?;
    if range.is_empty() { Err("the range is empty".to_owned()) } else { Ok(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_it_is_shown() {
        assert_eq!(range("3..7"), Ok(3..7));
        assert_eq!(shown(&(3..7)), "3..7");
        for wrong in ["", "3", "7..3", "a..b", "3..", "-1..2"] {
            range(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn it_goes_on_where_it_stopped() {
        let folder = std::env::temp_dir().join(format!("holdfast-soak-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        let path = folder.join("soak.state");
        assert_eq!(State::read(&path), State::default());
        let state = State { seeds: 400, rounds: 7, kills: 1, turns: 2 };
        state.write(&path).expect("it can be written");
        assert_eq!(State::read(&path), state);
        fs::remove_dir_all(&folder).expect("it can be removed");
    }
}
