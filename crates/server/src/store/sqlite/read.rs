//! Reading the log, pages of scopes, and the few rows that the server itself needs.
//! Each function is called within a transaction, so that what it gives is of one moment.

use super::{corrupt, sixteen, sql, unsql};
use crate::store::{LogPage, PAGE_BYTES, StoreError};
use futures::TryStreamExt;
use holdfast_sync::{
    Epoch, Mark, Schema, Seq, SyncCursor,
    authority::{LogEntry, Page, Rights, rights},
    schema::Stored,
};
use sqlx::SqliteConnection;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// The log's head, and the position behind which it begins.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<(SyncCursor, SyncCursor), StoreError> {
    let (epoch, head, head_mark, horizon, horizon_mark): (Vec<u8>, i64, Vec<u8>, i64, Vec<u8>) =
        sqlx::query_as("SELECT epoch, head, head_mark, horizon, horizon_mark FROM meta").fetch_one(connection).await?;
    let what = "the log's head";
    let epoch = Epoch(Uuid::from_bytes(sixteen(what, &epoch)?));
    let cursor = |seq, mark: &[u8]| {
        Ok::<_, StoreError>(SyncCursor {
            epoch,
            seq: unsql(seq),
            mark: Mark(u128::from_be_bytes(sixteen(what, mark)?)),
        })
    };
    Ok((cursor(head, &head_mark)?, cursor(horizon, &horizon_mark)?))
}

/// The log behind a position. None where it no longer reaches back to there.
pub(super) async fn log<S: Schema>(
    connection: &mut SqliteConnection,
    after: Seq,
    limit: usize,
) -> Result<Option<LogPage<S>>, StoreError> {
    let (head, horizon) = head(connection).await?;
    if after < horizon.seq {
        return Ok(None);
    }
    let mut entries = Vec::new();
    let mut cursor = if after == horizon.seq { horizon } else { head };
    let mut size_bytes = 0;
    let mut found = sqlx::query_as::<_, (i64, Vec<u8>, Vec<u8>)>(
        "SELECT seq, mark, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?",
    )
    .bind(sql(after))
    .bind(sql(limit as u64))
    .fetch(connection);
    while let Some((seq, mark, body)) = found.try_next().await? {
        size_bytes += body.len();
        if !entries.is_empty() && size_bytes > PAGE_BYTES {
            break;
        }
        let what = || format!("log entry {seq}");
        let entry: LogEntry<S> = serde_json::from_slice(&body).map_err(|error| corrupt(what(), error))?;
        let mark = Mark(u128::from_be_bytes(sixteen("a log entry's mark", &mark)?));
        cursor = SyncCursor { epoch: head.epoch, seq: unsql(seq), mark };
        entries.push(Arc::new(entry));
    }
    Ok(Some((entries, cursor)))
}

/// Whether an actor may read each of these scopes.
pub(super) async fn rights<S: Schema>(
    connection: &mut SqliteConnection,
    actor: &S::Actor,
    scopes: BTreeSet<S::Scope>,
) -> Result<Rights<S>, StoreError> {
    let mut rows = BTreeMap::new();
    for key in rights::deciding::<S>(actor, &scopes) {
        if let Some(stored) = row::<S>(connection, &key).await? {
            rows.insert(key, stored);
        }
    }
    Ok(rights::decide(actor, scopes, &rows))
}

/// The last position up to which the log may be cut off, so that entries since that moment and the newest
/// `keep` stay.
pub(super) async fn old_until<S: Schema>(
    connection: &mut SqliteConnection,
    before_ms: i64,
    keep: u64,
) -> Result<SyncCursor, StoreError> {
    let (head, horizon) = head(connection).await?;
    // Entries are in the order of their times, but for a clock that was put back.
    let (mut old, mut end) = (horizon, head.seq.saturating_sub(keep) + 1);
    while old.seq + 1 < end {
        let middle = old.seq + (end - old.seq) / 2;
        let Some((entries, cursor)) = log::<S>(connection, middle - 1, 1).await? else { break };
        match entries.first() {
            Some(entry) if entry.at_ms < before_ms => old = cursor,
            _ => end = middle,
        }
    }
    Ok(old)
}

/// A page of a scope's rows.
pub(super) async fn page<S: Schema>(
    connection: &mut SqliteConnection,
    scope: &S::Scope,
    after: Option<&S::Key>,
    limit: usize,
) -> Result<Page<S>, StoreError> {
    let (head, _) = head(connection).await?;
    let scope = scope.to_string();
    let total: Option<i64> = sqlx::query_scalar("SELECT total FROM scopes WHERE scope = ?")
        .bind(&scope)
        .fetch_optional(&mut *connection)
        .await?;
    let mut page = Page { as_of: head, rows: Vec::new(), more: false, total: unsql(total.unwrap_or(0)) };
    let mut size_bytes = 0;
    let mut found = sqlx::query_as::<_, (String, String)>(
        "SELECT key, body FROM rows WHERE scope = ? AND key > ? ORDER BY key LIMIT ?",
    )
    .bind(&scope)
    .bind(after.map(ToString::to_string).unwrap_or_default())
    .bind(sql(limit as u64 + 1))
    .fetch(connection);
    while let Some((key, body)) = found.try_next().await? {
        size_bytes += body.len();
        if page.rows.len() >= limit.max(1) || (!page.rows.is_empty() && size_bytes > PAGE_BYTES) {
            page.more = true;
            break;
        }
        page.rows.push(decode(&key, &body)?);
    }
    Ok(page)
}

/// All rows of an entity.
pub(super) async fn entity<S: Schema>(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Vec<S::Row>, StoreError> {
    // `0` is the character behind `/`.
    let found: Vec<(String, String)> =
        sqlx::query_as("SELECT key, body FROM rows WHERE key > ? || '/' AND key < ? || '0' ORDER BY key")
            .bind(name)
            .bind(name)
            .fetch_all(connection)
            .await?;
    found.iter().map(|(key, body)| Ok(decode::<S>(key, body)?.row)).collect()
}

/// A row as it is stored.
pub(super) fn decode<S: Schema>(key: &str, body: &str) -> Result<Stored<S>, StoreError> {
    serde_json::from_str(body).map_err(|error| corrupt(key, error))
}

/// The row of a key.
pub(super) async fn row<S: Schema>(
    connection: &mut SqliteConnection,
    key: &S::Key,
) -> Result<Option<Stored<S>>, StoreError> {
    let key = key.to_string();
    let body: Option<String> =
        sqlx::query_scalar("SELECT body FROM rows WHERE key = ?").bind(&key).fetch_optional(connection).await?;
    body.map(|body| decode(&key, &body)).transpose()
}

/// The log's mark at a position that it still holds.
pub(super) async fn mark(connection: &mut SqliteConnection, seq: u64) -> Result<Option<Mark>, StoreError> {
    let mark: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT mark FROM log WHERE seq = ?").bind(sql(seq)).fetch_optional(connection).await?;
    mark.map(|mark| Ok(Mark(u128::from_be_bytes(sixteen("a log entry's mark", &mark)?)))).transpose()
}
