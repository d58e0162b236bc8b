//! The frame around every page: the workspace, its projects, and who one is.

use super::{
    avatar::Avatar,
    icons::{Glyph, Icon},
    search::SearchButton,
    virtual_list::forget_positions,
};
use leptos::prelude::*;
use leptos_router::components::A;

/// A project in the sidebar.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct NavProject {
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where its list is.
    pub href: String,
    /// What the keys of its list's positions begin with.
    pub kept_under: String,
}

/// The app's frame.
#[component]
pub fn Shell(
    /// What the workspace is called.
    #[prop(into)]
    workspace: Signal<String>,
    /// Its projects.
    #[prop(into)]
    projects: Signal<Vec<NavProject>>,
    /// Who is signed in.
    #[prop(into)]
    user: Signal<Option<String>>,
    /// How many of their edits the server has not confirmed.
    #[prop(into)]
    unsent: Signal<usize>,
    /// Show the outbox.
    #[prop(into)]
    on_outbox: Callback<()>,
    /// Sign out.
    #[prop(into)]
    on_sign_out: Callback<()>,
    /// Search everything.
    #[prop(into)]
    on_search: Callback<()>,
    /// Open or close the developer panel.
    #[prop(into)]
    on_inspect: Callback<()>,
    /// Whether the network is broken on purpose.
    #[prop(into)]
    is_faulty: Signal<bool>,
    /// Where all projects are.
    #[prop(default = "/")]
    home: &'static str,
    /// The page.
    children: Children,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    view! {
        <div
            class="shell"
            data-nav=move || is_open.get().then_some("open")
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    is_open.set(false);
                }
            }
        >
            <a class="skip" href="#page">"Skip to the page"</a>
            <div class="sidebar">
                <button
                    type="button"
                    class="icon-button nav-toggle"
                    aria-label="Projects"
                    aria-expanded=move || if is_open.get() { "true" } else { "false" }
                    aria-controls="nav"
                    on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
                >
                    <Icon glyph=Glyph::Bars/>
                </button>
                <div class="workspace">
                    <span class="workspace-mark" aria-hidden="true"></span>
                    <span class="workspace-name">{move || workspace.get()}</span>
                </div>
                <SearchButton on_press=on_search/>
                <nav id="nav" class="nav" aria-label="Projects" on:click=move |_| is_open.set(false)>
                    <A href=home exact=true attr:class="nav-link">
                        <Icon glyph=Glyph::Folder/>
                        <span class="nav-name">"All projects"</span>
                    </A>
                    <For each=move || projects.get() key=NavProject::clone let(project)>
                        <A href=project.href attr:class="nav-link" on:click=move |_| forget_positions(&project.kept_under)>
                            <span class="project-code">{project.code}</span>
                            <span class="nav-name">{project.name}</span>
                        </A>
                    </For>
                </nav>
                <UserBlock user unsent on_outbox on_sign_out on_inspect is_faulty/>
            </div>
            <main id="page" class="page" tabindex="-1">{children()}</main>
        </div>
    }
}

#[component]
fn UserBlock(
    user: Signal<Option<String>>,
    unsent: Signal<usize>,
    on_outbox: Callback<()>,
    on_sign_out: Callback<()>,
    on_inspect: Callback<()>,
    is_faulty: Signal<bool>,
) -> impl IntoView {
    let unsent = Memo::new(move |_| unsent.get());
    view! {
        <div class="user">
            <Avatar name=user/>
            <span class="user-name" data-testid="user-name">{move || user.get()}</span>
            <button
                type="button"
                class="unsent"
                data-testid="unsent"
                data-count=move || unsent.get().to_string()
                aria-label=move || match unsent.get() {
                    0 => "Outbox: everything is sent".to_owned(),
                    1 => "Outbox: 1 edit unsent".to_owned(),
                    count => format!("Outbox: {count} edits unsent"),
                }
                on:click=move |_| on_outbox.run(())
            >
                <Icon glyph=Glyph::Outbox/>
                <span class="unsent-count">{move || Some(unsent.get()).filter(|count| *count > 0).map(|count| count.to_string())}</span>
            </button>
            <button
                type="button"
                class="icon-button inspect"
                data-testid="inspect"
                data-faulty=move || is_faulty.get().then_some("")
                aria-label=move || if is_faulty.get() { "Developer panel: the network is broken on purpose" } else { "Developer panel" }
                title="Developer panel (Alt+Shift+D)"
                on:click=move |_| on_inspect.run(())
            >
                <Icon glyph=Glyph::Pulse/>
            </button>
            <button
                type="button"
                class="icon-button sign-out"
                data-testid="sign-out"
                aria-label="Sign out"
                title="Sign out"
                on:click=move |_| on_sign_out.run(())
            >
                <Icon glyph=Glyph::SignOut/>
            </button>
        </div>
    }
}
