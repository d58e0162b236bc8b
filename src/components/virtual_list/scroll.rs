//! The element that scrolls, measured.

use super::px;
use crate::components::{
    measure::{css_px, scroll_top_px},
    window::Geometry,
};
use leptos::{html::Div, prelude::*};
use leptos_use::use_resize_observer;
use std::ops::Range;

/// The scroll container's state.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    pub container: NodeRef<Div>,
    pub offset_px: RwSignal<f64>,
    pub geometry: Memo<Geometry>,
    pub rows: Memo<Range<usize>>,
}

impl Scroll {
    /// Takes over where the container stands.
    pub fn read(self) {
        if let Some(container) = self.container.get_untracked() {
            let offset_px = scroll_top_px(&container);
            if offset_px != self.offset_px.get_untracked() {
                self.offset_px.set(offset_px);
            }
        }
    }

    pub fn set(self, offset_px: f64) {
        if let Some(container) = self.container.get_untracked() {
            container.scroll_to_with_x_and_y(0.0, offset_px);
            self.read();
        }
    }

    pub fn show(self, row: usize) {
        let offset_px = self.offset_px.get_untracked();
        let wanted_px = self.geometry.get_untracked().scroll_px_to_show(row, offset_px);
        if wanted_px != offset_px {
            self.set(wanted_px);
        }
    }

    /// Where the box with the rows stands; follows the offset only where it must.
    pub fn transform(self) -> String {
        let geometry = self.geometry.get();
        let start = self.rows.with(|rows| rows.start);
        let offset_px = if geometry.total as f64 * geometry.row_px > geometry.spacer_px() {
            self.offset_px.get()
        } else {
            self.offset_px.get_untracked()
        };
        format!("translateY({})", px(geometry.box_top_px(offset_px, start)))
    }
}

/// Measures the container, now and whenever its size changes.
pub(super) fn use_scroll(container: NodeRef<Div>, total: Signal<usize>) -> Scroll {
    let offset_px = RwSignal::new(0.0);
    let viewport_px = RwSignal::new(0.0);
    let row_px = RwSignal::new(36.0);
    let geometry =
        Memo::new(move |_| Geometry { total: total.get(), row_px: row_px.get(), viewport_px: viewport_px.get() });
    let rows = Memo::new(move |_| geometry.get().rows(offset_px.get()));
    let measure = move || {
        if let Some(container) = container.get() {
            viewport_px.set(f64::from(container.client_height()));
            if let Some(measured_px) = css_px(&container, "--row").filter(|px| *px > 0.0) {
                row_px.set(measured_px);
            }
        }
    };
    Effect::new(measure);
    use_resize_observer(container, move |_, _| untrack(measure));
    Scroll { container, offset_px, geometry, rows }
}
