//! The order of a list of issues.

use super::fold;
use crate::{Issue, IssueId, Priority, Status};
use std::cmp::Reverse;

/// By what a list is ordered, and which way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IssueSort {
    /// By what.
    pub key: SortKey,
    /// The greatest first.
    pub descending: bool,
}

/// What a list can be ordered by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SortKey {
    /// The time of the last change.
    Updated,
    /// The time it was made.
    Created,
    /// The urgency; ascending begins with the most urgent.
    Priority,
    /// The status, in board order.
    Status,
    /// The number; an issue that has none yet counts as the last.
    Number,
    /// The title, without regard to case and accents.
    Title,
}

impl SortKey {
    /// Everything that can be chosen.
    pub const ALL: [Self; 6] = [Self::Updated, Self::Created, Self::Priority, Self::Status, Self::Number, Self::Title];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Updated => "Updated",
            Self::Created => "Created",
            Self::Priority => "Priority",
            Self::Status => "Status",
            Self::Number => "Number",
            Self::Title => "Title",
        }
    }

    /// The URL's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Created => "created",
            Self::Priority => "priority",
            Self::Status => "status",
            Self::Number => "number",
            Self::Title => "title",
        }
    }

    /// The key of that [`Self::name`], if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

impl Default for IssueSort {
    /// What changed last comes first.
    fn default() -> Self {
        Self { key: SortKey::Updated, descending: true }
    }
}

impl IssueSort {
    /// The issue's place in this order: a list is sorted when these ascend. Among
    /// equals the newest comes first, whichever way the list goes; no two issues
    /// have the same place.
    pub fn sort_key(&self, issue: &Issue) -> SortValue {
        let value = match self.key {
            SortKey::Updated => Value::Time(issue.updated_at),
            SortKey::Created => Value::Time(issue.created_at),
            SortKey::Priority => Value::Priority(issue.priority),
            SortKey::Status => Value::Status(issue.status),
            SortKey::Number => Value::Number(issue.number.unwrap_or(u64::MAX)),
            SortKey::Title => Value::Title(fold(&issue.title)),
        };
        let first = if self.descending { First::Descending(Reverse(value)) } else { First::Ascending(value) };
        SortValue { first, newest: Reverse(issue.created_at), id: issue.id }
    }
}

/// A place in the order of one [`IssueSort`]; those of different sorts have no
/// order that means anything.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SortValue {
    first: First,
    newest: Reverse<i64>,
    id: IssueId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum First {
    Ascending(Value),
    Descending(Reverse<Value>),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Value {
    Time(i64),
    Priority(Priority),
    Status(Status),
    Number(u64),
    Title(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::{collection, prelude::*, sample};

    fn order(sort: &str, issues: &[Issue]) -> Vec<u128> {
        let descending = sort.starts_with('-');
        let key = SortKey::from_name(sort.trim_start_matches('-')).expect("a key");
        let mut issues = issues.to_vec();
        issues.sort_by_key(|issue| IssueSort { key, descending }.sort_key(issue));
        issues.iter().map(|issue| issue.id.0.as_u128()).collect()
    }

    #[test]
    fn each_key_orders_both_ways_and_the_newest_leads_among_equals() {
        let base = testing::sample_issue(1);
        let issues = [
            Issue {
                number: Some(1),
                title: "zebra".into(),
                status: Status::Done,
                priority: Priority::Low,
                created_at: 10,
                updated_at: 40,
                ..base.clone()
            },
            Issue {
                id: testing::issue(2),
                number: Some(2),
                title: "Émile".into(),
                status: Status::Todo,
                priority: Priority::Urgent,
                created_at: 20,
                updated_at: 30,
                ..base.clone()
            },
            Issue {
                id: testing::issue(3),
                number: None,
                title: "fence".into(),
                status: Status::Todo,
                priority: Priority::Low,
                created_at: 30,
                updated_at: 50,
                ..base
            },
        ];
        for (sort, expected) in [
            ("updated", [2, 1, 3]),
            ("-updated", [3, 1, 2]),
            ("created", [1, 2, 3]),
            ("-created", [3, 2, 1]),
            ("priority", [2, 3, 1]),
            ("-priority", [3, 1, 2]),
            ("status", [3, 2, 1]),
            ("-status", [1, 3, 2]),
            ("number", [1, 2, 3]),
            ("-number", [3, 2, 1]),
            ("title", [2, 3, 1]),
            ("-title", [1, 3, 2]),
        ] {
            assert_eq!(order(sort, &issues), expected, "{sort}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_total_and_the_same_from_any_start(
            issues in collection::vec(testing::any_issue(), 0..12),
            key in sample::select(&SortKey::ALL[..]),
            descending: bool,
        ) {
            let sort = IssueSort { key, descending };
            for a in &issues {
                for b in &issues {
                    let ordering = sort.sort_key(a).cmp(&sort.sort_key(b));
                    prop_assert_eq!(ordering, sort.sort_key(b).cmp(&sort.sort_key(a)).reverse());
                    prop_assert!(a.id == b.id || ordering.is_ne(), "two issues in one place");
                }
            }
            let mut forwards: Vec<_> = issues.iter().map(|issue| sort.sort_key(issue)).collect();
            let mut backwards: Vec<_> = forwards.iter().rev().cloned().collect();
            forwards.sort();
            backwards.sort();
            prop_assert_eq!(forwards, backwards);
        }
    }
}
