//! The format of the database file: how it is recognised, made and migrated.
//!
//! `PRAGMA application_id` says that a file is ours, `PRAGMA user_version` which of the
//! numbered `STEPS` it has taken. A file of a newer format, or one that is not ours, is
//! refused before anything is written to it.

use super::{OpenError, SqliteSettings, bytes_of};
use crate::{
    application::{Application, SYSTEM_CLIENT},
    store::new_epoch,
};
use holdfast_sync::{Mark, Schema};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{io::Read, path::Path};

/// "HOLD": says that a SQLite file is Holdfast's.
const APPLICATION_ID: i64 = 0x484f_4c44;

/// What each format number added. A step is never changed once released.
const STEPS: &[&str] = &[
    // 1
    "
    CREATE TABLE meta (
        one            INTEGER PRIMARY KEY CHECK (one = 1),
        epoch          BLOB NOT NULL,
        schema_version INTEGER NOT NULL,
        head           INTEGER NOT NULL,
        head_mark      BLOB NOT NULL,
        horizon        INTEGER NOT NULL,
        horizon_mark   BLOB NOT NULL
    );
    CREATE TABLE rows (
        key    TEXT PRIMARY KEY NOT NULL,
        scope  TEXT NOT NULL,
        parent TEXT,
        seq    INTEGER NOT NULL,
        body   TEXT NOT NULL
    );
    CREATE INDEX rows_by_scope ON rows (scope, key);
    CREATE INDEX rows_by_parent ON rows (parent, key) WHERE parent IS NOT NULL;
    CREATE TABLE scopes (
        scope TEXT PRIMARY KEY NOT NULL,
        total INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE log (
        seq  INTEGER PRIMARY KEY,
        mark BLOB NOT NULL,
        body BLOB NOT NULL
    );
    CREATE TABLE clients (
        id      BLOB PRIMARY KEY NOT NULL,
        actor   TEXT NOT NULL,
        settled INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE dedupe (
        client BLOB NOT NULL REFERENCES clients (id),
        seq    INTEGER NOT NULL,
        hash   BLOB NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (client, seq)
    ) WITHOUT ROWID;
    CREATE TABLE counters (
        name  TEXT PRIMARY KEY NOT NULL,
        value INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE sessions (
        token_hash BLOB PRIMARY KEY NOT NULL,
        user       BLOB NOT NULL,
        expires_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    ",
    // 2: a mutation that comes again under another id is known.
    "CREATE INDEX dedupe_by_hash ON dedupe (hash);",
    // 3: rows are found by their words. The words come folded and a space apart; `searched` says which
    // document is which row, and `searched_version` what its words were made by.
    "
    CREATE TABLE searched (
        id  INTEGER PRIMARY KEY,
        key TEXT UNIQUE NOT NULL
    );
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, content = '', contentless_delete = 1, detail = column, tokenize = 'ascii', prefix = '1 2 3'
    );
    CREATE TABLE searched_version (version INTEGER NOT NULL);
    ",
    // 4: rows are found and put in order by columns of the application's; the tables of those are made as it says.
    "
    CREATE TABLE columns_scopes (
        id    INTEGER PRIMARY KEY,
        scope TEXT UNIQUE NOT NULL
    );
    CREATE TABLE columns_version (version INTEGER NOT NULL);
    ",
];

/// The newest format this program knows.
pub(super) const FORMAT: i64 = STEPS.len() as i64;

/// How every connection to a database file is made.
pub(super) fn connect_options(path: &Path, settings: &SqliteSettings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(settings.busy_timeout)
        // A checkpoint that was held up by a long read gives the disk back afterwards.
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging()
}

/// Refuses what is there and is not ours to touch, by the file's own header, so that nothing is
/// written: <https://sqlite.org/fileformat2.html#the_database_header>. A file that is not there,
/// or empty, passes; one of which a write-ahead log holds all so far too, and [`migrate`] looks again.
pub(super) fn inspect(path: &Path) -> Result<(), OpenError> {
    let mut header = [0; 100];
    match std::fs::File::open(path).and_then(|mut file| file.read(&mut header)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OpenError::unreachable(path, error)),
        Ok(0) => return Ok(()),
        Ok(length) if length < header.len() => return Err(OpenError::NotOurs { path: path.into() }),
        Ok(_) => {}
    }
    let number =
        |at: usize| i64::from(i32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
    let (schema_cookie, user_version, application_id) = (number(40), number(60), number(68));
    let uses_wal = header[18] == 2;
    let is_new = application_id == 0 && user_version == 0 && (uses_wal || schema_cookie == 0);
    if &header[..16] != b"SQLite format 3\0" || (application_id != APPLICATION_ID && !is_new) {
        return Err(OpenError::NotOurs { path: path.into() });
    }
    check_format(path, user_version)
}

fn check_format(path: &Path, found: i64) -> Result<(), OpenError> {
    if found > FORMAT {
        return Err(OpenError::NewerFormat { path: path.into(), found, known: FORMAT });
    }
    Ok(())
}

/// Brings the file to the newest format, and a new one to life.
pub(super) async fn migrate<A: Application>(path: &Path, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::unreachable(path, error);
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let from = check_numbers(path, &mut tx).await?;
    for (step, number) in STEPS.iter().zip(1..).filter(|(_, number)| *number > from) {
        sqlx::raw_sql(*step).execute(&mut *tx).await.map_err(failed)?;
        if from > 0 {
            tracing::info!(number, "the database was brought to a newer format");
        }
    }
    if from < FORMAT {
        let numbers = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};");
        sqlx::raw_sql(sqlx::AssertSqlSafe(numbers)).execute(&mut *tx).await.map_err(failed)?;
    }
    if from == 0 {
        begin_log::<A>(&mut tx).await.map_err(failed)?;
    }
    check_schema::<A::Schema>(path, &mut tx).await?;
    tx.commit().await.map_err(failed)
}

/// The file's format number.
async fn check_numbers(path: &Path, connection: &mut SqliteConnection) -> Result<i64, OpenError> {
    let failed = |error: sqlx::Error| OpenError::unreachable(path, error);
    let application: i64 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await.map_err(failed)?;
    let format: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await.map_err(failed)?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *connection).await.map_err(failed)?;
    if application != APPLICATION_ID && (tables > 0 || application != 0 || format != 0) {
        return Err(OpenError::NotOurs { path: path.into() });
    }
    check_format(path, format)?;
    Ok(format)
}

async fn check_schema<S: Schema>(path: &Path, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::unreachable(path, error);
    let known = i64::from(S::VERSION);
    let found: i64 =
        sqlx::query_scalar("SELECT schema_version FROM meta").fetch_one(&mut *connection).await.map_err(failed)?;
    if found > known {
        return Err(OpenError::NewerSchema { path: path.into(), found, known });
    }
    if found < known {
        sqlx::query("UPDATE meta SET schema_version = ?").bind(known).execute(connection).await.map_err(failed)?;
    }
    Ok(())
}

async fn begin_log<A: Application>(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mark = Mark::default().0.to_be_bytes();
    sqlx::query("INSERT INTO meta VALUES (1, ?, ?, 0, ?, 0, ?)")
        .bind(bytes_of(new_epoch().0))
        .bind(i64::from(A::Schema::VERSION))
        .bind(mark.as_slice())
        .bind(mark.as_slice())
        .execute(&mut *connection)
        .await?;
    let actor = serde_json::to_string(&A::system()).expect("an actor is made of strings and numbers");
    sqlx::query("INSERT INTO clients VALUES (?, ?, 0)")
        .bind(bytes_of(SYSTEM_CLIENT.0))
        .bind(actor)
        .execute(connection)
        .await?;
    Ok(())
}
