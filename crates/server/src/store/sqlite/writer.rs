//! The one task that writes: group commit.
//!
//! All jobs that wait, up to [`BATCH_JOBS_MAX`], share one `BEGIN IMMEDIATE` transaction, in
//! the order they came. What they asked is answered, and the head published, only behind the
//! commit. Where the transaction fails, each of its jobs gets one of its own, so that nobody
//! suffers for another; what fails then is answered with the error, and nothing of it is there.

use super::{Failpoint, ledger::Ledger, publish, recent::Recent, sessions};
use crate::{
    application::Application,
    store::{Progress, PutReport, SessionRow, StoreError},
};
use holdfast_sync::{
    ClientId, Schema, Seq,
    authority::{Greeting, PushAnswer},
    protocol::{ErrorFrame, Hello, Limits, Pushed},
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// How many jobs one transaction takes at most.
const BATCH_JOBS_MAX: usize = 64;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
pub(super) enum Job<A: Application> {
    /// Answer a `hello` that changes something.
    Greet {
        hello: Hello<A::Schema>,
        actor: <A::Schema as Schema>::Actor,
        limits: Limits,
        answer: Reply<Result<Greeting, ErrorFrame>>,
    },
    /// Settle a client's mutations.
    Settle {
        actor: <A::Schema as Schema>::Actor,
        client: ClientId,
        mutations: Vec<Pushed<A::Schema>>,
        answer: Reply<Vec<PushAnswer>>,
    },
    /// Make rows what they say.
    Put { rows: Vec<<A::Schema as Schema>::Row>, progress: Progress, answer: Reply<PutReport> },
    /// Keep a session.
    AddSession { session: SessionRow, answer: Reply<()> },
    /// End a session.
    RemoveSession { token_hash: [u8; 32], answer: Reply<()> },
    /// Cut the log off.
    Compact { before_ms: i64, keep: u64, answer: Reply<u64> },
    /// Put the write-ahead log into the database, and end.
    Close { answer: Reply<()> },
}

/// What came of a job, in a transaction that is not committed yet.
enum Done {
    Greeted(Result<Greeting, ErrorFrame>),
    Settled(Vec<PushAnswer>),
    Put(PutReport),
    Compacted(u64),
    Nothing,
}

/// The one that writes.
pub(super) struct Writer<A: Application> {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    head: watch::Sender<Seq>,
    recent: Arc<Recent<A::Schema>>,
    failpoint: Option<Failpoint>,
}

impl<A: Application> Writer<A> {
    pub fn new(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        head: watch::Sender<Seq>,
        recent: Arc<Recent<A::Schema>>,
        failpoint: Option<Failpoint>,
    ) -> Self {
        Self { connection, options, head, recent, failpoint }
    }

    /// Works until it is closed, or nobody can ask any more.
    pub async fn run(mut self, mut inbox: mpsc::Receiver<Job<A>>) {
        let mut jobs = Vec::with_capacity(BATCH_JOBS_MAX);
        while inbox.recv_many(&mut jobs, BATCH_JOBS_MAX).await > 0 {
            let close = jobs.iter().position(|job| matches!(job, Job::Close { .. }));
            let behind_close = close.map(|at| jobs.split_off(at));
            if !jobs.is_empty() {
                self.commit_all(std::mem::take(&mut jobs)).await;
            }
            if let Some(mut closing) = behind_close {
                inbox.close();
                let closed = self.close().await;
                // Whoever asked behind the close is told by their answer's end.
                closing.remove(0).answer(closed.map(|()| Done::Nothing));
                return;
            }
        }
    }

    async fn commit_all(&mut self, jobs: Vec<Job<A>>) {
        match self.commit(&jobs).await {
            Ok(done) => jobs.into_iter().zip(done).for_each(|(job, done)| job.answer(Ok(done))),
            Err(_) if jobs.len() > 1 => {
                for job in jobs {
                    self.commit_alone(job).await;
                }
            }
            Err(error) => self.give_up(jobs, error).await,
        }
    }

    async fn commit_alone(&mut self, job: Job<A>) {
        let jobs = [job];
        match self.commit(&jobs).await {
            Ok(done) => jobs.into_iter().zip(done).for_each(|(job, done)| job.answer(Ok(done))),
            Err(error) => self.give_up(jobs, error).await,
        }
    }

    /// Answers a job that failed alone.
    async fn give_up(&mut self, jobs: impl IntoIterator<Item = Job<A>>, error: StoreError) {
        tracing::warn!(%error, "a transaction failed");
        if let StoreError::Database(_) = error {
            // What SQLite keeps of a file after an I/O error is not to be trusted.
            match self.options.connect().await {
                Ok(connection) => self.connection = connection,
                Err(error) => tracing::error!(%error, "the database cannot be opened again"),
            }
        }
        if let Some(job) = jobs.into_iter().next() {
            job.answer(Err(error));
        }
    }

    /// One transaction over all jobs, committed and published, not yet answered.
    async fn commit(&mut self, jobs: &[Job<A>]) -> Result<Vec<Done>, StoreError> {
        let mut tx = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut ledger = Ledger::<A>::begin(&mut tx).await?;
        let mut done = Vec::with_capacity(jobs.len());
        for job in jobs {
            done.push(job.carry_out(&mut ledger).await?);
        }
        let written = ledger.finish().await?;
        tx.commit().await?;

        if jobs.iter().any(|job| matches!(job, Job::Settle { .. })) && !written.is_empty() {
            self.fall_over();
        }
        if let Some(last) = written.last() {
            let head = last.cursor.seq;
            self.recent.extend(written);
            publish(&self.head, head);
        }
        Ok(done)
    }

    /// Dies where a test wants it to.
    fn fall_over(&mut self) {
        match &mut self.failpoint {
            Some(Failpoint::AfterCommit(0 | 1)) => {
                eprintln!("failpoint: the process ends behind a commit, before the answer");
                std::process::abort();
            }
            Some(Failpoint::AfterCommit(left)) => *left -= 1,
            None => {}
        }
    }

    /// Puts the write-ahead log into the database file; the last connection takes it away.
    async fn close(mut self) -> Result<(), StoreError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await?;
        Ok(self.connection.close().await?)
    }
}

