//! Clients: whose each is, its last settled place, and the answer to its `hello`.

use super::{bytes_of, corrupt, read, sql, unsql};
use crate::{clock::now_ms, store::StoreError};
use holdfast_sync::{
    ClientId, Schema,
    authority::{self, Greeting, HelloFacts},
    protocol::{ErrorCode, ErrorFrame, Hello, Limits},
};
use sqlx::SqliteConnection;

/// What another user's client is told: whose it is stays unsaid.
pub(super) const NOT_YOURS: &str =
    "The edits in this browser were made by another user. Sign in as them, or start afresh.";

/// What is known of a client.
pub(super) struct Seat<S: Schema> {
    pub actor: S::Actor,
    pub settled: u64,
}

/// How a `hello` is answered.
pub(super) enum Greeted {
    /// So, and nothing changes.
    Done(Result<Greeting, ErrorFrame>),
    /// So, once the client's last settled place is written down as this.
    Writes { greeting: Greeting, settled: u64 },
}

/// Answers a `hello` without writing.
pub(super) async fn greet<S: Schema>(
    connection: &mut SqliteConnection,
    hello: &Hello<S>,
    actor: &S::Actor,
    limits: Limits,
) -> Result<Greeted, StoreError> {
    let (head, horizon) = read::head(connection).await?;
    let seat = read_seat::<S>(connection, hello.client).await?;
    if seat.as_ref().is_some_and(|seat| seat.actor != *actor) {
        let error = ErrorFrame { code: ErrorCode::NotYours, message: NOT_YOURS.to_owned(), retry: None };
        return Ok(Greeted::Done(Err(error)));
    }
    let mut marks = [None, None];
    for (mark, cursor) in marks.iter_mut().zip([hello.cursor, hello.seen]) {
        *mark = match cursor.map(|cursor| cursor.seq) {
            None => None,
            Some(seq) if seq == head.seq => Some(head.mark),
            Some(seq) if seq == horizon.seq => Some(horizon.mark),
            Some(seq) => read::mark(connection, seq).await?,
        };
    }
    let [mark_at_cursor, mark_at_seen] = marks;
    let settled = seat.as_ref().map_or(0, |seat| seat.settled);
    let facts =
        HelloFacts { head, horizon: horizon.seq, mark_at_cursor, mark_at_seen, settled, now_ms: now_ms(), limits };
    Ok(match authority::greet(hello, facts) {
        Err(error) => Greeted::Done(Err(error)),
        Ok(greeting) if seat.is_some() && greeting.raise_settled.is_none() => Greeted::Done(Ok(greeting)),
        Ok(greeting) => {
            let settled = greeting.raise_settled.unwrap_or(settled);
            Greeted::Writes { greeting, settled }
        }
    })
}

/// What is known of a client.
pub(super) async fn read_seat<S: Schema>(
    connection: &mut SqliteConnection,
    client: ClientId,
) -> Result<Option<Seat<S>>, StoreError> {
    let found: Option<(String, i64)> = sqlx::query_as("SELECT actor, settled FROM clients WHERE id = ?")
        .bind(bytes_of(client.0))
        .fetch_optional(connection)
        .await?;
    let Some((actor, settled)) = found else { return Ok(None) };
    let actor = serde_json::from_str(&actor).map_err(|error| corrupt("a client's actor", error))?;
    Ok(Some(Seat { actor, settled: unsql(settled) }))
}

/// Writes down a client's last settled place; a new one's actor too.
pub(super) async fn write_seat<S: Schema>(
    connection: &mut SqliteConnection,
    client: ClientId,
    actor: &S::Actor,
    settled: u64,
) -> Result<(), StoreError> {
    let actor = serde_json::to_string(actor).expect("an actor is made of strings and numbers");
    sqlx::query("INSERT INTO clients VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET settled = excluded.settled")
        .bind(bytes_of(client.0))
        .bind(actor)
        .bind(sql(settled))
        .execute(connection)
        .await?;
    Ok(())
}
