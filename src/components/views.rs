//! Saved views: the menu to go from one to another, what can be done with the one that is open, and naming one.

use super::{
    dialog::Dialog,
    icons::{Glyph, Icon},
    menu::Choice,
    select_menu::SelectMenu,
};
use leptos::prelude::*;

/// What can be done with a view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewAction {
    /// Let everyone's show what this list shows.
    Update,
    /// Show again what it was saved with.
    Discard,
    /// Save this list under another name.
    SaveAs,
    /// Call it otherwise.
    Rename,
    /// Take it away, for everyone.
    Delete,
}

impl ViewAction {
    const ALL: [Self; 5] = [Self::Update, Self::Discard, Self::SaveAs, Self::Rename, Self::Delete];

    fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Discard => "discard",
            Self::SaveAs => "save-as",
            Self::Rename => "rename",
            Self::Delete => "delete",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Update => "Save changes for everyone",
            Self::Discard => "Discard changes",
            Self::SaveAs => "Save as a new view…",
            Self::Rename => "Rename…",
            Self::Delete => "Delete view",
        }
    }
}

/// The button with the name of what is shown, and the menu of all views.
#[component]
pub fn ViewMenu(
    /// The views, by id.
    #[prop(into)]
    views: Signal<Vec<Choice>>,
    /// The id of the one that is open, if one is.
    #[prop(into)]
    open: Signal<Option<String>>,
    /// What is shown, in a word or a few.
    #[prop(into)]
    name: Signal<String>,
    /// Whether it shows something else than it was saved with.
    #[prop(into)]
    is_changed: Signal<bool>,
    /// Open the one of that id, or show all issues.
    #[prop(into)]
    on_choose: Callback<Option<String>>,
) -> impl IntoView {
    let choices =
        Signal::derive(move || std::iter::once(Choice::plain("", "All issues")).chain(views.get()).collect::<Vec<_>>());
    view! {
        <SelectMenu
            label="Views".to_owned()
            choices
            selected=Signal::derive(move || vec![open.get().unwrap_or_default()])
            on_choose=move |id: String| on_choose.run((!id.is_empty()).then_some(id))
            testid="view-menu"
            class="filter-button view-button"
            value=open
        >
            <span class="view-name">{move || name.get()}</span>
            <Show when=move || is_changed.get()>
                <span class="view-changed" title="Changed, and not saved">
                    <span class="visually-hidden">"changed"</span>
                </span>
            </Show>
            <Icon glyph=Glyph::Chevron/>
        </SelectMenu>
    }
}

/// What can be done with what is shown: one thing as a button, more as a menu.
#[component]
pub fn ViewActions(
    /// What can be done now.
    #[prop(into)]
    actions: Signal<Vec<ViewAction>>,
    /// It is to be done.
    #[prop(into)]
    on_action: Callback<ViewAction>,
) -> impl IntoView {
    let actions = Memo::new(move |_| actions.get());
    let choose = move |name: String| {
        if let Some(action) = ViewAction::ALL.into_iter().find(|action| action.name() == name) {
            on_action.run(action);
        }
    };
    let choices = move || {
        actions.get().into_iter().map(|action| Choice::plain(action.name(), action.label())).collect::<Vec<_>>()
    };
    move || {
        match actions.with(Vec::len) {
        0 => ().into_any(),
        1 => view! {
            <button
                type="button"
                class="filter-button"
                data-testid="view-save"
                aria-haspopup="dialog"
                on:click=move |_| actions.with_untracked(|actions| actions.first().copied().into_iter().for_each(|only| on_action.run(only)))
            >
                "Save view"
            </button>
        }
        .into_any(),
        _ => view! {
            <SelectMenu
                label="View".to_owned()
                choices=Signal::derive(choices)
                selected=Vec::new()
                on_choose=choose
                testid="view-actions"
                class="filter-button view-more"
            >
                <Icon glyph=Glyph::More/>
                <span class="visually-hidden">"What to do with this view"</span>
            </SelectMenu>
        }
        .into_any(),
    }
    }
}

/// Asks for a view's name.
#[component]
pub fn ViewDialog(
    /// Whether it is open; closing sets it.
    open: RwSignal<bool>,
    /// The name to start from; with one, the view gets another.
    #[prop(into)]
    name: Signal<Option<String>>,
    /// The name, trimmed and never empty; false where it was not taken, and then the dialog stays as it is.
    #[prop(into)]
    on_name: Callback<String, bool>,
) -> impl IntoView {
    let is_new = Memo::new(move |_| name.with(Option::is_none));
    let draft = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            draft.set(name.get_untracked().unwrap_or_default());
        }
    });
    let is_blank = Memo::new(move |_| draft.with(|draft| draft.trim().is_empty()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let words = draft.get_untracked().split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.is_empty() && on_name.run(words) {
            open.set(false);
        }
    };
    view! {
        <Dialog open label="Name of the view" testid="view-dialog">
            <form class="view-form" on:submit=submit>
                <div class="dialog-body">
                    <h2 class="dialog-title">{move || if is_new.get() { "Save view" } else { "Rename view" }}</h2>
                    <label class="view-field">
                        <span>"Name"</span>
                        <input
                            type="text"
                            class="input"
                            data-testid="view-name"
                            autofocus=true
                            autocomplete="off"
                            maxlength="100"
                            prop:value=move || draft.get()
                            on:input:target=move |event| draft.set(event.target().value())
                        />
                    </label>
                    <p class="dialog-text">"Everyone in the workspace has it."</p>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                    <button type="submit" class="button primary" data-testid="view-submit" disabled=move || is_blank.get()>
                        {move || if is_new.get() { "Save" } else { "Rename" }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
