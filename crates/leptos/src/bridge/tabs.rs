//! What the tabs of a profile tell each other: that the outbox grew, and by what.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// A database's channel to the other tabs that have it open.
pub(super) struct Tabs {
    channel: BroadcastChannel,
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl Tabs {
    /// Opens the channel. None where the browser has no such thing: then each tab learns
    /// of the others' edits from the server.
    pub(super) fn open(database: &str, on_outbox: impl Fn(Vec<(String, Vec<u8>)>) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(&format!("holdfast:{database}")).ok()?;
        let message = Closure::new(move |event: MessageEvent| {
            if let Some(records) = decode(&event.data()) {
                on_outbox(records);
            }
        });
        channel.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Some(Self { channel, _message: message })
    }

    /// Tells the other tabs of new outbox records.
    pub(super) fn outbox_grew(&self, records: &[(String, Vec<u8>)]) {
        let message = js_sys::Array::new();
        for (key, value) in records {
            message.push(&JsValue::from_str(key));
            message.push(&js_sys::Uint8Array::from(value.as_slice()));
        }
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
fn decode(message: &JsValue) -> Option<Vec<(String, Vec<u8>)>> {
    let parts = message.dyn_ref::<js_sys::Array>()?;
    let pairs = parts.to_vec();
    let record = |pair: &[JsValue]| Some((pair.first()?.as_string()?, pair.get(1)?.dyn_ref::<js_sys::Uint8Array>()?.to_vec()));
    pairs.chunks(2).map(record).collect()
}
