//! What can be asked of a project that is too large to be held whole.

use crate::{
    Issue, IssueId, Priority, ProjectId, Row, Scope, Status, Tracker,
    filter::{IssueQuery, SortKey, fold},
};
use holdfast_sync::schema::{Clause, Column, ColumnKind, ColumnValue, Ordered, Query};
use serde::{Deserialize, Serialize};

/// A question about one project.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// A list of its issues, in its order but for groups: those take all there are.
    Issues {
        /// The project.
        project: ProjectId,
        /// What the list shows; written as a URL has it.
        #[serde(with = "as_url")]
        query: IssueQuery,
    },
    /// One of its issues.
    Issue {
        /// The project.
        project: ProjectId,
        /// The issue.
        id: IssueId,
    },
    /// The issue's description and its comments.
    Texts {
        /// The project.
        project: ProjectId,
        /// The issue.
        issue: IssueId,
    },
    /// What a newer version of the tracker asks, as it is written: no row meets it.
    #[serde(untagged, with = "as_json")]
    Unknown(Box<str>),
}

mod as_url {
    use super::IssueQuery;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(query: &IssueQuery, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&query.to_query())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IssueQuery, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(IssueQuery::from_query(&text))
    }
}

mod as_json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<Value>(text).map_err(ser::Error::custom)?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<str>, D::Error> {
        Ok(Value::deserialize(deserializer)?.to_string().into())
    }
}

/// The columns, by their numbers in [`Query::COLUMNS`].
mod column {
    pub(super) const KIND: usize = 0;
    pub(super) const ISSUE: usize = 1;
    pub(super) const STATUS: usize = 2;
    pub(super) const PRIORITY: usize = 3;
    pub(super) const ASSIGNEE: usize = 4;
    pub(super) const LABELS: usize = 5;
    pub(super) const NUMBER: usize = 6;
    pub(super) const TITLE: usize = 7;
    pub(super) const CREATED: usize = 8;
    pub(super) const UPDATED: usize = 9;
    pub(super) const ID: usize = 10;
}
use column::{ASSIGNEE, CREATED, ID, ISSUE, KIND, LABELS, NUMBER, PRIORITY, STATUS, TITLE, UPDATED};

/// The kinds of rows that can be asked for.
const ISSUES: u8 = 1;
const TEXTS: u8 = 2;

const fn column(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind }
}

fn status(status: Status) -> Vec<u8> {
    vec![status as u8]
}

fn priority(priority: Priority) -> Vec<u8> {
    vec![priority as u8]
}

fn issue_column(issue: &Issue, column: usize) -> ColumnValue {
    match column {
        KIND => ColumnValue::One(vec![ISSUES]),
        STATUS => ColumnValue::One(status(issue.status)),
        PRIORITY => ColumnValue::One(priority(issue.priority)),
        ASSIGNEE => ColumnValue::One(issue.assignee.map(|user| user.0.as_bytes().to_vec()).unwrap_or_default()),
        LABELS => ColumnValue::Many(issue.labels.iter().map(|label| label.0.as_bytes().to_vec()).collect()),
        NUMBER => ColumnValue::number(issue.number.unwrap_or(u64::MAX)),
        TITLE => ColumnValue::One(fold(&issue.title).into_bytes()),
        CREATED => ColumnValue::signed(issue.created_at),
        UPDATED => ColumnValue::signed(issue.updated_at),
        _ => ColumnValue::One(issue.id.0.as_bytes().to_vec()),
    }
}

fn text_column(issue: IssueId, id: &[u8; 16], created_at: i64, column: usize) -> Option<ColumnValue> {
    Some(match column {
        KIND => ColumnValue::One(vec![TEXTS]),
        ISSUE => ColumnValue::One(issue.0.as_bytes().to_vec()),
        CREATED => ColumnValue::signed(created_at),
        ID => ColumnValue::One(id.to_vec()),
        _ => return None,
    })
}

