//! The columns by which rows are found and put in order: what a schema's [`Query`] says of each row, beside the row.
//!
//! The tables are made by what [`Query::COLUMNS`] and [`Query::INDEXES`] say, and made anew where
//! [`Query::COLUMNS_VERSION`] is another. Values are bytes that compare as what they stand for; those of a list stand
//! in `listed`, one a line.
//!
//! A page is read in one of two ways. Where few rows have what one clause asks for, these are read and sorted;
//! where many have, the rows are walked in the order asked for until the page is full. Which it is, is
//! counted first, up to [`SqliteSettings::sorted_max`](super::SqliteSettings::sorted_max); of `a + 0`-like terms (`+c_status`) SQLite makes no use of an index:
//! <https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_>.

use super::{read, sql, unsql};
use crate::{
    application::Application,
    store::{PAGE_BYTES, StoreError},
};
use futures::TryStreamExt;
use holdfast_sync::{
    Schema,
    authority::{LogChange, QueryPage},
    schema::{Clause, ColumnKind, ColumnValue, Ordered, Place, Query},
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::fmt::Write;

/// How many rows are read at a time to be given their columns.
const FILL_ROWS: i64 = 5000;

type Asked<A> = <<A as Application>::Schema as Schema>::Query;
type Row<A> = <<A as Application>::Schema as Schema>::Row;

/// Makes the tables anew where they were made by other columns, as in a file that had none.
pub(super) async fn fill<A: Application>(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version = i64::from(Asked::<A>::COLUMNS_VERSION);
    let made: Option<i64> =
        sqlx::query_scalar("SELECT version FROM columns_version").fetch_optional(&mut *connection).await?;
    if made == Some(version) {
        return Ok(());
    }
    // One transaction over all there is.
    sqlx::raw_sql("PRAGMA cache_size = -262144").execute(&mut *connection).await?;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(AssertSqlSafe(tables::<A>())).execute(&mut *tx).await?;
    let (mut after, mut count) = (String::new(), 0_u64);
    while has_columns::<A>() {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT key, body FROM rows WHERE key > ? ORDER BY key LIMIT ?")
                .bind(&after)
                .bind(FILL_ROWS)
                .fetch_all(&mut *tx)
                .await?;
        let Some((last, _)) = rows.last() else { break };
        after.clone_from(last);
        for (key, body) in rows {
            let row = read::decode::<A::Schema>(&key, &body)?.row;
            if let Some(values) = values_of::<A>(&row) {
                put::<A>(&mut tx, &key, &row, &values).await?;
                count += 1;
            }
        }
    }
    // Behind the rows: an index is made faster of all of them than row by row.
    sqlx::raw_sql(AssertSqlSafe(indexes::<A>())).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM columns_version").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO columns_version VALUES (?)").bind(version).execute(&mut *tx).await?;
    tx.commit().await?;
    sqlx::raw_sql("PRAGMA cache_size = -2000").execute(&mut *connection).await?;
    if count > 0 {
        tracing::info!(rows = count, "the rows were given their columns");
    }
    Ok(())
}

fn has_columns<A: Application>() -> bool {
    !Asked::<A>::COLUMNS.is_empty()
}

fn name<A: Application>(column: usize) -> String {
    format!("c_{}", Asked::<A>::COLUMNS[column].name)
}

fn is_list<A: Application>(column: usize) -> bool {
    Asked::<A>::COLUMNS[column].kind == ColumnKind::List
}

/// The columns that stand in the table itself.
fn columns<A: Application>() -> impl Iterator<Item = usize> {
    (0..Asked::<A>::COLUMNS.len()).filter(|column| !is_list::<A>(*column))
}

fn tables<A: Application>() -> String {
    let columns: String = columns::<A>().map(|column| format!(", {} BLOB", name::<A>(column))).collect();
    format!(
        "DROP TABLE IF EXISTS columns; DROP TABLE IF EXISTS listed; DELETE FROM columns_scopes;
         CREATE TABLE columns (id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, scope INTEGER NOT NULL{columns});
         CREATE TABLE listed (
             column INTEGER NOT NULL, value BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (column, value, id)
         ) WITHOUT ROWID;
         CREATE INDEX listed_by_row ON listed (id);"
    )
}

