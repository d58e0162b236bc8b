//! A list of issues as a URL or a saved view says it: the query, and what is shown of each issue.

use super::IssueQuery;
use std::collections::BTreeSet;

/// A list of issues: which, in which order, and what of them.
///
/// ```
/// use holdfast_tracker::filter::{Column, IssueView};
///
/// let view = IssueView::from_query("?status=todo&hide=labels,updated");
/// assert_eq!(view.hidden, [Column::Labels, Column::Updated].into());
/// assert_eq!(view.to_query(), "status=todo&hide=labels,updated");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IssueView {
    /// Which issues, in which order, in which groups.
    pub query: IssueQuery,
    /// What is not shown of them.
    pub hidden: BTreeSet<Column>,
}

/// Something of an issue that a list can show beside its title.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Column {
    /// How urgent it is.
    Priority,
    /// Its number.
    Number,
    /// Where the work stands.
    Status,
    /// Its labels.
    Labels,
    /// Who works on it.
    Assignee,
    /// When it last changed.
    Updated,
}

impl Column {
    /// Every one, in the order in which they stand on a line.
    pub const ALL: [Self; 6] =
        [Self::Priority, Self::Number, Self::Status, Self::Labels, Self::Assignee, Self::Updated];

    /// Its name in a URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Number => "number",
            Self::Status => "status",
            Self::Labels => "labels",
            Self::Assignee => "assignee",
            Self::Updated => "updated",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Priority => "Priority",
            Self::Number => "Number",
            Self::Status => "Status",
            Self::Labels => "Labels",
            Self::Assignee => "Assignee",
            Self::Updated => "Last updated",
        }
    }

    /// The column of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }
}

impl IssueView {
    /// The query string, without the question mark: the same text for the same view, empty for the one that
    /// shows everything in the usual order.
    pub fn to_query(&self) -> String {
        let query = self.query.to_query();
        if self.hidden.is_empty() {
            return query;
        }
        let hidden: Vec<&str> = self.hidden.iter().map(|column| column.name()).collect();
        let and = if query.is_empty() { "" } else { "&" };
        format!("{query}{and}{HIDE}={}", hidden.join(","))
    }

    /// Reads a query string, with or without its question mark. What it does not know it passes over.
    pub fn from_query(query: &str) -> Self {
        let pairs = query.strip_prefix('?').unwrap_or(query).split('&').filter_map(|pair| pair.split_once('='));
        let names = pairs.filter(|(name, _)| *name == HIDE).flat_map(|(_, names)| names.split(','));
        Self { query: IssueQuery::from_query(query), hidden: names.filter_map(Column::from_name).collect() }
    }
}

const HIDE: &str = "hide";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_written_one_way_and_read_whatever_else_stands_beside_it() {
        for text in ["", "hide=number", "q=a%26b&sort=-title&hide=priority,assignee", "group=status"] {
            assert_eq!(IssueView::from_query(text).to_query(), text);
        }
        let view = IssueView::from_query("?view=1&hide=labels,estimate&hide=number");
        assert_eq!(view.to_query(), "hide=number,labels");
    }
}