impl<A: Application> Job<A> {
    async fn carry_out(&self, ledger: &mut Ledger<'_, A>) -> Result<Done, StoreError> {
        Ok(match self {
            Self::Greet { hello, actor, limits, .. } => Done::Greeted(ledger.greet(hello, actor, *limits).await?),
            Self::Settle { actor, client, mutations, .. } => {
                Done::Settled(ledger.settle_all(actor, *client, mutations).await?)
            }
            Self::Put { rows, progress, .. } => Done::Put(ledger.put_all(rows, progress).await?),
            Self::AddSession { session, .. } => {
                sessions::add(ledger.connection(), session).await?;
                Done::Nothing
            }
            Self::RemoveSession { token_hash, .. } => {
                sessions::remove(ledger.connection(), *token_hash).await?;
                Done::Nothing
            }
            Self::Compact { before_ms, keep, .. } => Done::Compacted(ledger.compact(*before_ms, *keep).await?),
            Self::Close { .. } => Done::Nothing,
        })
    }

    /// Answers; nobody is disappointed whose asker has gone.
    fn answer(self, done: Result<Done, StoreError>) {
        match (self, done) {
            (Self::Greet { answer, .. }, Ok(Done::Greeted(greeted))) => drop(answer.send(Ok(greeted))),
            (Self::Settle { answer, .. }, Ok(Done::Settled(answers))) => drop(answer.send(Ok(answers))),
            (Self::Put { answer, .. }, Ok(Done::Put(report))) => drop(answer.send(Ok(report))),
            (Self::Compact { answer, .. }, Ok(Done::Compacted(entries))) => drop(answer.send(Ok(entries))),
            (
                Self::AddSession { answer, .. } | Self::RemoveSession { answer, .. } | Self::Close { answer },
                Ok(Done::Nothing),
            ) => drop(answer.send(Ok(()))),
            (Self::Greet { answer, .. }, Err(error)) => drop(answer.send(Err(error))),
            (Self::Settle { answer, .. }, Err(error)) => drop(answer.send(Err(error))),
            (Self::Put { answer, .. }, Err(error)) => drop(answer.send(Err(error))),
            (Self::Compact { answer, .. }, Err(error)) => drop(answer.send(Err(error))),
            (
                Self::AddSession { answer, .. } | Self::RemoveSession { answer, .. } | Self::Close { answer },
                Err(error),
            ) => drop(answer.send(Err(error))),
            (_, Ok(_)) => unreachable!("each job is done as what it is"),
        }
    }
}
