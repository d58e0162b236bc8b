//! Ids made of names, for rows that come from elsewhere: what is brought in twice
//! is the same row both times. Case does not count.

use crate::{CommentId, IssueId, LabelId, ProjectId, UserId};
use uuid::Uuid;

/// Drawn once; every id made of a name hangs on it.
const NAMESPACE: Uuid = Uuid::from_u128(0x3d0c_91f4_7a5e_4b62_9e1b_c6f0_5d28_a741);

/// The project of that name.
pub fn project(name: &str) -> ProjectId {
    ProjectId(of(NAMESPACE, "project", name))
}

/// The person of that name. Signing in by a name gives the same one that an import
/// brought under it.
pub fn user(name: &str) -> UserId {
    UserId(of(NAMESPACE, "user", name))
}

/// The label of that name.
pub fn label(name: &str) -> LabelId {
    LabelId(of(NAMESPACE, "label", name))
}

/// The issue that another tracker numbers so within a project.
pub fn issue(project: ProjectId, number: u64) -> IssueId {
    IssueId(of(project.0, "issue", &number.to_string()))
}

/// The comment that another tracker names so within a project.
pub fn comment(project: ProjectId, number: u64) -> CommentId {
    CommentId(of(project.0, "comment", &number.to_string()))
}

fn of(namespace: Uuid, entity: &str, name: &str) -> Uuid {
    Uuid::new_v5(&namespace, format!("{entity}/{}", name.trim().to_lowercase()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_the_same_id_on_every_day_and_machine() {
        assert_eq!(user("Ana").to_string(), "a8787884-b124-5340-8dbc-9b478e33bd2a");
        assert_eq!(user(" ana "), user("Ana"));
        assert_ne!(user("Ana").0, label("Ana").0);
        let web = project("Web");
        assert_ne!(issue(web, 1).0, comment(web, 1).0);
        assert_ne!(issue(web, 1), issue(project("Engine"), 1));
    }
}
