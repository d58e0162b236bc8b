//! All projects of the workspace.

use super::use_title;
use crate::{
    chrome::use_notices,
    components::{
        issue_list::PageHead,
        projects::{NewProject, NewProjectForm, ProjectList, ProjectSummary},
    },
    queries::{edit, issues_of, sync},
    routes,
};
use holdfast_leptos::query::QueryState;
use holdfast_tracker::Project;
use leptos::prelude::*;

/// The page at `/`.
#[component]
pub fn Projects() -> impl IntoView {
    use_title(|| "Projects".to_owned());
    let projects = expect_context::<Memo<Vec<Project>>>();
    let sync = sync();
    let notices = use_notices();
    let summaries = Memo::new(move |_| projects.get().into_iter().map(summary).collect::<Vec<_>>());
    let submit =
        move |NewProject { name, code }: NewProject| notices.tell(edit::create_project(sync, code, name)).is_some();
    view! {
        <PageHead title="Projects" />
        <div class="page-body">
            <ProjectList projects=summaries />
            <NewProjectForm on_submit=submit />
        </div>
    }
}

/// A project with its counts, which are live.
fn summary(project: Project) -> ProjectSummary {
    let open = issues_of(project.id, "open", |issue| issue.status.is_open());
    let total = issues_of(project.id, "all", |_| true);
    let is_held = matches!(total.state.get(), QueryState::Ready);
    ProjectSummary {
        id: project.id.to_string(),
        href: routes::project(&project.code),
        code: project.code,
        name: project.name,
        open: is_held.then(|| open.total.get()),
        total: is_held.then(|| total.total.get()),
    }
}
