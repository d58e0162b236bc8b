//! Where things are.

use holdfast_tracker::IssueId;

/// All projects.
pub const HOME: &str = "/";

/// A project's issues.
pub fn project(code: &str) -> String {
    format!("/projects/{code}")
}

/// One issue.
pub fn issue(id: IssueId) -> String {
    format!("/issues/{id}")
}
