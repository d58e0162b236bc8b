//! What is wrong with a wire.

use super::Fate;

/// What is done to the sockets of a [`Wire`](super::Wire), in both directions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// How much later everything arrives, in milliseconds.
    pub delay_ms: u32,
    /// How many frames of a hundred are lost.
    pub drop_percent: u8,
    /// How many frames of a hundred arrive twice, of those that are not lost.
    pub duplicate_percent: u8,
    /// Whether sockets are half-open: they stay, and nothing that happens on them arrives, not even
    /// that they opened or closed.
    pub is_silent: bool,
    /// Whether new sockets cannot be opened. Those that are open stay.
    pub is_blocked: bool,
}

impl Faults {
    /// A wire with which all is well.
    pub const NONE: Self =
        Self { delay_ms: 0, drop_percent: 0, duplicate_percent: 0, is_silent: false, is_blocked: false };

    /// What becomes of a frame.
    pub(super) fn fate(&self) -> Fate {
        match () {
            () if self.is_silent || strikes(self.drop_percent) => Fate::Dropped,
            () if strikes(self.duplicate_percent) => Fate::Twice,
            () => Fate::Passed,
        }
    }
}

/// Whether it happens, where it happens so many times of a hundred.
fn strikes(percent: u8) -> bool {
    percent > 0 && js_sys::Math::random() * 100.0 < f64::from(percent)
}
