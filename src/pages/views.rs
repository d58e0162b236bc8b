//! Which list a project's page shows: one that the URL spells out, a saved view, or what a view was changed to.

use crate::{
    chrome::use_notices,
    components::{
        menu::Choice,
        views::{ViewAction, ViewActions, ViewDialog, ViewMenu},
    },
    queries::{edit, sync, use_views},
};
use holdfast_tracker::{ProjectId, View, ViewId, filter::IssueView};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

/// What the URL asks for: `?view=ID` is the saved view, as it is at any time; with more beside it, what that was
/// changed to; without it, a list of its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Address {
    view: Option<ViewId>,
    own: Option<IssueView>,
}

impl Address {
    fn from_query(query: &str) -> Self {
        let pairs = || query.strip_prefix('?').unwrap_or(query).split('&').filter_map(|pair| pair.split_once('='));
        let view = pairs().find(|(name, _)| *name == VIEW).and_then(|(_, id)| id.parse().ok());
        let spells_out = view.is_none() || pairs().any(|(name, _)| name != VIEW);
        Self { view, own: spells_out.then(|| IssueView::from_query(query)) }
    }

    fn to_query(&self) -> String {
        let own = self.own.as_ref().map(IssueView::to_query);
        match (self.view, own) {
            (None, own) => own.unwrap_or_default(),
            (Some(view), None) => format!("{VIEW}={view}"),
            // Changed to the usual list: that there is anything says that it was changed.
            (Some(view), Some(own)) if own.is_empty() => format!("{VIEW}={view}&hide="),
            (Some(view), Some(own)) => format!("{VIEW}={view}&{own}"),
        }
    }
}

const VIEW: &str = "view";

/// The view that is open.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    /// As it is, or as it last was.
    view: View,
    /// Somebody took it away meanwhile.
    is_gone: bool,
}

/// What a project's page shows, and how it comes to show something else.
#[derive(Clone, Copy)]
pub(super) struct Views {
    project: ProjectId,
    all: Memo<Vec<View>>,
    address: Memo<Address>,
    open: Memo<Option<Open>>,
    /// The list to show.
    pub(super) shown: Memo<IssueView>,
    go: Callback<(Address, bool)>,
}

