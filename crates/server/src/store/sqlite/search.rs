//! The index of words: SQLite's FTS5 over what the application says a row is found by.
//!
//! The words come as they are compared, a space apart, so that browser and server agree on what a word is:
//! the `ascii` tokenizer only parts them. The index holds no text of its own; which document is which row,
//! `searched` says.

use super::read;
use crate::{
    application::{Application, Searched, Sought},
    store::StoreError,
};
use futures::TryStreamExt;
use holdfast_sync::{
    Schema,
    authority::LogChange,
    protocol::{Found, FoundRow},
};
use sqlx::{Connection, SqliteConnection};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// How many rows with the words are looked at, and as many that have them in their title.
const LOOKED_AT: usize = 1000;

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
///
/// The index tells which rows have the words, the newest first; how well they meet what is sought, the application
/// says, as it does in the browser. Of a word that very many rows have, the newest [`LOOKED_AT`] titles
/// and the newest of all are looked at: what an answer takes does not grow with what there is.
pub(super) async fn search<A: Application>(
    connection: &mut SqliteConnection,
    actor: &<A::Schema as Schema>::Actor,
    sought: &Sought<<A::Schema as Schema>::Row>,
    limit: usize,
) -> Result<Found<A::Schema>, StoreError> {
    let mut found = Found { rows: Vec::new(), more: false };
    let Some(query) = query(&sought.words) else { return Ok(found) };
    // Again more where too few of them may be read.
    let mut looked_at = LOOKED_AT;
    let mut rows = loop {
        let candidates = candidates(connection, &query, looked_at).await?;
        let scopes = candidates.iter().filter_map(|(_, _, scope, _)| scope.parse().ok()).collect();
        let rights = read::rights::<A::Schema>(connection, actor, scopes).await?;
        let is_exhausted = candidates.len() < looked_at;
        let mut rows = Vec::new();
        for (id, key, scope, body) in candidates {
            if !scope.parse().is_ok_and(|scope| rights.get(&scope) == Some(&true)) {
                continue;
            }
            let row = read::decode::<A::Schema>(&key, &body)?.row;
            rows.extend((sought.rank)(&row).map(|rank| (Reverse((rank, id)), row)));
        }
        if is_exhausted || rows.len() > limit {
            break rows;
        }
        looked_at = looked_at.saturating_mul(8);
    };
    rows.sort_by_key(|(place, _)| *place);
    found.more = rows.len() > limit;
    let mut parents = BTreeMap::new();
    for (_, row) in rows.into_iter().take(limit) {
        let parent = match <A::Schema as Schema>::parent(&row) {
            Some(key) => readable::<A>(connection, actor, &mut parents, key).await?,
            None => None,
        };
        found.rows.push(FoundRow { row, parent });
    }
    Ok(found)
}

/// FTS5's text for rows that have words which begin with each of these:
/// <https://sqlite.org/fts5.html#full_text_query_syntax>.
fn query(words: &[String]) -> Option<String> {
    let quoted = words.iter().filter(|word| !word.is_empty()).map(|word| format!("\"{}\"*", word.replace('"', "\"\"")));
    let query = quoted.collect::<Vec<_>>().join(" AND ");
    (!query.is_empty()).then_some(query)
}

/// A row that has the words: its document, the greater the newer, key, scope and body.
type Candidate = (i64, String, String, String);

/// The newest rows that have the words, those that have them in their title before all.
async fn candidates(
    connection: &mut SqliteConnection,
    query: &str,
    limit: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let found = sqlx::query_as(
        "WITH found AS ( \
             SELECT * FROM (SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?) \
             UNION SELECT * FROM (SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?) \
         ) SELECT found.id, rows.key, rows.scope, rows.body FROM found \
         JOIN searched ON searched.id = found.id JOIN rows ON rows.key = searched.key",
    )
    .bind(format!("title : ({query})"))
    .bind(super::sql(limit as u64))
    .bind(query)
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
