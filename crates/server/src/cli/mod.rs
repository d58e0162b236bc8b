//! The command line. Every failure is one line on standard error and the exit code 1;
//! standard output carries only what a command is for.

mod backup;
mod database;
mod fill;
mod serve;

use clap::{Parser, Subcommand};
use database::Database;
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

/// The server of Holdfast, a live, offline-first issue tracker.
#[derive(Parser)]
#[command(name = "holdfast-server", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app, its API and its WebSocket.
    Serve(serve::Serve),
    /// Bring in what another tracker holds.
    #[command(subcommand)]
    Import(fill::Import),
    /// Fill the workspace with made issues, to look at and to measure with.
    Seed(fill::Seed),
    /// Write a backup of all data to standard output, one JSON object a line.
    Export {
        #[command(flatten)]
        database: Database,
    },
    /// Read a backup from standard input into a new database.
    Restore {
        #[command(flatten)]
        database: Database,
    },
}

/// Runs the command that the process was started with.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    // A command other than `serve` says by itself what there is to say.
    let level = if matches!(cli.command, Command::Serve(_)) { "info" } else { "error" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let done = match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Import(fill::Import::Github(github)) => github.run().await,
        Command::Seed(seed) => seed.run().await,
        Command::Export { database } => backup::export(&database).await,
        Command::Restore { database } => backup::restore(&database).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