impl Views {
    pub(super) fn of(project: ProjectId) -> Self {
        let location = use_location();
        let navigate = use_navigate();
        let all = use_views(project);
        let address = Memo::new(move |_| Address::from_query(&location.search.get()));
        let open = Memo::new(move |before: Option<&Option<Open>>| {
            let id = address.with(|address| address.view)?;
            let now = all.with(|all| all.iter().find(|view| view.id == id).cloned());
            let last = || before.cloned().flatten().filter(|open| open.view.id == id);
            now.map(|view| Open { view, is_gone: false }).or_else(|| last().map(|open| Open { is_gone: true, ..open }))
        });
        let shown = Memo::new(move |_| {
            let saved = || open.with(|open| open.as_ref().map(|open| IssueView::from_query(&open.view.query)));
            address.with(|address| address.own.clone()).or_else(saved).unwrap_or_default()
        });
        let go = Callback::new(move |(address, replace): (Address, bool)| {
            let path = location.pathname.get_untracked();
            let query = address.to_query();
            let url = if query.is_empty() { path } else { format!("{path}?{query}") };
            navigate(&url, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
        });
        Self { project, all, address, open, shown, go }
    }

    /// Shows another list: of the view that is open, what it is changed to.
    pub(super) fn change(self, to: IssueView) {
        let view = self.address.with_untracked(|address| address.view);
        let own = (untrack(|| self.saved()).as_ref() != Some(&to)).then_some(to);
        self.go.run((Address { view, own }, true));
    }

    /// Shows a view as it is saved, or all issues.
    fn show(self, view: Option<ViewId>) {
        self.go.run((Address { view, own: None }, false));
    }

    /// Whether a view shows something else than it is saved with.
    fn is_changed(self) -> bool {
        let is_own = self.address.with(|address| address.view.is_some() && address.own.is_some());
        is_own && self.saved().is_none_or(|saved| self.shown.with(|shown| *shown != saved))
    }

    /// What the view that is open is saved with.
    fn saved(self) -> Option<IssueView> {
        self.open.with(|open| open.as_ref().map(|open| IssueView::from_query(&open.view.query)))
    }

    /// What is shown, in a word or a few.
    pub(super) fn name(self) -> String {
        let is_asked = self.address.with(|address| address.view.is_some());
        let is_usual = self.shown.with(|shown| *shown == IssueView::default());
        self.open.with(|open| match open {
            Some(Open { view, is_gone: false }) => view.name.clone(),
            Some(Open { view, is_gone: true }) => format!("{} (deleted)", view.name),
            None if is_asked => "No such view".to_owned(),
            None if is_usual => "All issues".to_owned(),
            None => "Filtered".to_owned(),
        })
    }

    /// The name of the view that is open.
    pub(super) fn open_name(self) -> Option<String> {
        self.open.with(|open| open.as_ref().map(|open| open.view.name.clone()))
    }

    fn actions(self) -> Vec<ViewAction> {
        use ViewAction::{Delete, Discard, Rename, SaveAs, Update};
        let is_there = self.open.with(|open| open.as_ref().map(|open| !open.is_gone));
        match (is_there, self.is_changed()) {
            (Some(true), true) => vec![Update, Discard, SaveAs, Rename, Delete],
            (Some(true), false) => vec![Rename, Delete],
            (Some(false), _) => vec![SaveAs],
            (None, _) if self.shown.with(|shown| *shown != IssueView::default()) => vec![SaveAs],
            (None, _) => Vec::new(),
        }
    }
}

/// The menu of views, what can be done with the one that is open, and the dialog that names one.
#[component]
pub(super) fn ViewBar(views: Views) -> impl IntoView {
    let sync = sync();
    let notices = use_notices();
    let naming = RwSignal::new(false);
    let renamed = RwSignal::new(None::<View>);
    let choices = Signal::derive(move || {
        views.all.with(|all| all.iter().map(|view| Choice::plain(view.id.to_string(), &view.name)).collect::<Vec<_>>())
    });
    let act = move |action| {
        let open = views.open.get_untracked().map(|open| open.view);
        match (action, open) {
            (ViewAction::SaveAs, _) => {
                renamed.set(None);
                naming.set(true);
            }
            (ViewAction::Rename, Some(view)) => {
                renamed.set(Some(view));
                naming.set(true);
            }
            (ViewAction::Update, Some(view)) => {
                let query = views.shown.with_untracked(IssueView::to_query);
                if notices.tell(edit::set_view_query(sync, view.id, query)).is_some() {
                    views.go.run((Address { view: Some(view.id), own: None }, true));
                }
            }
            (ViewAction::Discard, Some(view)) => views.go.run((Address { view: Some(view.id), own: None }, true)),
            (ViewAction::Delete, Some(view)) => {
                if notices.tell(edit::delete_view(sync, view.id)).is_some() {
                    views.show(None);
                    let said = format!("The view “{}” is deleted, for everyone.", view.name);
                    let undo = move || {
                        notices.tell(edit::save_view_again(sync, view.clone()));
                    };
                    notices.say(&said, Some(("Undo", Box::new(undo))));
                }
            }
            (_, None) => {}
        }
    };
    let name = move |name: String| match renamed.get_untracked() {
        Some(view) => notices.tell(edit::rename_view(sync, view.id, name)).is_some(),
        None => {
            let query = views.shown.with_untracked(IssueView::to_query);
            let saved = notices.tell(edit::save_view(sync, views.project, name, query));
            saved.inspect(|id| views.show(Some(*id))).is_some()
        }
    };
    let choose = move |id: Option<String>| views.show(id.and_then(|id| id.parse().ok()));
    view! {
        <ViewMenu
            views=choices
            open=Signal::derive(move || views.address.with(|address| address.view).map(|id| id.to_string()))
            name=Signal::derive(move || views.name())
            is_changed=Signal::derive(move || views.is_changed())
            on_choose=choose
        />
        <ViewActions actions=Signal::derive(move || views.actions()) on_action=act />
        <ViewDialog
            open=naming
            name=Signal::derive(move || renamed.with(|view| view.as_ref().map(|view| view.name.clone())))
            on_name=name
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn a_url_says_whether_a_view_is_shown_as_it_is_or_was_changed() {
        let id = "00000000-0000-0000-0000-000000000001";
        let cases = [
            (String::new(), None, Some("")),
            ("status=todo&hide=labels".to_owned(), None, Some("status=todo&hide=labels")),
            (format!("view={id}"), Some(id), None),
            (format!("view={id}&sort=title"), Some(id), Some("sort=title")),
            (format!("view={id}&hide="), Some(id), Some("")),
        ];
        for (query, view, own) in cases {
            let address = Address::from_query(&format!("?{query}"));
            assert_eq!(address.view.map(|view| view.to_string()).as_deref(), view, "{query}");
            assert_eq!(address.own.as_ref().map(IssueView::to_query).as_deref(), own, "{query}");
            assert_eq!(address.to_query(), query);
        }
        assert_eq!(Address::from_query("view=none").own, Some(IssueView::default()));
    }
}
