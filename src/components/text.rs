//! Texts that are read until they are clicked, and edited then.

use super::{
    icons::{Glyph, Icon},
    kbd::Kbd,
};
use crate::markdown::Markdown;
use leptos::{
    ev,
    html::{self, Textarea},
    prelude::*,
};
use wasm_bindgen::JsCast;

/// A title: a click or Enter edits it, Enter or leaving keeps, Escape drops.
#[component]
pub fn EditableTitle(
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// Another one, trimmed, never empty, never the same; false where it was not taken, and
    /// then it stays in the field.
    #[prop(into)]
    on_commit: Callback<String, bool>,
) -> impl IntoView {
    let is_editing = RwSignal::new(false);
    let draft = RwSignal::new(String::new());
    let heading = NodeRef::<html::H1>::new();
    let edit = move || {
        draft.set(title.get_untracked());
        is_editing.set(true);
    };
    let leave = move |keep: bool, by_key: bool| {
        // Taking the field away blurs it, which must not commit a second time.
        if !is_editing.get_untracked() {
            return;
        }
        let draft = draft.get_untracked().split_whitespace().collect::<Vec<_>>().join(" ");
        let is_other = keep && !draft.is_empty() && draft != title.get_untracked();
        if !is_other || on_commit.run(draft) {
            is_editing.set(false);
            if by_key {
                focus_again(heading, "button");
            }
        }
    };
    view! {
        <h1 node_ref=heading class="issue-title" data-testid="issue-title">
            <Show
                when=move || is_editing.get()
                fallback=move || view! {
                    <button type="button" class="issue-title-text" title="Edit title" on:click=move |_| edit()>
                        {move || title.get()}
                    </button>
                }
            >
                <Field
                    draft
                    class="issue-title-field"
                    testid="issue-title-input"
                    label="Title"
                    rows=1
                    on:blur=move |_| leave(true, false)
                    on:keydown=move |event: ev::KeyboardEvent| match event.key().as_str() {
                        "Enter" if !event.is_composing() => {
                            event.prevent_default();
                            leave(true, true);
                        }
                        "Escape" => leave(false, true),
                        _ => {}
                    }
                />
            </Show>
        </h1>
    }
}

/// Puts the focus on what has come in the place of an editor, or it would be lost with it.
pub(super) fn focus_again<E>(within: NodeRef<E>, selector: &'static str)
where
    E: html::ElementType,
    E::Output: JsCast + Clone + AsRef<web_sys::Element> + 'static,
{
    request_animation_frame(move || {
        let within = within.get_untracked();
        let found = within.and_then(|within| {
            let within: &web_sys::Element = within.as_ref();
            within.query_selector(selector).ok().flatten()
        });
        if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Without the focus it is one key more.
            let _ = element.focus();
        }
    });
}

/// A text field that is as high as its text and takes the focus when it appears.
#[component]
pub fn Field(
    /// Its text.
    draft: RwSignal<String>,
    /// Its class.
    class: &'static str,
    /// Its stable hook.
    testid: &'static str,
    /// What it is called.
    label: &'static str,
    /// How many lines it has at least.
    #[prop(default = 6)]
    rows: u32,
    /// What stands in it while it is empty.
    #[prop(optional)]
    placeholder: &'static str,
    /// Leaves the focus where it is.
    #[prop(optional)]
    calm: bool,
) -> impl IntoView {
    let field = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|_| !calm) {
            // Without the focus it is one click more.
            let _ = field.focus();
            let end = field.value().encode_utf16().count() as u32;
            let _ = field.set_selection_range(end, end);
        }
    });
    view! {
        <textarea
            node_ref=field
            class=class
            data-testid=testid
            aria-label=label
            rows=rows.to_string()
            placeholder=placeholder
            prop:value=move || draft.get()
            on:input:target=move |event| draft.set(event.target().value())
        ></textarea>
    }
}

/// An issue's description.
#[component]
pub fn DescriptionPanel(
    /// The text; none while it is not held on this device.
    #[prop(into)]
    text: Signal<Option<String>>,
    /// What is being written, empty while nothing is; who holds it keeps it over a change of pages.
    draft: RwSignal<String>,
    /// Another one; false where it was not taken, and then it stays in the editor.
    #[prop(into)]
    on_save: Callback<String, bool>,
) -> impl IntoView {
    let is_begun = draft.with_untracked(|draft| !draft.is_empty() && text.get_untracked().as_ref() != Some(draft));
    let is_editing = RwSignal::new(is_begun);
    let section = NodeRef::<html::Section>::new();
    let done = move || {
        draft.set(String::new());
        is_editing.set(false);
        focus_again(section, "[data-testid=description-edit]");
    };
    let is_held = Memo::new(move |_| text.with(Option::is_some));
    let is_blank = Memo::new(move |_| text.with(|text| text.as_deref().is_none_or(|text| text.trim().is_empty())));
    let shown = Signal::derive(move || text.get().unwrap_or_default());
    let edit = move |_| {
        draft.set(text.get_untracked().unwrap_or_default());
        is_editing.set(true);
    };
    let reading = move || {
        if !is_held.get() {
            return view! { <p class="description-missing" aria-busy="true">"Loading the description…"</p> }.into_any();
        }
        if is_blank.get() {
            return view! {
                <button type="button" class="description-add" data-testid="description-edit" on:click=edit>
                    "Add a description…"
                </button>
            }
            .into_any();
        }
        view! {
            <Markdown text=shown/>
            <button
                type="button"
                class="icon-button description-edit"
                data-testid="description-edit"
                aria-label="Edit description"
                title="Edit description"
                on:click=edit
            >
                <Icon glyph=Glyph::Pencil/>
            </button>
        }
        .into_any()
    };
    view! {
        <section node_ref=section class="description" data-testid="issue-description" aria-label="Description">
            <Show when=move || is_editing.get() fallback=reading>
                <TextEditor
                    draft
                    label="Description"
                    testid="description-input"
                    before=text.get_untracked().unwrap_or_default()
                    on_cancel=move |()| done()
                    on_save=move |saved: String| {
                        let is_other = Some(&saved) != text.get_untracked().as_ref();
                        if !is_other || on_save.run(saved) {
                            done();
                        }
                    }
                />
            </Show>
        </section>
    }
}

/// A text being edited: Ctrl and Enter keep, Escape drops what has not changed.
#[component]
pub fn TextEditor(
    /// The text.
    draft: RwSignal<String>,
    /// What it was: with that, Escape drops nothing.
    before: String,
    /// What it is called.
    label: &'static str,
    /// The field's stable hook; the buttons' are `<testid>-save` and `-cancel`.
    testid: &'static str,
    /// Keep it.
    #[prop(into)]
    on_save: Callback<String>,
    /// Drop it.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let save = move || on_save.run(draft.get_untracked());
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            save();
        }
        "Escape" if draft.with_untracked(|draft| *draft == before) => on_cancel.run(()),
        _ => {}
    };
    view! {
        <div class="editor" on:keydown=on_key>
            <Field draft class="editor-field" testid label/>
            <div class="editor-actions">
                <span class="editor-hint">"Markdown"</span>
                <button
                    type="button"
                    class="button"
                    data-testid=format!("{testid}-cancel")
                    on:click=move |_| on_cancel.run(())
                >
                    "Cancel"
                </button>
                <button
                    type="button"
                    class="button primary"
                    data-testid=format!("{testid}-save")
                    on:click=move |_| save()
                >
                    "Save"
                    <Kbd keys="Ctrl ↵"/>
                </button>
            </div>
        </div>
    }
}
