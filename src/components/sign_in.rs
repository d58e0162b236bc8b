//! Signing in: choosing a name.

use super::dialog::Dialog;
use leptos::prelude::*;

/// The page that asks for a name.
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
    let title = Signal::derive(move || workspace.get().unwrap_or_else(|| "Holdfast".to_owned()));
    view! {
        <main class="sign-in-page">
            <SignInForm
                title
                text=Signal::stored("Choose the name your team will see on what you do.".to_owned())
                busy
                error
                on_submit
            />
        </main>
    }
}

/// Asks for the name again where the session has ended, over a page that stays as it is.
#[component]
pub fn SignInDialog(
    /// Whether it is open; closing sets it.
    open: RwSignal<bool>,
    /// Whose page it is: the name it begins with.
    user: String,
    /// The server has been asked.
    #[prop(into)]
    busy: Signal<bool>,
    /// Why it did not work.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// A name, trimmed, never empty.
    #[prop(into)]
    on_submit: Callback<String>,
) -> impl IntoView {
    let text =
        format!("As {user}, you go on where you are. As someone else, {user}'s unsent edits wait on this device.");
    let (user, text) = (StoredValue::new(user), Signal::stored(text));
    view! {
        <Dialog open label="Sign in again" testid="sign-in-again">
            <SignInForm
                title=Signal::stored("Sign in again".to_owned())
                text
                name=user.get_value()
                busy
                error
                on_submit
            />
        </Dialog>
    }
}

/// Covers the page of whoever has signed out while the server cannot be reached.
#[component]
pub fn SignedOut(
    /// Begin anew.
    #[prop(into)]
    on_sign_in: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="signed-out" role="alertdialog" aria-label="Signed out" data-testid="signed-out">
            <div class="sign-in">
                <span class="workspace-mark" aria-hidden="true"></span>
                <h1 class="sign-in-title">"Signed out"</h1>
                <p class="sign-in-text">
                    "What Holdfast kept for you on this device is removed. The server cannot be reached now; your session there ends as soon as it can."
                </p>
                <button type="button" class="button primary" autofocus=true on:click=move |_| on_sign_in.run(())>
                    "Sign in"
                </button>
            </div>
        </div>
    }
}

#[component]
fn SignInForm(
    title: Signal<String>,
    text: Signal<String>,
    #[prop(optional)] name: String,
    busy: Signal<bool>,
    error: Signal<Option<String>>,
    on_submit: Callback<String>,
) -> impl IntoView {
    let name = RwSignal::new(name);
    let is_ready = Memo::new(move |_| name.with(|name| !name.trim().is_empty()) && !busy.get());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_ready.get_untracked() {
            on_submit.run(name.get_untracked().trim().to_owned());
        }
    };
    view! {
        <form class="sign-in" data-testid="sign-in" on:submit=submit>
            <span class="workspace-mark" aria-hidden="true"></span>
            <h1 class="sign-in-title">{move || title.get()}</h1>
            <p class="sign-in-text">{move || text.get()}</p>
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
    }
}
