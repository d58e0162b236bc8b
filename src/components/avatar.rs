//! A person as two letters on one of a few quiet hues.

use leptos::prelude::*;

/// How many hues the style sheet has.
const HUES: u32 = 8;

/// A person, or nobody; one element, so that another assignee writes one node.
#[component]
pub fn Avatar(
    /// Their name.
    #[prop(into)]
    name: Signal<Option<String>>,
) -> impl IntoView {
    let said = move || name.get().unwrap_or_else(|| "Unassigned".to_owned());
    view! {
        <span
            class="avatar"
            role="img"
            aria-label=said
            data-initials=move || name.with(|name| name.as_deref().map(initials))
            data-hue=move || name.with(|name| name.as_deref().map(|name| hue(name).to_string()))
        ></span>
    }
}

/// The first letters of the first and the last part of a name, upper case; of a number
/// the last digit, which tells more.
fn initials(name: &str) -> String {
    let mut parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or(name.trim()).chars().next();
    let last = parts.next_back().and_then(|part| match part.chars().next_back() {
        Some(digit) if part.chars().all(|c| c.is_ascii_digit()) => Some(digit),
        _ => part.chars().next(),
    });
    first.into_iter().chain(last).flat_map(char::to_uppercase).take(3).collect()
}

/// The same for a name on every device.
fn hue(name: &str) -> u32 {
    name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % HUES
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn initials_of_names_of_all_kinds() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("dev-05"), "D5");
        assert_eq!(initials("grace"), "G");
        assert_eq!(initials("Jean Luc van Damme"), "JD");
        assert_eq!(initials("ßa"), "SS");
        assert_eq!(initials("🦀"), "🦀");
        assert_eq!(initials(""), "");
    }
}
