//! Keys and scopes, which every version writes alike.

use super::SHELVES;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Names a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// A document.
    Doc(u32),
    /// Who may not look into a shelf.
    Lock(u8),
    /// A note on a document.
    Note(u32),
    /// A pin on a shelf.
    Pin(u32),
}

/// The unit of rights.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// The documents of one shelf.
    Shelf(u8),
    /// The notes on them.
    Texts(u8),
    /// Who may not look into which shelf. Everybody may read that.
    Locks,
}

impl Scope {
    /// Every scope there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let shelves = (0..SHELVES).flat_map(|shelf| [Self::Shelf(shelf), Self::Texts(shelf)]);
        shelves.chain([Self::Locks])
    }

    /// The shelf on which rights to it hang.
    pub fn shelf(self) -> Option<u8> {
        match self {
            Self::Shelf(shelf) | Self::Texts(shelf) => Some(shelf),
            Self::Locks => None,
        }
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
                std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_text!(Key);
as_text!(Scope);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doc(id) => write!(f, "doc/{id:08}"),
            Self::Lock(shelf) => write!(f, "lock/{shelf}"),
            Self::Note(id) => write!(f, "note/{id:08}"),
            Self::Pin(id) => write!(f, "pin/{id:08}"),
        }
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |id: &str| id.parse().map_err(|_| format!("{text} has no number"));
        match text.split_once('/') {
            Some(("doc", id)) => Ok(Self::Doc(number(id)?)),
            Some(("lock", id)) => Ok(Self::Lock(id.parse().map_err(|_| format!("{text} names no shelf"))?)),
            Some(("note", id)) => Ok(Self::Note(number(id)?)),
            Some(("pin", id)) => Ok(Self::Pin(number(id)?)),
            _ => Err(format!("{text} is no key")),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shelf(shelf) => write!(f, "shelf/{shelf}"),
            Self::Texts(shelf) => write!(f, "texts/{shelf}"),
            Self::Locks => f.write_str("locks"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shelf = |shelf: &str| shelf.parse().map_err(|_| format!("{text} names no shelf"));
        match text.split_once('/') {
            Some(("shelf", rest)) => Ok(Self::Shelf(shelf(rest)?)),
            Some(("texts", rest)) => Ok(Self::Texts(shelf(rest)?)),
            None if text == "locks" => Ok(Self::Locks),
            _ => Err(format!("{text} is no scope")),
        }
    }
}
