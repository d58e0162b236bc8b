//! How often what others change is drawn.
//!
//! With the next animation frame, as long as somebody could follow it. Where more comes in than that, to lay the
//! page out again with each frame would take the time that taking it in needs, and make all of it later: then two
//! frames may pass in between.

/// So many changed rows in one frame are more than anybody reads.
const FLOOD_ROWS: usize = 300;

/// Frames that pass undrawn in a flood, one after the other.
const PASSED_MAX: u32 = 2;

/// From one drawing to the next in a flood: three frames at 60 Hz, less what clocks round off.
const FLOOD_MS: u64 = 45;

/// Says with which frames to draw.
#[derive(Default, Debug)]
pub(super) struct Pace {
    drawn_ms: Option<u64>,
    passed: u32,
}

impl Pace {
    /// Whether to draw with this frame; else with one of the next. `rows` have changed since it was drawn last.
    pub(super) fn draws(&mut self, now_ms: u64, rows: usize) -> bool {
        let is_soon = self.drawn_ms.is_some_and(|drawn_ms| now_ms < drawn_ms + FLOOD_MS);
        if rows >= FLOOD_ROWS && is_soon && self.passed < PASSED_MAX {
            self.passed += 1;
            return false;
        }
        *self = Self { drawn_ms: Some(now_ms), passed: 0 };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn what_can_be_followed_is_drawn_with_each_frame() {
        let mut pace = Pace::default();
        assert!((0..10).all(|frame| pace.draws(frame * 16, FLOOD_ROWS - 1)));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_flood_is_drawn_with_every_third_frame_and_at_once_after_a_rest() {
        let mut pace = Pace::default();
        let drawn: Vec<u64> = (0..9).filter(|frame| pace.draws(frame * 16, FLOOD_ROWS)).collect();
        assert_eq!(drawn, [0, 3, 6]);
        assert!(pace.draws(6 * 16 + FLOOD_MS, FLOOD_ROWS));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_clock_that_stands_still_holds_nothing_back_for_good() {
        let mut pace = Pace::default();
        let drawn = (0..9).filter(|_| pace.draws(0, FLOOD_ROWS)).count();
        assert_eq!(drawn, 3);
    }
}
