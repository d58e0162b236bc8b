//! Export and restore, each in one transaction.

use super::{bytes_of, columns, corrupt, ledger, read, search, sixteen, sql, unsql};
use crate::{
    application::Application,
    store::{
        StoreError,
        backup::{Client, Counter, Counts, Dedupe, FORMAT, Line, Meta, Row},
        new_epoch,
    },
};
use futures::TryStreamExt;
use holdfast_sync::{ClientId, Mark, Schema, authority::Answer, schema::Stored};
use serde_json::value::RawValue;
use sqlx::{Connection, SqliteConnection};
use std::io::{BufRead, Write};
use uuid::Uuid;

/// Writes a backup; called within a transaction.
pub(super) async fn export<S: Schema>(
    connection: &mut SqliteConnection,
    out: &mut (dyn Write + Send),
) -> Result<Counts, StoreError> {
    let (head, _) = read::head(connection).await?;
    let (clients, counters, dedupe, rows): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM clients), (SELECT count(*) FROM counters), \
         (SELECT count(*) FROM dedupe), (SELECT count(*) FROM rows)",
    )
    .fetch_one(&mut *connection)
    .await?;
    let counts =
        Counts { clients: unsql(clients), counters: unsql(counters), dedupe: unsql(dedupe), rows: unsql(rows) };
    write(out, &Line::Meta(Meta { format: FORMAT, schema: S::VERSION, head: head.seq, mark: head.mark, counts }))?;

    let mut found = sqlx::query_as::<_, (Vec<u8>, String, i64)>("SELECT id, actor, settled FROM clients ORDER BY id")
        .fetch(&mut *connection);
    while let Some((id, actor, settled)) = found.try_next().await? {
        write(
            out,
            &Line::Client(Client { id: client(&id)?, actor: raw("a client", actor)?, settled: unsql(settled) }),
        )?;
    }
    drop(found);

    let mut found =
        sqlx::query_as::<_, (String, i64)>("SELECT name, value FROM counters ORDER BY name").fetch(&mut *connection);
    while let Some((name, value)) = found.try_next().await? {
        write(out, &Line::Counter(Counter { name, value: unsql(value) }))?;
    }
    drop(found);

    let mut found = sqlx::query_as::<_, (Vec<u8>, i64, Vec<u8>, String)>(
        "SELECT client, seq, hash, answer FROM dedupe ORDER BY client, seq",
    )
    .fetch(&mut *connection);
    while let Some((id, seq, hash, answer)) = found.try_next().await? {
        let what = "the answer to a mutation";
        let hash = Mark(u128::from_be_bytes(sixteen(what, &hash)?));
        write(out, &Line::Dedupe(Dedupe { client: client(&id)?, seq: unsql(seq), hash, answer: raw(what, answer)? }))?;
    }
    drop(found);

    let mut found =
        sqlx::query_as::<_, (String, String)>("SELECT key, body FROM rows ORDER BY key").fetch(&mut *connection);
    while let Some((key, body)) = found.try_next().await? {
        let stored = raw(&key, body)?;
        write(out, &Line::Row(Row { key, stored }))?;
    }
    out.flush()?;
    Ok(counts)
}

/// Takes in a backup.
pub(super) async fn restore<A: Application>(
    connection: &mut SqliteConnection,
    input: &mut (dyn BufRead + Send),
) -> Result<Counts, StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let (head, _) = read::head(&mut tx).await?;
    if head.seq > 0 {
        return Err(StoreError::NotEmpty { head: head.seq });
    }
    // The system's own client is made with the database.
    sqlx::query("DELETE FROM clients").execute(&mut *tx).await?;

    let mut number = 0;
    let mut meta: Option<Meta> = None;
    let mut counts = Counts::default();
    let mut text = String::new();
    loop {
        number += 1;
        let wrong = |reason: String| StoreError::Backup { line: number, reason };
        text.clear();
        if input.read_line(&mut text).map_err(|error| wrong(error.to_string()))? == 0 {
            break;
        }
        match (Line::decode(text.trim_end()).map_err(wrong)?, &meta) {
            (Line::Meta(first), None) => {
                check_meta::<A::Schema>(&first).map_err(wrong)?;
                meta = Some(first);
            }
            (Line::Meta(_), Some(_)) => return Err(wrong("a second meta line".to_owned())),
            (_, None) => return Err(wrong("the first line must be the meta line".to_owned())),
            (line, Some(meta)) => {
                take_in::<A>(&mut tx, line, meta, &mut counts).await.map_err(|error| match error {
                    StoreError::Corrupt { what, reason } => wrong(format!("{what}: {reason}")),
                    StoreError::Database(reason) => wrong(reason),
                    other => other,
                })?;
            }
        }
    }
    let wrong = |reason: String| StoreError::Backup { line: number, reason };
    let meta = meta.ok_or_else(|| wrong("the backup is empty".to_owned()))?;
    if counts != meta.counts {
        return Err(wrong(format!("the backup was cut short: it promises {:?} and holds {counts:?}", meta.counts)));
    }
    let mark = meta.mark.0.to_be_bytes().to_vec();
    sqlx::query("UPDATE meta SET epoch = ?, head = ?, head_mark = ?, horizon = ?, horizon_mark = ?")
        .bind(bytes_of(new_epoch().0))
        .bind(sql(meta.head))
        .bind(mark.clone())
        .bind(sql(meta.head))
        .bind(mark)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(counts)
}

