//! The tracker's command line: what every application's server can do, and filling the tracker.

mod fill;

use crate::hosted::Hosted;
use clap::{Parser, Subcommand};
use holdfast_server::program;
use std::process::ExitCode;

/// The server of Holdfast, a live, offline-first issue tracker.
#[derive(Parser)]
#[command(name = "holdfast-server", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Any(program::Command),
    /// Bring in what another tracker holds.
    #[command(subcommand)]
    Import(fill::Import),
    /// Fill the workspace with made issues, to look at and to measure with.
    Seed(fill::Seed),
}

/// Runs the command that the process was started with.
pub async fn run() -> ExitCode {
    let Cli { command } = Cli::parse();
    program::log(matches!(&command, Command::Any(command) if command.is_serving()));
    program::finish(match command {
        Command::Any(command) => command.run::<Hosted>().await,
        Command::Import(fill::Import::Github(github)) => github.run().await,
        Command::Seed(seed) => seed.run().await,
    })
}
