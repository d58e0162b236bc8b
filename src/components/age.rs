//! How long ago something was, in words that a glance takes in.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// How much room the words may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AgeStyle {
    /// `5m`: for a column.
    #[default]
    Short,
    /// `5 minutes ago`: for a sentence.
    Long,
}

/// How long ago; the moment itself is shown on hover, in the reader's own way.
#[component]
pub fn Age(
    /// The moment, Unix milliseconds.
    #[prop(into)]
    at: Signal<i64>,
    /// Now, Unix milliseconds; ticks slowly.
    #[prop(into)]
    now: Signal<i64>,
    /// How much room there is.
    #[prop(optional)]
    style: AgeStyle,
) -> impl IntoView {
    let words = Memo::new(move |_| age_words(at.get(), now.get(), style));
    // Written only when asked for: a list would otherwise write two nodes a change.
    let say_moment = move |event: ev::PointerEvent| {
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        {
            element.set_title(&moment(at.get_untracked()));
        }
    };
    view! { <time class="age" on:pointerenter=say_moment>{move || words.get()}</time> }
}

/// The moment in the reader's language and zone.
fn moment(at_ms: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at_ms as f64));
    String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED))
}

/// How long before `now_ms` it was; the future counts as now.
pub fn age_words(at_ms: i64, now_ms: i64, style: AgeStyle) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const UNITS: [(i64, &str, &str); 6] = [
        (365 * DAY, "y", "year"),
        (30 * DAY, "mo", "month"),
        (7 * DAY, "w", "week"),
        (DAY, "d", "day"),
        (HOUR, "h", "hour"),
        (MINUTE, "m", "minute"),
    ];
    let seconds = now_ms.saturating_sub(at_ms) / 1000;
    let Some((unit, short, long)) = UNITS.into_iter().find(|(unit, ..)| seconds >= *unit) else {
        return match style {
            AgeStyle::Short => "now".to_owned(),
            AgeStyle::Long => "just now".to_owned(),
        };
    };
    let count = seconds / unit;
    match style {
        AgeStyle::Short => format!("{count}{short}"),
        AgeStyle::Long if count == 1 => format!("1 {long} ago"),
        AgeStyle::Long => format!("{count} {long}s ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn ages_from_now_to_years() {
        let short = |seconds: i64| age_words(0, seconds * 1000, AgeStyle::Short);
        assert_eq!(short(-5), "now");
        assert_eq!(short(59), "now");
        assert_eq!(short(60), "1m");
        assert_eq!(short(3 * 3600 + 1), "3h");
        assert_eq!(short(6 * 86_400), "6d");
        assert_eq!(short(20 * 86_400), "2w");
        assert_eq!(short(364 * 86_400), "12mo");
        assert_eq!(short(800 * 86_400), "2y");
        assert_eq!(age_words(0, 60_000, AgeStyle::Long), "1 minute ago");
        assert_eq!(age_words(0, 7_200_000, AgeStyle::Long), "2 hours ago");
    }
}
