//! What is kept on the device whole: the workspace, then the issues of the projects, those opened last first, then
//! their texts, within a budget of rows.

use super::{Sync, sync};
use crate::session::Session;
use holdfast_leptos::query::{Replication, replicate};
use holdfast_sync::client::{ConnectionStatus, Coverage};
use holdfast_tracker::{Project, ProjectId, Scope, Tracker};
use leptos::prelude::*;
use std::iter;

/// Rows that are kept, at most. What else there is is loaded as it is opened.
pub const ROWS_MAX: u64 = 200_000;

/// Projects that are kept, at most: each takes two subscriptions of those a server allows, and the pages need some.
const PROJECTS_MAX: usize = 450;

/// Projects whose last use is remembered.
const REMEMBERED: usize = 50;

/// What is kept on the device.
#[derive(Clone, Copy)]
pub struct Replicated {
    of: Signal<Replication<Tracker>, LocalStorage>,
    sync: Sync,
    is_connected: Memo<bool>,
}

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
        let sync = sync();
        let connection = sync.status().connection;
        let is_connected = Memo::new(move |_| {
            !matches!(connection.get(), ConnectionStatus::Offline | ConnectionStatus::Reconnecting { .. })
        });
        provide_context(Self { of: replicate(scopes, ROWS_MAX), sync, is_connected });
    }

    /// Whether what is wanted of a scope is to be asked for by itself, because the scope is not here in full (yet);
    /// reactive. Without a connection there is nobody to ask: what is here of it is shown.
    pub fn asks(self, scope: &Scope) -> bool {
        let is_here = self.of.with(|replication| replication.complete.contains(scope));
        let is_here = is_here || self.sync.read(|client| client.coverage(scope) == Coverage::Complete);
        !is_here && self.is_connected.get()
    }

    /// Whether the issues of a project are kept, or are to be as soon as they have come; reactive.
    pub fn keeps_issues_of(self, project: ProjectId) -> bool {
        self.of.with(|replication| replication.kept.contains(&Scope::Project(project)))
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
