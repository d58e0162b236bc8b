//! Projects and labels, and rows put as they are by the server itself.

use super::{
    access::{Context, Rows, read, vacant},
    number_counter,
};
use crate::{Actor, Key, Label, LabelId, Project, ProjectId, Row, check};
use holdfast_sync::{Refusal, RefusalCode};

pub(super) fn create_project(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: ProjectId,
    code: &str,
    name: &str,
) -> Result<(), Refusal> {
    check::code(code).map_err(Refusal::invalid)?;
    check::name(name, "The project's name").map_err(Refusal::invalid)?;
    vacant(tx, &Key::Project(id), "project")?;
    code_is_free(tx, id, code)?;
    tx.put(Row::Project(Project { id, code: code.to_owned(), name: name.trim().to_owned(), created_at: ctx.now_ms }));
    Ok(())
}

/// Refuses a code that another project has: issues are named by it.
fn code_is_free(tx: &Rows<'_>, id: ProjectId, code: &str) -> Result<(), Refusal> {
    let is_taken = |key: &Key| match tx.row(key) {
        Some(Row::Project(other)) => other.id != id && other.code == code,
        _ => false,
    };
    match tx.children(&Key::PROJECTS).iter().any(is_taken) {
        true => {
            let message = format!("Another project has the code {code} already; take another one.");
            Err(Refusal::new(RefusalCode::Exists, message))
        }
        false => Ok(()),
    }
}

pub(super) fn rename_project(ctx: &Context, tx: &mut Rows<'_>, id: ProjectId, name: &str) -> Result<(), Refusal> {
    check::name(name, "The project's name").map_err(Refusal::invalid)?;
    let Some(Row::Project(project)) = read(ctx, tx, &Key::Project(id)) else {
        return Err(Refusal::not_found("project"));
    };
    let project = Project { name: name.trim().to_owned(), ..project.clone() };
    tx.put(Row::Project(project));
    Ok(())
}

pub(super) fn create_label(tx: &mut Rows<'_>, id: LabelId, name: &str, color: &str) -> Result<(), Refusal> {
    check::name(name, "The label's name").map_err(Refusal::invalid)?;
    check::color(color).map_err(Refusal::invalid)?;
    vacant(tx, &Key::Label(id), "label")?;
    tx.put(Row::Label(Label { id, name: name.trim().to_owned(), color: color.to_ascii_lowercase() }));
    Ok(())
}

pub(super) fn edit_label(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: LabelId,
    name: Option<&str>,
    color: Option<&str>,
) -> Result<(), Refusal> {
    let Some(Row::Label(label)) = read(ctx, tx, &Key::Label(id)) else {
        return Err(Refusal::not_found("label"));
    };
    let mut label = label.clone();
    if let Some(name) = name {
        check::name(name, "The label's name").map_err(Refusal::invalid)?;
        label.name = name.trim().to_owned();
    }
    if let Some(color) = color {
        check::color(color).map_err(Refusal::invalid)?;
        label.color = color.to_ascii_lowercase();
    }
    tx.put(Row::Label(label));
    Ok(())
}

pub(super) fn put(ctx: &Context, tx: &mut Rows<'_>, row: &Row) -> Result<(), Refusal> {
    if ctx.actor != Actor::System {
        return Err(Refusal::new(RefusalCode::NotAllowed, "Only the server itself can put rows as they are."));
    }
    check::row(row).map_err(Refusal::invalid)?;
    if tx.row(&row.key()).is_some_and(|before| before.scope() != row.scope() || before.parent() != row.parent()) {
        return Err(Refusal::invalid("A row cannot move to another project or issue."));
    }
    if let Row::Project(project) = row {
        code_is_free(tx, project.id, &project.code)?;
    }
    if let Row::Issue(issue) = row
        && let Some(number) = issue.number
    {
        tx.raise(&number_counter(issue.project), number);
    }
    tx.put(row.clone());
    Ok(())
}
