//! What part of a scope's rows can be asked for, in which order.
//!
//! A scope that is too large to hold is read through queries. One Rust predicate decides what meets a
//! query, in the browser and at the server; a store that has an index finds the same rows by the
//! [columns](Query::column), which is what [`Query::clauses`] and [`Query::order`] are written in. A property
//! test of the store holds the two equal.

use super::Schema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt::{self, Debug};

/// A question about the rows of one scope: which, and in which order.
pub trait Query<S: Schema>: Clone + Ord + Debug + Serialize + for<'de> Deserialize<'de> + 'static {
    /// What a store keeps of each row beside the row itself.
    const COLUMNS: &'static [Column] = &[];

    /// Which columns are looked up or walked along together: of each, its number and whether the greatest
    /// comes first. The scope stands before all.
    const INDEXES: &'static [&'static [Ordered]] = &[];

    /// Grows with every change to what [`column`](Self::column) gives, or to the constants: a store then makes
    /// its columns anew.
    const COLUMNS_VERSION: u32 = 0;

    /// A row's value in a column. None in the first one: no query shows that row.
    fn column(_row: &S::Row, _column: usize) -> Option<ColumnValue> {
        None
    }

    /// The scope whose rows are asked for.
    fn scope(&self) -> S::Scope;

    /// Whether it shows that row, which is of its scope.
    fn meets(&self, row: &S::Row) -> bool;

    /// The order, by columns of one value. No two rows may be alike in all of them.
    fn order(&self) -> Vec<Ordered>;

    /// What [`meets`](Self::meets) asks, by columns: of each list of clauses one must hold. The most telling comes
    /// first: a change is held against those queries alone of whose first values the row has one.
    fn clauses(&self) -> Vec<Vec<Clause>>;

    /// Where a row stands in the order.
    fn place(&self, row: &S::Row) -> Place {
        let mut bytes = Vec::new();
        for Ordered { column, descending } in self.order() {
            if let Some(ColumnValue::One(value)) = Self::column(row, column) {
                Self::COLUMNS[column].kind.write(&value, descending, &mut bytes);
            }
        }
        Place(bytes)
    }
}

/// The queries of an application whose scopes are all held whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum NoQuery {}

impl<S: Schema> Query<S> for NoQuery {
    fn scope(&self) -> S::Scope {
        match *self {}
    }

    fn meets(&self, _row: &S::Row) -> bool {
        match *self {}
    }

    fn order(&self) -> Vec<Ordered> {
        match *self {}
    }

    fn clauses(&self) -> Vec<Vec<Clause>> {
        match *self {}
    }
}

/// What a store keeps of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// What it is called in the store: a word of lower-case letters.
    pub name: &'static str,
    /// What its values are.
    pub kind: ColumnKind,
}

/// What the values of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// So many bytes, which sort as the values do.
    Fixed(usize),
    /// Bytes of any number, which sort as the values do.
    Text,
    /// Any number of values, without an order.
    List,
}

/// A row's value in a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnValue {
    /// Of [`ColumnKind::Fixed`] and [`ColumnKind::Text`].
    One(Vec<u8>),
    /// Of [`ColumnKind::List`].
    Many(Vec<Vec<u8>>),
}

impl ColumnValue {
    /// A number, which sorts as it should.
    pub fn number(number: u64) -> Self {
        Self::One(number.to_be_bytes().to_vec())
    }

    /// A number that may be below zero, which sorts as it should.
    pub fn signed(number: i64) -> Self {
        Self::number(number.cast_unsigned() ^ (1 << 63))
    }
}

/// A column that an order goes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ordered {
    /// Its number in [`Query::COLUMNS`].
    pub column: usize,
    /// The greatest first.
    pub descending: bool,
}

impl Ordered {
    /// The least first.
    pub const fn up(column: usize) -> Self {
        Self { column, descending: false }
    }

    /// The greatest first.
    pub const fn down(column: usize) -> Self {
        Self { column, descending: true }
    }
}

/// What is asked of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Clause {
    /// Its value is one of these.
    OneOf(usize, Vec<Vec<u8>>),
    /// Its list has this.
    Has(usize, Vec<u8>),
    /// Its value has these bytes in it.
    Contains(usize, Vec<u8>),
}

/// Where a row stands in the order of a query: places of one query compare as their bytes do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Place(Vec<u8>);

/// Ends a text. Within one, `0` is written `0 255`.
const END: [u8; 2] = [0, 0];

