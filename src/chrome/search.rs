//! The search over everything: opened by a button, a key, or a list that does not have what was sought.

use crate::{
    components::{
        dialog::Dialog,
        issue_list::grouped,
        issue_row::issue_number,
        search::{SearchBox, SearchHit},
    },
    queries::{Directory, Hit, Place, Reach, Search, Server, use_directory, use_search},
    routes,
};
use holdfast_tracker::{Project, search::Sought};
use leptos::{ev, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// How many characters of a text are shown around what was found.
const EXCERPT_CHARS: usize = 160;

/// Where the search is opened from.
#[derive(Clone, Copy)]
pub struct SearchEverywhere {
    is_open: RwSignal<bool>,
    text: RwSignal<String>,
}

/// The [`SearchEverywhere`] that the frame provides.
pub fn use_search_everywhere() -> SearchEverywhere {
    expect_context()
}

impl SearchEverywhere {
    /// A closed search. `/`, Ctrl+K and ⌘K open it as long as the caller lives.
    pub(super) fn provide() -> Self {
        let search = Self { is_open: RwSignal::new(false), text: RwSignal::default() };
        let listener = window_event_listener(ev::keydown, move |event| {
            let is_shortcut = (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k");
            let is_slash = event.key() == "/" && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            let may_open = is_shortcut || (is_slash && !is_for_text(&event));
            // What asks for an answer is not to be covered.
            if may_open && document().query_selector("dialog[open]").ok().flatten().is_none() {
                event.prevent_default();
                search.open();
            }
        });
        on_cleanup(move || listener.remove());
        provide_context(search);
        search
    }

    /// Opens it with what was sought last.
    pub fn open(self) {
        self.is_open.set(true);
    }

    /// Opens it with that text.
    pub fn open_with(self, text: String) {
        self.text.set(text);
        self.open();
    }
}

/// Whether a key goes into a text.
fn is_for_text(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_field = |element: &Element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT");
    target.is_some_and(|element| {
        is_field(&element) || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
    })
}

/// The dialog.
#[component]
pub(super) fn SearchDialog(search: SearchEverywhere) -> impl IntoView {
    view! {
        <Dialog open=search.is_open label="Search everything" testid="search-dialog">
            <Body search/>
        </Dialog>
    }
}

#[component]
fn Body(search: SearchEverywhere) -> impl IntoView {
    let Search { hits, reach, sought } = use_search(search.text.into());
    let directory = use_directory();
    let projects = expect_context::<Memo<Vec<Project>>>();
    let shown = Memo::new(move |_| {
        let sought = sought.get();
        projects.with(|projects| {
            hits.with(|hits| hits.iter().map(|hit| shown(hit, &sought, projects, &directory)).collect::<Vec<_>>())
        })
    });
    let is_busy = Signal::derive(move || !reach.get().is_done || reach.get().server == Server::Asking);
    let note = Signal::derive(move || match sought.with(Sought::is_empty) {
        true => "Every word counts, and its beginning is enough.".to_owned(),
        false => words(reach.get()),
    });
    let navigate = use_navigate();
    let open = move |href: String| {
        search.is_open.set(false);
        navigate(&href, Default::default());
    };
    view! {
        <SearchBox
            text=search.text
            hits=shown
            is_busy
            note
            on_open=open
            on_close=move |()| search.is_open.set(false)
        />
    }
}

fn shown(hit: &Hit, sought: &Sought, projects: &[Project], directory: &Directory) -> SearchHit {
    let issue = &hit.issue;
    let project = projects.iter().find(|project| project.id == issue.project);
    let place = match hit.place {
        Place::Title => None,
        Place::Description => Some("Description".to_owned()),
        Place::Comment(author) => {
            Some(directory.user(author).map_or_else(|| "Comment".to_owned(), |name| format!("Comment by {name}")))
        }
    };
    SearchHit {
        id: issue.id.to_string(),
        href: routes::issue_in(issue.id, issue.project),
        number: issue_number(project.map_or("", |project| &project.code), issue.number),
        status: issue.status,
        title: sought.excerpt(&issue.title, usize::MAX),
        excerpt: place.as_ref().map(|_| sought.excerpt(&hit.text, EXCERPT_CHARS)).unwrap_or_default(),
        place,
        is_remote: !hit.is_held,
    }
}

/// What was searched, in a sentence that claims no more than is so.
fn words(reach: Reach) -> String {
    let count =
        |count: usize, one: &str, many: &str| format!("{} {}", grouped(count), if count == 1 { one } else { many });
    let here = format!(
        "{} and {} on this device",
        count(reach.issues, "issue", "issues"),
        count(reach.texts, "text", "texts")
    );
    match reach.server {
        _ if !reach.is_done => "Searching…".to_owned(),
        Server::Asking => format!("Searched {here}; asking the server…"),
        Server::Answered { more: false } => format!("Searched {here}, and everything on the server."),
        Server::Answered { more: true } => {
            format!("Searched {here}, and everything on the server: the best are shown.")
        }
        Server::SignedOut => format!("Your session has ended. Searched only {here}: sign in to search the server."),
        Server::Silent if reach.is_whole => {
            format!("The server does not answer. Searched {here}: all there was when it last did.")
        }
        Server::Silent => format!("The server does not answer. Searched only {here}, which is not everything."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn the_note_says_what_was_searched_and_no_more() {
        let reach = Reach { issues: 1200, texts: 1, is_done: true, is_whole: false, server: Server::Silent };
        assert_eq!(
            words(reach),
            "The server does not answer. Searched only 1,200 issues and 1 text on this device, which is not everything."
        );
        assert!(words(Reach { is_whole: true, ..reach }).ends_with("all there was when it last did."));
        assert!(words(Reach { server: Server::SignedOut, ..reach }).starts_with("Your session has ended."));
        assert!(words(Reach { server: Server::Asking, ..reach }).ends_with("asking the server…"));
        assert!(
            words(Reach { server: Server::Answered { more: false }, ..reach }).ends_with("everything on the server.")
        );
        assert_eq!(words(Reach { is_done: false, ..reach }), "Searching…");
    }
}
