//! Rows with numeric ids.

use foldhash::fast::FixedState;
use holdfast_sync::{ApplyContext, Footprint, Refusal, RefusalCode, Rule, Schema, Tx, schema::Rows};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
};
use std::{borrow::Cow, cell::RefCell, fmt, hash::BuildHasher, str::FromStr, sync::Arc};

/// The benched rows as the engine knows them; a name only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Board {}

/// A row's id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item/{:020}", self.0)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim_start_matches("item/").parse().map(Self)
    }
}

/// The one scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct All;

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all")
    }
}

impl FromStr for All {
    type Err = std::convert::Infallible;

    fn from_str(_: &str) -> Result<Self, Self::Err> {
        Ok(Self)
    }
}

/// Texts that are longer are not looked for among those that were read before.
const SHARED_BYTES_MAX: usize = 32;

/// Places for texts that were read before.
const SHARED: usize = 1024;

thread_local! {
    static READ_BEFORE: RefCell<Vec<Arc<str>>> = RefCell::new(vec![Arc::default(); SHARED]);
}

/// The text, and the same one again where a short one comes again, as status, people and labels do: what parses
/// JSON for JavaScript does so too.
fn shared(text: &str) -> Arc<str> {
    if text.len() > SHARED_BYTES_MAX {
        return text.into();
    }
    let place = FixedState::default().hash_one(text) as usize % SHARED;
    READ_BEFORE.with_borrow_mut(|read| {
        if *read[place] != *text {
            read[place] = text.into();
        }
        read[place].clone()
    })
}

/// A text that rows share: one that is changed keeps what is not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text(pub Arc<str>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl Visitor<'_> for Any {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(shared(text)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(shared(&number.to_string())))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// Labels, joined by `, ` as they are shown. On the wire they are a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Labels(pub Text);

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.0.split(", ").filter(|label| !label.is_empty()))
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Joined;

        impl<'de> Visitor<'de> for Joined {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of strings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut labels: A) -> Result<Labels, A::Error> {
                let mut joined = String::with_capacity(SHARED_BYTES_MAX);
                while let Some(Label(label)) = labels.next_element()? {
                    if !joined.is_empty() {
                        joined.push_str(", ");
                    }
                    joined.push_str(&label);
                }
                Ok(Labels(Text(shared(&joined))))
            }
        }

        /// As it stands in the frame, where it is written without an escape.
        #[derive(Deserialize)]
        struct Label<'a>(#[serde(borrow)] Cow<'a, str>);

        deserializer.deserialize_seq(Joined)
    }
}

/// A row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: Id,
    /// Its title.
    pub title: Text,
    /// Its status; `done` is what `?view=live` leaves out.
    pub status: Text,
    /// Its priority.
    pub priority: Text,
    /// Whose it is.
    #[serde(default)]
    pub assignee: Option<Text>,
    /// Its labels.
    #[serde(default)]
    pub labels: Labels,
    /// When it was changed last, Unix milliseconds.
    pub updated_at: i64,
    /// Its project.
    #[serde(default)]
    pub project: Option<Text>,
}

impl Item {
    /// Whether `?view=live` shows it.
    pub fn is_live(&self) -> bool {
        &*self.status.0 != "done"
    }
}

/// What is settled by a rule of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Field {
    /// All but the title.
    Rest,
    /// The title.
    Title,
    /// One of a newer version.
    #[serde(other)]
    Unknown,
}

/// The one thing that can be done here: gives a row another title.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SetTitle {
    /// The row.
    pub id: Id,
    /// Its title from then on.
    pub title: Text,
}

impl Schema for Board {
    type Key = Id;
    type Row = Item;
    type Field = Field;
    type Scope = All;
    type Mutation = SetTitle;
    type Actor = ();
    type Query = holdfast_sync::schema::NoQuery;
    const VERSION: u32 = 1;

    fn key(row: &Item) -> Id {
        row.id
    }

    fn scope(_: &Item) -> All {
        All
    }

    fn parent(_: &Item) -> Option<Id> {
        None
    }

    fn changed_fields(before: Option<&Item>, after: &Item) -> Vec<Field> {
        let Some(before) = before else { return vec![Field::Rest, Field::Title] };
        let title_alone = Item { title: after.title.clone(), ..before.clone() };
        let differ = [(Field::Title, before.title != after.title), (Field::Rest, title_alone != *after)];
        differ.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
    }

    fn may_read(_: &(), _: &All, _: &dyn Rows<Self>) -> bool {
        true
    }

    fn footprint(mutation: &SetTitle) -> Footprint<Self> {
        Footprint::none().row(mutation.id)
    }

    fn apply(mutation: &SetTitle, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        let item = tx.row(&mutation.id).cloned();
        let item = item.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "There is no such row."))?;
        tx.put(Item { title: mutation.title.clone(), ..item });
        Ok(())
    }

    fn rule(_: Field) -> Rule {
        Rule::LastWriterWins
    }
}
