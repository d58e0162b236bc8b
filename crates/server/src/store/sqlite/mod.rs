//! The store in one SQLite file: write-ahead log, `synchronous=FULL`, one writer.
//!
//! - `format`: recognising, making and migrating the file;
//! - `writer`: the one task that writes, many waiting jobs in one transaction;
//! - `ledger`: what one transaction does to rows, log, answers and counters;
//! - `clients`: whose each client is, and the answer to its `hello`;
//! - `read`: log, pages, rows, from a pool of readers;
//! - `recent`: the log's newest entries in memory, which fan-out reads;
//! - `search`: the index of words;
//! - `columns`: the index that queries are answered by;
//! - `dump`: export and restore.
//!
//! A second process may write to the same file (an import beside a running server): each
//! transaction reads the log's head anew, and `watch_others` sees that it moved.

mod clients;
mod columns;
mod dump;
mod format;
mod ledger;
mod read;
mod recent;
mod search;
mod sessions;
mod writer;

use super::{Answer, Progress, PutReport, SessionRow, Store, StoreError, backup};
use crate::application::{Application, Sought};
use futures::{FutureExt, future::BoxFuture};
use holdfast_sync::{
    ClientId, Refusal, RefusalCode, Schema, Seq,
    authority::{
        Greeting, LogRead, Page, PushAnswer, QueryPage, Rights,
        rights::{self, Watched},
    },
    protocol::{ErrorFrame, Found, Hello, Limits, Pushed},
    schema::{Place, Query},
};
use recent::Recent;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use std::{
    collections::BTreeSet,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;
use writer::Job;

/// How long a read may wait for its turn. Each connection waits for one at most, so that a
/// fleet that comes back at once is served in turn, not sent away.
const READ_PATIENCE: Duration = Duration::from_secs(30);

/// How many jobs may wait for the writer before those who ask have to wait themselves.
const JOBS_WAITING_MAX: usize = 1024;

/// How often it is looked whether another process has written.
const WATCH_INTERVAL: Duration = Duration::from_millis(200);

/// How a database file is used.
#[derive(Clone, Debug)]
pub struct SqliteSettings {
    /// How long to wait for another process that writes, before giving up.
    pub busy_timeout: Duration,
    /// How many connections read at the same time.
    pub readers: u32,
    /// A query for which an index gives fewer rows than this reads and sorts them; else rows are walked in its order
    /// until a page is full.
    pub sorted_max: u64,
    /// For tests: where to fall over.
    pub failpoint: Option<Failpoint>,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), readers: 4, sorted_max: 4000, failpoint: None }
    }
}

/// Where a test wants the process to die.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failpoint {
    /// Behind the n-th commit that settles a client's mutations, before any of them is answered.
    AfterCommit(u32),
}

/// Why a database file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is of a newer program. Nothing in it was touched.
    #[error(
        "the database {} is of format {found}, and this program knows formats up to {known}: \
         it was written by a newer Holdfast, which you need to open it. It was left untouched.",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// Its rows are of a newer program. Nothing in it was touched.
    #[error(
        "the database {} holds data of version {found}, and this program knows versions up to {known}: \
         it was written by a newer Holdfast, which you need to open it. It was left untouched.",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its data's version.
        found: i64,
        /// The newest known version.
        known: i64,
    },
    /// It is something else. Nothing in it was touched.
    #[error("{} is not a Holdfast database; it was left untouched.", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be opened, made or written to.
    #[error("the database {} cannot be opened: {reason}", path.display())]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
}

impl OpenError {
    fn unreachable(path: &Path, reason: impl fmt::Display) -> Self {
        Self::Unreachable { path: path.into(), reason: reason.to_string() }
    }
}

/// A SQLite file, open.
pub struct SqliteStore<A: Application> {
    options: SqliteConnectOptions,
    readers: SqlitePool,
    jobs: mpsc::Sender<Job<A>>,
    head: watch::Sender<Seq>,
    recent: Arc<Recent<A::Schema>>,
    sorted_max: u64,
    /// Dropped or told, it ends [`watch_others`].
    unwatch: watch::Sender<bool>,
}

