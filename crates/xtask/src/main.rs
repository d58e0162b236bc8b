//! The commands of this repository, as `cargo xtask …`.
//!
//! | command | contract |
//! |---|---|
//! | `serve` | from a fresh clone to a running Holdfast: installs, builds, fills a demo workspace once, becomes the server |
//! | `test` | everything a change must pass; ends with `N passed, N failed` and an exit code that agrees |
//! | `soak` | simulation, fuzzer and crash tests by the hour; goes on where it stopped; `data/soak.log` is the evidence |
//! | `bench` | what things cost as they grow, and the read path beside other stacks, as tables of ratios |
//! | `example NAME` | an application of `examples/`, built and served; with `--test` its tests |
//! | `dev` | the server and `trunk serve` with reload beside it, started and ended together |
//!
//! Read on in [`workspace`] (where things lie), [`step`] and [`run`] (how work is
//! shown and failures told), [`tools`] and [`browser`] (what is installed), [`app`]
//! (the build of the browser app, with its [`stamp`]), then the commands.
//!
//! Nothing here depends on more than `anyhow`, `clap` and std: this crate is what
//! a newcomer compiles first.

mod app;
mod bench;
mod browser;
mod dev;
mod example;
mod manual;
mod run;
mod serve;
mod soak;
mod stamp;
mod step;
mod tally;
mod test;
mod tools;
mod workspace;

use std::net::SocketAddr;
use std::ops::Range;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run and test Holdfast.", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build all in release, and serve it with a demo workspace.
    Serve {
        /// The address to listen on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Run every check: format, clippy, unit and doc tests, simulation, browser, end to end.
    Test {
        /// Leave out what needs a browser.
        #[arg(long)]
        quick: bool,
    },
    /// Run the simulation, the fuzzer and the crash tests by the hour, going on where the last run stopped.
    Soak {
        /// Only these seeds of the simulation, as FROM..TO; ends with `N passed, N failed`.
        #[arg(long, value_parser = soak::range)]
        seeds: Option<Range<u64>>,
        /// Mutations of each seed.
        #[arg(long, default_value_t = 1_000)]
        mutations: u64,
        /// How long; without it until it is stopped.
        #[arg(long)]
        hours: Option<f64>,
        /// Leave out what needs a browser.
        #[arg(long)]
        quick: bool,
    },
    /// Measure what things cost as they grow, and the read path in a browser beside other stacks.
    Bench {
        /// Only build the page that is measured, and serve it at http://127.0.0.1:8090/bench.html.
        #[arg(long)]
        serve: bool,
        /// Leave out what needs a browser.
        #[arg(long, conflicts_with = "browser")]
        native: bool,
        /// Leave out what does not.
        #[arg(long)]
        browser: bool,
        /// More runs of each.
        #[arg(long)]
        full: bool,
    },
    /// Build an application of examples/ and serve it.
    Example {
        /// Its folder.
        name: String,
        /// The address to listen on.
        #[arg(long, default_value = "127.0.0.1:8082")]
        listen: SocketAddr,
        /// Run its tests, those in the browser too, instead.
        #[arg(long, conflicts_with = "listen")]
        test: bool,
    },
    /// Run the server on port 8080 and `trunk serve` with reload on port 8081.
    Dev,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = Workspace::locate().and_then(|workspace| match cli.command {
        Command::Serve { listen } => serve::serve(&workspace, listen),
        Command::Test { quick } => test::test(&workspace, quick),
        Command::Soak { seeds, mutations, hours, quick } => {
            soak::soak(&workspace, &soak::Wish { seeds, mutations, hours, quick })
        }
        Command::Bench { serve, native, browser, full } => {
            bench::bench(&workspace, &bench::Wish { serve, native, browser, full })
        }
        Command::Example { name, test: true, .. } => test::example(&workspace, &name),
        Command::Example { name, listen, .. } => example::example(&workspace, &name, listen),
        Command::Dev => dev::dev(&workspace),
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            step::explain(&error);
            ExitCode::FAILURE
        }
    }
}
