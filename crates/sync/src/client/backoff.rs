//! When to try again: capped exponential backoff with full jitter, so that many
//! clients that lost one server do not come back as one.

/// Milliseconds the first wait may take at most.
const BASE_MS: u64 = 300;

/// Milliseconds any wait may take at most.
const CAP_MS: u64 = 20_000;

/// A seeded source of jitter.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    state: u64,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// How many milliseconds to wait before that attempt, the first being 1.
    pub(super) fn delay_ms(&mut self, attempt: u32) -> u64 {
        let ceiling = BASE_MS.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(CAP_MS);
        self.next() % (ceiling + 1)
    }

    /// The next pseudo-random number (splitmix64).
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_spread() {
        let mut backoff = Backoff::new(1);
        for attempt in 1..40 {
            let ceiling = (BASE_MS << (attempt - 1).min(16)).min(CAP_MS);
            let waits: Vec<u64> = (0..200).map(|_| backoff.delay_ms(attempt)).collect();
            assert!(waits.iter().all(|wait| *wait <= ceiling), "attempt {attempt}");
            assert!(waits.iter().max() > waits.iter().min(), "attempt {attempt} has no jitter");
        }
    }

    #[test]
    fn a_seed_gives_the_same_waits() {
        let (mut a, mut b) = (Backoff::new(7), Backoff::new(7));
        assert!((1..20).all(|attempt| a.delay_ms(attempt) == b.delay_ms(attempt)));
    }
}
