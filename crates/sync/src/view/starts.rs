//! Where each of many blocks starts, counted in entries: a Fenwick tree of their lengths.

/// Lengths of blocks, in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct Starts {
    /// At `i` (from 1) the sum of the lengths of as many blocks up to it as its lowest bit says.
    sums: Vec<usize>,
}

impl Starts {
    /// Of blocks of these lengths.
    pub(super) fn of(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut sums = vec![0];
        sums.extend(lengths);
        for index in 1..sums.len() {
            let parent = index + (index & index.wrapping_neg());
            if parent < sums.len() {
                sums[parent] += sums[index];
            }
        }
        Self { sums }
    }

    /// A block has one entry more.
    pub(super) fn grew(&mut self, block: usize) {
        self.walk(block, |sum| *sum += 1);
    }

    /// A block has one entry less.
    pub(super) fn shrank(&mut self, block: usize) {
        self.walk(block, |sum| *sum -= 1);
    }

    fn walk(&mut self, block: usize, mut each: impl FnMut(&mut usize)) {
        let mut index = block + 1;
        while let Some(sum) = self.sums.get_mut(index) {
            each(sum);
            index += index & index.wrapping_neg();
        }
    }

    /// How many entries stand before a block.
    pub(super) fn of_block(&self, block: usize) -> usize {
        let (mut index, mut start) = (block, 0);
        while index > 0 {
            start += self.sums[index];
            index &= index - 1;
        }
        start
    }

    /// The block that holds the entry at a position, and the entry's place in it; the end, and how far
    /// beyond it, where there is none.
    pub(super) fn find(&self, position: usize) -> (usize, usize) {
        let (mut block, mut within) = (0, position);
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            if let Some(sum) = self.sums.get(block + step).filter(|sum| **sum <= within) {
                within -= sum;
                block += step;
            }
            step /= 2;
        }
        (block, within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn starts_are_the_sums_of_the_lengths_before(
            mut lengths in prop::collection::vec(1usize..9, 0..70),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..50),
        ) {
            let mut starts = Starts::of(lengths.iter().copied());
            for (block, grows) in changes.iter().filter(|_| !lengths.is_empty()).collect::<Vec<_>>() {
                let block = block.index(lengths.len());
                if *grows {
                    lengths[block] += 1;
                    starts.grew(block);
                } else if lengths[block] > 1 {
                    lengths[block] -= 1;
                    starts.shrank(block);
                }
            }
            let mut start = 0;
            for (block, length) in lengths.iter().enumerate() {
                prop_assert_eq!(starts.of_block(block), start);
                for within in 0..*length {
                    prop_assert_eq!(starts.find(start + within), (block, within));
                }
                start += length;
            }
            prop_assert_eq!(starts.find(start + 3), (lengths.len(), 3));
        }
    }
}
