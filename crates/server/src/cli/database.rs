//! Which database a command works on.

use crate::hosted::Hosted;
use anyhow::{Result, bail};
use clap::Args;
use holdfast_server::{
    ensure_workspace,
    store::sqlite::{SqliteSettings, SqliteStore},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Which database a command works on.
#[derive(Args)]
pub struct Database {
    /// The database: sqlite:PATH.
    #[arg(long = "db", value_name = "URL", default_value = "sqlite:holdfast.db", value_parser = path)]
    path: PathBuf,
}

impl Database {
    /// Opens it; a new one is made.
    pub async fn open(&self, settings: SqliteSettings) -> Result<Arc<SqliteStore<Hosted>>> {
        Ok(SqliteStore::open(&self.path, settings).await?)
    }

    /// Opens it to put rows into it beside what is there.
    pub async fn open_to_fill(&self) -> Result<Arc<SqliteStore<Hosted>>> {
        let store = self.open(SqliteSettings::default()).await?;
        ensure_workspace::<Hosted>(&*store).await?;
        Ok(store)
    }

    /// Opens one that must be there already.
    pub async fn open_existing(&self) -> Result<Arc<SqliteStore<Hosted>>> {
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
