//! The index of words: SQLite's FTS5 over what the application says a row is found by.
//!
//! The words come as they are compared, a space apart, so that browser and server agree on what a word is:
//! the `ascii` tokenizer only parts them. The index holds no text of its own; which document is which row,
//! `searched` says.

use super::read;
use crate::{
    application::{Application, Searched},
    store::StoreError,
};
use futures::TryStreamExt;
use holdfast_sync::{
    Schema,
    authority::LogChange,
    protocol::{Found, FoundRow},
};
use sqlx::{Connection, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

/// How many rows are read at a time to be indexed.
const FILL_ROWS: i64 = 5000;

/// Makes the index anew where it was made by other words, as in a file that had none.
pub(super) async fn fill<A: Application>(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version = i64::from(A::SEARCHED_VERSION);
    let made: Option<i64> =
        sqlx::query_scalar("SELECT version FROM searched_version").fetch_optional(&mut *connection).await?;
    if made == Some(version) {
        return Ok(());
    }
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(
        "DELETE FROM searched_version; DELETE FROM searched; INSERT INTO words (words) VALUES ('delete-all')",
    )
    .execute(&mut *tx)
    .await?;
    let (mut after, mut count) = (String::new(), 0_u64);
    loop {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT key, body FROM rows WHERE key > ? ORDER BY key LIMIT ?")
                .bind(&after)
                .bind(FILL_ROWS)
                .fetch_all(&mut *tx)
                .await?;
        let Some((last, _)) = rows.last() else { break };
        after.clone_from(last);
        for (key, body) in rows {
            if let Some(words) = A::searched(&read::decode::<A::Schema>(&key, &body)?.row) {
                put(&mut tx, &key, &words).await?;
                count += 1;
            }
        }
    }
    sqlx::query("INSERT INTO searched_version VALUES (?)").bind(version).execute(&mut *tx).await?;
    tx.commit().await?;
    if count > 0 {
        tracing::info!(rows = count, "the rows were indexed for search");
    }
    Ok(())
}

/// Follows a change to a row.
pub(super) async fn write<A: Application>(
    connection: &mut SqliteConnection,
    change: &LogChange<A::Schema>,
) -> Result<(), StoreError> {
    let was = change.before.as_ref().and_then(|stored| A::searched(&stored.row));
    let is = change.after.as_ref().and_then(|stored| A::searched(&stored.row));
    match is {
        is if is == was => Ok(()),
        Some(words) => put(connection, &change.key.to_string(), &words).await,
        None => remove(connection, &change.key.to_string()).await,
    }
}

/// Indexes a row under its words, and no others.
pub(super) async fn put(connection: &mut SqliteConnection, key: &str, words: &Searched) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO searched (key) VALUES (?) ON CONFLICT (key) DO NOTHING")
        .bind(key)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT OR REPLACE INTO words (rowid, title, body) VALUES ((SELECT id FROM searched WHERE key = ?), ?, ?)",
    )
    .bind(key)
    .bind(&words.title)
    .bind(&words.body)
    .execute(connection)
    .await?;
    Ok(())
}

async fn remove(connection: &mut SqliteConnection, key: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM words WHERE rowid = (SELECT id FROM searched WHERE key = ?)")
        .bind(key)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM searched WHERE key = ?").bind(key).execute(connection).await?;
    Ok(())
}

/// The rows that were found, the best first; called within a transaction.
pub(super) async fn search<A: Application>(
    connection: &mut SqliteConnection,
    actor: &<A::Schema as Schema>::Actor,
    words: &[String],
    limit: usize,
) -> Result<Found<A::Schema>, StoreError> {
    let mut found = Found { rows: Vec::new(), more: false };
    let Some(sought) = query(words) else { return Ok(found) };
    // As many as are asked for, and again more where too few of them may be read.
    let mut looked_at = limit + 1;
    let keys = loop {
        let best = best(connection, &sought, looked_at).await?;
        let scopes = best.iter().filter_map(|(_, scope)| scope.parse().ok()).collect();
        let rights = read::rights::<A::Schema>(connection, actor, scopes).await?;
        let is_exhausted = best.len() < looked_at;
        let may_read = |scope: &str| scope.parse().is_ok_and(|scope| rights.get(&scope) == Some(&true));
        let keys: Vec<String> = best.into_iter().filter(|(_, scope)| may_read(scope)).map(|(key, _)| key).collect();
        if is_exhausted || keys.len() > limit {
            break keys;
        }
        looked_at = looked_at.saturating_mul(8);
    };
    found.more = keys.len() > limit;
    let mut parents = BTreeMap::new();
    for key in keys.iter().take(limit).filter_map(|key| key.parse().ok()) {
        let Some(stored) = read::row::<A::Schema>(connection, &key).await? else { continue };
        let parent = match <A::Schema as Schema>::parent(&stored.row) {
            Some(key) => readable::<A>(connection, actor, &mut parents, key).await?,
            None => None,
        };
        found.rows.push(FoundRow { row: stored.row, parent });
    }
    Ok(found)
}

/// FTS5's text for rows that have words which begin with each of these:
/// <https://sqlite.org/fts5.html#full_text_query_syntax>.
fn query(words: &[String]) -> Option<String> {
    let quoted = words.iter().filter(|word| !word.is_empty()).map(|word| format!("\"{}\"*", word.replace('"', "\"\"")));
    let query = quoted.collect::<Vec<_>>().join(" ");
    (!query.is_empty()).then_some(query)
}

/// Key and scope of the rows that meet it best.
async fn best(
    connection: &mut SqliteConnection,
    sought: &str,
    limit: usize,
) -> Result<Vec<(String, String)>, StoreError> {
    let found = sqlx::query_as(
        "SELECT rows.key, rows.scope FROM \
         (SELECT rowid AS id, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?) AS best \
         JOIN searched ON searched.id = best.id JOIN rows ON rows.key = searched.key ORDER BY best.rank, rows.key",
    )
    .bind(sought)
    .bind(super::sql(limit as u64))
    .fetch(connection);
    Ok(found.try_collect().await?)
}

/// A row, if it is there and may be read.
async fn readable<A: Application>(
    connection: &mut SqliteConnection,
    actor: &<A::Schema as Schema>::Actor,
    known: &mut BTreeMap<<A::Schema as Schema>::Key, Option<<A::Schema as Schema>::Row>>,
    key: <A::Schema as Schema>::Key,
) -> Result<Option<<A::Schema as Schema>::Row>, StoreError> {
    if let Some(row) = known.get(&key) {
        return Ok(row.clone());
    }
    let mut row = None;
    if let Some(stored) = read::row::<A::Schema>(connection, &key).await? {
        let scope = <A::Schema as Schema>::scope(&stored.row);
        let rights = read::rights::<A::Schema>(connection, actor, BTreeSet::from([scope.clone()])).await?;
        row = (rights.get(&scope) == Some(&true)).then_some(stored.row);
    }
    known.insert(key, row.clone());
    Ok(row)
}
