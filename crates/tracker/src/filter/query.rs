//! A filter and a sort as a URL carries them.

use super::{GroupBy, IssueFilter, IssueSort, SortKey};
use crate::{LabelId, Priority, Status, UserId};
use std::{fmt::Write, str::FromStr};

/// A list of issues as it is asked for: what it shows, in which order.
///
/// ```
/// use holdfast_tracker::{Status, filter::{IssueQuery, SortKey}};
///
/// let query = IssueQuery::from_query("?status=todo,done&assignee=none&q=caf%C3%A9&sort=-created");
/// assert_eq!(query.filter.statuses, [Status::Todo, Status::Done].into());
/// assert_eq!(query.filter.text, "café");
/// assert_eq!((query.sort.key, query.sort.descending), (SortKey::Created, true));
/// assert_eq!(query.to_query(), "status=todo,done&assignee=none&q=caf%C3%A9&sort=-created");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct IssueQuery {
    /// What it shows.
    pub filter: IssueFilter,
    /// In which order.
    pub sort: IssueSort,
    /// Into which groups it falls, if any; the order is that within a group.
    pub group: Option<GroupBy>,
}

impl IssueQuery {
    /// The query string, without the question mark: the same text for the same
    /// query, empty for the one that asks nothing in the usual order.
    pub fn to_query(&self) -> String {
        let IssueFilter { statuses, priorities, assignees, labels, text } = &self.filter;
        let assignee = |user: &Option<UserId>| user.map_or_else(|| NOBODY.to_owned(), |user| user.to_string());
        let parts = [
            ("status", joined(statuses.iter().filter(|one| Status::ALL.contains(one)).map(|one| one.name()))),
            ("priority", joined(priorities.iter().filter(|one| Priority::ALL.contains(one)).map(|one| one.name()))),
            ("assignee", joined(assignees.iter().map(assignee))),
            ("label", joined(labels.iter().map(ToString::to_string))),
            ("q", percent_encoded(text)),
            ("sort", if self.sort == IssueSort::default() { String::new() } else { sort_name(self.sort) }),
            ("group", self.group.map(GroupBy::name).unwrap_or_default().to_owned()),
        ];
        let parts = parts.into_iter().filter(|(_, value)| !value.is_empty());
        parts.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// Reads a query string, with or without its question mark. What it does not
    /// know it passes over.
    pub fn from_query(query: &str) -> Self {
        let mut read = Self::default();
        let pairs = query.strip_prefix('?').unwrap_or(query).split('&').filter_map(|pair| pair.split_once('='));
        for (name, value) in pairs {
            let value = percent_decoded(value);
            let values = || value.split(',');
            let IssueFilter { statuses, priorities, assignees, labels, text } = &mut read.filter;
            match name {
                "status" => statuses.extend(values().filter_map(Status::from_name)),
                "priority" => priorities.extend(values().filter_map(Priority::from_name)),
                "assignee" => assignees.extend(values().filter_map(|value| match value {
                    NOBODY => Some(None),
                    id => UserId::from_str(id).ok().map(Some),
                })),
                "label" => labels.extend(values().filter_map(|value| LabelId::from_str(value).ok())),
                "q" => *text = value,
                "group" => read.group = GroupBy::from_name(&value),
                "sort" => read.sort = sort_of_name(&value).unwrap_or(read.sort),
                _ => {}
            }
        }
        read
    }
}

/// Stands for issues that nobody works on.
const NOBODY: &str = "none";

fn sort_name(sort: IssueSort) -> String {
    format!("{}{}", if sort.descending { "-" } else { "" }, sort.key.name())
}

fn sort_of_name(name: &str) -> Option<IssueSort> {
    let (descending, name) = name.strip_prefix('-').map_or((false, name), |name| (true, name));
    Some(IssueSort { key: SortKey::from_name(name)?, descending })
}

fn joined<T: AsRef<str>>(values: impl Iterator<Item = T>) -> String {
    let mut text = String::new();
    for value in values {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(value.as_ref());
    }
    text
}

/// All but RFC 3986's unreserved characters.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").expect("a String takes all that is written"),
        }
    }
    encoded
}

/// Takes what forms write too: `+` for a space. A lone `%` stands for itself, and
/// what is not UTF-8 becomes the replacement character.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
                continue;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::{collection, option, prelude::*, sample};

    #[test]
    fn a_query_is_written_for_people() {
        let filter = IssueFilter {
            statuses: [Status::Done, Status::Todo].into(),
            priorities: [Priority::None].into(),
            assignees: [Some(testing::user(1)), None].into(),
            labels: [testing::label(2)].into(),
            text: "a & b=50% é".into(),
        };
        let query = IssueQuery {
            filter,
            sort: IssueSort { key: SortKey::Title, descending: false },
            group: Some(GroupBy::Status),
        };
        assert_eq!(
            query.to_query(),
            "status=todo,done&priority=none&assignee=none,00000000-0000-0000-0000-000000000001\
             &label=00000000-0000-0000-0000-000000000002&q=a%20%26%20b%3D50%25%20%C3%A9&sort=title&group=status"
        );
        assert_eq!(IssueQuery::default().to_query(), "");
    }

    #[test]
    fn what_is_unknown_or_broken_is_passed_over() {
        let read = IssueQuery::from_query("?status=todo,parked,,&assignee=me&label=x&sort=-votes&page=3&&q&priority=");
        let expected = IssueFilter { statuses: [Status::Todo].into(), ..IssueFilter::default() };
        assert_eq!(read, IssueQuery { filter: expected, ..IssueQuery::default() });
        assert_eq!(IssueQuery::from_query("q=a+b%2Bc%zz%").filter.text, "a b+c%zz%");
        assert_eq!(IssueQuery::from_query("q=%FF").filter.text, "\u{fffd}");
        assert_eq!(IssueQuery::from_query("status=todo%2Cdone&status=backlog").filter.statuses.len(), 3);
    }

    prop_compose! {
        fn any_query()(
            statuses in collection::btree_set(sample::select(&Status::ALL[..]), 0..4),
            priorities in collection::btree_set(sample::select(&Priority::ALL[..]), 0..4),
            assignees in collection::btree_set(option::of((1..9_u128).prop_map(testing::user)), 0..4),
            labels in collection::btree_set((1..9_u128).prop_map(testing::label), 0..4),
            text in "\\PC{0,20}|[ +%&=,#?é\\x00-\\x1f]{0,8}",
            key in sample::select(&SortKey::ALL[..]),
            descending: bool,
            group in option::of(sample::select(&GroupBy::ALL[..])),
        ) -> IssueQuery {
            let filter = IssueFilter { statuses, priorities, assignees, labels, text };
            IssueQuery { filter, sort: IssueSort { key, descending }, group }
        }
    }

    proptest! {
        #[test]
        fn a_query_comes_back_from_its_url(query in any_query()) {
            let text = query.to_query();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#?\"<>".contains(&byte)));
            prop_assert_eq!(IssueQuery::from_query(&text), query.clone());
            prop_assert_eq!(IssueQuery::from_query(&format!("?{text}")), query);
        }

        #[test]
        fn any_text_is_read_as_some_query(text in "\\PC{0,60}|[a-z=&%,+?-]{0,60}") {
            let query = IssueQuery::from_query(&text);
            prop_assert_eq!(IssueQuery::from_query(&query.to_query()), query);
        }
    }
}
