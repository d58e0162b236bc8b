//! A sorted list of keys with positions: one change costs O(log n) comparisons and
//! moves at most a block.

use std::{collections::BTreeMap, ops::Range};

/// Entries a block holds before it is split.
const BLOCK: usize = 512;

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
    sort: BTreeMap<K, T>,
}

impl<K: Ord + Clone, T: Ord + Clone> LiveList<K, T> {
    /// An empty list.
    pub fn new() -> Self {
        Self { blocks: Vec::new(), sort: BTreeMap::new() }
    }

    /// A list of these, sorted once.
    pub fn from_rows(rows: impl IntoIterator<Item = (K, T)>) -> Self {
        let sort: BTreeMap<K, T> = rows.into_iter().collect();
        let mut entries: Vec<(T, K)> = sort.iter().map(|(key, value)| (value.clone(), key.clone())).collect();
        entries.sort_unstable();
        Self { blocks: entries.chunks(BLOCK / 2).map(<[_]>::to_vec).collect(), sort }
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
        if self.sort.get(&key) == value.as_ref() {
            return ListChange::None;
        }
        let left = self.sort.remove(&key).map(|old| self.take(&(old, key.clone())));
        let entered = value.map(|value| {
            self.sort.insert(key.clone(), value.clone());
            self.insert((value, key))
        });
        match (left, entered) {
            (None, None) => ListChange::None,
            (None, Some(to)) => ListChange::Entered(to),
            (Some(from), None) => ListChange::Left(from),
            (Some(from), Some(to)) if from == to => ListChange::None,
            (Some(from), Some(to)) => ListChange::Moved(from, to),
        }
    }

    /// The key at a position.
    pub fn at(&self, index: usize) -> Option<&K> {
        let mut index = index;
        for block in &self.blocks {
            match block.get(index) {
                Some((_, key)) => return Some(key),
                None => index -= block.len(),
            }
        }
        None
    }

    /// The position of a key.
    pub fn index_of(&self, key: &K) -> Option<usize> {
        let entry = (self.sort.get(key)?.clone(), key.clone());
        let block = self.block_of(&entry);
        let within = self.blocks.get(block)?.binary_search(&entry).ok()?;
        Some(self.start_of(block) + within)
    }

    /// The keys at these positions, as far as there are any.
    pub fn range(&self, range: Range<usize>) -> Vec<&K> {
        let mut skip = range.start;
        let mut keys = Vec::with_capacity(range.len());
        for block in &self.blocks {
            if skip >= block.len() {
                skip -= block.len();
                continue;
            }
            let wanted = range.len() - keys.len();
            keys.extend(block[skip..].iter().take(wanted).map(|(_, key)| key));
            skip = 0;
            if keys.len() == range.len() {
                break;
            }
        }
        keys
    }

    /// The first block whose last entry is not before `entry`, else the last block.
    fn block_of(&self, entry: &(T, K)) -> usize {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|last| last < entry));
        block.min(self.blocks.len().saturating_sub(1))
    }

    fn start_of(&self, block: usize) -> usize {
        self.blocks[..block].iter().map(Vec::len).sum()
    }

    fn insert(&mut self, entry: (T, K)) -> usize {
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
        }
        let block = self.block_of(&entry);
        let within = self.blocks[block].partition_point(|other| *other < entry);
        let index = self.start_of(block) + within;
        self.blocks[block].insert(within, entry);
        if self.blocks[block].len() > BLOCK {
            let tail = self.blocks[block].split_off(BLOCK / 2);
            self.blocks.insert(block + 1, tail);
        }
        index
    }

    fn take(&mut self, entry: &(T, K)) -> usize {
        let block = self.block_of(entry);
        let within = self.blocks[block].binary_search(entry).unwrap_or_else(|within| within);
        let index = self.start_of(block) + within;
        self.blocks[block].remove(within);
        if self.blocks[block].is_empty() {
            self.blocks.remove(block);
        }
        index
    }
}

impl<K: Ord + Clone, T: Ord + Clone> Default for LiveList<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_list_sorted_anew(changes in prop::collection::vec((0u16..400, prop::option::of(0u8..50)), 0..3000)) {
            let mut list = LiveList::new();
            let mut model = BTreeMap::new();
            for (key, value) in changes {
                list.upsert(key, value);
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