impl Query<Tracker> for Asked {
    const COLUMNS: &'static [Column] = &[
        column("kind", ColumnKind::Fixed(1)),
        column("issue", ColumnKind::Fixed(16)),
        column("status", ColumnKind::Fixed(1)),
        column("priority", ColumnKind::Fixed(1)),
        column("assignee", ColumnKind::Text),
        column("labels", ColumnKind::List),
        column("number", ColumnKind::Fixed(8)),
        column("title", ColumnKind::Text),
        column("created", ColumnKind::Fixed(8)),
        column("updated", ColumnKind::Fixed(8)),
        column("id", ColumnKind::Fixed(16)),
    ];

    // Of what many issues share, the order among equals belongs to it; what few share is sorted when it is read.
    const INDEXES: &'static [&'static [Ordered]] = &[
        &[Ordered::up(ISSUE)],
        &[Ordered::up(ID)],
        &[Ordered::up(KIND), Ordered::up(UPDATED)],
        &[Ordered::up(KIND), Ordered::up(CREATED)],
        &[Ordered::up(KIND), Ordered::up(NUMBER)],
        &[Ordered::up(KIND), Ordered::up(TITLE)],
        &[Ordered::up(KIND), Ordered::up(ASSIGNEE)],
        // All that a filter asks without a text or a label: how many there are is counted along it.
        &[Ordered::up(KIND), Ordered::up(STATUS), Ordered::up(PRIORITY), Ordered::up(ASSIGNEE)],
        &[Ordered::up(KIND), Ordered::up(STATUS), Ordered::down(CREATED), Ordered::up(ID)],
        &[Ordered::up(KIND), Ordered::down(STATUS), Ordered::down(CREATED), Ordered::up(ID)],
        &[Ordered::up(KIND), Ordered::up(PRIORITY), Ordered::down(CREATED), Ordered::up(ID)],
        &[Ordered::up(KIND), Ordered::down(PRIORITY), Ordered::down(CREATED), Ordered::up(ID)],
    ];

    const COLUMNS_VERSION: u32 = 2;

    fn column(row: &Row, column: usize) -> Option<ColumnValue> {
        match row {
            // What stands under its own id needs no other name.
            Row::Issue(issue) => (column != ISSUE).then(|| issue_column(issue, column)),
            Row::Description(text) => text_column(text.issue, text.issue.0.as_bytes(), i64::MIN, column),
            Row::Comment(text) => text_column(text.issue, text.id.0.as_bytes(), text.created_at, column),
            _ => None,
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Issues { project, .. } | Self::Issue { project, .. } => Scope::Project(*project),
            Self::Texts { project, .. } => Scope::Texts(*project),
            Self::Unknown(_) => Scope::Other("unknown".into()),
        }
    }

    fn meets(&self, row: &Row) -> bool {
        match (self, row) {
            (Self::Issues { query, .. }, Row::Issue(issue)) => query.filter.matches(issue),
            (Self::Issue { id, .. }, Row::Issue(issue)) => issue.id == *id,
            (Self::Texts { issue, .. }, Row::Description(text)) => text.issue == *issue,
            (Self::Texts { issue, .. }, Row::Comment(text)) => text.issue == *issue,
            _ => false,
        }
    }

    fn order(&self) -> Vec<Ordered> {
        let Self::Issues { query, .. } = self else { return vec![Ordered::up(CREATED), Ordered::up(ID)] };
        let by = match query.sort.key {
            SortKey::Updated => UPDATED,
            SortKey::Created => CREATED,
            SortKey::Priority => PRIORITY,
            SortKey::Status => STATUS,
            SortKey::Number => NUMBER,
            SortKey::Title => TITLE,
        };
        vec![Ordered { column: by, descending: query.sort.descending }, Ordered::down(CREATED), Ordered::up(ID)]
    }

    fn clauses(&self) -> Vec<Vec<Clause>> {
        let kind = |kind: u8| vec![Clause::OneOf(KIND, vec![vec![kind]])];
        let query = match self {
            Self::Issues { query, .. } => query,
            Self::Issue { id, .. } => {
                return vec![vec![Clause::OneOf(ID, vec![id.0.as_bytes().to_vec()])], kind(ISSUES)];
            }
            Self::Texts { issue, .. } => {
                return vec![vec![Clause::OneOf(ISSUE, vec![issue.0.as_bytes().to_vec()])], kind(TEXTS)];
            }
            Self::Unknown(_) => return vec![vec![]],
        };
        let filter = &query.filter;
        let mut clauses: Vec<Vec<Clause>> = Vec::new();
        clauses.extend(filter.labels.iter().map(|label| vec![Clause::Has(LABELS, label.0.as_bytes().to_vec())]));
        let mut one_of = |column, values: Vec<Vec<u8>>| {
            if !values.is_empty() {
                clauses.push(vec![Clause::OneOf(column, values)]);
            }
        };
        let assignee = |user: &Option<crate::UserId>| user.map(|user| user.0.as_bytes().to_vec()).unwrap_or_default();
        one_of(ASSIGNEE, filter.assignees.iter().map(assignee).collect());
        one_of(STATUS, filter.statuses.iter().copied().map(status).collect());
        one_of(PRIORITY, filter.priorities.iter().copied().map(priority).collect());
        clauses.push(kind(ISSUES));
        let text = filter.text.trim();
        if !text.is_empty() {
            let mut either = vec![Clause::Contains(TITLE, fold(text).into_bytes())];
            if let Ok(number) = text.strip_prefix('#').unwrap_or(text).parse::<u64>()
                && let ColumnValue::One(number) = ColumnValue::number(number)
            {
                either.push(Clause::OneOf(NUMBER, vec![number]));
            }
            clauses.push(either);
        }
        clauses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{filter::IssueSort, testing};
    use proptest::{collection, prelude::*, sample};

    proptest! {
        #[test]
        fn places_sort_as_the_list_does(
            issues in collection::vec(testing::any_issue(), 0..12),
            key in sample::select(&SortKey::ALL[..]),
            descending: bool,
        ) {
            let sort = IssueSort { key, descending };
            let query = IssueQuery { sort, ..IssueQuery::default() };
            let asked = Asked::Issues { project: testing::project(1), query };
            for a in &issues {
                for b in &issues {
                    let by_place = asked.place(&Row::Issue(a.clone())).cmp(&asked.place(&Row::Issue(b.clone())));
                    prop_assert_eq!(by_place, sort.sort_key(a).cmp(&sort.sort_key(b)));
                }
            }
        }
    }

    #[test]
    fn a_question_is_written_as_a_url_has_it_and_one_of_tomorrow_is_met_by_no_row() {
        let query = IssueQuery::from_query("status=todo&sort=-created");
        let asked = Asked::Issues { project: testing::project(1), query };
        let text = serde_json::to_string(&asked).expect("it is made of strings");
        assert!(text.contains(r#""query":"status=todo&sort=-created""#), "{text}");
        assert_eq!(serde_json::from_str::<Asked>(&text).expect("it was written"), asked);
        let text = r#"{"votes":{"least":7,"project":"x"}}"#;
        let later: Asked = serde_json::from_str(text).expect("it decodes");
        assert!(matches!(later, Asked::Unknown(_)));
        assert_eq!(serde_json::to_string(&later).expect("it is JSON"), text);
        assert!(!later.meets(&Row::Issue(testing::sample_issue(1))));
    }
}
