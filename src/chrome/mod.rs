//! The frame around every page: it starts sync for whoever is signed in, and shows the
//! connection, the outbox and notices.

mod banner;
pub mod notices;
mod outbox;
mod sign_in_again;
mod sign_out;

pub use notices::use_notices;

use crate::{
    components::{
        banner::Banner,
        outbox::OutboxPanel,
        shell::{NavProject, Shell},
        toast::Toasts,
    },
    pages,
    queries::{Directory, replicate_all, use_all_projects, use_now},
    rescue, routes,
    session::Session,
};
use holdfast_leptos::status::provide_sync;
use holdfast_tracker::{Actor, Tracker};
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Routes},
    path,
};

/// Everything below the session.
#[component]
pub fn Frame(
    /// Who is signed in.
    session: Session,
) -> impl IntoView {
    let sync = provide_sync::<Tracker>(session.sync_options(Actor::User(session.user.id)));
    rescue::on_panic(sync.stopper());
    provide_context(session.clone());
    provide_context(Directory::new());
    let projects = use_all_projects();
    provide_context(projects);
    replicate_all(projects);

    let status = sync.status();
    let now = use_now();
    let outbox_open = RwSignal::new(false);
    let leaving = RwSignal::new(false);
    let returning = RwSignal::new(false);
    let notices = notices::Notices::provide(sync, outbox_open);
    let nav = Signal::derive(move || {
        let projects = projects.get().into_iter();
        let entry = projects.map(|project| NavProject {
            id: project.id.to_string(),
            href: routes::project(&project.code),
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
        <Toasts toasts=notices.shown on_dismiss=move |id| notices.dismiss(sync, id) />
        <sign_out::SignOut open=leaving />
        <sign_in_again::SignInAgain session=session open=returning />
    }
}
