//! What one transaction does: the rules of [`authority`] on the rows of the database.
//!
//! A [`Ledger`] is begun and finished within one transaction. Of a mutation's settlement it
//! writes all that belongs together: rows, log entry, answer, counters, and at the end the
//! clients' last settled places and the log's head.

use super::{
    bytes_of,
    clients::{self, Greeted, Seat},
    columns, corrupt, read,
    recent::Written,
    search, sixteen, sql, unsql,
};
use crate::{
    application::{Application, SYSTEM_CLIENT},
    clock::now_ms,
    store::{Progress, PutReport, StoreError},
};
use holdfast_sync::{
    ClientId, Footprint, MutationId, Refusal, RefusalCode, Schema, SyncCursor,
    authority::{
        self, Admission, Answer, Facts, Greeting, LogChange, LogEntry, Outcome, PushAnswer, Recorded, Settlement,
    },
    protocol::{Body, ErrorFrame, Hello, Limits, Pushed},
    schema::{Spot, Stored},
};
use sqlx::SqliteConnection;
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// One transaction's work.
pub(super) struct Ledger<'a, A: Application> {
    connection: &'a mut SqliteConnection,
    head: SyncCursor,
    clients: BTreeMap<ClientId, Seat<A::Schema>>,
    written: Vec<Written<A::Schema>>,
}

impl<'a, A: Application> Ledger<'a, A> {
    /// Begins, within a transaction that may write.
    pub async fn begin(connection: &'a mut SqliteConnection) -> Result<Self, StoreError> {
        let (head, _) = read::head(connection).await?;
        Ok(Self { connection, head, clients: BTreeMap::new(), written: Vec::new() })
    }

    /// Writes down what belongs to the whole transaction; gives the log's new entries.
    pub async fn finish(self) -> Result<Vec<Written<A::Schema>>, StoreError> {
        let Self { connection, head, clients, written } = self;
        if written.is_empty() {
            return Ok(written);
        }
        for (client, seat) in clients {
            clients::write_seat::<A::Schema>(connection, client, &seat.actor, seat.settled).await?;
        }
        sqlx::query("UPDATE meta SET head = ?, head_mark = ?")
            .bind(sql(head.seq))
            .bind(head.mark.0.to_be_bytes().to_vec())
            .execute(connection)
            .await?;
        Ok(written)
    }

