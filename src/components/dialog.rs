//! Dialogs: the browser's own, so that focus, Escape and what lies behind are its work.

use leptos::{html, prelude::*};

/// A modal dialog, in the DOM only while it is open.
#[component]
pub fn Dialog(
    /// Whether it is open; closing sets it.
    open: RwSignal<bool>,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// A stable hook.
    testid: &'static str,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let children = StoredValue::new(children);
    let is_open = Memo::new(move |_| open.get());
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match is_open.get() {
            // Fails only when it is open already.
            true => drop(dialog.show_modal()),
            false => dialog.close(),
        }
    });
    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-label=label
            data-testid=testid
            on:close=move |event| {
                // A menu inside closes too, and its event must not end the dialog.
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <Show when=move || is_open.get()>{children.with_value(|children| children())}</Show>
        </dialog>
    }
}

/// Asks before what cannot be undone.
#[component]
pub fn ConfirmDialog(
    /// Whether it is open; closing sets it.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: String,
    /// What will happen.
    #[prop(into)]
    text: Signal<String>,
    /// What the button that does it says.
    #[prop(into)]
    confirm: String,
    /// It is to be done.
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let (heading, confirm) = (StoredValue::new(title.clone()), StoredValue::new(confirm));
    view! {
        <Dialog open label=title testid="confirm">
            <div class="dialog-body">
                <h2 class="dialog-title">{heading.get_value()}</h2>
                <p class="dialog-text">{move || text.get()}</p>
            </div>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus=true on:click=move |_| open.set(false)>"Cancel"</button>
                <button
                    type="button"
                    class="button danger"
                    data-testid="confirm-yes"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {confirm.get_value()}
                </button>
            </div>
        </Dialog>
    }
}
