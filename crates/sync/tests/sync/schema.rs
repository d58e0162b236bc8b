//! A small application for tests and benches: tasks on lists, remarks on tasks. What a newer version
//! of it would know, it reads as unknown.

use holdfast_sync::{
    ApplyContext, Footprint, Refusal, RefusalCode, Rows, Rule, Schema, Tx,
    schema::{self, Clause, Column, ColumnKind, ColumnValue, Ordered, Query},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{cell::Cell, collections::BTreeSet, fmt, str::FromStr};

/// The application.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tasks {}

/// Names a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    Task(u32),
    Remark(u32),
    Other(String),
}

/// A list of tasks, with their remarks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    List(u32),
    Other(String),
}

/// Any row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    Task(Task),
    Remark(Remark),
    /// Of an entity that a newer version knows.
    #[serde(untagged)]
    Other(serde_json::Map<String, serde_json::Value>),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Task {
    pub id: u32,
    pub list: u32,
    pub title: String,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<u8>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remark {
    pub id: u32,
    pub task: u32,
    pub list: u32,
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Fixed,
    Title,
    Tags,
    Text,
    #[serde(other)]
    Unknown,
}

/// What users do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    Add {
        id: u32,
        list: u32,
        title: String,
    },
    SetTitle {
        id: u32,
        title: String,
    },
    Tag {
        id: u32,
        tag: u8,
    },
    Say {
        id: u32,
        task: u32,
        text: String,
    },
    Drop {
        id: u32,
    },
    /// Of a newer version.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// The tasks of a list, by their titles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Tagged {
    pub list: u32,
    /// Only those with this tag.
    pub tag: Option<u8>,
}

thread_local! {
    /// How often a row was held against a query.
    pub static LOOKED: Cell<u64> = const { Cell::new(0) };
}

impl Query<Tasks> for Tagged {
    const COLUMNS: &'static [Column] = &[
        Column { name: "title", kind: ColumnKind::Text },
        Column { name: "tags", kind: ColumnKind::List },
        Column { name: "id", kind: ColumnKind::Fixed(8) },
    ];

    fn column(row: &Row, column: usize) -> Option<ColumnValue> {
        let Row::Task(task) = row else { return None };
        Some(match column {
            0 => ColumnValue::One(task.title.clone().into_bytes()),
            1 => ColumnValue::Many(task.tags.iter().map(|tag| vec![*tag]).collect()),
            _ => ColumnValue::number(task.id.into()),
        })
    }

    fn scope(&self) -> Scope {
        Scope::List(self.list)
    }

    fn meets(&self, row: &Row) -> bool {
        LOOKED.set(LOOKED.get() + 1);
        matches!(row, Row::Task(task) if self.tag.is_none_or(|tag| task.tags.contains(&tag)))
    }

    fn order(&self) -> Vec<Ordered> {
        vec![Ordered::up(0), Ordered::up(2)]
    }

    fn clauses(&self) -> Vec<Vec<Clause>> {
        self.tag.into_iter().map(|tag| vec![Clause::Has(1, vec![tag])]).collect()
    }
}

impl Schema for Tasks {
    type Key = Key;
    type Row = Row;
    type Field = Field;
    type Scope = Scope;
    type Mutation = Mutation;
    type Actor = u32;
    type Query = Tagged;

    const VERSION: u32 = 1;

    fn key(row: &Row) -> Key {
        match row {
            Row::Task(task) => Key::Task(task.id),
            Row::Remark(remark) => Key::Remark(remark.id),
            Row::Other(other) => {
                let (entity, body) = other.iter().next().map_or(("", None), |(entity, body)| (entity, Some(body)));
                Key::Other(format!("{entity}/{}", body.and_then(|body| body["id"].as_str()).unwrap_or_default()))
            }
        }
    }

    fn scope(row: &Row) -> Scope {
        match row {
            Row::Task(task) => Scope::List(task.list),
            Row::Remark(remark) => Scope::List(remark.list),
            Row::Other(other) => {
                let scope = other.values().next().and_then(|body| body["scope"].as_str()).unwrap_or("unknown");
                scope.parse().unwrap_or_else(|_| Scope::Other(scope.to_owned()))
            }
        }
    }

