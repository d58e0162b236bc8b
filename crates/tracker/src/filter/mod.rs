//! What a list of issues shows and in which order.
//!
//! [`IssueFilter::matches`] and [`IssueSort::sort_key`] are the one definition of
//! both: the browser's lists, the server's answers and what is kept offline go by
//! them. Together they are an [`IssueQuery`]; with what is shown of each issue, an
//! [`IssueView`], which a URL carries and a team saves.

mod fold;
mod group;
mod query;
mod sort;
mod view;

pub use fold::fold;
pub use group::GroupBy;
pub use query::IssueQuery;
pub use sort::{IssueSort, SortKey, SortValue};
pub use view::{Column, IssueView};

use crate::{Issue, LabelId, Priority, Status, UserId};
use std::collections::BTreeSet;

/// Which issues a list shows: those that meet every part. An empty part asks nothing.
///
/// ```
/// use holdfast_tracker::{Status, filter::IssueFilter};
///
/// let open_work = IssueFilter { statuses: [Status::Todo, Status::InProgress].into(), ..Default::default() };
/// assert!(!open_work.is_empty());
/// assert!(IssueFilter::default().is_empty());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct IssueFilter {
    /// One of these.
    pub statuses: BTreeSet<Status>,
    /// One of these.
    pub priorities: BTreeSet<Priority>,
    /// One of these; `None` among them stands for issues that nobody works on.
    pub assignees: BTreeSet<Option<UserId>>,
    /// All of these.
    pub labels: BTreeSet<LabelId>,
    /// Occurs in the title whatever the case and accents, or is the number (`12`, `#12`).
    /// Space around it does not count.
    pub text: String,
}

impl IssueFilter {
    /// Whether it shows every issue.
    pub fn is_empty(&self) -> bool {
        let Self { statuses, priorities, assignees, labels, text } = self;
        statuses.is_empty()
            && priorities.is_empty()
            && assignees.is_empty()
            && labels.is_empty()
            && text.trim().is_empty()
    }

    /// Whether it shows that issue.
    pub fn matches(&self, issue: &Issue) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&issue.status))
            && (self.priorities.is_empty() || self.priorities.contains(&issue.priority))
            && (self.assignees.is_empty() || self.assignees.contains(&issue.assignee))
            && self.labels.is_subset(&issue.labels)
            && self.matches_text(issue)
    }

    fn matches_text(&self, issue: &Issue) -> bool {
        let text = self.text.trim();
        text.is_empty()
            || issue.number.is_some_and(|number| text.strip_prefix('#').unwrap_or(text).parse() == Ok(number))
            || fold(&issue.title).contains(&fold(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn shows(filter: IssueFilter, issue: &Issue) -> bool {
        filter.matches(issue)
    }

    fn text(text: &str) -> IssueFilter {
        IssueFilter { text: text.into(), ..IssueFilter::default() }
    }

    #[test]
    fn each_part_asks_for_one_of_its_values_and_labels_for_all() {
        let (one, two) = (testing::label(1), testing::label(2));
        let issue = Issue { labels: [one, two].into(), ..testing::sample_issue(1) };
        let all = IssueFilter::default();
        assert!(shows(all.clone(), &issue));
        assert!(shows(IssueFilter { statuses: [Status::Done, Status::Todo].into(), ..all.clone() }, &issue));
        assert!(!shows(IssueFilter { statuses: [Status::Done].into(), ..all.clone() }, &issue));
        assert!(shows(IssueFilter { priorities: [Priority::None].into(), ..all.clone() }, &issue));
        assert!(!shows(IssueFilter { priorities: [Priority::Low].into(), ..all.clone() }, &issue));
        assert!(shows(IssueFilter { assignees: [None, Some(testing::user(1))].into(), ..all.clone() }, &issue));
        assert!(!shows(IssueFilter { assignees: [Some(testing::user(1))].into(), ..all.clone() }, &issue));
        assert!(shows(IssueFilter { labels: [two].into(), ..all.clone() }, &issue));
        assert!(shows(IssueFilter { labels: [one, two].into(), ..all.clone() }, &issue));
        assert!(!shows(IssueFilter { labels: [one, testing::label(3)].into(), ..all.clone() }, &issue));
        let both = IssueFilter { labels: [one].into(), statuses: [Status::Done].into(), ..all };
        assert!(!shows(both, &issue), "every part counts");
    }

    #[test]
    fn a_text_is_sought_in_the_title_without_regard_to_case_and_accents() {
        let issue = Issue { title: "Übersicht: café stürzt ab".into(), ..testing::sample_issue(1) };
        for found in ["ubersicht", "CAFÉ", "cafe", " sturzt ", "cafe\u{301}", "", "  "] {
            assert!(shows(text(found), &issue), "{found:?}");
        }
        assert!(!shows(text("tee"), &issue));
    }

    #[test]
    fn a_number_finds_its_issue_with_and_without_the_sign() {
        let issue = Issue { number: Some(12), title: "Port 8080 is taken".into(), ..testing::sample_issue(1) };
        for found in ["12", "#12", " #12 ", "8080", "80"] {
            assert!(shows(text(found), &issue), "{found:?}");
        }
        for other in ["1", "#1", "#8080", "##12", "120"] {
            assert!(!shows(text(other), &issue), "{other:?}");
        }
        let unnumbered = Issue { number: None, ..issue };
        assert!(!shows(text("#12"), &unnumbered));
    }
}
