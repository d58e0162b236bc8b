//! What the panel's figures are called.

use holdfast_leptos::inspect::{Count, Direction, FrameRecord, Snapshot, Traffic};
use holdfast_sync::client::{ConnectionStatus, Coverage, EntryState};
use wasm_bindgen::JsValue;

pub(super) fn none() -> String {
    "–".to_owned()
}

/// The last eight characters: enough to tell one from another. A version 7 UUID begins with its time.
pub(super) fn short(name: impl ToString) -> String {
    let name = name.to_string();
    name[name.len().saturating_sub(8)..].to_owned()
}

pub(super) fn status_words(status: &ConnectionStatus) -> String {
    match status {
        ConnectionStatus::Connecting => "connecting".to_owned(),
        ConnectionStatus::CatchingUp { done, total } => format!("catching up, {done} of {total}"),
        ConnectionStatus::Live => "live".to_owned(),
        ConnectionStatus::Reconnecting { attempt, .. } => format!("reconnecting, attempt {attempt}"),
        ConnectionStatus::Offline => "offline".to_owned(),
        ConnectionStatus::NeedsSignIn => "needs sign-in".to_owned(),
        ConnectionStatus::UpdateNeeded => "update needed".to_owned(),
        ConnectionStatus::Closed { reason } => format!("closed: {reason}"),
    }
}

pub(super) fn cursor_words(seen: &Snapshot) -> String {
    seen.cursor
        .map_or_else(none, |cursor| format!("{} · {} · {}", cursor.seq, short(cursor.epoch.0), short(cursor.mark)))
}

pub(super) fn coverage_words(coverage: Coverage) -> String {
    match coverage {
        Coverage::None => "not asked for".to_owned(),
        Coverage::Loading { done, total: Some(total) } => format!("{done} of {total}"),
        Coverage::Loading { done, total: None } => format!("{done} so far"),
        Coverage::Complete => "all".to_owned(),
        Coverage::Refused => "refused".to_owned(),
    }
}

pub(super) fn state_word(state: EntryState) -> &'static str {
    match state {
        EntryState::Saving => "saving",
        EntryState::Queued => "queued",
        EntryState::Sending => "sending",
    }
}

pub(super) fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    }
}

pub(super) fn traffic_words(Traffic { sent, received }: &Traffic) -> String {
    let words = |count: &Count| format!("{} · {}", count.frames, byte_words(count.bytes));
    format!("↑ {}   ↓ {}", words(sent), words(received))
}

pub(super) fn byte_words(bytes: u64) -> String {
    match bytes as f64 {
        few if few < 1e3 => format!("{bytes} B"),
        some if some < 1e6 => format!("{:.1} kB", some / 1e3),
        many if many < 1e9 => format!("{:.1} MB", many / 1e6),
        most => format!("{:.1} GB", most / 1e9),
    }
}

/// The time of day, to the millisecond.
pub(super) fn clock_time(at_ms: i64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
    let (hours, minutes, seconds) = (date.get_hours(), date.get_minutes(), date.get_seconds());
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", date.get_milliseconds())
}

/// A frame to be read: as JSON is written by hand, where it is kept whole.
pub(super) fn frame_text(frame: &FrameRecord) -> String {
    if frame.text.len() < frame.size_bytes {
        return format!("{}…", frame.text);
    }
    let parsed = js_sys::JSON::parse(&frame.text);
    let pretty = parsed.and_then(|value| {
        js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &JsValue::from_f64(2.0))
    });
    pretty.ok().and_then(|text| text.as_string()).unwrap_or_else(|| frame.text.clone())
}
