//! `import` and `seed`: rows put by the system, all in one transaction or none.
//!
//! A server may run on the same database; it sees what was put within a second.

use crate::hosted::Hosted;
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use holdfast_server::{
    program::Database,
    store::{Progress, PutReport, Store, StoreError, sqlite::SqliteStore},
};
use holdfast_tracker::{Row, check, github, seed::seed};
use std::path::{Path, PathBuf};

/// Where to bring it in from.
#[derive(Subcommand)]
pub enum Import {
    /// From GitHub, in the JSON of its REST API. The same again changes nothing.
    Github(Github),
}

/// What to bring in from GitHub.
#[derive(Args)]
pub struct Github {
    /// The answer to GET /repos/{owner}/{repo}/issues?state=all, all pages in one array.
    #[arg(long, value_name = "FILE")]
    issues: PathBuf,
    /// The answer to GET /repos/{owner}/{repo}/issues/comments, all pages in one array.
    #[arg(long, value_name = "FILE")]
    comments: Option<PathBuf>,
    /// The name of the project to bring them into; made where there is none.
    #[arg(long, value_name = "NAME")]
    project: String,
    /// The code before its issues' numbers (WEB-12); made of the name where none is given.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    #[command(flatten)]
    database: Database,
}

impl Github {
    pub async fn run(self) -> Result<()> {
        check::name(&self.project, "The project's name").map_err(|reason| anyhow!("--project: {reason}"))?;
        if let Some(code) = &self.code {
            check::code(code).map_err(|reason| anyhow!("--code: {reason}"))?;
        }
        let issues = read(&self.issues)?;
        let comments = self.comments.as_deref().map(read).transpose()?;
        let import = github::parse(&issues, comments.as_deref()).map_err(|error| {
            let file = match error.file {
                github::File::Issues => &self.issues,
                github::File::Comments => self.comments.as_ref().unwrap_or(&self.issues),
            };
            anyhow!("nothing was imported: {}, {}: {}", file.display(), error.place, error.reason)
        })?;
        eprintln!("Read {} issues and {} comments.", import.issues(), import.comments());
        let skipped = import.skipped();
        if skipped.pull_requests > 0 {
            eprintln!("Skipped {} pull requests and {} comments on them.", skipped.pull_requests, skipped.comments);
        }
        let store = self.database.open_to_fill::<Hosted>().await?;
        put(&store, import.rows(&self.project, self.code.as_deref())).await.context("nothing was imported")
    }
}

/// What to make up.
#[derive(Args)]
pub struct Seed {
    /// How many issues.
    #[arg(long, value_name = "N")]
    issues: usize,
    /// The same number gives the same workspace.
    #[arg(long, value_name = "S")]
    seed: u64,
    #[command(flatten)]
    database: Database,
}

impl Seed {
    pub async fn run(self) -> Result<()> {
        let rows: Vec<Row> = seed(self.issues, self.seed).collect();
        let store = self.database.open_to_fill::<Hosted>().await?;
        if !is_alone(&store, &rows).await? {
            store.close().await;
            bail!("the workspace was seeded with other numbers before; seed a new database, or the same again");
        }
        put(&store, rows).await.context("nothing was seeded")
    }
}

/// Whether the made issues are the only ones of their projects: their numbers would be given twice.
async fn is_alone(store: &SqliteStore<Hosted>, rows: &[Row]) -> Result<bool, StoreError> {
    let of = |pick: fn(&Row) -> bool| rows.iter().find(|row| pick(row)).map(Row::key);
    let (Some(project), Some(issue)) =
        (of(|row| matches!(row, Row::Project(_))), of(|row| matches!(row, Row::Issue(_))))
    else {
        return Ok(true);
    };
    Ok(store.row(project).await?.is_none() || store.row(issue).await?.is_some())
}

/// Puts the rows, saying how far it is.
async fn put(store: &SqliteStore<Hosted>, rows: Vec<Row>) -> Result<()> {
    let total = rows.len() as u64;
    let progress = Progress::default();
    let mut watched = progress.subscribe();
    let mut putting = store.put(rows, progress);
    let mut said = 0;
    let put = loop {
        tokio::select! {
            put = &mut putting => break put,
            Ok(()) = watched.changed() => {
                let tenth = *watched.borrow_and_update() * 10 / total.max(1);
                if tenth > said {
                    said = tenth;
                    eprintln!("{}0 % of {total} rows", said);
                }
            }
        }
    };
    store.close().await;
    let PutReport { changed, unchanged } = put?;
    println!("{changed} changed, {unchanged} unchanged");
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("nothing was imported: {} cannot be read", path.display()))
}
