//! The frame of an issue's page: the way back, what it says, what it is.

use super::{
    dialog::ConfirmDialog,
    icons::{Glyph, Icon},
    sync_mark::{SyncMark, sync_words},
};
use leptos::prelude::*;
use leptos_router::components::A;

/// The page's frame.
#[component]
pub fn IssueFrame(
    /// What the project is called.
    #[prop(into)]
    project: Signal<String>,
    /// Where its list is.
    #[prop(into)]
    project_href: Signal<String>,
    /// The issue's number as people write it.
    #[prop(into)]
    number: Signal<String>,
    /// `synced`, `saving`, `queued`, `sending`, `refused` or `conflict`.
    #[prop(into)]
    sync: Signal<&'static str>,
    /// Delete the issue; it has been asked.
    #[prop(into)]
    on_delete: Callback<()>,
    /// The panel with its fields.
    side: Children,
    /// Title, description and comments.
    children: Children,
) -> impl IntoView {
    let is_asking = RwSignal::new(false);
    let question = Signal::derive(move || format!("{} and its comments will be gone for everybody.", number.get()));
    let sync_note = move || Some(sync.get()).filter(|state| *state != "synced").map(sync_words);
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Where you are">
                <A href=move || project_href.get() attr:class="crumb">
                    <Icon glyph=Glyph::Back/>
                    <span class="crumb-name">{move || project.get()}</span>
                </A>
                <span class="crumb-here" data-testid="issue-number" aria-current="page">{move || number.get()}</span>
            </nav>
            <span class="page-note">
                <SyncMark state=sync/>
                <span class="page-note-text">{sync_note}</span>
            </span>
            <div class="page-actions">
                <button
                    type="button"
                    class="icon-button"
                    data-testid="issue-delete"
                    aria-label="Delete issue"
                    title="Delete issue"
                    on:click=move |_| is_asking.set(true)
                >
                    <Icon glyph=Glyph::Trash/>
                </button>
            </div>
        </header>
        <div class="issue" data-sync=move || sync.get()>
            <div class="issue-main">{children()}</div>
            <aside class="issue-side" aria-label="Properties">{side()}</aside>
        </div>
        <ConfirmDialog
            open=is_asking
            title="Delete this issue?"
            text=question
            confirm="Delete issue"
            on_confirm=on_delete
        />
    }
}

/// The heading and the room of the comments.
#[component]
pub fn CommentSection(
    /// How many there are; none while they are not held on this device.
    #[prop(into)]
    count: Signal<Option<usize>>,
    /// The comments and the composer.
    children: Children,
) -> impl IntoView {
    let words = move || match count.get() {
        None => "Comments are loading…".to_owned(),
        Some(0) => "No comments yet".to_owned(),
        Some(1) => "1 comment".to_owned(),
        Some(count) => format!("{count} comments"),
    };
    view! {
        <section class="comments" aria-label="Comments">
            <h2 class="section-title">{words}</h2>
            {children()}
        </section>
    }
}
