//! `export` and `restore`.

use super::Database;
use crate::{
    application::Application,
    store::{Store, sqlite::SqliteSettings},
};
use anyhow::{Context, Result};

use std::io::{self, BufReader, BufWriter};

/// Writes all data to standard output.
pub(super) async fn export<A: Application>(database: &Database) -> Result<()> {
    let store = database.open_existing::<A>().await?;
    let exported = store.export(&mut BufWriter::new(io::stdout())).await;
    store.close().await;
    let counts = exported.context("nothing usable was exported")?;
    eprintln!("Exported {} rows and the answers to {} mutations.", counts.rows, counts.dedupe);
    Ok(())
}

/// Reads a backup from standard input.
pub(super) async fn restore<A: Application>(database: &Database) -> Result<()> {
    let is_new = !database.path().exists();
    let store = database.open::<A>(SqliteSettings::default()).await?;
    let restored = store.restore(&mut BufReader::new(io::stdin())).await;
    store.close().await;
    if restored.is_err() && is_new {
        // What was only made to be restored into would be in the way of the next attempt.
        let _ = std::fs::remove_file(database.path());
    }
    let counts = restored.context("nothing was restored")?;
    eprintln!("Restored {} rows and the answers to {} mutations.", counts.rows, counts.dedupe);
    Ok(())
}
