//! What people say about an issue.

use super::{
    age::{Age, AgeStyle},
    avatar::Avatar,
    dialog::ConfirmDialog,
    icons::{Glyph, Icon},
    kbd::Kbd,
    sync_mark::SyncMark,
    text::{Field, TextEditor, focus_again},
};
use crate::markdown::Markdown;
use leptos::{ev, html, prelude::*};

/// A comment.
#[component]
pub fn CommentItem(
    /// The comment's id.
    #[prop(into)]
    id: String,
    /// Who wrote it.
    #[prop(into)]
    author: Signal<Option<String>>,
    /// When it was written, Unix milliseconds.
    #[prop(into)]
    created_at: Signal<i64>,
    /// Its author has changed it since.
    #[prop(into)]
    edited: Signal<bool>,
    /// What it says, in Markdown.
    #[prop(into)]
    text: Signal<String>,
    /// The reader wrote it, and may change it.
    #[prop(into)]
    own: Signal<bool>,
    /// `synced`, `saving`, `queued`, `sending`, `refused` or `conflict`.
    #[prop(into)]
    sync: Signal<&'static str>,
    /// Now, Unix milliseconds.
    #[prop(into)]
    now: Signal<i64>,
    /// What its author is writing instead, empty while nothing is; who holds it keeps it over a
    /// change of pages.
    draft: RwSignal<String>,
    /// Another text; false where it was not taken, and then it stays in the editor.
    #[prop(into)]
    on_edit: Callback<String, bool>,
    /// Delete it.
    #[prop(into)]
    on_delete: Callback<()>,
) -> impl IntoView {
    let is_begun = draft.with_untracked(|draft| !draft.is_empty() && text.get_untracked() != *draft);
    let is_editing = RwSignal::new(is_begun);
    let is_asking = RwSignal::new(false);
    let article = NodeRef::<html::Article>::new();
    let done = move || {
        draft.set(String::new());
        is_editing.set(false);
        focus_again(article, "[data-testid=comment-edit]");
    };
    let edit = move |_| {
        draft.set(text.get_untracked());
        is_editing.set(true);
    };
    view! {
        <article node_ref=article class="comment" data-testid="comment" data-id=id data-sync=move || sync.get()>
            <header class="comment-head">
                <Avatar name=author/>
                <span class="comment-author">{move || author.get().unwrap_or_else(|| "Someone".to_owned())}</span>
                <Age at=created_at now style=AgeStyle::Long/>
                <span class="comment-edited">{move || edited.get().then_some("edited")}</span>
                <SyncMark state=sync/>
                <Show when=move || own.get()>
                    <div class="comment-actions">
                        <button
                            type="button"
                            class="icon-button"
                            data-testid="comment-edit"
                            aria-label="Edit comment"
                            title="Edit"
                            on:click=edit
                        >
                            <Icon glyph=Glyph::Pencil/>
                        </button>
                        <button
                            type="button"
                            class="icon-button"
                            data-testid="comment-delete"
                            aria-label="Delete comment"
                            title="Delete"
                            on:click=move |_| is_asking.set(true)
                        >
                            <Icon glyph=Glyph::Trash/>
                        </button>
                    </div>
                </Show>
            </header>
            <Show when=move || is_editing.get() fallback=move || view! { <Markdown text/> }>
                <TextEditor
                    draft
                    label="Comment"
                    testid="comment-edit-input"
                    before=text.get_untracked()
                    on_cancel=move |()| done()
                    on_save=move |saved: String| {
                        let is_other = !saved.trim().is_empty() && saved != text.get_untracked();
                        if !is_other || on_edit.run(saved) {
                            done();
                        }
                    }
                />
            </Show>
            <ConfirmDialog
                open=is_asking
                title="Delete this comment?"
                text="It will be gone for everybody.".to_owned()
                confirm="Delete comment"
                on_confirm=on_delete
            />
        </article>
    }
}

/// Where a comment is written.
#[component]
pub fn CommentComposer(
    /// What has been written; who holds it keeps it over a change of pages.
    draft: RwSignal<String>,
    /// A comment, not blank. Who takes it also clears the draft.
    #[prop(into)]
    on_submit: Callback<String>,
) -> impl IntoView {
    let is_blank = Memo::new(move |_| draft.with(|draft| draft.trim().is_empty()));
    let submit = move || {
        if !is_blank.get_untracked() {
            on_submit.run(draft.get_untracked());
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            submit();
        }
    };
    view! {
        <form
            class="composer"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
            on:keydown=on_key
        >
            <Field
                draft
                class="composer-field"
                testid="comment-input"
                label="New comment"
                placeholder="Leave a comment…"
                rows=3
                calm=true
            />
            <div class="editor-actions">
                <span class="editor-hint">"Markdown"</span>
                <button type="submit" class="button primary" data-testid="comment-submit" disabled=move || is_blank.get()>
                    "Comment"
                    <Kbd keys="Ctrl ↵"/>
                </button>
            </div>
        </form>
    }
}
