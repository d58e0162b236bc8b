//! Issues: made, changed, ended.

use super::{
    access::{Context, Rows, author, issue, label_exists, read, touch, user_exists, vacant},
    number_counter,
};
use crate::{Description, Issue, IssueId, Key, LabelId, Priority, ProjectId, Row, Status, UserId, check};
use holdfast_sync::{Refusal, RefusalCode};
use std::collections::BTreeSet;

/// What an issue is from the start, beside whom and what it refers to.
pub(super) struct New<'a> {
    pub(super) project: ProjectId,
    pub(super) title: &'a str,
    pub(super) status: Status,
    pub(super) priority: Priority,
}

pub(super) fn create(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: IssueId,
    new: New<'_>,
    assignee: Option<UserId>,
    labels: &BTreeSet<LabelId>,
    description: &str,
) -> Result<(), Refusal> {
    let creator = author(ctx)?;
    check::title(new.title).map_err(Refusal::invalid)?;
    check::description(description).map_err(Refusal::invalid)?;
    known(check::status(new.status))?;
    known(check::priority(new.priority))?;
    vacant(tx, &Key::Issue(id), "issue")?;
    read(ctx, tx, &Key::Project(new.project)).ok_or_else(|| Refusal::not_found("project"))?;
    assignee.map_or(Ok(()), |user| user_exists(ctx, tx, user))?;
    labels.iter().try_for_each(|label| label_exists(ctx, tx, *label))?;

    let number = tx.next(&number_counter(new.project));
    tx.put(Row::Issue(Issue {
        id,
        project: new.project,
        number,
        title: new.title.trim().to_owned(),
        status: new.status,
        priority: new.priority,
        assignee,
        labels: labels.clone(),
        creator,
        created_at: ctx.now_ms,
        updated_at: ctx.now_ms,
    }));
    tx.put(Row::Description(Description { issue: id, project: new.project, text: description.to_owned() }));
    Ok(())
}

pub(super) fn delete(ctx: &Context, tx: &mut Rows<'_>, id: IssueId) -> Result<(), Refusal> {
    issue(ctx, tx, id)?;
    for key in tx.children(&Key::Issue(id)) {
        tx.delete(&key);
    }
    tx.delete(&Key::Issue(id));
    Ok(())
}

pub(super) fn set_title(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, title: &str) -> Result<(), Refusal> {
    check::title(title).map_err(Refusal::invalid)?;
    change(ctx, tx, id, |issue| issue.title = title.trim().to_owned())
}

pub(super) fn set_status(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, status: Status) -> Result<(), Refusal> {
    known(check::status(status))?;
    change(ctx, tx, id, |issue| issue.status = status)
}

pub(super) fn set_priority(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, priority: Priority) -> Result<(), Refusal> {
    known(check::priority(priority))?;
    change(ctx, tx, id, |issue| issue.priority = priority)
}

pub(super) fn set_assignee(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: IssueId,
    assignee: Option<UserId>,
) -> Result<(), Refusal> {
    assignee.map_or(Ok(()), |user| user_exists(ctx, tx, user))?;
    change(ctx, tx, id, |issue| issue.assignee = assignee)
}

pub(super) fn add_label(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, label: LabelId) -> Result<(), Refusal> {
    label_exists(ctx, tx, label)?;
    change(ctx, tx, id, |issue| {
        issue.labels.insert(label);
    })
}

pub(super) fn remove_label(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, label: LabelId) -> Result<(), Refusal> {
    change(ctx, tx, id, |issue| {
        issue.labels.remove(&label);
    })
}

/// Writes the issue if the edit changes anything of it.
fn change(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, edit: impl FnOnce(&mut Issue)) -> Result<(), Refusal> {
    let before = issue(ctx, tx, id)?;
    let mut after = before.clone();
    edit(&mut after);
    if after != before {
        touch(ctx, tx, after);
    }
    Ok(())
}

/// A value of a newer version is never written.
fn known(checked: check::Checked) -> Result<(), Refusal> {
    checked.map_err(|reason| Refusal::new(RefusalCode::Unreadable, reason))
}
