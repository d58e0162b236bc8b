//! Where things are, and loading the app anew.

use holdfast_tracker::{IssueId, ProjectId};

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

/// One issue, of a project that need not be on this device.
pub fn issue_in(id: IssueId, project: ProjectId) -> String {
    format!("/issues/{id}?project={project}")
}

/// Loads the app anew from its start: nothing of one user's page meets the next. Where it may not,
/// the page stays as it is.
pub fn start_over() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().set_href(HOME);
    }
}

/// Loads the page anew. Where it may not, it stays as it is.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}
