//! One page a route: what it reads, what it shows, which edits it makes.

mod issue;
mod issues;
mod not_found;
mod projects;
mod selection;

pub use issue::IssueDetail;
pub use issues::Issues;
pub use not_found::NotFound;
pub use projects::Projects;
