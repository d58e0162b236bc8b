//! Signed-in sessions.

use super::{bytes_of, corrupt};
use crate::{
    clock::now_ms,
    store::{SessionRow, StoreError},
};
use sqlx::SqliteConnection;
use uuid::Uuid;

pub(super) async fn add(connection: &mut SqliteConnection, session: &SessionRow) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE expires_ms <= ?").bind(now_ms()).execute(&mut *connection).await?;
    sqlx::query("INSERT INTO sessions VALUES (?, ?, ?)")
        .bind(session.token_hash.to_vec())
        .bind(bytes_of(session.user))
        .bind(session.expires_ms)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn read(
    connection: &mut SqliteConnection,
    token_hash: [u8; 32],
) -> Result<Option<SessionRow>, StoreError> {
    let found: Option<(Vec<u8>, i64)> =
        sqlx::query_as("SELECT user, expires_ms FROM sessions WHERE token_hash = ? AND expires_ms > ?")
            .bind(token_hash.to_vec())
            .bind(now_ms())
            .fetch_optional(connection)
            .await?;
    let Some((user, expires_ms)) = found else { return Ok(None) };
    let user = Uuid::from_slice(&user).map_err(|error| corrupt("a session", error))?;
    Ok(Some(SessionRow { token_hash, user, expires_ms }))
}

pub(super) async fn remove(connection: &mut SqliteConnection, token_hash: [u8; 32]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bind(token_hash.to_vec()).execute(connection).await?;
    Ok(())
}
