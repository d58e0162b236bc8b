//! A mutation in words, for the screens that list what is not settled.

use super::Mutation;
use crate::{Key, Row};

/// What an excerpt shows at most, in characters.
const EXCERPT_LENGTH_CHARS_MAX: usize = 60;

impl Mutation {
    /// What it does, in a few words; the issue or row itself goes unnamed where the
    /// mutation does not carry its name (see [`Self::target`]).
    pub fn describe(&self) -> String {
        match self {
            Self::CreateProject { name, .. } => format!("Create project “{}”", excerpt(name)),
            Self::RenameProject { name, .. } => format!("Rename project to “{}”", excerpt(name)),
            Self::CreateLabel { name, .. } => format!("Create label “{}”", excerpt(name)),
            Self::EditLabel { name: Some(name), .. } => format!("Rename label to “{}”", excerpt(name)),
            Self::EditLabel { name: None, color: Some(color), .. } => format!("Set label colour to #{color}"),
            Self::EditLabel { name: None, color: None, .. } => "Leave label as it is".into(),
            Self::CreateView { name, .. } => format!("Save view “{}”", excerpt(name)),
            Self::EditView { name: Some(name), .. } => format!("Rename view to “{}”", excerpt(name)),
            Self::EditView { name: None, .. } => "Change what a view shows".into(),
            Self::DeleteView { .. } => "Delete view".into(),
            Self::CreateIssue { title, .. } => format!("Create issue “{}”", excerpt(title)),
            Self::DeleteIssue { .. } => "Delete issue".into(),
            Self::SetTitle { title, .. } => format!("Set title to “{}”", excerpt(title)),
            Self::SetStatus { status, .. } => format!("Set status to {}", status.label()),
            Self::SetPriority { priority, .. } => format!("Set priority to {}", priority.label()),
            Self::SetAssignee { assignee: Some(_), .. } => "Change assignee".into(),
            Self::SetAssignee { assignee: None, .. } => "Remove assignee".into(),
            Self::AddLabel { .. } => "Add label".into(),
            Self::RemoveLabel { .. } => "Remove label".into(),
            Self::EditDescription { text, .. } if text.trim().is_empty() => "Clear description".into(),
            Self::EditDescription { text, .. } => format!("Edit description: “{}”", excerpt(text)),
            Self::AddComment { text, .. } => format!("Comment “{}”", excerpt(text)),
            Self::EditComment { text, .. } => format!("Edit comment: “{}”", excerpt(text)),
            Self::DeleteComment { .. } => "Delete comment".into(),
            Self::Put { row } => format!("Put {}", entity(row)),
            Self::Unknown(_) => "A change by another version of the app".into(),
        }
    }

    /// What it is about: the issue where it changes one, its text or its comments,
    /// else the row that it makes or changes. None where that cannot be read.
    pub fn target(&self) -> Option<Key> {
        Some(match self {
            Self::CreateProject { id: project, .. } | Self::RenameProject { project, .. } => Key::Project(*project),
            Self::CreateLabel { id: label, .. } | Self::EditLabel { label, .. } => Key::Label(*label),
            Self::CreateView { id: view, .. } | Self::EditView { view, .. } | Self::DeleteView { view } => {
                Key::View(*view)
            }
            Self::CreateIssue { id: issue, .. }
            | Self::DeleteIssue { issue }
            | Self::SetTitle { issue, .. }
            | Self::SetStatus { issue, .. }
            | Self::SetPriority { issue, .. }
            | Self::SetAssignee { issue, .. }
            | Self::AddLabel { issue, .. }
            | Self::RemoveLabel { issue, .. }
            | Self::EditDescription { issue, .. }
            | Self::AddComment { issue, .. }
            | Self::EditComment { issue, .. }
            | Self::DeleteComment { issue, .. } => Key::Issue(*issue),
            Self::Put { row } => row.parent().unwrap_or_else(|| row.key()),
            Self::Unknown(_) => return None,
        })
    }
}

/// A text's beginning, in one line.
fn excerpt(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if let Some((end, _)) = words.char_indices().nth(EXCERPT_LENGTH_CHARS_MAX) {
            words.truncate(end);
            words.truncate(words.trim_end().len());
            words.push('…');
            break;
        }
    }
    words
}

fn entity(row: &Row) -> &'static str {
    match row {
        Row::Workspace(_) => "workspace",
        Row::Project(_) => "project",
        Row::User(_) => "user",
        Row::Label(_) => "label",
        Row::View(_) => "view",
        Row::Issue(_) => "issue",
        Row::Description(_) => "description",
        Row::Comment(_) => "comment",
        Row::Other(_) => "a row of another version of the app",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Status, testing};

    #[test]
    fn an_edit_is_told_in_a_few_words() {
        let issue = testing::issue(1);
        let told = |mutation: Mutation| mutation.describe();
        assert_eq!(told(Mutation::SetStatus { issue, status: Status::InProgress }), "Set status to In progress");
        assert_eq!(told(Mutation::SetAssignee { issue, assignee: None }), "Remove assignee");
        assert_eq!(
            told(Mutation::EditDescription { issue, text: "# Steps\n\n1.  Open\n".into() }),
            "Edit description: “# Steps 1. Open”"
        );
        assert_eq!(told(Mutation::EditDescription { issue, text: " ".into() }), "Clear description");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(excerpt(&"é".repeat(60)), "é".repeat(60));
        assert_eq!(excerpt(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
        assert_eq!(excerpt(&"word ".repeat(30)), format!("{}…", "word ".repeat(12).trim_end()));
        assert_eq!(excerpt(""), "");
    }

    #[test]
    fn a_mutation_of_a_comment_is_about_its_issue() {
        let (issue, comment) = (testing::issue(1), testing::comment(1));
        assert_eq!(Mutation::DeleteComment { comment, issue }.target(), Some(Key::Issue(issue)));
        assert_eq!(Mutation::Unknown(serde_json::json!({"merge": {}})).target(), None);
    }
}