impl ColumnKind {
    fn write(self, value: &[u8], descending: bool, bytes: &mut Vec<u8>) {
        let begin = bytes.len();
        match self {
            Self::Text => {
                for byte in value {
                    bytes.push(*byte);
                    if *byte == 0 {
                        bytes.push(u8::MAX);
                    }
                }
                bytes.extend(END);
            }
            Self::Fixed(_) | Self::List => bytes.extend(value),
        }
        if descending {
            bytes[begin..].iter_mut().for_each(|byte| *byte = !*byte);
        }
    }

    /// The value that begins there, with how many bytes it takes.
    fn read(self, bytes: &[u8], descending: bool) -> Option<(Vec<u8>, usize)> {
        let byte = |at: usize| bytes.get(at).map(|byte| if descending { !byte } else { *byte });
        match self {
            Self::Fixed(length) => Some(((0..length).map(byte).collect::<Option<_>>()?, length)),
            Self::List => None,
            Self::Text => {
                let (mut value, mut at) = (Vec::new(), 0);
                loop {
                    match (byte(at)?, byte(at + 1)) {
                        (0, Some(0)) => return Some((value, at + 2)),
                        (0, Some(u8::MAX)) => {
                            value.push(0);
                            at += 2;
                        }
                        (0, _) => return None,
                        (other, _) => {
                            value.push(other);
                            at += 1;
                        }
                    }
                }
            }
        }
    }
}

impl Place {
    /// The values in the columns of an order. None where it is no place in that.
    pub fn values(&self, columns: &[Column], order: &[Ordered]) -> Option<Vec<Vec<u8>>> {
        let (mut values, mut at) = (Vec::new(), 0);
        for Ordered { column, descending } in order {
            let (value, length) = columns.get(*column)?.kind.read(&self.0[at..], *descending)?;
            values.push(value);
            at += length;
        }
        (at == self.0.len()).then_some(values)
    }
}

impl Serialize for Place {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let digits: Option<Vec<u8>> = text.chars().map(|char| char.to_digit(16).map(|digit| digit as u8)).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0);
        let digits = digits.ok_or_else(|| de::Error::custom("a place is written in pairs of hexadecimal digits"))?;
        Ok(Self(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: &[Column] =
        &[Column { name: "text", kind: ColumnKind::Text }, Column { name: "number", kind: ColumnKind::Fixed(8) }];

    fn place(text: &[u8], number: i64, order: &[Ordered]) -> Place {
        let mut bytes = Vec::new();
        let ColumnValue::One(number) = ColumnValue::signed(number) else { unreachable!("it is one") };
        for Ordered { column, descending } in order {
            let value = if *column == 0 { text } else { &number };
            COLUMNS[*column].kind.write(value, *descending, &mut bytes);
        }
        Place(bytes)
    }

    proptest! {
        #[test]
        fn places_sort_as_what_they_are_made_of(
            a in (proptest::collection::vec(prop_oneof![Just(0), Just(255), any::<u8>()], 0..4), any::<i64>()),
            b in (proptest::collection::vec(prop_oneof![Just(0), Just(255), any::<u8>()], 0..4), any::<i64>()),
            first: bool,
            second: bool,
        ) {
            let order = [Ordered { column: 0, descending: first }, Ordered { column: 1, descending: second }];
            let turn = |ordering: std::cmp::Ordering, descending| if descending { ordering.reverse() } else { ordering };
            let expected = turn(a.0.cmp(&b.0), first).then(turn(a.1.cmp(&b.1), second));
            let (of_a, of_b) = (place(&a.0, a.1, &order), place(&b.0, b.1, &order));
            prop_assert_eq!(of_a.cmp(&of_b), expected);
            let ColumnValue::One(number) = ColumnValue::signed(a.1) else { unreachable!("it is one") };
            prop_assert_eq!(of_a.values(COLUMNS, &order), Some(vec![a.0, number]));
            let text = serde_json::to_string(&of_a).expect("it is a string");
            prop_assert_eq!(serde_json::from_str::<Place>(&text).expect("it was written"), of_a);
        }

        #[test]
        fn what_is_no_place_is_found_out(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let order = [Ordered::up(0), Ordered::down(1)];
            if let Some(values) = Place(bytes.clone()).values(COLUMNS, &order) {
                let number = i64::from_be_bytes(values[1].clone().try_into().expect("eight bytes")) ^ i64::MIN;
                prop_assert_eq!(place(&values[0], number, &order), Place(bytes));
            }
        }
    }

    #[test]
    fn a_place_of_something_else_is_an_error() {
        for text in ["\"0\"", "\"0g\"", "\"é0\"", "7"] {
            assert!(serde_json::from_str::<Place>(text).is_err(), "{text}");
        }
    }
}