fn check_meta<S: Schema>(meta: &Meta) -> Result<(), String> {
    if meta.format > FORMAT {
        return Err(format!("it is of backup format {}, and this program knows up to {FORMAT}", meta.format));
    }
    if meta.schema > S::VERSION {
        return Err(format!("its data are of version {}, and this program knows up to {}", meta.schema, S::VERSION));
    }
    Ok(())
}

async fn take_in<A: Application>(
    connection: &mut SqliteConnection,
    line: Line,
    meta: &Meta,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    match line {
        Line::Meta(_) => {}
        Line::Client(client) => {
            counts.clients += 1;
            serde_json::from_str::<<A::Schema as Schema>::Actor>(client.actor.get())
                .map_err(|error| corrupt("actor", error))?;
            sqlx::query("INSERT INTO clients VALUES (?, ?, ?)")
                .bind(bytes_of(client.id.0))
                .bind(client.actor.get())
                .bind(sql(client.settled))
                .execute(connection)
                .await?;
        }
        Line::Counter(counter) => {
            counts.counters += 1;
            sqlx::query("INSERT INTO counters VALUES (?, ?)")
                .bind(counter.name)
                .bind(sql(counter.value))
                .execute(connection)
                .await?;
        }
        Line::Dedupe(dedupe) => {
            counts.dedupe += 1;
            serde_json::from_str::<Answer>(dedupe.answer.get()).map_err(|error| corrupt("answer", error))?;
            sqlx::query("INSERT INTO dedupe VALUES (?, ?, ?, ?)")
                .bind(bytes_of(dedupe.client.0))
                .bind(sql(dedupe.seq))
                .bind(dedupe.hash.0.to_be_bytes().to_vec())
                .bind(dedupe.answer.get())
                .execute(connection)
                .await?;
        }
        Line::Row(row) => {
            counts.rows += 1;
            let stored: Stored<A::Schema> =
                serde_json::from_str(row.stored.get()).map_err(|error| corrupt(row.key.clone(), error))?;
            let key = <A::Schema as Schema>::key(&stored.row).to_string();
            if key != row.key {
                return Err(corrupt(row.key, format!("it holds the row {key}")));
            }
            if stored.seq > meta.head {
                return Err(corrupt(
                    row.key,
                    format!("it is of position {}, behind the log's head {}", stored.seq, meta.head),
                ));
            }
            let scope = <A::Schema as Schema>::scope(&stored.row).to_string();
            sqlx::query("INSERT INTO rows VALUES (?, ?, ?, ?, ?)")
                .bind(row.key)
                .bind(&scope)
                .bind(<A::Schema as Schema>::parent(&stored.row).map(|parent| parent.to_string()))
                .bind(sql(stored.seq))
                .bind(row.stored.get())
                .execute(&mut *connection)
                .await?;
            if let Some(words) = A::searched(&stored.row) {
                search::put(connection, &key, &words).await?;
            }
            columns::add::<A>(connection, &key, &stored.row).await?;
            ledger::count(connection, &scope, 1).await?;
        }
    }
    Ok(())
}

fn write(out: &mut (dyn Write + Send), line: &Line) -> Result<(), StoreError> {
    let mut text = serde_json::to_vec(line).expect("a line is made of strings, numbers and maps");
    text.push(b'\n');
    Ok(out.write_all(&text)?)
}

fn raw(what: &str, json: String) -> Result<Box<RawValue>, StoreError> {
    RawValue::from_string(json).map_err(|error| corrupt(what, error))
}

fn client(id: &[u8]) -> Result<ClientId, StoreError> {
    Ok(ClientId(Uuid::from_bytes(sixteen("a client's id", id)?)))
}
