//! The workspace's projects.

use super::icons::{Glyph, Icon};
use leptos::prelude::*;
use leptos_router::components::A;

/// A project, as its line shows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProjectSummary {
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where its list is.
    pub href: String,
    /// Issues still to be done; none while they are not held on this device.
    pub open: Option<usize>,
    /// All its issues; none while they are not held on this device.
    pub total: Option<usize>,
}

/// The projects, one a line.
#[component]
pub fn ProjectList(
    /// The projects, in order.
    #[prop(into)]
    projects: Signal<Vec<ProjectSummary>>,
) -> impl IntoView {
    view! {
        <ul class="projects" data-testid="project-list">
            <For each=move || projects.get() key=ProjectSummary::clone let(project)>
                <ProjectItem project/>
            </For>
        </ul>
    }
}

#[component]
fn ProjectItem(project: ProjectSummary) -> impl IntoView {
    let words = count_words(&project);
    let ProjectSummary { id, code, name, href, open, total } = project;
    let done = total.map(|total| (total.saturating_sub(open.unwrap_or(total)), total));
    view! {
        <li class="project" data-testid="project" data-id=id>
            <span class="project-code">{code}</span>
            <A href attr:class="project-name">{name}</A>
            <span class="project-bar" aria-hidden="true">
                {done.map(|(done, total)| view! {
                    <progress max=total.max(1).to_string() value=done.to_string()></progress>
                })}
            </span>
            <span class="project-count">{words}</span>
        </li>
    }
}

fn count_words(project: &ProjectSummary) -> String {
    match (project.open, project.total) {
        (Some(open), Some(total)) => format!("{open} open of {total}"),
        _ => "–".to_owned(),
    }
}

/// A project to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProject {
    /// Trimmed, never empty.
    pub name: String,
    /// Upper case, never empty.
    pub code: String,
}

/// A form that makes a project.
#[component]
pub fn NewProjectForm(
    /// Why the last one could not be made.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The project to make; false where it was not taken, and then the form stays as it is.
    #[prop(into)]
    on_submit: Callback<NewProject, bool>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let own_code = RwSignal::new(None::<String>);
    let code = Memo::new(move |_| own_code.get().unwrap_or_else(|| name.with(|name| code_of(name))));
    let is_ready = Memo::new(move |_| name.with(|name| !name.trim().is_empty()) && code.with(|code| !code.is_empty()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_ready.get_untracked() {
            let new = NewProject { name: name.get_untracked().trim().to_owned(), code: code.get_untracked() };
            if on_submit.run(new) {
                name.set(String::new());
                own_code.set(None);
            }
        }
    };
    view! {
        <form class="new-project" on:submit=submit>
            <label class="field">
                <span class="field-name">"New project"</span>
                <input
                    type="text"
                    class="input"
                    data-testid="new-project-name"
                    placeholder="Name"
                    maxlength="80"
                    prop:value=move || name.get()
                    on:input:target=move |event| name.set(event.target().value())
                />
            </label>
            <label class="field field-code">
                <span class="field-name">"Code"</span>
                <input
                    type="text"
                    class="input"
                    data-testid="new-project-code"
                    placeholder="WEB"
                    maxlength="8"
                    prop:value=move || code.get()
                    on:input:target=move |event| own_code.set(Some(tidy_code(&event.target().value())))
                />
            </label>
            <button
                type="submit"
                class="button primary"
                data-testid="new-project-submit"
                disabled=move || !is_ready.get()
            >
                <Icon glyph=Glyph::Plus/>
                <span class="button-text">"Create"</span>
            </button>
            <p class="form-error" role="alert">{move || error.get()}</p>
        </form>
    }
}

/// Letters and digits, upper case, eight at most.
fn tidy_code(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>().to_ascii_uppercase()
}

/// A code that a name suggests: its initials, or its first three letters.
fn code_of(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().map(tidy_code).filter(|word| !word.is_empty()).collect();
    match &words[..] {
        [] => String::new(),
        [word] => word.chars().take(3).collect(),
        words => words.iter().filter_map(|word| word.chars().next()).take(4).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn a_name_suggests_its_code() {
        assert_eq!(code_of("Website"), "WEB");
        assert_eq!(code_of("mobile app 2"), "MA2");
        assert_eq!(code_of("  "), "");
        assert_eq!(code_of("über"), "BER");
        assert_eq!(tidy_code("a-b c123456"), "ABC12345");
    }
}
