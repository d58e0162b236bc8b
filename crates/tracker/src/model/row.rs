//! A row of any entity, as the engine moves it.

use super::{Comment, Description, Issue, Key, Label, Project, Scope, User, View, Workspace};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor},
};
use std::fmt;

/// A row of any entity, written `{"issue": {…}}`.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// The workspace itself.
    Workspace(Workspace),
    /// A project.
    Project(Project),
    /// A user.
    User(User),
    /// A label.
    Label(Label),
    /// A saved view.
    View(View),
    /// An issue.
    Issue(Issue),
    /// An issue's text.
    Description(Description),
    /// A comment.
    Comment(Comment),
    /// A row of an entity that a newer version of the tracker knows: shown as
    /// unknown, never written back. Its `id` and `scope` are kept beside the rest.
    #[serde(untagged)]
    Other(Other),
}

/// What is known of a row of an unknown entity.
#[derive(Clone, PartialEq, Debug)]
pub struct Other {
    entity: String,
    body: serde_json::Value,
}

impl Row {
    /// Its key.
    pub fn key(&self) -> Key {
        match self {
            Self::Workspace(row) => Key::Workspace(row.id),
            Self::Project(row) => Key::Project(row.id),
            Self::User(row) => Key::User(row.id),
            Self::Label(row) => Key::Label(row.id),
            Self::View(row) => Key::View(row.id),
            Self::Issue(row) => Key::Issue(row.id),
            Self::Description(row) => Key::Description(row.issue),
            Self::Comment(row) => Key::Comment(row.id),
            Self::Other(row) => {
                Key::Other(format!("{}/{}", row.entity, row.body["id"].as_str().unwrap_or_default()).into())
            }
        }
    }

    /// The scope that decides who reads it.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Workspace(_) | Self::Project(_) | Self::User(_) | Self::Label(_) | Self::View(_) => Scope::Workspace,
            Self::Issue(row) => Scope::Project(row.project),
            Self::Description(row) => Scope::Texts(row.project),
            Self::Comment(row) => Scope::Texts(row.project),
            Self::Other(row) => match row.body["scope"].as_str().map(str::parse) {
                Some(Ok(scope)) => scope,
                _ => Scope::Other("unknown".into()),
            },
        }
    }

    /// The row it hangs on, with which it is deleted.
    pub fn parent(&self) -> Option<Key> {
        match self {
            Self::Project(_) => Some(Key::PROJECTS),
            Self::Description(row) => Some(Key::Issue(row.issue)),
            Self::Comment(row) => Some(Key::Issue(row.issue)),
            _ => None,
        }
    }
}

impl Serialize for Other {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.entity, &self.body)])
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entity;

        impl<'de> Visitor<'de> for Entity {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("one entity's name and row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let entity: String = map.next_key()?.ok_or_else(|| de::Error::custom("a row without an entity"))?;
                // Its rows' keys are `entity/id`.
                if entity.contains('/') {
                    return Err(de::Error::custom(format!("{entity:?} names no entity")));
                }
                Ok(match entity.as_str() {
                    "workspace" => Row::Workspace(map.next_value()?),
                    "project" => Row::Project(map.next_value()?),
                    "user" => Row::User(map.next_value()?),
                    "label" => Row::Label(map.next_value()?),
                    "view" => Row::View(map.next_value()?),
                    "issue" => Row::Issue(map.next_value()?),
                    "description" => Row::Description(map.next_value()?),
                    "comment" => Row::Comment(map.next_value()?),
                    _ => Row::Other(Other { entity, body: map.next_value()? }),
                })
            }
        }

        deserializer.deserialize_map(Entity)
    }
}