fn indexes<A: Application>() -> String {
    let mut text = String::new();
    for (number, index) in Asked::<A>::INDEXES.iter().enumerate() {
        let direction = |ordered: &Ordered| if ordered.descending { " DESC" } else { "" };
        let columns: String =
            index.iter().map(|ordered| format!(", {}{}", name::<A>(ordered.column), direction(ordered))).collect();
        // Rows that have no such value are not in it.
        let mark = mark(index).map(name::<A>).unwrap_or_default();
        write!(text, "CREATE INDEX columns_{number} ON columns (scope{columns}) WHERE {mark} IS NOT NULL;")
            .expect("a String takes all that is written");
    }
    text
}

/// A row's values. None where no query shows it.
fn values_of<A: Application>(row: &Row<A>) -> Option<Vec<Option<ColumnValue>>> {
    if !has_columns::<A>() {
        return None;
    }
    let first = Asked::<A>::column(row, 0)?;
    let others = (1..Asked::<A>::COLUMNS.len()).map(|column| Asked::<A>::column(row, column));
    Some([Some(first)].into_iter().chain(others).collect())
}

/// Follows a change to a row.
pub(super) async fn write<A: Application>(
    connection: &mut SqliteConnection,
    change: &LogChange<A::Schema>,
) -> Result<(), StoreError> {
    let of = |row: &Row<A>| Some((<A::Schema as Schema>::scope(row), values_of::<A>(row)?));
    let was = change.before.as_ref().and_then(|stored| of(&stored.row));
    let is = change.after.as_ref().and_then(|stored| of(&stored.row));
    if was == is {
        return Ok(());
    }
    let key = change.key.to_string();
    match (&change.after, is) {
        (Some(after), Some((_, values))) => put::<A>(connection, &key, &after.row, &values).await,
        _ => remove(connection, &key).await,
    }
}

/// Indexes a row, if any query shows it.
pub(super) async fn add<A: Application>(
    connection: &mut SqliteConnection,
    key: &str,
    row: &Row<A>,
) -> Result<(), StoreError> {
    match values_of::<A>(row) {
        Some(values) => put::<A>(connection, key, row, &values).await,
        None => Ok(()),
    }
}

