//! The program that an application's server is, so that an application writes none: its `main` is
//!
//! ```text
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     holdfast_server::program::run::<Hosted>().await
//! }
//! ```
//!
//! and has the commands `serve`, `export` and `restore`. One with commands of its own takes
//! [`Command`] into its own `clap` enum, as the tracker's does.
//!
//! Every failure is one line on standard error and the exit code 1; standard output carries
//! only what a command is for.

mod backup;
mod database;
mod serve;

pub use database::Database;
pub use serve::Serve;

use crate::application::Application;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{
    env,
    io::{self, IsTerminal},
    path::Path,
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

/// What every application's server can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve the app, its API and its WebSocket.
    Serve(Serve),
    /// Write a backup of all data to standard output, one JSON object a line.
    Export {
        /// Of which database.
        #[command(flatten)]
        database: Database,
    },
    /// Read a backup from standard input into a new database.
    Restore {
        /// Into which database.
        #[command(flatten)]
        database: Database,
    },
}

impl Command {
    /// Carries it out.
    ///
    /// # Errors
    /// Why it could not be, for a person.
    pub async fn run<A: Application>(self) -> Result<()> {
        match self {
            Self::Serve(serve) => serve.run::<A>().await,
            Self::Export { database } => backup::export::<A>(&database).await,
            Self::Restore { database } => backup::restore::<A>(&database).await,
        }
    }

    /// Whether it goes on until it is stopped, and so logs what happens meanwhile.
    pub fn is_serving(&self) -> bool {
        matches!(self, Self::Serve(_))
    }
}

/// Runs the command that the process was started with.
pub async fn run<A: Application>() -> ExitCode {
    #[derive(Parser)]
    #[command(max_term_width = 100)]
    struct Cli {
        #[command(subcommand)]
        command: Command,
    }
    let Cli { command } = Cli::parse();
    log(command.is_serving());
    finish(command.run::<A>().await)
}

/// Starts the log, on standard error. A command that does not serve says by itself what there is to say.
pub fn log(is_serving: bool) {
    let level = if is_serving { "info" } else { "error" };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level)))
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

/// Tells a failure, and gives the exit code.
pub fn finish(done: Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    let program = env::args().next().unwrap_or_default();
    let name = Path::new(&program).file_stem().unwrap_or_default();
    eprintln!("{}: {error:#}", name.display());
    ExitCode::FAILURE
}
