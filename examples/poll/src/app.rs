//! What is seen of the poll, in the browser.

use crate::{Act, Change, Poll, Row, SCOPE};
use holdfast_leptos::{
    plain::{Connection, SignIn},
    query::{ListSpec, use_live_list, use_live_row, use_mark},
    session::use_session,
    status::{provide_sync, use_sync},
};
use leptos::{ev::SubmitEvent, prelude::*};
use std::cmp::Reverse;
use uuid::Uuid;

/// The app: at once for whoever was here last, else for whoever signs in.
#[component]
pub fn App() -> impl IntoView {
    let who = use_session::<Uuid, Uuid>();
    move || match who.session.get() {
        None => view! { <SignIn who title="Who is voting?" /> }.into_any(),
        Some(session) => {
            let sync = provide_sync::<Poll>(session.sync_options(Some(session.user.id)));
            view! { {page(session.user.id, format!("question/{}", session.workspace.id))} <Connection who sync /> }
                .into_any()
        }
    }
}

/// The question and its answers, for a person.
pub fn page(me: Uuid, question: String) -> impl IntoView {
    let sync = use_sync::<Poll>();
    let (draft, fault) = (RwSignal::new(String::new()), RwSignal::new(None));
    let act = move |on, change| fault.set(sync.mutate(Act(on, change)).err().map(|refusal| refusal.message));
    let asked = use_live_row::<Poll>(question.clone());
    let suggest = move |event: SubmitEvent| {
        event.prevent_default();
        act(format!("answer/{}", Uuid::now_v7()), Change::Suggest(draft.get()));
        fault.with(Option::is_none).then(|| draft.set(String::new()));
    };
    let answers = use_live_list(|| {
        let votes = |row: &Row| Reverse(row.answer().map(|answer| answer.votes));
        ListSpec::<Poll, _>::new(SCOPE.to_owned(), "answers by votes", |row| row.answer().is_some(), votes)
    });
    let keys = answers.slice(|| 0..100);
    view! {
        <main>
            <input class="question" data-testid="question" aria-label="The question"
                prop:value=move || asked.with(|row| row.as_ref().map(|row| row.text().to_owned()))
                on:change:target=move |event| act(question.clone(), Change::Ask(event.target().value())) />
            <ol><For each=move || keys.get() key=String::clone let(key)><AnswerRow key me /></For></ol>
            <form on:submit=suggest>
                <input data-testid="suggestion" aria-label="An answer" placeholder="Suggest an answer" bind:value=draft />
                <button data-testid="suggest">"Suggest"</button>
            </form>
            <p role="alert">{fault}</p>
        </main>
    }
}

#[component]
fn AnswerRow(key: String, me: Uuid) -> impl IntoView {
    let sync = use_sync::<Poll>();
    let (row, mark, id) = (use_live_row::<Poll>(key.clone()), use_mark::<Poll>(key.clone()), key.clone());
    let answer = Memo::new(move |_| row.with(|row| row.as_ref()?.answer().cloned()).unwrap_or_default());
    let is_up = move || answer.read().hands.contains(&me);
    // Nothing is refused here: there is an answer to click on.
    let act = Callback::new(move |change| _ = sync.mutate(Act(key.clone(), change)));
    view! {
        <li data-testid="answer" data-id=id data-sync=move || mark.get().name()>
            <button class="vote" data-testid="vote" title="As often as you like" on:click=move |_| act.run(Change::Vote)>
                "▲ " <output data-testid="votes">{move || answer.read().votes}</output>
            </button>
            <span class="text">{move || answer.read().text.clone()}</span>
            <For each=move || answer.get().hands key=Uuid::clone let(person)><Initial person /></For>
            <button data-testid="raise" aria-pressed=move || is_up().to_string()
                on:click=move |_| act.run(Change::Raise(!is_up()))>"I’d help"</button>
        </li>
    }
}

#[component]
fn Initial(person: Uuid) -> impl IntoView {
    let person = use_live_row::<Poll>(format!("person/{person}"));
    let name = move || person.with(|row| row.as_ref().map(|row| row.text().to_owned())).unwrap_or_default();
    view! { <abbr title=name>{move || name().chars().take(1).collect::<String>()}</abbr> }
}
