//! The two files, read and checked.

use super::{
    Comment, File, Import, ImportError, Issue, Label, Skipped, State,
    json::{At, entries},
};
use crate::check;
use std::collections::BTreeSet;

/// Who wrote what nobody's account stands behind any more, as GitHub names them.
const GHOST: &str = "ghost";

/// GitHub's colour for a label that has none.
const NO_COLOR: &str = "ededed";

/// Reads the issues, and the comments on them, of GitHub's REST API.
///
/// Pull requests, which GitHub lists among the issues, and comments on them are
/// skipped and counted.
///
/// # Errors
/// Says which file is wrong where; then nothing of either is to be imported.
///
/// ```
/// use holdfast_tracker::github;
///
/// let error = github::parse(r#"[{ "number": 1, "title": "" }]"#, None).unwrap_err();
/// assert_eq!(error.to_string(), "issues file, entry [0], field title: The title cannot be empty.");
/// ```
pub fn parse(issues_json: &str, comments_json: Option<&str>) -> Result<Import, ImportError> {
    let mut skipped = Skipped::default();
    let mut issues = Vec::new();
    let (mut numbers, mut pulls) = (BTreeSet::new(), BTreeSet::new());
    for (index, value) in entries(File::Issues, issues_json)?.iter().enumerate() {
        let entry = At::entry(File::Issues, index, value)?;
        let number = entry.field("number")?;
        if !numbers.insert(number.positive()?) {
            return Err(number.fail(format!("The number {} came before.", number.positive()?)));
        }
        if entry.optional("pull_request").is_some() {
            pulls.insert(number.positive()?);
            skipped.pull_requests += 1;
        } else {
            issues.push(issue(&entry)?);
        }
    }

    let mut comments = Vec::new();
    let mut ids = BTreeSet::new();
    for (index, value) in entries(File::Comments, comments_json.unwrap_or("[]"))?.iter().enumerate() {
        let entry = At::entry(File::Comments, index, value)?;
        let id = entry.field("id")?;
        if !ids.insert(id.positive()?) {
            return Err(id.fail(format!("The comment {} came before.", id.positive()?)));
        }
        let on = issue_number(&entry.field("issue_url")?)?;
        if pulls.contains(&on) {
            skipped.comments += 1;
        } else if numbers.contains(&on) {
            comments.push(comment(&entry, on)?);
        } else {
            let reason = format!("This comment is on issue {on}, which the issues file does not hold.");
            return Err(entry.field("issue_url")?.fail(reason));
        }
    }
    Ok(Import { issues, comments, skipped })
}

fn issue(entry: &At<'_>) -> Result<Issue, ImportError> {
    let title = entry.field("title")?;
    let assignees = entry.optional("assignees").map_or(Ok(Vec::new()), |list| list.list())?;
    let assignee = entry.optional("assignee").or_else(|| assignees.into_iter().next());
    let labels = entry.optional("labels").map_or(Ok(Vec::new()), |list| list.list())?;
    Ok(Issue {
        number: entry.field("number")?.positive()?,
        title: checked(&title, check::title)?,
        body: body(entry, "The description")?,
        state: state(entry)?,
        user: user(entry.optional("user"))?,
        assignee: assignee.map(|account| user(Some(account))).transpose()?,
        labels: labels.iter().map(label).collect::<Result<_, _>>()?,
        created_at: entry.field("created_at")?.time()?,
        updated_at: entry.field("updated_at")?.time()?,
    })
}

fn comment(entry: &At<'_>, issue: u64) -> Result<Comment, ImportError> {
    Ok(Comment {
        id: entry.field("id")?.positive()?,
        issue,
        user: user(entry.optional("user"))?,
        body: body(entry, "The comment")?,
        created_at: entry.field("created_at")?.time()?,
        updated_at: entry.field("updated_at")?.time()?,
    })
}

fn state(entry: &At<'_>) -> Result<State, ImportError> {
    let reason = entry.optional("state_reason").map_or(Ok(""), |reason| reason.text())?;
    let state = entry.field("state")?;
    match (state.text()?, reason) {
        ("open", _) => Ok(State::Open),
        ("closed", "not_planned" | "duplicate") => Ok(State::Dropped),
        ("closed", _) => Ok(State::Completed),
        _ => Err(state.fail("This should be open or closed.")),
    }
}

fn user(account: Option<At<'_>>) -> Result<String, ImportError> {
    match account {
        Some(account) => checked(&account.field("login")?, |login| check::name(login, "The user's name")),
        None => Ok(GHOST.into()),
    }
}

/// An object, or only its name, as GitHub gives either.
fn label(label: &At<'_>) -> Result<Label, ImportError> {
    let check_name = |name: &str| check::name(name, "The label's name");
    if label.is_text() {
        return Ok(Label { name: checked(label, check_name)?, color: NO_COLOR.into() });
    }
    let color = label.optional("color");
    Ok(Label {
        name: checked(&label.field("name")?, check_name)?,
        color: color.map_or(Ok(NO_COLOR.into()), |color| checked(&color, check::color))?,
    })
}

fn body(entry: &At<'_>, what: &str) -> Result<String, ImportError> {
    entry.optional("body").map_or(Ok(String::new()), |body| checked(&body, |text| check::long_text(text, what)))
}

fn issue_number(url: &At<'_>) -> Result<u64, ImportError> {
    let number = url.text()?.rsplit('/').next().and_then(|number| number.parse().ok());
    number.ok_or_else(|| url.fail("This should end with the number of an issue, like …/issues/12."))
}

/// The value's text, if it may be kept.
fn checked(value: &At<'_>, check: impl Fn(&str) -> check::Checked) -> Result<String, ImportError> {
    let text = value.text()?;
    check(text).map_err(|reason| value.fail(reason))?;
    Ok(text.to_owned())
}
