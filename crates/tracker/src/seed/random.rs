//! Numbers that look random and follow from their seed: SplitMix64
//! (Steele, Lea and Flood 2014, as in <https://prng.di.unimi.it/splitmix64.c>).

use uuid::Uuid;

pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to and without `end`, which is at least 1.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// The place of one of the shares, as often as it is large.
    pub(super) fn weighted(&mut self, shares: &[u64]) -> usize {
        let mut at = self.below(shares.iter().sum());
        for (place, share) in shares.iter().enumerate() {
            match at.checked_sub(*share) {
                Some(rest) => at = rest,
                None => return place,
            }
        }
        unreachable!("a number below the sum falls into one of the shares")
    }

    /// A UUID v7 of that time.
    pub(super) fn uuid(&mut self, at_ms: i64) -> Uuid {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(at_ms.unsigned_abs(), &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        let mut random = Random::new(1_234_567);
        // From the reference implementation.
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn shares_come_as_often_as_they_are_large() {
        let mut random = Random::new(1);
        let mut seen = [0; 3];
        for _ in 0..10_000 {
            seen[random.weighted(&[10, 0, 30])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((2_300..2_700).contains(&seen[0]), "{seen:?}");
    }
}
