//! How a mutation comes to rows: only to those that its actor may read. A row that
//! may not be seen and one that is not there get the same answer.

use crate::{Actor, Issue, IssueId, Key, LabelId, Row, Tracker, UserId};
use holdfast_sync::{ApplyContext, Refusal, RefusalCode, Schema, Tx};

pub(super) type Context = ApplyContext<Tracker>;
pub(super) type Rows<'a> = Tx<'a, Tracker>;

/// The row of that key, if the actor may read it.
pub(super) fn read<'t>(ctx: &Context, tx: &'t Rows<'_>, key: &Key) -> Option<&'t Row> {
    tx.row(key).filter(|row| Tracker::may_read(&ctx.actor, &row.scope(), tx))
}

/// An issue to read or change.
pub(super) fn issue(ctx: &Context, tx: &Rows<'_>, id: IssueId) -> Result<Issue, Refusal> {
    match read(ctx, tx, &Key::Issue(id)) {
        Some(Row::Issue(issue)) => Ok(issue.clone()),
        _ => Err(Refusal::not_found("issue")),
    }
}

/// Refuses an assignee whom the actor cannot know.
pub(super) fn user_exists(ctx: &Context, tx: &Rows<'_>, id: UserId) -> Result<(), Refusal> {
    read(ctx, tx, &Key::User(id)).map(drop).ok_or_else(|| Refusal::not_found("person"))
}

/// Refuses a label that the actor cannot know.
pub(super) fn label_exists(ctx: &Context, tx: &Rows<'_>, id: LabelId) -> Result<(), Refusal> {
    read(ctx, tx, &Key::Label(id)).map(drop).ok_or_else(|| Refusal::not_found("label"))
}

/// Refuses to make a row where one is.
pub(super) fn vacant(tx: &Rows<'_>, key: &Key, what: &str) -> Result<(), Refusal> {
    match tx.row(key) {
        Some(_) => Err(Refusal::new(RefusalCode::Exists, format!("This {what} exists already."))),
        None => Ok(()),
    }
}

/// The person in whose name a row is made.
pub(super) fn author(ctx: &Context) -> Result<UserId, Refusal> {
    match ctx.actor {
        Actor::User(user) => Ok(user),
        Actor::System => {
            Err(Refusal::new(RefusalCode::NotAllowed, "Only a person can write this: the server has no name."))
        }
    }
}

/// Writes an issue of which, or of whose texts, something has changed.
pub(super) fn touch(ctx: &Context, tx: &mut Rows<'_>, issue: Issue) {
    tx.put(Row::Issue(Issue { updated_at: ctx.now_ms, ..issue }));
}
