//! The frame around every page: it starts sync for whoever is signed in, and shows the
//! connection, the outbox and notices.

mod banner;
mod inspector;
pub mod notices;
mod outbox;
mod search;
mod sign_in_again;
mod sign_out;

pub use notices::use_notices;
pub use search::use_search_everywhere;

use crate::{
    components::{
        banner::Banner,
        outbox::OutboxPanel,
        shell::{NavProject, Shell},
        toast::Toasts,
    },
    pages,
    queries::{Directory, Replicated, use_all_projects, use_now},
    rescue, routes,
    session::Session,
};
use holdfast_leptos::{
    bridge::World,
    inspect::Wire,
    status::{SyncOptions, provide_sync},
};
use holdfast_tracker::{Actor, Tracker};
use leptos::{leptos_dom::helpers::document, prelude::*};
use leptos_router::{
    components::{Route, Routes},
    hooks::use_location,
    path,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Everything below the session.
#[component]
pub fn Frame(
    /// Who is signed in.
    session: Session,
) -> impl IntoView {
    let wire = Wire::around(session.connector());
    let inspection = inspector::Inspection::new(wire.clone());
    let actor = Actor::User(session.user.id);
    let sync = provide_sync::<Tracker>(SyncOptions::new(actor, session.database(), World::browser(wire)));
    rescue::on_panic(sync.stopper());
    provide_context(session.clone());
    provide_context(Directory::new());
    pages::LastLooked::provide();
    let projects = use_all_projects();
    provide_context(projects);
    Replicated::provide(projects);

    keep_focus();
    let status = sync.status();
    let now = use_now();
    let outbox_open = RwSignal::new(false);
    let leaving = RwSignal::new(false);
    let returning = RwSignal::new(false);
    let notices = notices::Notices::provide(sync, outbox_open);
    let searching = search::SearchEverywhere::provide();
    let nav = Signal::derive(move || {
        let projects = projects.get().into_iter();
        let entry = projects.map(|project| NavProject {
            id: project.id.to_string(),
            href: routes::project(&project.code),
            kept_under: pages::positions_of(&project.code),
            code: project.code,
            name: project.name,
        });
        entry.collect()
    });
    let pending = Signal::derive(move || status.unsent.get() + status.refused.get());
    let (workspace, user) = (session.workspace.name.clone(), session.user.name.clone());
    view! {
        <Banner state=banner::state(sync, outbox_open, returning) />
        <Shell
            workspace=Signal::derive(move || workspace.clone())
            projects=nav
            user=Signal::derive(move || Some(user.clone()))
            unsent=pending
            on_outbox=move |()| outbox_open.set(true)
            on_sign_out=move |()| leaving.set(true)
            on_search=move |()| searching.open()
            on_inspect=move |()| inspection.toggle()
            is_faulty=inspection.is_faulty()
            home=routes::HOME
        >
            <Routes fallback=pages::NotFound>
                <Route path=path!("/") view=pages::Projects />
                <Route path=path!("/projects/:code") view=pages::Issues />
                <Route path=path!("/issues/:id") view=pages::IssueDetail />
            </Routes>
        </Shell>
        <OutboxPanel
            open=outbox_open
            entries=outbox::entries(sync)
            now
            on_retry=move |id: String| outbox::retry(sync, notices, &id)
            on_discard=move |id: String| outbox::discard(sync, &id)
        />
        <search::SearchDialog search=searching />
        <inspector::Inspector sync inspection />
        <Toasts toasts=notices.shown on_dismiss=move |id| notices.dismiss(sync, id) />
        <sign_out::SignOut open=leaving />
        <sign_in_again::SignInAgain session=session open=returning />
    }
}

/// Another page takes the focus where the one before took it away with itself: the next key begins there.
fn keep_focus() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<()>| {
        path.track();
        if before.is_some() {
            request_animation_frame(|| {
                let document = document();
                let is_lost = document.active_element().is_none_or(|element| element.tag_name() == "BODY");
                let page = document.get_element_by_id("page").and_then(|page| page.dyn_into::<HtmlElement>().ok());
                if let Some(page) = page.filter(|_| is_lost) {
                    // Without the focus it is one key more.
                    let _ = page.focus();
                }
            });
        }
    });
}
