//! `cargo xtask test`: everything that a change must pass, here and in CI.
//!
//! The first step that fails ends the run. Whatever happened, it closes with a
//! table of the steps and, as its last line, `N passed, N failed`: the tests, and
//! a failed step in which no test failed counts as one.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::app::{self, App};
use crate::browser::{self, Browser};
use crate::step::{self, Steps};
use crate::tally::Tally;
use crate::tools::{self, WASM_TARGET};
use crate::workspace::Workspace;
use crate::{manual, run};

/// The packages that run on this machine.
const NATIVE: &[&str] = &[
    "holdfast-e2e",
    "holdfast-fuzz",
    "holdfast-server",
    "holdfast-simulation",
    "holdfast-sync",
    "holdfast-tracker",
    EXAMPLE,
    "xtask",
];
/// Of these, the ones whose tests are the unit and doc tests.
const UNIT: &[&str] = &["holdfast-fuzz", "holdfast-server", "holdfast-sync", "holdfast-tracker", EXAMPLE, "xtask"];
/// The packages that run in the browser.
const BROWSER: &[&str] = &["holdfast", "holdfast-leptos", EXAMPLE];
/// The page for measuring, which is part of the first.
const MEASURED: &str = "holdfast/bench";
/// The example, which is both, and which the manual extends.
const EXAMPLE: &str = "poll";

const TESTS_ADVICE: &str = "The failing tests are named above.";

/// Runs all checks, `quick` those that need no browser, and says whether all passed.
///
/// # Errors
///
/// None: a failure is told, counted, and in the exit code.
pub fn test(workspace: &Workspace, quick: bool) -> Result<ExitCode> {
    let mut run = Run { workspace, steps: Steps::start(), tally: Tally::default() };
    let outcome = run.checks().and_then(|()| if quick { Ok(()) } else { run.in_browser() });
    Ok(run.told(outcome))
}

/// Runs an example's tests, and says whether all passed.
///
/// # Errors
///
/// None: a failure is told, counted, and in the exit code.
pub fn example(workspace: &Workspace, name: &str) -> Result<ExitCode> {
    let mut run = Run { workspace, steps: Steps::start(), tally: Tally::default() };
    let outcome = run.of_example(name);
    Ok(run.told(outcome))
}

struct Run<'a> {
    workspace: &'a Workspace,
    steps: Steps,
    tally: Tally,
}

impl Run<'_> {
    /// What needs no browser, the cheapest first.
    fn checks(&mut self) -> Result<()> {
        let workspace = self.workspace;
        let format = self.cargo(&["fmt", "--all", "--check"], &[]);
        self.steps.run("format", || run::live(format, "Run `cargo fmt --all`."))?;
        self.clippy("clippy, native", &["clippy", "--all-targets"], NATIVE)?;
        self.steps.run("Rust's wasm target", || tools::wasm_target(workspace))?;
        let in_wasm = ["clippy", "--all-targets", "--target", WASM_TARGET, "--features", MEASURED];
        self.clippy("clippy, wasm", &in_wasm, BROWSER)?;
        self.tests("unit and doc tests", self.cargo(&["test", "--no-fail-fast"], UNIT))?;
        self.tests("simulation", self.cargo(&["test", "--no-fail-fast"], &["holdfast-simulation"]))
    }

    /// What needs a browser: the apps' own tests, the manual, then the whole.
    fn in_browser(&mut self) -> Result<()> {
        let workspace = self.workspace;
        let browser = self.steps.run("Chromium and its driver", || browser::found_or_installed(workspace))?;
        self.browser_tests("browser tests", &["--tests", "--features", MEASURED], BROWSER, &browser)?;
        self.browser_tests("doc tests in the browser", &["--doc"], &["holdfast-leptos"], &browser)?;
        let tally = &mut self.tally;
        self.steps.run("docs/extending.md, by the letter", || manual::follow(workspace, tally))?;

        app::build(workspace, &App::tracker(workspace), &mut self.steps)?;
        app::build(workspace, &App::example(workspace, EXAMPLE), &mut self.steps)?;
        self.end_to_end(&browser)
    }

    fn of_example(&mut self, name: &str) -> Result<()> {
        let workspace = self.workspace;
        self.tests("tests on this machine", self.cargo(&["test", "--no-fail-fast"], &[name]))?;
        self.steps.run("Rust's wasm target", || tools::wasm_target(workspace))?;
        let browser = self.steps.run("Chromium and its driver", || browser::found_or_installed(workspace))?;
        self.browser_tests("browser tests", &["--tests"], &[name], &browser)
    }

    fn browser_tests(&mut self, name: &str, which: &[&str], packages: &[&str], browser: &Browser) -> Result<()> {
        let workspace = self.workspace;
        let wasm_bindgen = self.steps.run("wasm-bindgen", || tools::wasm_bindgen(workspace))?;
        let mut tests = self.cargo(&["test", "--no-fail-fast", "--target", WASM_TARGET], packages);
        tests.args(which);
        tests.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", wasm_bindgen.join("wasm-bindgen-test-runner"));
        tests.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", workspace.root.join("webdriver.json"));
        // A suite that says nothing of where it runs, runs in the browser.
        tests.env("WASM_BINDGEN_USE_BROWSER", "1");
        // In seconds; generous, for a machine that does other things as well.
        tests.env("WASM_BINDGEN_TEST_TIMEOUT", "300").env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
        tests.env("CHROMEDRIVER", &browser.chromedriver);
        self.tests(name, tests)
    }

    fn end_to_end(&mut self, browser: &Browser) -> Result<()> {
        let workspace = self.workspace;
        let servers = self.cargo(&["build"], &["holdfast-server", EXAMPLE]);
        self.steps.run("servers", || run::live(servers, "What the compiler said stands above."))?;
        let mut tests = self.cargo(&["test", "--no-fail-fast"], &["holdfast-e2e"]);
        // Each test has a server and a browser: one at a time, so that times mean something.
        tests.args(["--", "--test-threads=1"]);
        tests.env("HOLDFAST_SERVER", workspace.server("debug"));
        tests.env("HOLDFAST_APP", App::tracker(workspace).dist);
        tests.env("HOLDFAST_POLL_SERVER", workspace.program("debug", EXAMPLE));
        tests.env("HOLDFAST_POLL_APP", App::example(workspace, EXAMPLE).dist);
        tests.env("CHROMEDRIVER", &browser.chromedriver).env("CHROMIUM", &browser.chromium);
        self.tests("end to end", tests)
    }

    fn clippy(&mut self, name: &str, args: &[&str], packages: &[&str]) -> Result<()> {
        let mut clippy = self.cargo(args, packages);
        clippy.args(["--", "-D", "warnings"]);
        self.steps.run(name, || run::live(clippy, "What clippy said stands above; warnings count."))
    }

    fn tests(&mut self, name: &str, command: Command) -> Result<()> {
        let tally = &mut self.tally;
        self.steps.run(name, || run::tallied(command, tally, TESTS_ADVICE))
    }

    fn cargo(&self, args: &[&str], packages: &[&str]) -> Command {
        let mut cargo = run::cargo(&self.workspace.root, args.iter().copied());
        for package in packages {
            cargo.args(["--package", package]);
        }
        cargo
    }

    /// Says what came of it all.
    fn told(mut self, outcome: Result<()>) -> ExitCode {
        if outcome.is_err() && self.tally.failed == 0 {
            self.tally.failed = 1;
        }
        println!("\n{}", self.steps);
        if let Err(error) = &outcome {
            step::explain(error);
        }
        println!("\n{}", self.tally);
        if self.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
