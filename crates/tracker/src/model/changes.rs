//! Which fields differ between two states of a row.

use super::{Comment, Description, Field, Issue, Label, Project, Row, User, View, Workspace};

impl Row {
    /// The fields in which this row differs from an earlier state of it; all of
    /// them where there was none.
    pub fn fields_changed_since(&self, before: Option<&Row>) -> Vec<Field> {
        match (before, self) {
            (Some(Row::Workspace(a)), Row::Workspace(b)) => workspace(Some(a), b),
            (_, Row::Workspace(b)) => workspace(None, b),
            (Some(Row::Project(a)), Row::Project(b)) => project(Some(a), b),
            (_, Row::Project(b)) => project(None, b),
            (Some(Row::User(a)), Row::User(b)) => user(Some(a), b),
            (_, Row::User(b)) => user(None, b),
            (Some(Row::Label(a)), Row::Label(b)) => label(Some(a), b),
            (_, Row::Label(b)) => label(None, b),
            (Some(Row::View(a)), Row::View(b)) => view(Some(a), b),
            (_, Row::View(b)) => view(None, b),
            (Some(Row::Issue(a)), Row::Issue(b)) => issue(Some(a), b),
            (_, Row::Issue(b)) => issue(None, b),
            (Some(Row::Description(a)), Row::Description(b)) => description(Some(a), b),
            (_, Row::Description(b)) => description(None, b),
            (Some(Row::Comment(a)), Row::Comment(b)) => comment(Some(a), b),
            (_, Row::Comment(b)) => comment(None, b),
            (Some(a), Row::Other(_)) if a == self => Vec::new(),
            (_, Row::Other(_)) => vec![Field::Unknown],
        }
    }
}

/// The fields whose values, as a function reads them off a row, differ; a row that
/// was not there differs in all.
macro_rules! changed {
    ($before:expr, $after:expr, $($field:ident: |$row:ident| $value:expr),+ $(,)?) => {{
        let before = $before;
        let after = $after;
        let mut fields = Vec::new();
        $(
            let value = { let $row = after; $value };
            if before.is_none_or(|$row| $value != value) {
                fields.push(Field::$field);
            }
        )+
        fields
    }};
}

fn workspace(before: Option<&Workspace>, after: &Workspace) -> Vec<Field> {
    changed!(before, after, Fixed: |row| row.id, Name: |row| &row.name)
}

fn project(before: Option<&Project>, after: &Project) -> Vec<Field> {
    changed!(
        before,
        after,
        Fixed: |row| (row.id, row.created_at),
        Code: |row| &row.code,
        Name: |row| &row.name,
    )
}

fn user(before: Option<&User>, after: &User) -> Vec<Field> {
    changed!(before, after, Fixed: |row| row.id, Name: |row| &row.name)
}

fn label(before: Option<&Label>, after: &Label) -> Vec<Field> {
    changed!(before, after, Fixed: |row| row.id, Name: |row| &row.name, Color: |row| &row.color)
}

fn view(before: Option<&View>, after: &View) -> Vec<Field> {
    changed!(
        before,
        after,
        Fixed: |row| (row.id, row.project, row.creator),
        Name: |row| &row.name,
        Query: |row| &row.query,
    )
}

fn issue(before: Option<&Issue>, after: &Issue) -> Vec<Field> {
    changed!(
        before,
        after,
        Fixed: |row| (row.id, row.project, row.creator, row.created_at),
        Number: |row| row.number,
        Title: |row| &row.title,
        Status: |row| row.status,
        Priority: |row| row.priority,
        Assignee: |row| row.assignee,
        Labels: |row| &row.labels,
        UpdatedAt: |row| row.updated_at,
    )
}

fn description(before: Option<&Description>, after: &Description) -> Vec<Field> {
    changed!(before, after, Fixed: |row| (row.issue, row.project), Text: |row| &row.text)
}

fn comment(before: Option<&Comment>, after: &Comment) -> Vec<Field> {
    changed!(
        before,
        after,
        Fixed: |row| (row.id, row.issue, row.project, row.author, row.created_at),
        // When it was edited goes with what was edited.
        Text: |row| (&row.text, row.edited_at),
    )
}
