//! `holdfast-server`: the tracker's server and the commands on its database.

#![deny(missing_docs)]

mod cli;
mod hosted;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
