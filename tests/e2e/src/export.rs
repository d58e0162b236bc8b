//! What the server holds, as its command `export` writes it.

use anyhow::{Context, Result};
use serde_json::Value;

/// The lines of an export.
pub struct Export(Vec<Value>);

impl Export {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
        Ok(Self(lines.context("an export is one JSON value a line")?))
    }

    /// The log's head: how many changes there were in all.
    ///
    /// # Errors
    /// When the first line does not say.
    pub fn head(&self) -> Result<u64> {
        self.0.first().and_then(|meta| meta["head"].as_u64()).context("the first line says the head")
    }

    /// How many mutations were answered.
    pub fn answers(&self) -> usize {
        self.0.iter().filter(|line| line["kind"] == "dedupe").count()
    }

    /// The rows of an entity (`issue`, `comment`, …), as the schema writes them.
    pub fn rows(&self, entity: &str) -> Vec<&Value> {
        let rows = self.0.iter().filter(|line| line["kind"] == "row");
        rows.filter_map(|line| line["stored"]["row"].get(entity)).collect()
    }

    /// All of it, one value a line, in an order that the same data always has.
    pub fn lines(&self) -> Vec<String> {
        self.0.iter().map(Value::to_string).collect()
    }

    /// How many rows of all entities there are.
    pub fn rows_in_all(&self) -> usize {
        self.0.iter().filter(|line| line["kind"] == "row").count()
    }

    /// How many rows of an entity have that value in that field.
    pub fn count(&self, entity: &str, field: &str, value: &str) -> usize {
        self.rows(entity).into_iter().filter(|row| row[field] == value).count()
    }

    /// The row of an entity with that id.
    ///
    /// # Errors
    /// When there is none.
    pub fn row(&self, entity: &str, id: &str) -> Result<&Value> {
        let found = self.rows(entity).into_iter().find(|row| row["id"] == id);
        found.with_context(|| format!("there is no {entity} {id}"))
    }
}
