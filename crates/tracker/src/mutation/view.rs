//! Saved views. They are everyone's: whoever reads a project may save, change and delete them.

use super::access::{Context, Rows, author, read, vacant};
use crate::{Key, ProjectId, Row, View, ViewId, check};
use holdfast_sync::Refusal;

pub(super) fn create(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: ViewId,
    project: ProjectId,
    name: &str,
    query: &str,
) -> Result<(), Refusal> {
    let creator = author(ctx)?;
    check::name(name, check::VIEW_NAME).map_err(Refusal::invalid)?;
    check::view_query(query).map_err(Refusal::invalid)?;
    read(ctx, tx, &Key::Project(project)).ok_or_else(|| Refusal::not_found("project"))?;
    vacant(tx, &Key::View(id), "view")?;
    tx.put(Row::View(View { id, project, name: name.trim().to_owned(), query: query.to_owned(), creator }));
    Ok(())
}

pub(super) fn edit(
    ctx: &Context,
    tx: &mut Rows<'_>,
    id: ViewId,
    name: Option<&str>,
    query: Option<&str>,
) -> Result<(), Refusal> {
    let mut view = view(ctx, tx, id)?;
    if let Some(name) = name {
        check::name(name, check::VIEW_NAME).map_err(Refusal::invalid)?;
        view.name = name.trim().to_owned();
    }
    if let Some(query) = query {
        check::view_query(query).map_err(Refusal::invalid)?;
        view.query = query.to_owned();
    }
    tx.put(Row::View(view));
    Ok(())
}

pub(super) fn delete(ctx: &Context, tx: &mut Rows<'_>, id: ViewId) -> Result<(), Refusal> {
    view(ctx, tx, id)?;
    tx.delete(&Key::View(id));
    Ok(())
}

fn view(ctx: &Context, tx: &Rows<'_>, id: ViewId) -> Result<View, Refusal> {
    match read(ctx, tx, &Key::View(id)) {
        Some(Row::View(view)) => Ok(view.clone()),
        _ => Err(Refusal::not_found("view")),
    }
}
