//! A label: its name, and its colour as a dot that reads on any ground.

use leptos::prelude::*;

/// A label's colour alone.
#[component]
pub fn LabelDot(
    /// `rrggbb`.
    #[prop(into)]
    color: String,
) -> impl IntoView {
    view! {
        <svg class="label-dot" viewBox="0 0 8 8" aria-hidden="true" focusable="false">
            <circle cx="4" cy="4" r="3.5" fill=fill(&color)></circle>
        </svg>
    }
}

/// A label.
#[component]
pub fn LabelChip(
    /// What it is called.
    #[prop(into)]
    name: String,
    /// `rrggbb`.
    #[prop(into)]
    color: String,
) -> impl IntoView {
    let title = name.clone();
    view! {
        <span class="label-chip" title=title>
            <LabelDot color/>
            <span class="label-chip-name">{name}</span>
        </span>
    }
}

/// A colour that is nothing but a colour; anything else is the text's own.
fn fill(color: &str) -> String {
    let color = color.trim_start_matches('#');
    if color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("#{color}")
    } else {
        "currentColor".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn only_a_colour_is_a_colour() {
        assert_eq!(fill("b918f1"), "#b918f1");
        assert_eq!(fill("#B918F1"), "#B918F1");
        assert_eq!(fill("url(https://a.example)"), "currentColor");
        assert_eq!(fill(""), "currentColor");
    }
}
