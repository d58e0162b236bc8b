//! Which database a command works on.

use crate::{
    application::Application,
    server::ensure_workspace,
    store::sqlite::{SqliteSettings, SqliteStore},
};
use anyhow::{Result, bail};
use clap::Args;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Which database a command works on: its argument `--db`.
#[derive(Args, Debug)]
pub struct Database {
    /// The database: sqlite:PATH.
    #[arg(long = "db", value_name = "URL", default_value = "sqlite:holdfast.db", value_parser = path)]
    path: PathBuf,
}

impl Database {
    /// Opens it; a new one is made.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub async fn open<A: Application>(&self, settings: SqliteSettings) -> Result<Arc<SqliteStore<A>>> {
        Ok(SqliteStore::open(&self.path, settings).await?)
    }

    /// Opens it to put rows into it beside what is there.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub async fn open_to_fill<A: Application>(&self) -> Result<Arc<SqliteStore<A>>> {
        let store = self.open(SqliteSettings::default()).await?;
        ensure_workspace::<A>(&*store).await?;
        Ok(store)
    }

    /// Opens one that must be there already.
    ///
    /// # Errors
    /// Where there is none, or it cannot be opened.
    pub async fn open_existing<A: Application>(&self) -> Result<Arc<SqliteStore<A>>> {
        if !self.path.exists() {
            bail!("there is no database {}", self.path.display());
        }
        self.open(SqliteSettings::default()).await
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn path(url: &str) -> Result<PathBuf, String> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    match path {
        Some(path) if !path.is_empty() && path != ":memory:" => Ok(path.into()),
        _ => Err("write it like sqlite:holdfast.db; other databases are not supported yet".to_owned()),
    }
}
