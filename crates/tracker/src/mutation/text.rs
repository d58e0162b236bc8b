//! Descriptions and comments.

use super::access::{Context, Rows, author, issue, read, touch, vacant};
use crate::{Actor, Comment, CommentId, Description, IssueId, Key, Row, check};
use holdfast_sync::{Refusal, RefusalCode};

pub(super) fn edit_description(ctx: &Context, tx: &mut Rows<'_>, id: IssueId, text: &str) -> Result<(), Refusal> {
    check::description(text).map_err(Refusal::invalid)?;
    let issue = issue(ctx, tx, id)?;
    // A browser may hold the issue and not yet its text.
    let row = Row::Description(Description { issue: id, project: issue.project, text: text.to_owned() });
    if tx.row(&Key::Description(id)) != Some(&row) {
        tx.put(row);
        touch(ctx, tx, issue);
    }
    Ok(())
}

pub(super) fn add_comment(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: CommentId,
    on: IssueId,
    text: &str,
) -> Result<(), Refusal> {
    let author = author(ctx)?;
    check::comment(text).map_err(Refusal::invalid)?;
    let issue = issue(ctx, tx, on)?;
    vacant(tx, &Key::Comment(id), "comment")?;
    tx.put(Row::Comment(Comment {
        id,
        issue: on,
        project: issue.project,
        author,
        text: text.to_owned(),
        created_at: ctx.now_ms,
        edited_at: None,
    }));
    touch(ctx, tx, issue);
    Ok(())
}

pub(super) fn edit_comment(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: CommentId,
    on: IssueId,
    text: &str,
) -> Result<(), Refusal> {
    check::comment(text).map_err(Refusal::invalid)?;
    let issue = issue(ctx, tx, on)?;
    let comment = own_comment(ctx, tx, id, on)?;
    if comment.text != text {
        tx.put(Row::Comment(Comment { text: text.to_owned(), edited_at: Some(ctx.now_ms), ..comment }));
        touch(ctx, tx, issue);
    }
    Ok(())
}

pub(super) fn delete_comment(ctx: &Context, tx: &mut Rows<'_>, id: CommentId, on: IssueId) -> Result<(), Refusal> {
    let issue = issue(ctx, tx, on)?;
    own_comment(ctx, tx, id, on)?;
    tx.delete(&Key::Comment(id));
    touch(ctx, tx, issue);
    Ok(())
}

/// The comment, if it is on that issue and the actor's own.
fn own_comment(ctx: &Context, tx: &Rows<'_>, id: CommentId, on: IssueId) -> Result<Comment, Refusal> {
    match read(ctx, tx, &Key::Comment(id)) {
        Some(Row::Comment(comment)) if comment.issue == on => {
            if ctx.actor == Actor::System || ctx.actor == Actor::User(comment.author) {
                Ok(comment.clone())
            } else {
                Err(Refusal::new(RefusalCode::NotAllowed, "Only its author can change or delete a comment."))
            }
        }
        _ => Err(Refusal::not_found("comment")),
    }
}