    /// The transaction's connection, for what is no matter of the log.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        self.connection
    }

    /// Answers a `hello`, and writes down what that changes.
    pub async fn greet(
        &mut self,
        hello: &Hello<A::Schema>,
        actor: &<A::Schema as Schema>::Actor,
        limits: Limits,
    ) -> Result<Result<Greeting, ErrorFrame>, StoreError> {
        match clients::greet::<A::Schema>(self.connection, hello, actor, limits).await? {
            Greeted::Done(done) => Ok(done),
            Greeted::Writes { greeting, settled } => {
                clients::write_seat::<A::Schema>(self.connection, hello.client, actor, settled).await?;
                self.clients.remove(&hello.client);
                Ok(Ok(greeting))
            }
        }
    }

    /// Settles a client's mutations in their order. Behind a gap nothing is done.
    pub async fn settle_all(
        &mut self,
        actor: &<A::Schema as Schema>::Actor,
        client: ClientId,
        mutations: &[Pushed<A::Schema>],
    ) -> Result<Vec<PushAnswer>, StoreError> {
        let mut answers = Vec::with_capacity(mutations.len());
        for pushed in mutations {
            let answer = match answers.last() {
                Some(gap @ PushAnswer::Gap { .. }) => gap.clone(),
                _ => self.admit(actor, client, pushed).await?,
            };
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Makes rows what they say. The first refusal ends it.
    pub async fn put_all(
        &mut self,
        rows: &[<A::Schema as Schema>::Row],
        progress: &Progress,
    ) -> Result<PutReport, StoreError> {
        let mut report = PutReport::default();
        let actor = A::system();
        for (row, number) in rows.iter().zip(1..) {
            progress.send_replace(number);
            let key = <A::Schema as Schema>::key(row);
            let stands = read::row::<A::Schema>(self.connection, &key).await?;
            if stands.is_some_and(|stored| stored.row == *row) {
                report.unchanged += 1;
                continue;
            }
            let seq = self.seat(&actor, SYSTEM_CLIENT).await?.settled + 1;
            let pushed = Pushed { seq, body: Body::Mutate(A::put(row.clone())), bases: Vec::new(), nonce: 0 };
            let answer = self.settle(&actor, SYSTEM_CLIENT, &pushed, None).await?;
            if let Some(refusal) = answer.refusal {
                return Err(StoreError::Refused { key: key.to_string(), refusal });
            }
            report.changed += 1;
        }
        Ok(report)
    }

    /// Cuts the log off; gives how many entries went.
    pub async fn compact(&mut self, before_ms: i64, keep: u64) -> Result<u64, StoreError> {
        let horizon = read::old_until::<A::Schema>(self.connection, before_ms, keep).await?;
        let gone = sqlx::query("DELETE FROM log WHERE seq <= ?").bind(sql(horizon.seq));
        let gone = gone.execute(&mut *self.connection).await?.rows_affected();
        if gone > 0 {
            sqlx::query("UPDATE meta SET horizon = ?, horizon_mark = ?")
                .bind(sql(horizon.seq))
                .bind(horizon.mark.0.to_be_bytes().to_vec())
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(gone)
    }

    async fn admit(
        &mut self,
        actor: &<A::Schema as Schema>::Actor,
        client: ClientId,
        pushed: &Pushed<A::Schema>,
    ) -> Result<PushAnswer, StoreError> {
        let seat = self.seat(actor, client).await?;
        if seat.actor != *actor {
            let refusal = Refusal::new(RefusalCode::NotAllowed, clients::NOT_YOURS);
            return Ok(PushAnswer::Transient(refusal));
        }
        let settled = seat.settled;
        // An answer is kept only of what is settled: the next one has none.
        let recorded = if pushed.seq <= settled { self.recorded(client, pushed.seq).await? } else { None };
        Ok(match authority::admit(pushed, settled, recorded.as_ref()) {
            Admission::Fresh => {
                let twin = if authority::is_named(pushed) { self.twin(actor, pushed).await? } else { None };
                PushAnswer::Settled(self.settle(actor, client, pushed, twin).await?)
            }
            Admission::Again(answer) => PushAnswer::Settled(answer),
            Admission::IdReused => PushAnswer::IdReused,
            Admission::Gap { expected } => PushAnswer::Gap { expected },
        })
    }

    async fn settle(
        &mut self,
        actor: &<A::Schema as Schema>::Actor,
        client: ClientId,
        pushed: &Pushed<A::Schema>,
        twin: Option<Answer>,
    ) -> Result<Answer, StoreError> {
        let now_ms = now_ms();
        let settlement = match footprint(pushed) {
            Some(footprint) => {
                let rows = self.load(&footprint).await?;
                let counters = self.counters(&footprint).await?;
                let facts = Facts {
                    actor: actor.clone(),
                    client,
                    now_ms,
                    head: self.head,
                    rows: &rows,
                    counters: counters.clone(),
                    twin,
                };
                let settled = catch_unwind(AssertUnwindSafe(|| authority::settle(pushed, facts)));
                settled.map(|settlement| (settlement, counters)).ok()
            }
            None => None,
        };
        let (settlement, counters) = settlement.unwrap_or_else(|| {
            tracing::error!(%client, seq = pushed.seq, "a mutation made the server panic; it is refused");
            (failed(actor, client, pushed, now_ms, self.head), BTreeMap::new())
        });
        let answer = settlement.recorded.answer.clone();
        self.write(client, settlement, &counters).await?;
        Ok(answer)
    }

    /// Writes all that a settled mutation changes.
    async fn write(
        &mut self,
        client: ClientId,
        settlement: Settlement<A::Schema>,
        counters: &BTreeMap<String, u64>,
    ) -> Result<(), StoreError> {
        let Settlement { entry, head, counters: counted, recorded } = settlement;
        for change in &entry.changes {
            self.write_row(change).await?;
        }
        for (name, value) in counted.iter().filter(|(name, value)| counters.get(*name) != Some(value)) {
            sqlx::query("INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
                .bind(name)
                .bind(sql(*value))
                .execute(&mut *self.connection)
                .await?;
        }
        let body = entry.encode();
        let size_bytes = body.len();
        sqlx::query("INSERT INTO log VALUES (?, ?, ?)")
            .bind(sql(entry.seq))
            .bind(head.mark.0.to_be_bytes().to_vec())
            .bind(body)
            .execute(&mut *self.connection)
            .await?;
        let answer = serde_json::to_string(&recorded.answer).expect("an answer is made of strings and numbers");
        sqlx::query("INSERT INTO dedupe VALUES (?, ?, ?, ?)")
            .bind(bytes_of(client.0))
            .bind(sql(entry.id.seq))
            .bind(recorded.hash.to_be_bytes().to_vec())
            .bind(answer)
            .execute(&mut *self.connection)
            .await?;
        self.clients.get_mut(&client).expect("a client is seated before it is settled").settled = entry.id.seq;
        self.head = head;
        self.written.push(Written { entry: Arc::new(entry), cursor: head, size_bytes });
        Ok(())
    }

    async fn write_row(&mut self, change: &LogChange<A::Schema>) -> Result<(), StoreError> {
        let scope_of = |stored: &Stored<A::Schema>| <A::Schema as Schema>::scope(&stored.row).to_string();
        let (was, is) = (change.before.as_ref().map(scope_of), change.after.as_ref().map(scope_of));
        match &change.after {
            Some(stored) => {
                let body = serde_json::to_string(stored).expect("a row is made of strings, numbers, lists and maps");
                sqlx::query(
                    "INSERT INTO rows VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET \
                     scope = excluded.scope, parent = excluded.parent, seq = excluded.seq, body = excluded.body",
                )
                .bind(change.key.to_string())
                .bind(is.clone())
                .bind(<A::Schema as Schema>::parent(&stored.row).map(|parent| parent.to_string()))
                .bind(sql(stored.seq))
                .bind(body)
                .execute(&mut *self.connection)
                .await?;
            }
            None => {
                sqlx::query("DELETE FROM rows WHERE key = ?")
                    .bind(change.key.to_string())
                    .execute(&mut *self.connection)
                    .await?;
            }
        }
        search::write::<A>(self.connection, change).await?;
        columns::write::<A>(self.connection, change).await?;
        if was != is {
            for (scope, by) in [(was, -1), (is, 1)] {
                if let Some(scope) = scope {
                    count(self.connection, &scope, by).await?;
                }
            }
        }
        Ok(())
    }

    async fn seat(
        &mut self,
        actor: &<A::Schema as Schema>::Actor,
        client: ClientId,
    ) -> Result<&Seat<A::Schema>, StoreError> {
        if !self.clients.contains_key(&client) {
            let seat = match clients::read_seat::<A::Schema>(self.connection, client).await? {
                Some(seat) => seat,
                None => {
                    clients::write_seat::<A::Schema>(self.connection, client, actor, 0).await?;
                    Seat { actor: actor.clone(), settled: 0 }
                }
            };
            self.clients.insert(client, seat);
        }
        Ok(&self.clients[&client])
    }

    /// The answer to the same mutation of the same author under another id.
    async fn twin(
        &mut self,
        actor: &<A::Schema as Schema>::Actor,
        pushed: &Pushed<A::Schema>,
    ) -> Result<Option<Answer>, StoreError> {
        let actor = serde_json::to_string(actor).expect("an actor is made of strings and numbers");
        let found: Option<String> = sqlx::query_scalar(
            "SELECT answer FROM dedupe JOIN clients ON clients.id = dedupe.client \
             WHERE hash = ? AND clients.actor = ? LIMIT 1",
        )
        .bind(authority::content_hash(pushed).to_be_bytes().to_vec())
        .bind(actor)
        .fetch_optional(&mut *self.connection)
        .await?;
        let read = |answer: String| serde_json::from_str(&answer);
        found.map(read).transpose().map_err(|error| corrupt("the answer to a mutation", error))
    }

    async fn recorded(&mut self, client: ClientId, seq: u64) -> Result<Option<Recorded>, StoreError> {
        let found: Option<(Vec<u8>, String)> =
            sqlx::query_as("SELECT hash, answer FROM dedupe WHERE client = ? AND seq = ?")
                .bind(bytes_of(client.0))
                .bind(sql(seq))
                .fetch_optional(&mut *self.connection)
                .await?;
        let Some((hash, answer)) = found else { return Ok(None) };
        let what = "the answer to a mutation";
        let hash = u128::from_be_bytes(sixteen(what, &hash)?);
        let answer = serde_json::from_str(&answer).map_err(|error| corrupt(what, error))?;
        Ok(Some(Recorded { hash, answer }))
    }

    async fn load(
        &mut self,
        footprint: &Footprint<A::Schema>,
    ) -> Result<BTreeMap<<A::Schema as Schema>::Key, Stored<A::Schema>>, StoreError> {
        let mut rows = BTreeMap::new();
        for spot in &footprint.spots {
            match spot {
                Spot::Row(key) => {
                    if let Some(stored) = read::row::<A::Schema>(self.connection, key).await? {
                        rows.insert(key.clone(), stored);
                    }
                }
                Spot::Children(parent) => {
                    let found: Vec<(String, String)> =
                        sqlx::query_as("SELECT key, body FROM rows WHERE parent = ? ORDER BY key")
                            .bind(parent.to_string())
                            .fetch_all(&mut *self.connection)
                            .await?;
                    for (key, body) in found {
                        let stored = read::decode::<A::Schema>(&key, &body)?;
                        rows.insert(<A::Schema as Schema>::key(&stored.row), stored);
                    }
                }
            }
        }
        Ok(rows)
    }

    async fn counters(&mut self, footprint: &Footprint<A::Schema>) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut counters = BTreeMap::new();
        for name in &footprint.counters {
            let value: Option<i64> = sqlx::query_scalar("SELECT value FROM counters WHERE name = ?")
                .bind(name)
                .fetch_optional(&mut *self.connection)
                .await?;
            if let Some(value) = value {
                counters.insert(name.clone(), unsql(value));
            }
        }
        Ok(counters)
    }
}

/// Adds to how many rows a scope has.
pub(super) async fn count(connection: &mut SqliteConnection, scope: &str, by: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO scopes VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET total = total + excluded.total")
        .bind(scope)
        .bind(by)
        .execute(connection)
        .await?;
    Ok(())
}

/// What a mutation may touch; none where the schema panics.
fn footprint<S: Schema>(pushed: &Pushed<S>) -> Option<Footprint<S>> {
    match &pushed.body {
        Body::Void => Some(Footprint::none()),
        Body::Mutate(mutation) => catch_unwind(AssertUnwindSafe(|| S::footprint(mutation))).ok(),
    }
}

/// The settlement of a mutation in which the schema panicked: the same would happen again.
fn failed<S: Schema>(
    actor: &S::Actor,
    client: ClientId,
    pushed: &Pushed<S>,
    now_ms: i64,
    head: SyncCursor,
) -> Settlement<S> {
    let message = "The server failed on this edit, and would again; it was not carried out.";
    let refusal = Refusal::new(RefusalCode::Failed, message);
    let seq = head.seq + 1;
    let entry = LogEntry {
        nonce: pushed.nonce,
        seq,
        id: MutationId { client, seq: pushed.seq },
        actor: actor.clone(),
        at_ms: now_ms,
        outcome: Outcome::Refused(refusal.clone()),
        changes: Vec::new(),
    };
    Settlement {
        head: entry.advance(head),
        counters: BTreeMap::new(),
        recorded: Recorded {
            hash: authority::content_hash(pushed),
            answer: Answer { at: seq, refusal: Some(refusal) },
        },
        entry,
    }
}
