//! Into which groups a list of issues falls.

use super::fold;
use crate::{Issue, Priority, Status, UserId};

/// By what a list is grouped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupBy {
    /// The status, in board order.
    Status,
    /// The urgency, the most urgent first.
    Priority,
    /// Who works on it, by name; nobody comes last.
    Assignee,
}

/// Stands for nobody among the values of [`GroupBy::Assignee`].
const NOBODY: &str = "none";

impl GroupBy {
    /// Everything that can be chosen.
    pub const ALL: [Self; 3] = [Self::Status, Self::Priority, Self::Assignee];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Priority => "Priority",
            Self::Assignee => "Assignee",
        }
    }

    /// The URL's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Assignee => "assignee",
        }
    }

    /// The one of that [`Self::name`], if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }

    /// The issue's group: a text, in whose order the groups stand. `name_of` says what people are called.
    ///
    /// ```
    /// use holdfast_tracker::{Status, filter::GroupBy};
    ///
    /// let todo = GroupBy::of_status(Status::Todo);
    /// assert!(todo < GroupBy::of_status(Status::Done));
    /// assert_eq!(GroupBy::value(&todo), "todo");
    /// ```
    pub fn of(self, issue: &Issue, name_of: impl Fn(UserId) -> Option<String>) -> String {
        match self {
            Self::Status => Self::of_status(issue.status),
            Self::Priority => Self::of_priority(issue.priority),
            Self::Assignee => match issue.assignee {
                Some(user) => format!("0 {} {user}", fold(&name_of(user).unwrap_or_default())),
                None => format!("1 {NOBODY}"),
            },
        }
    }

    /// The group of a status.
    pub fn of_status(status: Status) -> String {
        format!("{} {}", status as u8, status.name())
    }

    /// The group of a priority.
    pub fn of_priority(priority: Priority) -> String {
        format!("{} {}", priority as u8, priority.name())
    }

    /// Whose group it is: a status' or priority's name, a user's id, or `none` for nobody.
    pub fn value(group: &str) -> &str {
        group.rsplit_once(' ').map_or(group, |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::prelude::*;

    #[test]
    fn groups_stand_in_the_order_in_which_people_think() {
        let statuses = Status::ALL.map(GroupBy::of_status);
        assert!(statuses.is_sorted(), "{statuses:?}");
        let priorities = Priority::ALL.map(GroupBy::of_priority);
        assert!(priorities.is_sorted(), "{priorities:?}");
        let names = [(1, "Zoë"), (2, "ångström"), (3, "Bob"), (4, "zoe")];
        let name_of =
            |user: UserId| names.iter().find(|(id, _)| testing::user(*id) == user).map(|(_, name)| (*name).to_owned());
        let group = |assignee| GroupBy::Assignee.of(&Issue { assignee, ..testing::sample_issue(1) }, name_of);
        let mut groups: Vec<String> =
            [None, Some(1), Some(2), Some(3), Some(4), Some(9)].map(|id| group(id.map(testing::user))).to_vec();
        groups.sort();
        let values: Vec<&str> = groups.iter().map(|group| GroupBy::value(group)).collect();
        let ids = [9, 2, 3, 1, 4].map(|id| testing::user(id).to_string());
        assert_eq!(values[..5], ids, "the one without a name first, then by name");
        assert_eq!(values[5], "none");
    }

    proptest! {
        #[test]
        fn a_group_tells_its_value(issue in testing::any_issue(), name in "\\PC{0,8}") {
            let value = |by: GroupBy| GroupBy::value(&by.of(&issue, |_| Some(name.clone()))).to_owned();
            prop_assert_eq!(value(GroupBy::Status), issue.status.name());
            prop_assert_eq!(value(GroupBy::Priority), issue.priority.name());
            let assignee = issue.assignee.map_or_else(|| "none".to_owned(), |user| user.to_string());
            prop_assert_eq!(value(GroupBy::Assignee), assignee);
        }
    }
}
