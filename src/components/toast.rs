//! Notices that come, are read, and go.

use super::icons::{Glyph, Icon};
use leptos::prelude::*;

/// A notice.
#[derive(Clone, Debug)]
pub struct Toast {
    /// Tells it from the others.
    pub id: u64,
    /// One sentence.
    pub text: String,
    /// What can be done about it.
    pub action: Option<(String, Callback<()>)>,
}

/// The notices that are to be seen, the latest last.
#[component]
pub fn Toasts(
    /// The notices; who holds them also lets them go.
    #[prop(into)]
    toasts: Signal<Vec<Toast>>,
    /// It was closed or acted on.
    #[prop(into)]
    on_dismiss: Callback<u64>,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.get() key=|toast| toast.id let(toast)>
                <div class="toast" data-testid="toast">
                    <span class="toast-text">{toast.text}</span>
                    {toast.action.map(|(name, action)| view! {
                        <button
                            type="button"
                            class="toast-action"
                            on:click=move |_| {
                                action.run(());
                                on_dismiss.run(toast.id);
                            }
                        >
                            {name}
                        </button>
                    })}
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Close"
                        on:click=move |_| on_dismiss.run(toast.id)
                    >
                        <Icon glyph=Glyph::Close/>
                    </button>
                </div>
            </For>
        </div>
    }
}
