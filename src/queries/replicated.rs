//! What is kept on the device whole: the workspace, then the issues of the projects, those opened last first, then
//! their texts, within a budget of rows.

use crate::session::Session;
use holdfast_leptos::query::{Replication, replicate};
use holdfast_tracker::{Project, ProjectId, Scope, Tracker};
use leptos::prelude::*;
use std::{cell::RefCell, iter};

/// Rows that are kept, at most. What else there is is loaded as it is opened.
pub const ROWS_MAX: u64 = 200_000;

/// Projects that are kept, at most: each takes two subscriptions of those a server allows, and the pages need some.
const PROJECTS_MAX: usize = 450;

/// Projects whose last use is remembered.
const REMEMBERED: usize = 50;

/// What is kept on the device.
#[derive(Clone, Copy)]
pub struct Replicated(Signal<Replication<Tracker>, LocalStorage>);

impl Replicated {
    /// Keeps what is kept as long as the component that calls this lives, and provides it to those below.
    pub fn provide(projects: Memo<Vec<Project>>) {
        // As of the start: what moves to the front as it is opened need not push anything out at once.
        let used = last_used();
        let scopes = move || {
            let mut ids: Vec<ProjectId> = projects.with(|projects| projects.iter().map(|project| project.id).collect());
            ids.sort_by_key(|id| used.iter().position(|used| used == id).unwrap_or(usize::MAX));
            ids.truncate(PROJECTS_MAX);
            let issues = ids.iter().copied().map(Scope::Project);
            let texts = ids.iter().copied().map(Scope::Texts);
            iter::once(Scope::Workspace).chain(issues).chain(texts).collect()
        };
        provide_context(Self(replicate(scopes, ROWS_MAX)));
    }

    /// Whether a project has more issues than can be kept; reactive.
    pub fn is_too_large(self, project: ProjectId) -> bool {
        self.0.with(|replication| replication.too_large.contains(&Scope::Project(project)))
    }

    /// Whether what is wanted of a scope is to be asked for by itself: the scope is not kept, or has not come since.
    /// A reactive value.
    pub fn is_asked(self, scope: impl Fn() -> Scope + 'static) -> Signal<bool, LocalStorage> {
        let of = RefCell::new(None::<(Scope, bool)>);
        Signal::derive_local(move || {
            let scope = scope();
            let before = of.borrow_mut().take().is_some_and(|(before, is_asked)| before == scope && is_asked);
            let is_asked = self.0.with(|replication| {
                !replication.complete.contains(&scope) && (before || replication.left_out.contains(&scope))
            });
            *of.borrow_mut() = Some((scope, is_asked));
            is_asked
        })
    }

    /// Whether the issues of a project are kept, or are to be as soon as they have come; reactive.
    pub fn keeps_issues_of(self, project: ProjectId) -> bool {
        self.0.with(|replication| replication.kept.contains(&Scope::Project(project)))
    }
}

/// Remembers that a project was opened now.
pub fn remember_use(project: ProjectId) {
    let mut used = last_used();
    used.retain(|other| *other != project);
    used.insert(0, project);
    used.truncate(REMEMBERED);
    let words: Vec<String> = used.iter().map(ToString::to_string).collect();
    if let Some(storage) = storage() {
        // Without it another project is loaded first after the next reload.
        let _ = storage.set_item(&key(&expect_context()), &words.join(" "));
    }
}

/// Forgets what the user has opened.
pub fn forget_uses(session: &Session) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(session));
    }
}

/// The projects that were opened, the last one first.
fn last_used() -> Vec<ProjectId> {
    let kept = storage().and_then(|storage| storage.get_item(&key(&expect_context())).ok().flatten());
    kept.unwrap_or_default().split(' ').filter_map(|id| id.parse().ok()).collect()
}

fn key(session: &Session) -> String {
    format!("holdfast.used.{}", session.user.id)
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
