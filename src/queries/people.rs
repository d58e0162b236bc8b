//! The users and labels of the workspace, by id, as choices and as names.

use super::rows::use_rows;
use crate::components::menu::{Choice, Mark};
use holdfast_tracker::{LabelId, Row, Scope, UserId};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Who and what the workspace has to choose from. Provided once, by the frame.
#[derive(Clone, Copy)]
pub struct Directory {
    users: Memo<BTreeMap<UserId, String>>,
    labels: Memo<BTreeMap<LabelId, (String, String)>>,
}

impl Directory {
    /// Reads the workspace's users and labels.
    pub fn new() -> Self {
        let users = use_rows(Scope::Workspace, "users", |row| match row {
            Row::User(user) => Some(user.clone()),
            _ => None,
        });
        let labels = use_rows(Scope::Workspace, "labels", |row| match row {
            Row::Label(label) => Some(label.clone()),
            _ => None,
        });
        Self {
            users: Memo::new(move |_| users.get().into_iter().map(|user| (user.id, user.name)).collect()),
            labels: Memo::new(move |_| {
                labels.get().into_iter().map(|label| (label.id, (label.name, label.color))).collect()
            }),
        }
    }

    /// What each user is called.
    pub fn names(&self) -> BTreeMap<UserId, String> {
        self.users.get()
    }

    /// A user's name.
    pub fn user(&self, id: UserId) -> Option<String> {
        self.users.with(|users| users.get(&id).cloned())
    }

    /// Name and colour of each of these labels, by name.
    pub fn labels(&self, ids: impl IntoIterator<Item = LabelId>) -> Vec<(String, String)> {
        let mut named: Vec<_> =
            self.labels.with(|labels| ids.into_iter().filter_map(|id| labels.get(&id).cloned()).collect());
        named.sort();
        named
    }

    /// The users to choose from, by name.
    pub fn people(&self) -> Signal<Vec<Choice>> {
        let users = self.users;
        Signal::derive(move || {
            let mut people: Vec<Choice> = users.with(|users| {
                users
                    .iter()
                    .map(|(id, name)| Choice { value: id.to_string(), label: name.clone(), mark: Mark::Person })
                    .collect()
            });
            people.sort_by_cached_key(|choice| choice.label.to_lowercase());
            people
        })
    }

    /// The labels to choose from, by name.
    pub fn label_choices(&self) -> Signal<Vec<Choice>> {
        let labels = self.labels;
        Signal::derive(move || {
            let mut choices: Vec<Choice> = labels.with(|labels| {
                labels
                    .iter()
                    .map(|(id, (name, color))| Choice {
                        value: id.to_string(),
                        label: name.clone(),
                        mark: Mark::Color(color.clone()),
                    })
                    .collect()
            });
            choices.sort_by_cached_key(|choice| choice.label.to_lowercase());
            choices
        })
    }
}

impl Default for Directory {
    fn default() -> Self {
        Self::new()
    }
}

/// The [`Directory`] that the frame provides.
pub fn use_directory() -> Directory {
    expect_context()
}
