//! The outbox and the tray, in words.

use super::notices::Notices;
use crate::{components::outbox::OutboxEntry, queries::Sync, routes};
use holdfast_sync::{
    MutationId,
    client::{EntryState, TrayEntry},
    protocol::Body,
};
use holdfast_tracker::{Key, Mutation, Row, Tracker};
use leptos::prelude::*;

/// The unsettled and the refused edits.
pub(super) fn entries(sync: Sync) -> Signal<Vec<OutboxEntry>> {
    Signal::derive(move || {
        let refused = sync.tray().into_iter().map(|entry| OutboxEntry {
            id: tray_name(&entry.id),
            what: words(sync, &entry.body),
            state: "refused",
            at: entry.created_ms,
            href: href(&entry.body),
            text: text(&entry.body),
            reason: Some(entry.refusal.message),
        });
        let waiting = sync.outbox().into_iter().map(|entry| OutboxEntry {
            // Numbers and this tab's names cannot be taken for each other.
            id: entry.seq.map_or_else(|| format!("unsaved-{}", entry.local.0), |seq| seq.to_string()),
            what: words(sync, &entry.body),
            state: match entry.state {
                EntryState::Saving => "saving",
                EntryState::Queued => "queued",
                EntryState::Sending => "sending",
            },
            at: entry.created_ms,
            href: href(&entry.body),
            text: text(&entry.body),
            reason: entry.blocked.map(|refusal| refusal.message),
        });
        refused.chain(waiting).collect()
    })
}

/// Makes a refused edit again, as a new one.
pub(super) fn retry(sync: Sync, notices: Notices, id: &str) {
    let Some(TrayEntry { id, body: Body::Mutate(mutation), .. }) = tray_entry(sync, id) else { return };
    if notices.tell(sync.mutate(mutation)).is_some() {
        sync.discard(id);
    }
}

/// Drops a refused edit.
pub(super) fn discard(sync: Sync, id: &str) {
    if let Some(entry) = tray_entry(sync, id) {
        sync.discard(entry.id);
    }
}

fn tray_name(id: &MutationId) -> String {
    format!("refused-{id}")
}

fn tray_entry(sync: Sync, id: &str) -> Option<TrayEntry<Tracker>> {
    sync.read(|client| client.tray().find(|entry| tray_name(&entry.id) == id).cloned())
}

/// What an edit does, with the issue's title where it has one.
fn words(sync: Sync, body: &Body<Tracker>) -> String {
    let Body::Mutate(mutation) = body else { return "Cancelled".to_owned() };
    let what = mutation.describe();
    let title = mutation.target().and_then(|key| {
        sync.read(|client| match client.row(&key) {
            Some(Row::Issue(issue)) => Some(issue.title.clone()),
            _ => None,
        })
    });
    match (title, mutation) {
        (Some(title), mutation) if !matches!(mutation, Mutation::CreateIssue { .. }) => format!("{what} — {title}"),
        _ => what,
    }
}

/// The text that an edit brings, which its words may show only the beginning of.
fn text(body: &Body<Tracker>) -> Option<String> {
    let Body::Mutate(mutation) = body else { return None };
    let text = match mutation {
        Mutation::CreateIssue { description: text, .. }
        | Mutation::EditDescription { text, .. }
        | Mutation::AddComment { text, .. }
        | Mutation::EditComment { text, .. } => text,
        _ => return None,
    };
    Some(text.clone()).filter(|text| !text.trim().is_empty())
}

fn href(body: &Body<Tracker>) -> Option<String> {
    match body {
        Body::Mutate(mutation) => match mutation.target()? {
            Key::Issue(id) => Some(routes::issue(id)),
            _ => None,
        },
        Body::Void => None,
    }
}
