//! The rows of an import.

use super::{Comment, Import, Issue, State, labels};
use crate::{Description, Label, Priority, Project, ProjectId, Row, Status, User, named};
use std::collections::BTreeMap;

impl Import {
    /// The rows to put, in an order in which each follows what it refers to: the
    /// project, users, labels, issues, descriptions, comments. The same import
    /// under the same project name gives the same rows.
    ///
    /// Without a code it is made of the name. Neither is checked here: [`check`](crate::check) does, and
    /// [`Mutation::Put`](crate::Mutation::Put) refuses by it.
    pub fn rows(&self, project_name: &str, code: Option<&str>) -> Vec<Row> {
        let project = Project {
            id: named::project(project_name),
            code: code.map_or_else(|| Project::code_of_name(project_name), str::to_owned),
            name: project_name.trim().to_owned(),
            created_at: self.issues.iter().map(|issue| issue.created_at).min().unwrap_or_default(),
        };
        let of = project.id;
        let description = |issue: &Issue| {
            let text = issue.body.clone();
            Row::Description(Description { issue: named::issue(of, issue.number), project: of, text })
        };
        let mut rows = vec![Row::Project(project)];
        rows.extend(self.users());
        rows.extend(self.labels());
        rows.extend(self.issues.iter().map(|issue| issue_row(of, issue)));
        rows.extend(self.issues.iter().map(description));
        rows.extend(self.comments.iter().map(|comment| comment_row(of, comment)));
        rows
    }

    /// Everyone who wrote or is assigned, by name.
    fn users(&self) -> impl Iterator<Item = Row> + use<> {
        let issues = self.issues.iter().flat_map(|issue| [Some(&issue.user), issue.assignee.as_ref()]).flatten();
        let logins = issues.chain(self.comments.iter().map(|comment| &comment.user));
        let mut users = BTreeMap::new();
        for login in logins {
            users.entry(named::user(login)).or_insert_with(|| login.clone());
        }
        let mut users: Vec<_> = users.into_iter().map(|(id, name)| User { id, name }).collect();
        users.sort_by(|a, b| a.name.cmp(&b.name));
        users.into_iter().map(Row::User)
    }

    /// Every label that an issue carries, by name; the first that has a name gives its colour.
    fn labels(&self) -> impl Iterator<Item = Row> + use<> {
        let mut labels = BTreeMap::new();
        for label in self.issues.iter().flat_map(|issue| &issue.labels) {
            labels.entry(named::label(&label.name)).or_insert_with(|| label.clone());
        }
        let row = |(id, label): (_, super::Label)| Label { id, name: label.name, color: label.color };
        let mut labels: Vec<_> = labels.into_iter().map(row).collect();
        labels.sort_by(|a, b| a.name.cmp(&b.name));
        labels.into_iter().map(Row::Label)
    }
}

fn issue_row(project: ProjectId, issue: &Issue) -> Row {
    let status = match (issue.state, &issue.assignee) {
        (State::Open, None) => Status::Backlog,
        (State::Open, Some(_)) => Status::Todo,
        (State::Completed, _) => Status::Done,
        (State::Dropped, _) => Status::Cancelled,
    };
    Row::Issue(crate::Issue {
        id: named::issue(project, issue.number),
        project,
        number: Some(issue.number),
        title: issue.title.clone(),
        status,
        // The most urgent comes first in the order of priorities.
        priority: issue.labels.iter().filter_map(|label| labels::priority(&label.name)).min().unwrap_or(Priority::None),
        assignee: issue.assignee.as_deref().map(named::user),
        labels: issue.labels.iter().map(|label| named::label(&label.name)).collect(),
        creator: named::user(&issue.user),
        created_at: issue.created_at,
        updated_at: issue.updated_at,
    })
}

fn comment_row(project: ProjectId, comment: &Comment) -> Row {
    Row::Comment(crate::Comment {
        id: named::comment(project, comment.id),
        issue: named::issue(project, comment.issue),
        project,
        author: named::user(&comment.user),
        text: comment.body.clone(),
        created_at: comment.created_at,
        edited_at: Some(comment.updated_at).filter(|edited_at| *edited_at != comment.created_at),
    })
}
