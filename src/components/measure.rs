//! What the style sheet and the screen say about sizes.

/// A custom property that is a length in `px`, as it stands for that element.
pub fn css_px(element: &web_sys::Element, property: &str) -> Option<f64> {
    let style = web_sys::window()?.get_computed_style(element).ok()??;
    style.get_property_value(property).ok()?.trim().trim_end_matches("px").parse().ok()
}

/// The size of what the reader sees of the page, in CSS pixels: width, height.
pub fn viewport() -> (f64, f64) {
    let size = |side: Result<wasm_bindgen::JsValue, _>| side.ok().and_then(|side| side.as_f64()).unwrap_or_default();
    web_sys::window().map_or((0.0, 0.0), |window| (size(window.inner_width()), size(window.inner_height())))
}

/// Whether fingers rather than a mouse are to hit the targets (the sheet's `--row`).
pub fn is_touch(element: &web_sys::Element) -> bool {
    css_px(element, "--row").is_some_and(|row_px| row_px > 40.0)
}

/// How far down an element is scrolled.
pub fn scroll_top_px(element: &web_sys::Element) -> f64 {
    // web-sys says `f64` where its unstable interfaces are on (wasm) and `i32` where not.
    #[allow(clippy::useless_conversion)]
    f64::from(element.scroll_top())
}

/// Scrolls a list so far that one of its elements is seen; `scrollIntoView` would move the page too.
pub fn scroll_into_list(element: &web_sys::HtmlElement) {
    let Some(list) = element.parent_element() else { return };
    let (top_px, height_px) = (f64::from(element.offset_top()), f64::from(element.offset_height()));
    let (from_px, room_px) = (scroll_top_px(&list), f64::from(list.client_height()));
    if top_px < from_px {
        list.scroll_to_with_x_and_y(0.0, top_px);
    } else if top_px + height_px > from_px + room_px {
        list.scroll_to_with_x_and_y(0.0, top_px + height_px - room_px);
    }
}
