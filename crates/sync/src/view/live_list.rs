//! A sorted list of keys with positions: one change costs O(log n) comparisons and
//! moves at most a block.

use super::starts::Starts;
use foldhash::fast::FixedState;
use std::{collections::HashMap, hash::Hash, iter, ops::Range};

/// Entries a block holds before it is split: what comes or goes moves half of them on average, and a split counts
/// all blocks.
const BLOCK: usize = 128;

/// What a change did to the list, by positions after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListChange {
    /// Nothing: it was not in the list and is not, or stayed where it was.
    None,
    /// It came in at that position.
    Entered(usize),
    /// It went; it was at that position.
    Left(usize),
    /// It went from the first position to the second.
    Moved(usize, usize),
}

/// A list of keys in the order of their sort values, ties by key.
///
/// ```
/// use holdfast_sync::view::{ListChange, LiveList};
///
/// let mut list = LiveList::new();
/// list.upsert("b", Some(2));
/// list.upsert("a", Some(1));
/// assert_eq!(list.upsert("c", Some(0)), ListChange::Entered(0));
/// assert_eq!(list.upsert("c", Some(9)), ListChange::Moved(0, 2));
/// assert_eq!(list.upsert("a", None), ListChange::Left(0));
/// assert_eq!(list.range(0..2), [&"b", &"c"]);
/// ```
#[derive(Clone, Debug)]
pub struct LiveList<K, T> {
    blocks: Vec<Vec<(T, K)>>,
    starts: Starts,
    sort: HashMap<K, T, FixedState>,
}

impl<K: Ord + Hash + Clone, T: Ord + Clone> LiveList<K, T> {
    /// An empty list.
    pub fn new() -> Self {
        Self { blocks: Vec::new(), starts: Starts::default(), sort: HashMap::default() }
    }

    /// A list of these, sorted once.
    pub fn from_rows(rows: impl IntoIterator<Item = (K, T)>) -> Self {
        let sort: HashMap<K, T, FixedState> = rows.into_iter().collect();
        let mut entries: Vec<(T, K)> = sort.iter().map(|(key, value)| (value.clone(), key.clone())).collect();
        entries.sort_unstable();
        let blocks: Vec<Vec<(T, K)>> = entries.chunks(BLOCK / 2).map(<[_]>::to_vec).collect();
        let starts = Starts::of(blocks.iter().map(Vec::len));
        Self { blocks, starts, sort }
    }

    /// How many keys it holds.
    pub fn len(&self) -> usize {
        self.sort.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.sort.is_empty()
    }

    /// Whether it holds a key.
    pub fn contains(&self, key: &K) -> bool {
        self.sort.contains_key(key)
    }

    /// Puts a key where its sort value says, or takes it out (`None`).
    pub fn upsert(&mut self, key: K, value: Option<T>) -> ListChange {
        let Some(value) = value else {
            let old = self.sort.remove(&key);
            return old.map_or(ListChange::None, |old| ListChange::Left(self.take(&(old, key))));
        };
        let Some(held) = self.sort.get_mut(&key) else {
            self.sort.insert(key.clone(), value.clone());
            return ListChange::Entered(self.insert((value, key)));
        };
        if *held == value {
            return ListChange::None;
        }
        let old = std::mem::replace(held, value.clone());
        let from = self.take(&(old, key.clone()));
        let to = self.insert((value, key));
        if from == to { ListChange::None } else { ListChange::Moved(from, to) }
    }

    /// Whether [`upsert`](Self::upsert) would make a key come, go or move: O(log n), as that.
    pub fn would_change(&self, key: &K, value: Option<&T>) -> bool {
        let (Some(held), Some(value)) = (self.sort.get(key), value) else {
            return self.contains(key) != value.is_some();
        };
        if held == value {
            return false;
        }
        let Some(index) = self.index_of(key) else { return true };
        let entry = (value, key);
        let before = index.checked_sub(1).and_then(|before| self.entry(before));
        let after = self.entry(index + 1);
        before.is_some_and(|(value, key)| (value, key) > entry)
            || after.is_some_and(|(value, key)| (value, key) < entry)
    }

    /// The key at a position.
    pub fn at(&self, index: usize) -> Option<&K> {
        self.entry(index).map(|(_, key)| key)
    }

    /// The position of a key.
    pub fn index_of(&self, key: &K) -> Option<usize> {
        let entry = (self.sort.get(key)?.clone(), key.clone());
        let block = self.block_of(&entry);
        let within = self.blocks.get(block)?.binary_search(&entry).ok()?;
        Some(self.starts.of_block(block) + within)
    }

    /// The keys at these positions, as far as there are any.
    pub fn range(&self, range: Range<usize>) -> Vec<&K> {
        let (block, within) = self.starts.find(range.start);
        let blocks = self.blocks.iter().skip(block);
        blocks.flatten().skip(within).take(range.len()).map(|(_, key)| key).collect()
    }