impl<A: Application> SqliteStore<A> {
    /// Opens the file, makes it where there is none, and brings it to the newest format.
    ///
    /// # Errors
    /// Where the file is not ours, of a newer program, or cannot be written to.
    pub async fn open(path: &Path, settings: SqliteSettings) -> Result<Arc<Self>, OpenError> {
        let failed = |error: sqlx::Error| OpenError::unreachable(path, error);
        format::inspect(path)?;
        let options = format::connect_options(path, &settings);
        let mut connection = options.connect().await.map_err(failed)?;
        format::migrate::<A>(path, &mut connection).await?;
        search::fill::<A>(&mut connection).await.map_err(|error| OpenError::unreachable(path, error))?;
        columns::fill::<A>(&mut connection).await.map_err(|error| OpenError::unreachable(path, error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(settings.readers)
            .acquire_timeout(READ_PATIENCE)
            .connect_with(options.clone().pragma("query_only", "ON"))
            .await
            .map_err(failed)?;
        let watched = options.connect().await.map_err(failed)?;

        let (seq, _) = read::head(&mut connection).await.map_err(|error| OpenError::unreachable(path, error))?;
        let (head, _) = watch::channel(seq.seq);
        let recent = Arc::new(Recent::default());
        let (jobs, inbox) = mpsc::channel(JOBS_WAITING_MAX);
        let writer =
            writer::Writer::<A>::new(connection, options.clone(), head.clone(), recent.clone(), settings.failpoint);
        tokio::spawn(writer.run(inbox));
        let (unwatch, unwatched) = watch::channel(false);
        tokio::spawn(watch_others(watched, head.clone(), unwatched));
        Ok(Arc::new(Self { options, readers, jobs, head, recent, sorted_max: settings.sorted_max, unwatch }))
    }

    /// Hands the writer a job and waits for its answer.
    async fn job<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job<A>,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(answer)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

/// Moves the head on when another process has written.
async fn watch_others(mut connection: SqliteConnection, head: watch::Sender<Seq>, mut end: watch::Receiver<bool>) {
    let mut seen = 0_i64;
    let mut tick = tokio::time::interval(WATCH_INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = end.wait_for(|end| *end) => break,
        }
        let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut connection).await;
        let Ok(version) = version.inspect_err(|error| tracing::warn!(%error, "the database cannot be watched")) else {
            continue;
        };
        if version == seen {
            continue;
        }
        if let Ok((cursor, _)) = read::head(&mut connection).await {
            seen = version;
            publish(&head, cursor.seq);
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the watch on the database could not be closed");
    }
}

/// Moves the published head on, never back.
fn publish(head: &watch::Sender<Seq>, seq: Seq) {
    head.send_if_modified(|head| {
        let moved = seq > *head;
        *head = seq.max(*head);
        moved
    });
}

impl<A: Application> Store<A::Schema> for SqliteStore<A> {
    fn head(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }

    fn greet(
        &self,
        hello: Hello<A::Schema>,
        actor: <A::Schema as Schema>::Actor,
        limits: Limits,
    ) -> Answer<'_, Result<Greeting, ErrorFrame>> {
        async move {
            // Most are known and change nothing: a fleet that comes back does not wait for the writer.
            let mut connection = self.readers.begin().await?;
            match clients::greet::<A::Schema>(&mut connection, &hello, &actor, limits).await? {
                clients::Greeted::Done(done) => Ok(done),
                clients::Greeted::Writes { .. } => {
                    drop(connection);
                    self.job(|answer| Job::Greet { hello, actor, limits, answer }).await
                }
            }
        }
        .boxed()
    }

    fn settle(
        &self,
        actor: <A::Schema as Schema>::Actor,
        client: ClientId,
        mutations: Vec<Pushed<A::Schema>>,
    ) -> BoxFuture<'_, Vec<PushAnswer>> {
        async move {
            let count = mutations.len();
            match self.job(|answer| Job::Settle { actor, client, mutations, answer }).await {
                Ok(answers) => answers,
                Err(error) => {
                    tracing::error!(%error, "mutations could not be settled");
                    let message = format!("{} Your edit is kept and sent again.", error.sentence());
                    vec![PushAnswer::Transient(Refusal::new(RefusalCode::Failed, message)); count]
                }
            }
        }
        .boxed()
    }

