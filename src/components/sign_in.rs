//! Signing in: choosing a name.

use leptos::prelude::*;

/// The card that asks for a name.
#[component]
pub fn SignInCard(
    /// What the workspace is called, when that is known.
    #[prop(optional, into)]
    workspace: Signal<Option<String>>,
    /// The server has been asked.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it did not work.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// A name, trimmed, never empty.
    #[prop(into)]
    on_submit: Callback<String>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let is_ready = Memo::new(move |_| name.with(|name| !name.trim().is_empty()) && !busy.get());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_ready.get_untracked() {
            on_submit.run(name.get_untracked().trim().to_owned());
        }
    };
    view! {
        <main class="sign-in-page">
            <form class="sign-in" data-testid="sign-in" on:submit=submit>
                <span class="workspace-mark" aria-hidden="true"></span>
                <h1 class="sign-in-title">{move || workspace.get().unwrap_or_else(|| "Holdfast".to_owned())}</h1>
                <p class="sign-in-text">"Choose the name your team will see on what you do."</p>
                <label class="field">
                    <span class="field-name">"Name"</span>
                    <input
                        type="text"
                        class="input"
                        data-testid="sign-in-name"
                        autocomplete="username"
                        autocapitalize="words"
                        maxlength="60"
                        autofocus=true
                        aria-describedby="sign-in-error"
                        prop:value=move || name.get()
                        on:input:target=move |event| name.set(event.target().value())
                    />
                </label>
                <p id="sign-in-error" class="form-error" role="alert">{move || error.get()}</p>
                <button
                    type="submit"
                    class="button primary"
                    data-testid="sign-in-submit"
                    disabled=move || !is_ready.get()
                >
                    {move || if busy.get() { "Signing in…" } else { "Sign in" }}
                </button>
            </form>
        </main>
    }
}
