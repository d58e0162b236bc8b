//! What the origin stores on the device.

use crate::bridge::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

/// What the browser says of the origin's storage. It rounds, and knows the disk only roughly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreUsage {
    /// How much is stored.
    pub usage_bytes: u64,
    /// How much the browser would let be stored.
    pub quota_bytes: u64,
}

/// Asks the browser; none where it does not say.
pub async fn store_usage() -> Option<StoreUsage> {
    let storage = js_sys::Reflect::get(&window().navigator(), &"storage".into()).ok()?;
    // A page that is not secure has none.
    let storage: StorageManager = storage.is_object().then(|| storage.unchecked_into())?;
    let estimate = JsFuture::from(storage.estimate().ok()?).await.ok()?;
    let bytes = |name: &str| js_sys::Reflect::get(&estimate, &JsValue::from_str(name)).ok()?.as_f64();
    Some(StoreUsage { usage_bytes: bytes("usage")? as u64, quota_bytes: bytes("quota")? as u64 })
}