    /// How many stand before the first whose sort value is not `before`, which must hold for all up to
    /// some position and for none from there on.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|(value, _)| before(value)));
        let within = self.blocks.get(block).map_or(0, |block| block.partition_point(|(value, _)| before(value)));
        self.starts.of_block(block) + within
    }

    /// The groups that the list falls into, in order, with where each stands: a group is what `of` gives for
    /// a sort value, and must be what the list is sorted by first. It costs O(log n) a group.
    ///
    /// ```
    /// use holdfast_sync::view::LiveList;
    ///
    /// let list = LiveList::from_rows([("a", (2, 7)), ("b", (1, 5)), ("c", (2, 1))]);
    /// let groups: Vec<_> = list.groups(|(status, _)| *status).collect();
    /// assert_eq!(groups, [(1, 0..1), (2, 1..3)]);
    /// ```
    pub fn groups<G: Ord>(&self, of: impl Fn(&T) -> G) -> impl Iterator<Item = (G, Range<usize>)> {
        let mut start = 0;
        iter::from_fn(move || {
            let group = of(&self.entry(start)?.0);
            let end = self.partition_point(|value| of(value) <= group);
            // A group that comes again, where the list is not sorted by it, must not end the walk nor keep it.
            let range = start..end.max(start + 1);
            start = range.end;
            Some((group, range))
        })
    }

    fn entry(&self, index: usize) -> Option<&(T, K)> {
        let (block, within) = self.starts.find(index);
        self.blocks.get(block)?.get(within)
    }

    /// The first block whose last entry is not before `entry`, else the last block.
    fn block_of(&self, entry: &(T, K)) -> usize {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|last| last < entry));
        block.min(self.blocks.len().saturating_sub(1))
    }

    fn insert(&mut self, entry: (T, K)) -> usize {
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
            self.count();
        }
        let block = self.block_of(&entry);
        let within = self.blocks[block].partition_point(|other| *other < entry);
        let index = self.starts.of_block(block) + within;
        self.blocks[block].insert(within, entry);
        if self.blocks[block].len() > BLOCK {
            let tail = self.blocks[block].split_off(BLOCK / 2);
            self.blocks.insert(block + 1, tail);
            self.count();
        } else {
            self.starts.grew(block);
        }
        index
    }

    fn take(&mut self, entry: &(T, K)) -> usize {
        let block = self.block_of(entry);
        let within = self.blocks[block].binary_search(entry).unwrap_or_else(|within| within);
        let index = self.starts.of_block(block) + within;
        self.blocks[block].remove(within);
        if self.blocks[block].is_empty() {
            self.blocks.remove(block);
            self.count();
        } else {
            self.starts.shrank(block);
        }
        index
    }

    /// Counts the blocks anew.
    fn count(&mut self) {
        self.starts = Starts::of(self.blocks.iter().map(Vec::len));
    }
}

impl<K: Ord + Hash + Clone, T: Ord + Clone> Default for LiveList<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_list_sorted_anew(changes in prop::collection::vec((0u16..400, prop::option::of(0u8..50)), 0..3000)) {
            let mut list = LiveList::new();
            let mut model = BTreeMap::new();
            for (key, value) in changes {
                let would_change = list.would_change(&key, value.as_ref());
                prop_assert_eq!(list.upsert(key, value) != ListChange::None, would_change);
                match value {
                    Some(value) => { model.insert(key, value); }
                    None => { model.remove(&key); }
                }
            }
            let mut sorted: Vec<(u8, u16)> = model.iter().map(|(key, value)| (*value, *key)).collect();
            sorted.sort_unstable();
            let keys: Vec<&u16> = sorted.iter().map(|(_, key)| key).collect();
            prop_assert_eq!(list.len(), keys.len());
            prop_assert_eq!(list.range(0..keys.len() + 5), keys.clone());
            for (index, key) in keys.iter().enumerate() {
                prop_assert_eq!(list.at(index), Some(*key));
                prop_assert_eq!(list.index_of(key), Some(index));
            }
            prop_assert_eq!(list.at(keys.len()), None);
            for before in 0..50 {
                prop_assert_eq!(list.partition_point(|value| *value < before), sorted.partition_point(|(value, _)| *value < before));
            }
            let groups: Vec<(u8, usize)> = list.groups(|value| value / 7).map(|(group, range)| (group, range.len())).collect();
            let mut counts = BTreeMap::<u8, usize>::new();
            for (value, _) in &sorted {
                *counts.entry(value / 7).or_default() += 1;
            }
            prop_assert_eq!(groups, counts.into_iter().collect::<Vec<_>>());
            let built = LiveList::from_rows(model);
            prop_assert_eq!(built.range(0..keys.len()), keys);
        }
    }

    #[test]
    fn blocks_split_and_empty_ones_go() {
        let mut list = LiveList::new();
        for key in 0..5000u32 {
            list.upsert(key, Some(key));
        }
        assert!(list.blocks.len() > 1, "{} blocks", list.blocks.len());
        for key in 0..5000u32 {
            assert_eq!(list.upsert(key, None), ListChange::Left(0));
        }
        assert!(list.blocks.is_empty());
    }
}
