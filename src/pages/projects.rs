//! All projects of the workspace.

use super::use_title;
use crate::{
    chrome::use_notices,
    components::{
        issue_list::PageHead,
        projects::{NewProject, NewProjectForm, ProjectList, ProjectSummary},
    },
    queries::{Replicated, edit, issues_of, sync},
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
    let replicated = expect_context::<Replicated>();
    let summaries =
        Memo::new(move |_| projects.get().into_iter().map(|project| summary(project, replicated)).collect::<Vec<_>>());
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

/// A project with its counts, which are live, where its issues are kept on this device: to count those of others
/// would load them.
fn summary(project: Project, replicated: Replicated) -> ProjectSummary {
    let counts = replicated.keeps_issues_of(project.id).then(|| {
        let open = issues_of(project.id, "open", |issue| issue.status.is_open());
        let total = issues_of(project.id, "all", |_| true);
        matches!(total.state.get(), QueryState::Ready).then(|| (open.total.get(), total.total.get()))
    });
    let (open, total) = counts.flatten().unzip();
    ProjectSummary {
        id: project.id.to_string(),
        href: routes::project(&project.code),
        code: project.code,
        name: project.name,
        open,
        total,
    }
}