async fn put<A: Application>(
    connection: &mut SqliteConnection,
    key: &str,
    row: &Row<A>,
    values: &[Option<ColumnValue>],
) -> Result<(), StoreError> {
    let scope = scope_id(connection, &<A::Schema as Schema>::scope(row).to_string()).await?;
    let mut text = "INSERT INTO columns (key, scope".to_owned();
    columns::<A>().for_each(|column| text += &format!(", {}", name::<A>(column)));
    text += ") VALUES (?, ?";
    columns::<A>().for_each(|_| text += ", ?");
    text += ") ON CONFLICT (key) DO UPDATE SET scope = excluded.scope";
    columns::<A>().for_each(|column| text += &format!(", {0} = excluded.{0}", name::<A>(column)));
    text += " RETURNING id";
    let mut query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(text)).bind(key).bind(scope);
    for column in columns::<A>() {
        query = query.bind(match &values[column] {
            Some(ColumnValue::One(value)) => Some(value.clone()),
            _ => None,
        });
    }
    let id = query.fetch_one(&mut *connection).await?;
    if columns::<A>().count() == values.len() {
        return Ok(());
    }
    sqlx::query("DELETE FROM listed WHERE id = ?").bind(id).execute(&mut *connection).await?;
    for (column, value) in values.iter().enumerate() {
        let Some(ColumnValue::Many(values)) = value else { continue };
        for value in values {
            sqlx::query("INSERT OR IGNORE INTO listed VALUES (?, ?, ?)")
                .bind(sql(column as u64))
                .bind(value)
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

async fn remove(connection: &mut SqliteConnection, key: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM listed WHERE id = (SELECT id FROM columns WHERE key = ?)")
        .bind(key)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM columns WHERE key = ?").bind(key).execute(connection).await?;
    Ok(())
}

async fn scope_id(connection: &mut SqliteConnection, scope: &str) -> Result<i64, StoreError> {
    let known: Option<i64> = sqlx::query_scalar("SELECT id FROM columns_scopes WHERE scope = ?")
        .bind(scope)
        .fetch_optional(&mut *connection)
        .await?;
    match known {
        Some(id) => Ok(id),
        None => Ok(sqlx::query_scalar("INSERT INTO columns_scopes (scope) VALUES (?) RETURNING id")
            .bind(scope)
            .fetch_one(connection)
            .await?),
    }
}

/// Terms and what is bound to their question marks, in order.
#[derive(Clone, Default)]
struct Terms {
    text: String,
    values: Vec<Bound>,
}

#[derive(Clone)]
enum Bound {
    Number(i64),
    Bytes(Vec<u8>),
}

impl Terms {
    fn push(&mut self, text: &str, values: impl IntoIterator<Item = Bound>) {
        self.text += text;
        self.values.extend(values);
    }

    async fn fetch<T>(
        self,
        before: &str,
        behind: &str,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<T>, sqlx::Error>
    where
        T: Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>,
    {
        let mut query = sqlx::query_as::<_, T>(AssertSqlSafe(format!("{before}{}{behind}", self.text)));
        for value in self.values {
            query = match value {
                Bound::Number(number) => query.bind(number),
                Bound::Bytes(bytes) => query.bind(bytes),
            };
        }
        query.fetch(connection).try_collect().await
    }
}

/// What one clause asks of `c`. With a plus no index is used for it.
fn term<A: Application>(clause: &Clause, plus: &str, terms: &mut Terms) {
    match clause {
        Clause::OneOf(column, values) => {
            let marks = vec!["?"; values.len()].join(", ");
            let values = values.iter().cloned().map(Bound::Bytes);
            terms.push(&format!("{plus}c.{} IN ({marks})", name::<A>(*column)), values);
        }
        Clause::Has(column, value) => {
            let of = [Bound::Number(sql(*column as u64)), Bound::Bytes(value.clone())];
            terms.push("EXISTS (SELECT 1 FROM listed l WHERE l.column = ? AND l.value = ? AND l.id = c.id)", of);
        }
        Clause::Contains(column, bytes) => {
            terms.push(&format!("instr(c.{}, ?) > 0", name::<A>(*column)), [Bound::Bytes(bytes.clone())]);
        }
    }
}

/// What all clauses ask; of single values in `plain` columns by an index.
fn where_all<A: Application>(scope: i64, clauses: &[Vec<Clause>], plain: &[usize], terms: &mut Terms) {
    terms.push("c.scope = ?", [Bound::Number(scope)]);
    for clauses in clauses {
        terms.push(" AND (", []);
        if clauses.is_empty() {
            terms.push("FALSE", []);
        }
        for (place, clause) in clauses.iter().enumerate() {
            if place > 0 {
                terms.push(" OR ", []);
            }
            let is_plain = matches!(clause, Clause::OneOf(column, _) if plain.contains(column));
            term::<A>(clause, if is_plain { "" } else { "+" }, terms);
        }
        terms.push(")", []);
    }
}

/// The rows in the order behind that place.
fn where_behind<A: Application>(order: &[Ordered], values: &[Vec<u8>], plus: &str, terms: &mut Terms) {
    let compare = |ordered: &Ordered| if ordered.descending { "<" } else { ">" };
    let Some((first, value)) = order.first().zip(values.first()) else { return };
    let text = format!(" AND {plus}c.{} {}= ? AND (", name::<A>(first.column), compare(first));
    terms.push(&text, [Bound::Bytes(value.clone())]);
    for (place, ordered) in order.iter().enumerate() {
        terms.push(if place > 0 { " OR (" } else { "(" }, []);
        for (equal, value) in order[..place].iter().zip(values) {
            terms.push(&format!("+c.{} = ? AND ", name::<A>(equal.column)), [Bound::Bytes(value.clone())]);
        }
        let text = format!("+c.{} {} ?)", name::<A>(ordered.column), compare(ordered));
        terms.push(&text, [Bound::Bytes(values[place].clone())]);
    }
    terms.push(")", []);
}

/// How the rows of a query are found.
enum Way {
    /// In the order asked for, as an index has it within single values of these columns.
    Walk(Vec<usize>),
    /// By what this list of clauses asks for, in these columns of an index; and then sorted.
    Sort(usize, Vec<usize>),
}

/// Whether a query asks for one value of a column.
fn is_single(clauses: &[Vec<Clause>], column: usize) -> bool {
    clauses.iter().any(|of| matches!(&of[..], [Clause::OneOf(of, values)] if *of == column && values.len() == 1))
}

/// The columns of an index up to and without that one, if a query asks for one value of each.
fn before(index: &[Ordered], column: usize, clauses: &[Vec<Clause>]) -> Option<Vec<usize>> {
    let place = index.iter().position(|ordered| ordered.column == column)?;
    let before: Vec<usize> = index[..place].iter().map(|ordered| ordered.column).collect();
    before.iter().all(|column| is_single(clauses, *column)).then_some(before)
}

/// The column without whose value a row is not in an index.
fn mark(index: &[Ordered]) -> Option<usize> {
    index.get(1).or(index.first()).map(|ordered| ordered.column)
}

/// The columns of an index by which one reaches rows by their values of that column.
fn reaches<A: Application>(column: usize, clauses: &[Vec<Clause>]) -> Option<Vec<usize>> {
    let indexes = Asked::<A>::INDEXES.iter().filter(|index| mark(index) == Some(column));
    indexes.filter_map(|index| before(index, column, clauses)).min_by_key(Vec::len)
}

async fn way<A: Application>(
    connection: &mut SqliteConnection,
    scope: i64,
    clauses: &[Vec<Clause>],
    order: &[Ordered],
    sorted_max: u64,
) -> Result<Way, StoreError> {
    let (mut fewest, mut way) = (sorted_max, None);
    for (place, of) in clauses.iter().enumerate() {
        let (mut terms, mut plain) = (Terms::default(), Vec::new());
        let from = match &of[..] {
            [Clause::Has(column, value)] => {
                let values = [Bound::Number(sql(*column as u64)), Bound::Bytes(value.clone())];
                terms.push("l.column = ? AND l.value = ?", values);
                "listed l"
            }
            [Clause::OneOf(column, _)] => {
                let Some(before) = reaches::<A>(*column, clauses) else { continue };
                plain = before;
                plain.push(*column);
                let is_asked =
                    |of: &&Vec<Clause>| matches!(of[..], [Clause::OneOf(column, _)] if plain.contains(&column));
                let asked: Vec<Vec<Clause>> = clauses.iter().filter(is_asked).cloned().collect();
                where_all::<A>(scope, &asked, &plain, &mut terms);
                "columns c"
            }
            _ => continue,
        };
        let begin = format!("SELECT count(*) FROM (SELECT 1 FROM {from} WHERE ");
        let found: Vec<(i64,)> = terms.fetch(&begin, &format!(" LIMIT {fewest})"), connection).await?;
        let count = found.first().map_or(0, |(count,)| unsql(*count));
        if count < fewest {
            (fewest, way) = (count, Some(Way::Sort(place, plain)));
        }
    }
    let walk = || order.first().and_then(|first| reaches::<A>(first.column, clauses)).unwrap_or_default();
    Ok(way.unwrap_or_else(|| Way::Walk(walk())))
}

/// How many rows meet all clauses. Where an index has all that is asked, it is walked alone: in it ten times as many
/// rows are looked at in a moment as in the table.
async fn total<A: Application>(
    connection: &mut SqliteConnection,
    scope: i64,
    clauses: &[Vec<Clause>],
) -> Result<u64, StoreError> {
    let asked: Option<Vec<usize>> = clauses
        .iter()
        .flatten()
        .map(|clause| match clause {
            Clause::OneOf(column, _) => Some(*column),
            Clause::Has(..) | Clause::Contains(..) => None,
        })
        .collect();
    let has_all = |index: &&[Ordered]| {
        let has = |column: &usize| index.iter().any(|ordered| ordered.column == *column);
        asked.as_ref().is_some_and(|asked| asked.iter().all(has))
    };
    let shortest =
        Asked::<A>::INDEXES.iter().enumerate().filter(|(_, index)| has_all(index)).min_by_key(|(_, index)| index.len());
    let mut terms = Terms::default();
    let mut clauses = clauses.to_vec();
    // What is on a list is fewer than all, and looked up by its number.
    let listed = clauses.iter().position(|of| matches!(of[..], [Clause::Has(..)]));
    let mut plain: Vec<usize> = columns::<A>().collect();
    if let Some(place) = listed
        && let [Clause::Has(column, value)] = &clauses.remove(place)[..]
    {
        let of = [Bound::Number(sql(*column as u64)), Bound::Bytes(value.clone())];
        terms.push("c.id IN (SELECT l.id FROM listed l WHERE l.column = ? AND l.value = ?) AND +", of);
        plain.clear();
    }
    where_all::<A>(scope, &clauses, &plain, &mut terms);
    let begin = match shortest {
        Some((number, index)) => {
            if let Some(mark) = mark(index) {
                terms.push(&format!(" AND c.{} IS NOT NULL", name::<A>(mark)), []);
            }
            format!("SELECT count(*) FROM columns c INDEXED BY columns_{number} WHERE ")
        }
        None => "SELECT count(*) FROM columns c WHERE ".to_owned(),
    };
    let found: Vec<(i64,)> = terms.fetch(&begin, "", connection).await?;
    Ok(found.first().map_or(0, |(total,)| unsql(*total)))
}

/// A page of the rows that meet a query; called within a transaction.
pub(super) async fn query<A: Application>(
    connection: &mut SqliteConnection,
    query: &Asked<A>,
    after: Option<&Place>,
    limit: usize,
    count: bool,
    sorted_max: u64,
) -> Result<QueryPage<A::Schema>, StoreError> {
    let (head, _) = read::head(connection).await?;
    let mut page = QueryPage { as_of: head, rows: Vec::new(), more: false, total: count.then_some(0) };
    let scope: Option<i64> = sqlx::query_scalar("SELECT id FROM columns_scopes WHERE scope = ?")
        .bind(query.scope().to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(scope) = scope else { return Ok(page) };
    let (mut clauses, order) = (query.clauses(), query.order());
    // A place that is none has nothing behind it.
    let behind = after.map(|place| place.values(Asked::<A>::COLUMNS, &order).ok_or(())).transpose();
    let Ok(behind) = behind else { return Ok(page) };

    if count {
        page.total = Some(total::<A>(connection, scope, &clauses).await?);
    }
    if limit == 0 {
        return Ok(page);
    }
    let way = way::<A>(connection, scope, &clauses, &order, sorted_max).await?;
    let (mut terms, plus) = (Terms::default(), if matches!(way, Way::Walk(_)) { "" } else { "+" });
    let plain = match way {
        Way::Walk(plain) => plain,
        Way::Sort(place, plain) => {
            if let [Clause::Has(column, value)] = &clauses[place][..] {
                let of = [Bound::Number(sql(*column as u64)), Bound::Bytes(value.clone())];
                terms.push("c.id IN (SELECT l.id FROM listed l WHERE l.column = ? AND l.value = ?) AND +", of);
                clauses.remove(place);
            }
            plain
        }
    };
    where_all::<A>(scope, &clauses, &plain, &mut terms);
    for column in plain.iter().chain(order.first().map(|first| &first.column)) {
        terms.push(&format!(" AND c.{} IS NOT NULL", name::<A>(*column)), []);
    }
    if let Some(values) = behind {
        where_behind::<A>(&order, &values, plus, &mut terms);
    }
    let by = |plus: &str| {
        let direction = |ordered: &Ordered| if ordered.descending { " DESC" } else { "" };
        let by = |ordered: &Ordered| format!("{plus}c.{}{}", name::<A>(ordered.column), direction(ordered));
        order.iter().map(by).collect::<Vec<_>>().join(", ")
    };
    let columns: String = order.iter().map(|ordered| format!(", c.{}", name::<A>(ordered.column))).collect();
    let begin = format!("SELECT rows.key, rows.body FROM (SELECT c.key{columns} FROM columns c WHERE ");
    let end = format!(
        " ORDER BY {} LIMIT {}) c CROSS JOIN rows ON rows.key = c.key ORDER BY {}",
        by(plus),
        limit + 1,
        by("")
    );
    let mut size_bytes = 0;
    let found: Vec<(String, String)> = terms.fetch(&begin, &end, connection).await?;
    for (key, body) in found {
        size_bytes += body.len();
        if page.rows.len() >= limit || (!page.rows.is_empty() && size_bytes > PAGE_BYTES) {
            page.more = true;
            break;
        }
        page.rows.push(read::decode(&key, &body)?);
    }
    Ok(page)
}