    fn put(&self, rows: Vec<<A::Schema as Schema>::Row>, progress: Progress) -> Answer<'_, PutReport> {
        self.job(|answer| Job::Put { rows, progress, answer }).boxed()
    }

    fn rights(
        &self,
        actor: <A::Schema as Schema>::Actor,
        scopes: BTreeSet<<A::Schema as Schema>::Scope>,
    ) -> Answer<'_, Rights<A::Schema>> {
        async move {
            let (mut rights, scopes) = rights::decide_at_once::<A::Schema>(&actor, scopes);
            if !scopes.is_empty() {
                rights.extend(read::rights::<A::Schema>(&mut *self.readers.begin().await?, &actor, scopes).await?);
            }
            Ok(rights)
        }
        .boxed()
    }

    fn log(
        &self,
        actor: <A::Schema as Schema>::Actor,
        after: Seq,
        limit: usize,
        watched: Arc<Watched<A::Schema>>,
    ) -> Answer<'_, Option<LogRead<A::Schema>>> {
        async move {
            if let Some((entries, to)) = self.recent.after(after, limit) {
                // Read after the entries: what was taken away since is not given.
                let rights = self.rights(actor, rights::concerned(&entries, &watched)).await?;
                return Ok(Some(LogRead { entries, to, rights }));
            }
            let tx = &mut *self.readers.begin().await?;
            let Some((entries, to)) = read::log::<A::Schema>(tx, after, limit).await? else { return Ok(None) };
            let rights = read::rights::<A::Schema>(tx, &actor, rights::concerned(&entries, &watched)).await?;
            Ok(Some(LogRead { entries, to, rights }))
        }
        .boxed()
    }

    fn page(
        &self,
        actor: <A::Schema as Schema>::Actor,
        scope: <A::Schema as Schema>::Scope,
        after: Option<<A::Schema as Schema>::Key>,
        limit: usize,
    ) -> Answer<'_, Option<Page<A::Schema>>> {
        async move {
            let tx = &mut *self.readers.begin().await?;
            let rights = read::rights::<A::Schema>(tx, &actor, BTreeSet::from([scope.clone()])).await?;
            match rights.get(&scope) {
                Some(true) => read::page(tx, &scope, after.as_ref(), limit).await.map(Some),
                _ => Ok(None),
            }
        }
        .boxed()
    }

    fn query(
        &self,
        actor: <A::Schema as Schema>::Actor,
        query: <A::Schema as Schema>::Query,
        after: Option<Place>,
        limit: usize,
        count: bool,
    ) -> Answer<'_, Option<QueryPage<A::Schema>>> {
        async move {
            let tx = &mut *self.readers.begin().await?;
            let scope = query.scope();
            let rights = read::rights::<A::Schema>(tx, &actor, BTreeSet::from([scope.clone()])).await?;
            match rights.get(&scope) {
                Some(true) => {
                    columns::query::<A>(tx, &query, after.as_ref(), limit, count, self.sorted_max).await.map(Some)
                }
                _ => Ok(None),
            }
        }
        .boxed()
    }

    fn search(
        &self,
        actor: <A::Schema as Schema>::Actor,
        sought: Sought<<A::Schema as Schema>::Row>,
        limit: usize,
    ) -> Answer<'_, Found<A::Schema>> {
        async move { search::search::<A>(&mut *self.readers.begin().await?, &actor, &sought, limit).await }.boxed()
    }

    fn compact(&self, before_ms: i64, keep: u64) -> Answer<'_, u64> {
        self.job(move |answer| Job::Compact { before_ms, keep, answer }).boxed()
    }

    fn row(&self, key: <A::Schema as Schema>::Key) -> Answer<'_, Option<<A::Schema as Schema>::Row>> {
        async move {
            let stored = read::row::<A::Schema>(&mut *self.readers.acquire().await?, &key).await?;
            Ok(stored.map(|stored| stored.row))
        }
        .boxed()
    }

    fn entity(&self, name: &'static str) -> Answer<'_, Vec<<A::Schema as Schema>::Row>> {
        async move { read::entity::<A::Schema>(&mut *self.readers.acquire().await?, name).await }.boxed()
    }

    fn add_session(&self, session: SessionRow) -> Answer<'_, ()> {
        self.job(|answer| Job::AddSession { session, answer }).boxed()
    }

    fn session(&self, token_hash: [u8; 32]) -> Answer<'_, Option<SessionRow>> {
        async move { sessions::read(&mut *self.readers.acquire().await?, token_hash).await }.boxed()
    }

    fn remove_session(&self, token_hash: [u8; 32]) -> Answer<'_, ()> {
        self.job(move |answer| Job::RemoveSession { token_hash, answer }).boxed()
    }

    fn export<'a>(&'a self, out: &'a mut (dyn io::Write + Send)) -> Answer<'a, backup::Counts> {
        async move { dump::export::<A::Schema>(&mut *self.readers.begin().await?, out).await }.boxed()
    }

    fn restore<'a>(&'a self, input: &'a mut (dyn io::BufRead + Send)) -> Answer<'a, backup::Counts> {
        async move {
            // One transaction over all there is: what does not fit the cache is written to the disk again and again.
            let options = self.options.clone().pragma("cache_size", "-262144");
            let mut connection = options.connect().await?;
            let counts = dump::restore::<A>(&mut connection, input).await?;
            publish(&self.head, read::head(&mut connection).await?.0.seq);
            Ok(counts)
        }
        .boxed()
    }

    fn check(&self) -> Answer<'_, ()> {
        async move {
            read::head(&mut *self.readers.acquire().await?).await?;
            match self.jobs.is_closed() {
                true => Err(StoreError::Closed),
                false => Ok(()),
            }
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            // The others go first: the writer's is the last connection, which tidies up.
            self.unwatch.send_replace(true);
            self.unwatch.closed().await;
            self.readers.close().await;
            // An error means that it is closed already.
            let _ = self.job(|answer| Job::Close { answer }).await;
        }
        .boxed()
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<u32>().ok());
        // Extended result codes carry the primary one in their low byte: <https://sqlite.org/rescode.html>.
        match (code.map(|code| code & 0xff), &error) {
            (Some(5 | 6), _) | (None, sqlx::Error::PoolTimedOut) => Self::Busy,
            (Some(13), _) => Self::Full,
            (None, sqlx::Error::PoolClosed) => Self::Closed,
            _ => Self::Database(error.to_string()),
        }
    }
}

/// A position as SQLite keeps it. Positions never reach what does not fit; a client's claim may.
fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number as SQLite kept it.
fn unsql(number: i64) -> u64 {
    number.try_into().unwrap_or(0)
}

/// A UUID as SQLite keeps it.
fn bytes_of(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// Sixteen bytes as SQLite kept them.
fn sixteen(what: &str, bytes: &[u8]) -> Result<[u8; 16], StoreError> {
    bytes.try_into().map_err(|_| corrupt(what, format!("it has {} bytes instead of 16", bytes.len())))
}

fn corrupt(what: impl Into<String>, reason: impl fmt::Display) -> StoreError {
    StoreError::Corrupt { what: what.into(), reason: reason.to_string() }
}
