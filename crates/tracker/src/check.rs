//! What a value must be to be kept: one sentence for the user where it is not.
//!
//! The mutations refuse by these, the import reports by these, and a form can ask
//! them before it sends anything.

use crate::{Priority, Row, Status};

/// An issue's title at most, in characters.
pub const TITLE_LENGTH_CHARS_MAX: usize = 500;
/// A description or comment at most, in bytes.
pub const TEXT_SIZE_BYTES_MAX: usize = 200_000;
/// The name of a workspace, project, user, label or view at most, in characters.
pub const NAME_LENGTH_CHARS_MAX: usize = 100;
/// What a saved view shows at most, in bytes.
pub const VIEW_SIZE_BYTES_MAX: usize = 10_000;
/// A project's code at most, in characters.
pub const CODE_LENGTH_CHARS_MAX: usize = 10;

/// What stands before what is wrong with a view's name.
pub(crate) const VIEW_NAME: &str = "The view's name";

/// What is wrong with a value, in a full sentence.
pub type Checked = Result<(), String>;

/// An issue's title: one line with something in it.
///
/// # Errors
/// Says what is wrong with it.
pub fn title(title: &str) -> Checked {
    line(title, "The title", TITLE_LENGTH_CHARS_MAX)
}

/// The name of a workspace, project, user, label or view; `what` begins the sentence
/// (`"The label's name"`).
///
/// # Errors
/// Says what is wrong with it.
pub fn name(name: &str, what: &str) -> Checked {
    line(name, what, NAME_LENGTH_CHARS_MAX)
}

/// A description, which may be empty.
///
/// # Errors
/// Says what is wrong with it.
pub fn description(text: &str) -> Checked {
    long_text(text, "The description")
}

/// A comment as a user writes it, which says something.
///
/// # Errors
/// Says what is wrong with it.
pub fn comment(text: &str) -> Checked {
    if text.trim().is_empty() {
        return Err("A comment cannot be empty.".into());
    }
    long_text(text, "The comment")
}

/// A project's code, which stands before its issues' numbers.
///
/// # Errors
/// Says what is wrong with it.
pub fn code(code: &str) -> Checked {
    let fits = (1..=CODE_LENGTH_CHARS_MAX).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if fits {
        Ok(())
    } else {
        Err(format!("A project's code is 1 to {CODE_LENGTH_CHARS_MAX} of the letters A to Z and digits, like WEB."))
    }
}

/// What a saved view shows, as a URL carries it.
///
/// # Errors
/// Says what is wrong with it.
pub fn view_query(query: &str) -> Checked {
    if query.len() > VIEW_SIZE_BYTES_MAX {
        return Err("This view filters by too much to be saved.".into());
    }
    if query.contains(char::is_control) {
        return Err("What a view shows must be a single line.".into());
    }
    Ok(())
}

/// A label's colour.
///
/// # Errors
/// Says what is wrong with it.
pub fn color(color: &str) -> Checked {
    if color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err("A colour is 6 hexadecimal digits, like 1d76db.".into())
    }
}

/// A status that this version knows.
///
/// # Errors
/// Says that it does not.
pub fn status(status: Status) -> Checked {
    match status {
        Status::Unknown => Err("This status belongs to a newer version of the app.".into()),
        _ => Ok(()),
    }
}

/// A priority that this version knows.
///
/// # Errors
/// Says that it does not.
pub fn priority(priority: Priority) -> Checked {
    match priority {
        Priority::Unknown => Err("This priority belongs to a newer version of the app.".into()),
        _ => Ok(()),
    }
}

/// All that a row of a known entity must be by itself.
///
/// # Errors
/// Says what is wrong with it.
pub fn row(row: &Row) -> Checked {
    match row {
        Row::Workspace(row) => name(&row.name, "The workspace's name"),
        Row::Project(row) => code(&row.code).and_then(|()| name(&row.name, "The project's name")),
        Row::User(row) => name(&row.name, "The user's name"),
        Row::Label(row) => color(&row.color).and_then(|()| name(&row.name, "The label's name")),
        Row::View(row) => view_query(&row.query).and_then(|()| name(&row.name, VIEW_NAME)),
        Row::Issue(row) => {
            if row.number == Some(0) {
                return Err("An issue's number is at least 1.".into());
            }
            title(&row.title)?;
            status(row.status)?;
            priority(row.priority)
        }
        Row::Description(row) => description(&row.text),
        // An empty one can come from elsewhere, and is kept.
        Row::Comment(row) => long_text(&row.text, "The comment"),
        Row::Other(_) => Err("This row belongs to a newer version of the app.".into()),
    }
}

fn line(text: &str, what: &str, length_chars_max: usize) -> Checked {
    if text.trim().is_empty() {
        return Err(format!("{what} cannot be empty."));
    }
    if text.chars().any(|c| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')) {
        return Err(format!("{what} must be a single line."));
    }
    if text.chars().count() > length_chars_max {
        return Err(format!("{what} can have {length_chars_max} characters at most."));
    }
    without_nul(text, what)
}

pub(crate) fn long_text(text: &str, what: &str) -> Checked {
    if text.len() > TEXT_SIZE_BYTES_MAX {
        return Err(format!(
            "{what} is too long: {} bytes, of {TEXT_SIZE_BYTES_MAX} that it can have at most.",
            text.len()
        ));
    }
    without_nul(text, what)
}

/// Not every database can hold the NUL character in a text.
fn without_nul(text: &str, what: &str) -> Checked {
    if text.contains('\0') { Err(format!("{what} cannot contain the NUL character.")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_at_most_500_characters_with_something_in_it() {
        assert_eq!(title("Crash on start"), Ok(()));
        assert_eq!(title(&"ü".repeat(500)), Ok(()));
        assert_eq!(title(" \t "), Err("The title cannot be empty.".into()));
        assert_eq!(title("a\nb"), Err("The title must be a single line.".into()));
        assert_eq!(title("a\u{2028}b"), Err("The title must be a single line.".into()));
        assert_eq!(title(&"ü".repeat(501)), Err("The title can have 500 characters at most.".into()));
        assert_eq!(title("a\0b"), Err("The title cannot contain the NUL character.".into()));
    }

    #[test]
    fn a_text_is_measured_in_bytes_and_only_a_comment_must_say_something() {
        assert_eq!(description(""), Ok(()));
        assert!(comment(" \n ").is_err());
        assert_eq!(comment(&"x".repeat(200_000)), Ok(()));
        assert!(description(&"x".repeat(200_001)).is_err());
        assert!(description(&"ü".repeat(100_001)).is_err());
    }

    #[test]
    fn codes_and_colours_have_a_fixed_alphabet() {
        for good in ["W", "WEB", "A1", "ABCDEFGHIJ"] {
            assert_eq!(code(good), Ok(()), "{good}");
        }
        for bad in ["", "web", "ABCDEFGHIJK", "A-B", "Ä"] {
            assert!(code(bad).is_err(), "{bad}");
        }
        assert_eq!(color("1d76DB"), Ok(()));
        for bad in ["", "#1d76db", "1d76d", "1d76dg", "üüü"] {
            assert!(color(bad).is_err(), "{bad}");
        }
    }
}
