//! What the tabs of a profile tell each other: that the outbox grew, and by what; that the profile
//! goes by another id; that all was wiped.

use crate::persistence::Records;
use holdfast_sync::ClientId;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// What another tab says.
pub(super) enum TabMessage {
    /// It stored these outbox records.
    OutboxGrew(Records),
    /// It stored this as the profile's id.
    Renamed(ClientId),
    /// It ends everything that is stored.
    Wiped,
}

/// How [`TabMessage::Wiped`] travels.
const WIPED: &str = "wiped";

/// What stands before the id as which [`TabMessage::Renamed`] travels.
const RENAMED: &str = "renamed ";

/// A database's channel to the other tabs that have it open.
pub(super) struct Tabs {
    channel: BroadcastChannel,
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl Tabs {
    /// Opens the channel. None where the browser has no such thing: then each tab learns
    /// of the others' edits from the server.
    pub(super) fn open(database: &str, on_message: impl Fn(TabMessage) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(&format!("holdfast:{database}")).ok()?;
        let message = Closure::new(move |event: MessageEvent| {
            if let Some(message) = decode(&event.data()) {
                on_message(message);
            }
        });
        channel.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Some(Self { channel, _message: message })
    }

    /// Tells the other tabs.
    pub(super) fn tell(&self, message: &TabMessage) {
        let message = match message {
            TabMessage::OutboxGrew(records) => {
                let parts = js_sys::Array::new();
                for (key, value) in records {
                    parts.push(&JsValue::from_str(key));
                    parts.push(&js_sys::Uint8Array::from(value.as_slice()));
                }
                parts.into()
            }
            TabMessage::Renamed(client) => JsValue::from_str(&format!("{RENAMED}{client}")),
            TabMessage::Wiped => JsValue::from_str(WIPED),
        };
        // It fails only on a closed channel, and ours is open as long as it is.
        let _ = self.channel.post_message(&message);
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

/// None for what another version of this app may say.
fn decode(message: &JsValue) -> Option<TabMessage> {
    if let Some(text) = message.as_string() {
        let renamed = || Some(TabMessage::Renamed(ClientId(text.strip_prefix(RENAMED)?.parse().ok()?)));
        return if text == WIPED { Some(TabMessage::Wiped) } else { renamed() };
    }
    let parts = message.dyn_ref::<js_sys::Array>()?.to_vec();
    let record = |pair: &[JsValue]| {
        let value = pair.get(1)?.dyn_ref::<js_sys::Uint8Array>()?;
        Some((pair.first()?.as_string()?, value.to_vec()))
    };
    parts.chunks(2).map(record).collect::<Option<_>>().map(TabMessage::OutboxGrew)
}
