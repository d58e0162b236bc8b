//! Issues and comments from GitHub, in the JSON of its REST API
//! (`GET /repos/{owner}/{repo}/issues?state=all`, `GET …/issues/comments`).
//!
//! [`parse`] reads both files whole or says what is wrong where; [`Import::rows`]
//! makes of them the rows to put. Ids are made of names and numbers, so the same
//! files give the same rows each time. Texts, titles included, stay as they are,
//! byte for byte.

mod json;
mod labels;
mod read;
mod rows;

#[cfg(test)]
mod tests;

use std::fmt;

pub use read::parse;

/// What two files hold, read and checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    issues: Vec<Issue>,
    comments: Vec<Comment>,
    skipped: Skipped,
}

/// What GitHub lists among issues and is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Skipped {
    /// Pull requests in the issues file.
    pub pull_requests: usize,
    /// Comments on these.
    pub comments: usize,
}

impl Import {
    /// How many issues there are.
    pub fn issues(&self) -> usize {
        self.issues.len()
    }

    /// How many comments there are on them.
    pub fn comments(&self) -> usize {
        self.comments.len()
    }

    /// What was left out.
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }
}

/// Why nothing is imported: which file, where in it, and what to mend.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}, {place}: {reason}")]
pub struct ImportError {
    /// Which of the files.
    pub file: File,
    /// Where in it.
    pub place: Place,
    /// What is wrong there, in a sentence.
    pub reason: String,
}

/// One of the files of an import.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum File {
    /// The issues.
    Issues,
    /// Their comments.
    Comments,
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issues => "issues file",
            Self::Comments => "comments file",
        })
    }
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Where it stops being JSON; both count from 1.
    Line {
        /// The line.
        line: usize,
        /// The byte in it.
        column: usize,
    },
    /// Where it is JSON, but not what it should be.
    Entry {
        /// Which entry of the file's array, from 0.
        index: usize,
        /// The field in it, as `user.login` or `labels[2].name`; empty for the entry itself.
        field: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, column } => write!(f, "line {line}, column {column}"),
            Self::Entry { index, field } if field.is_empty() => write!(f, "entry [{index}]"),
            Self::Entry { index, field } => write!(f, "entry [{index}], field {field}"),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Issue {
    number: u64,
    title: String,
    body: String,
    state: State,
    user: String,
    assignee: Option<String>,
    labels: Vec<Label>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Open,
    Completed,
    Dropped,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Label {
    name: String,
    color: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Comment {
    id: u64,
    issue: u64,
    user: String,
    body: String,
    created_at: i64,
    updated_at: i64,
}