    fn parent(row: &Row) -> Option<Key> {
        match row {
            Row::Remark(remark) => Some(Key::Task(remark.task)),
            _ => None,
        }
    }

    fn changed_fields(before: Option<&Row>, after: &Row) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut differ = |changed: bool, field| changed.then(|| fields.push(field));
        match after {
            Row::Task(b) => {
                let a = before.and_then(|row| if let Row::Task(task) = row { Some(task) } else { None });
                differ(a.is_none_or(|a| a.title != b.title), Field::Title);
                differ(a.is_none_or(|a| a.tags != b.tags), Field::Tags);
                differ(a.is_none_or(|a| (a.id, a.list) != (b.id, b.list)), Field::Fixed);
            }
            Row::Remark(b) => {
                let a = before.and_then(|row| if let Row::Remark(remark) = row { Some(remark) } else { None });
                differ(a.is_none_or(|a| a.text != b.text), Field::Text);
                differ(a.is_none_or(|a| (a.id, a.task, a.list) != (b.id, b.task, b.list)), Field::Fixed);
            }
            Row::Other(_) => {
                differ(before != Some(after), Field::Unknown);
            }
        }
        fields
    }

    fn may_read(_: &u32, scope: &Scope, _: &dyn schema::Rows<Self>) -> bool {
        matches!(scope, Scope::List(_))
    }

    fn footprint(mutation: &Mutation) -> Footprint<Self> {
        let task = |id: &u32| Footprint::none().row(Key::Task(*id));
        match mutation {
            Mutation::Add { id, .. } => task(id).counter("tasks"),
            Mutation::SetTitle { id, .. } | Mutation::Tag { id, .. } => task(id),
            Mutation::Say { id, task: on, .. } => task(on).row(Key::Remark(*id)),
            Mutation::Drop { id } => task(id).children(Key::Task(*id)),
            Mutation::Unknown(_) => Footprint::none(),
        }
    }

    fn apply(mutation: &Mutation, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        match mutation {
            Mutation::Add { id, list, title } => {
                if tx.row(&Key::Task(*id)).is_some() {
                    return Err(Refusal::new(RefusalCode::Exists, "There is such a task."));
                }
                tx.next("tasks");
                tx.put(Row::Task(Task { id: *id, list: *list, title: title.clone(), tags: BTreeSet::new() }));
            }
            Mutation::SetTitle { id, title } => {
                let mut task = task(tx, *id)?;
                task.title.clone_from(title);
                tx.put(Row::Task(task));
            }
            Mutation::Tag { id, tag } => {
                let mut task = task(tx, *id)?;
                task.tags.insert(*tag);
                tx.put(Row::Task(task));
            }
            Mutation::Say { id, task: on, text } => {
                let list = task(tx, *on)?.list;
                tx.put(Row::Remark(Remark { id: *id, task: *on, list, text: text.clone() }));
            }
            Mutation::Drop { id } => {
                task(tx, *id)?;
                for remark in tx.children(&Key::Task(*id)) {
                    tx.delete(&remark);
                }
                tx.delete(&Key::Task(*id));
            }
            Mutation::Unknown(_) => {
                return Err(Refusal::new(RefusalCode::Unreadable, "Another version of the app made this change."));
            }
        }
        Ok(())
    }

    fn rule(field: Field) -> Rule {
        match field {
            Field::Tags => Rule::Commute,
            _ => Rule::LastWriterWins,
        }
    }
}

fn task(tx: &Tx<'_, Tasks>, id: u32) -> Result<Task, Refusal> {
    match Rows::row(tx, &Key::Task(id)) {
        Some(Row::Task(task)) => Ok(task.clone()),
        _ => Err(Refusal::not_found("task")),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(id) => write!(f, "task/{id:08}"),
            Self::Remark(id) => write!(f, "remark/{id:08}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl FromStr for Key {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('/') {
            Some(("task", id)) => Self::Task(id.parse()?),
            Some(("remark", id)) => Self::Remark(id.parse()?),
            _ => Self::Other(text.to_owned()),
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(id) => write!(f, "list/{id}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl FromStr for Scope {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix("list/") {
            Some(id) => Self::List(id.parse()?),
            None => Self::Other(text.to_owned()),
        })
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_text!(Key);
as_text!(Scope);
