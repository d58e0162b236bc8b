//! Which rows of a long list are in the DOM, and where: arithmetic alone.
//!
//! The scroll container holds a spacer as high as all rows together and, within it,
//! one box with the rows around the visible ones. Browsers cap an element's height
//! (Chromium at 33,554,428 px), so past [`SPACER_PX_MAX`] the spacer stops growing and
//! the scroll offset stands for a proportional one.

use std::ops::Range;

/// The most a spacer is high.
pub const SPACER_PX_MAX: f64 = 30_000_000.0;

/// Rows kept in the DOM beyond each edge of the viewport.
pub const OVERSCAN_ROWS: usize = 10;

/// The sizes that place the rows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Geometry {
    /// All rows.
    pub total: usize,
    /// One row's height.
    pub row_px: f64,
    /// The scroll container's inner height.
    pub viewport_px: f64,
}

impl Geometry {
    /// How high the spacer is.
    pub fn spacer_px(&self) -> f64 {
        self.content_px().min(SPACER_PX_MAX)
    }

    /// How far down in the content the viewport starts when scrolled by `scroll_px`.
    pub fn content_top_px(&self, scroll_px: f64) -> f64 {
        // At such offsets a browser counts in steps of 2 px, each of which stands for
        // more of the content: its last step is the end.
        let at_end = self.scale() > 1.0 && scroll_px >= self.spacer_px() - self.viewport_px - 2.0;
        if at_end {
            self.content_top_px_max()
        } else {
            (scroll_px * self.scale()).clamp(0.0, self.content_top_px_max())
        }
    }

    /// The scroll offset at which the viewport starts that far down in the content.
    pub fn scroll_px(&self, content_top_px: f64) -> f64 {
        content_top_px.clamp(0.0, self.content_top_px_max()) / self.scale()
    }

    /// The rows to have in the DOM.
    pub fn rows(&self, scroll_px: f64) -> Range<usize> {
        let top_px = self.content_top_px(scroll_px);
        let first = self.row_at(top_px);
        let end = ((top_px + self.viewport_px) / self.row_px).ceil() as usize;
        first.saturating_sub(OVERSCAN_ROWS)..(end + OVERSCAN_ROWS).min(self.total)
    }

    /// The first row of which anything is visible.
    pub fn first_visible(&self, scroll_px: f64) -> usize {
        self.row_at(self.content_top_px(scroll_px))
    }

    /// Where in the spacer the box with the rows from `start` on stands.
    pub fn box_top_px(&self, scroll_px: f64, start: usize) -> f64 {
        let start_px = start as f64 * self.row_px;
        if self.scale() == 1.0 { start_px } else { scroll_px - self.content_top_px(scroll_px) + start_px }
    }

    /// The scroll offset that shows a row whole while moving as little as it can.
    pub fn scroll_px_to_show(&self, row: usize, scroll_px: f64) -> f64 {
        let top_px = self.content_top_px(scroll_px);
        let row_top_px = row as f64 * self.row_px;
        let row_end_px = row_top_px + self.row_px;
        if row_top_px < top_px {
            self.scroll_px(row_top_px)
        } else if row_end_px > top_px + self.viewport_px {
            self.scroll_px(row_end_px - self.viewport_px)
        } else {
            scroll_px
        }
    }

    fn row_at(&self, top_px: f64) -> usize {
        ((top_px / self.row_px) as usize).min(self.total.saturating_sub(1))
    }

    fn content_px(&self) -> f64 {
        self.total as f64 * self.row_px
    }

    fn content_top_px_max(&self) -> f64 {
        (self.content_px() - self.viewport_px).max(0.0)
    }

    /// Pixels of content a pixel of scrolling stands for.
    fn scale(&self) -> f64 {
        let scroll_px_max = self.spacer_px() - self.viewport_px;
        if self.content_px() <= SPACER_PX_MAX || scroll_px_max <= 0.0 {
            1.0
        } else {
            self.content_top_px_max() / scroll_px_max
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn geometry(total: usize) -> Geometry {
        Geometry { total, row_px: 36.0, viewport_px: 900.0 }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn the_visible_rows_and_ten_more_each_way() {
        assert_eq!(geometry(0).rows(0.0), 0..0);
        assert_eq!(geometry(5).rows(0.0), 0..5);
        assert_eq!(geometry(1000).rows(0.0), 0..35);
        assert_eq!(geometry(1000).rows(3600.0), 90..135);
        assert_eq!(geometry(1000).rows(1e9), 965..1000);
        assert_eq!(geometry(1000).spacer_px(), 36_000.0);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_shrunk_list_shows_its_end() {
        assert_eq!(geometry(30).rows(36_000.0), 0..30);
        assert_eq!(geometry(30).content_top_px(36_000.0), 180.0);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_list_too_high_for_a_browser_is_reached_from_end_to_end() {
        let geometry = geometry(5_000_000);
        let end_px = geometry.spacer_px() - geometry.viewport_px;
        assert_eq!(geometry.spacer_px(), SPACER_PX_MAX);
        assert_eq!(geometry.rows(0.0).start, 0);
        assert_eq!(geometry.rows(end_px), 4_999_965..5_000_000);
        for scroll_px in [0.0, 1234.0, 15_000_000.0, end_px] {
            let rows = geometry.rows(scroll_px);
            let box_top_px = geometry.box_top_px(scroll_px, rows.start);
            assert!(box_top_px <= scroll_px && scroll_px - box_top_px <= 11.0 * 36.0, "at {scroll_px}");
            let box_end_px = box_top_px + rows.len() as f64 * 36.0;
            assert!(box_end_px >= scroll_px + 900.0 - 1e-3, "at {scroll_px}");
            assert!((geometry.scroll_px(geometry.content_top_px(scroll_px)) - scroll_px).abs() < 1e-3);
        }
        assert_eq!(geometry.content_top_px(end_px - 1.0), 5_000_000.0 * 36.0 - 900.0);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn showing_a_row_moves_as_little_as_it_can() {
        let geometry = geometry(1000);
        assert_eq!(geometry.scroll_px_to_show(3, 0.0), 0.0);
        assert_eq!(geometry.scroll_px_to_show(25, 0.0), 36.0);
        assert_eq!(geometry.scroll_px_to_show(3, 3600.0), 108.0);
        assert_eq!(geometry.scroll_px_to_show(999, 0.0), 35_100.0);
    }
}
