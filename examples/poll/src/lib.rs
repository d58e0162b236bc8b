//! A live poll: what it is and what can be done to it. [`app`] shows it; `cargo xtask example poll` runs it.

#[cfg(target_arch = "wasm32")]
pub mod app;

use holdfast_sync::{ApplyContext, Footprint, Refusal, RefusalCode, Rule, Schema, Tx, schema::Rows};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The one scope: whoever has signed in reads the whole poll.
pub const SCOPE: &str = "poll";

/// The poll as the engine and the server know it; a name only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Poll {}

/// A row of any entity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// `question/…`, `person/…`, `answer/…`.
    pub key: String,
    /// What it is.
    pub entity: Entity,
}

/// What a row can be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// What is asked. There is one.
    Question(String),
    /// Someone who has signed in, by name.
    Person(String),
    /// What can be voted for.
    Answer(Answer),
    /// An entity of a newer version: kept, not shown.
    #[serde(untagged)]
    Other(serde_json::Value),
}

/// What can be voted for.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// How often it was voted for.
    pub votes: u64,
    /// The people who have raised their hands for it.
    pub hands: BTreeSet<Uuid>,
}

/// What is settled by a rule of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Field {
    Text,
    Votes,
    Hands,
    #[serde(other)]
    Unknown,
}

/// What is done, to the row of that key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Act(pub String, pub Change);

/// What can be done to a row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Change {
    /// Makes it what is said; the server's own.
    Put(Entity),
    /// Asks that question.
    Ask(String),
    /// Makes it an answer.
    Suggest(String),
    /// Adds a vote.
    Vote,
    /// Raises one's hand for it, or lowers it.
    Raise(bool),
    /// What a newer version can do: refused by this one.
    #[serde(untagged)]
    Other(serde_json::Value),
}

impl Row {
    /// The answer it is, if it is one.
    pub fn answer(&self) -> Option<&Answer> {
        if let Entity::Answer(answer) = &self.entity { Some(answer) } else { None }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        match &self.entity {
            Entity::Question(text) | Entity::Person(text) | Entity::Answer(Answer { text, .. }) => text,
            Entity::Other(_) => "",
        }
    }
}

impl Schema for Poll {
    type Key = String;
    type Row = Row;
    type Field = Field;
    type Scope = String;
    type Mutation = Act;
    type Actor = Option<Uuid>; // The person; none for the server itself.
    type Query = holdfast_sync::schema::NoQuery;
    const VERSION: u32 = 1;

    fn key(row: &Row) -> String {
        row.key.clone()
    }

    fn scope(_: &Row) -> String {
        SCOPE.to_owned()
    }

    fn parent(_: &Row) -> Option<String> {
        None
    }

    fn changed_fields(before: Option<&Row>, after: &Row) -> Vec<Field> {
        let fields = [Field::Text, Field::Votes, Field::Hands];
        let (Some(a), Some(b)) = (before.and_then(Row::answer), after.answer()) else { return fields.to_vec() };
        let differ = [a.text != b.text, a.votes != b.votes, a.hands != b.hands];
        fields.into_iter().zip(differ).filter_map(|(field, differs)| differs.then_some(field)).collect()
    }

    fn may_read(_: &Option<Uuid>, scope: &String, _: &dyn Rows<Self>) -> bool {
        scope == SCOPE
    }

    fn footprint(act: &Act) -> Footprint<Self> {
        Footprint::none().row(act.0.clone())
    }

    fn apply(Act(key, change): &Act, ctx: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        let mut entity = tx.row(key).map(|row| row.entity.clone());
        match (change, &mut entity) {
            (Change::Put(new), _) if ctx.actor.is_none() => entity = Some(new.clone()),
            (Change::Ask(text), Some(Entity::Question(asked))) => *asked = said(text)?,
            (Change::Suggest(text), None) if key.starts_with("answer/") => {
                entity = Some(Entity::Answer(Answer { text: said(text)?, ..Answer::default() }));
            }
            (Change::Vote, Some(Entity::Answer(answer))) => answer.votes += 1,
            (Change::Raise(up), Some(Entity::Answer(answer))) => {
                answer.hands.retain(|hand| Some(*hand) != ctx.actor);
                answer.hands.extend(ctx.actor.filter(|_| *up));
            }
            _ => return Err(Refusal::new(RefusalCode::Invalid, "This cannot be done here.")),
        }
        entity.into_iter().for_each(|entity| tx.put(Row { key: key.clone(), entity }));
        Ok(())
    }

    fn rule(field: Field) -> Rule {
        match field {
            Field::Text | Field::Unknown => Rule::LastWriterWins,
            Field::Votes | Field::Hands => Rule::Commute, // Said is what to add or to take away.
        }
    }
}

/// A text as it is kept.
fn said(text: &str) -> Result<String, Refusal> {
    let kept = Some(text.trim().to_owned()).filter(|text| (1..=120).contains(&text.chars().count()));
    kept.ok_or_else(|| Refusal::invalid("Say it in 1 to 120 characters."))
}

/// What the server needs beside the schema.
#[cfg(not(target_arch = "wasm32"))]
impl holdfast_server::Application for Poll {
    type Schema = Self;
    const USERS: &'static str = "person";
    const WORKSPACES: &'static str = "question";

    fn system() -> Option<Uuid> {
        None
    }

    fn user(id: Uuid) -> Option<Uuid> {
        Some(id)
    }

    fn put(Row { key, entity }: Row) -> Act {
        Act(key, Change::Put(entity))
    }

    fn user_row(name: &str) -> Row {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.to_lowercase().as_bytes());
        Row { key: format!("person/{id}"), entity: Entity::Person(name.to_owned()) }
    }

    fn workspace_row(id: Uuid) -> Row {
        Row { key: format!("question/{id}"), entity: Entity::Question("What shall we build next?".to_owned()) }
    }

    fn named(row: &Row) -> Option<holdfast_server::Named> {
        holdfast_server::Named::of(&row.key, row.text())
    }
}
