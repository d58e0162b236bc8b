//! The places of a windowed list: what is in the DOM stays there and shows another row.
//!
//! A row that stays in the window stays in its slot, wherever it moves; a slot whose row has gone takes one
//! that has come. So scrolling makes no elements, and a row that comes in at the top is one slot moved: a
//! keyed list would move all others, and what is moved in the DOM loses the focus.

use leptos::prelude::*;
use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

/// A place in the DOM, and the key of the row that it shows.
#[derive(Clone)]
pub struct Slot<K: 'static> {
    /// Names it for as long as it is in the DOM.
    pub id: usize,
    /// Whose row it shows.
    pub key: ArcRwSignal<K>,
}

/// The slots that are in the DOM, in order.
pub struct Slots<K: 'static> {
    shown: Vec<(Slot<K>, K)>,
    next_id: usize,
}

impl<K> Default for Slots<K> {
    fn default() -> Self {
        Self { shown: Vec::new(), next_id: 0 }
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Slots<K> {
    /// The slots for these keys, in their order. Those that `is_held` is true for show no other row: the
    /// user is at work in them.
    pub fn show(&mut self, keys: Vec<K>, is_held: impl Fn(usize) -> bool) -> Vec<Slot<K>> {
        let wanted: HashSet<&K> = keys.iter().collect();
        let (staying, leaving): (Vec<_>, Vec<_>) = self.shown.drain(..).partition(|(_, key)| wanted.contains(key));
        let mut staying: HashMap<K, Slot<K>> = staying.into_iter().map(|(slot, key)| (key, slot)).collect();
        // In their order: where all rows are others, nothing moves.
        let mut free = leaving.into_iter().map(|(slot, _)| slot).filter(|slot| !is_held(slot.id));
        for key in keys {
            let slot = staying.remove(&key).or_else(|| {
                let slot = free.next()?;
                slot.key.set(key.clone());
                Some(slot)
            });
            let slot = slot.unwrap_or_else(|| {
                self.next_id += 1;
                Slot { id: self.next_id, key: ArcRwSignal::new(key.clone()) }
            });
            self.shown.push((slot, key));
        }
        self.shown.iter().map(|(slot, _)| slot.clone()).collect()
    }
}

/// What has to move so that what stands in one order stands in the other: each with what it then stands
/// before, the last ones first. Both hold the same ids; as few as can be are moved.
pub fn moves(before: &[usize], after: &[usize]) -> Vec<(usize, Option<usize>)> {
    let place: HashMap<usize, usize> = before.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    // The longest run of those that stand in the right order already: of each length, the run that ends first.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; after.len()];
    for (at, id) in after.iter().enumerate() {
        let length = ends.partition_point(|end| place[&after[*end]] < place[id]);
        previous[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let run = std::iter::successors(ends.last().copied(), |at| previous[*at]);
    let staying: HashSet<usize> = run.map(|at| after[at]).collect();
    let nexts = after.iter().skip(1).map(|id| Some(*id)).chain([None]);
    let pairs: Vec<_> = after.iter().copied().zip(nexts).collect();
    pairs.into_iter().rev().filter(|(id, _)| !staying.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn ids(slots: &[Slot<u32>]) -> Vec<usize> {
        slots.iter().map(|slot| slot.id).collect()
    }

    fn keys(slots: &[Slot<u32>]) -> Vec<u32> {
        slots.iter().map(|slot| slot.key.get_untracked()).collect()
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_row_keeps_its_slot_and_one_that_comes_takes_that_of_one_that_goes() {
        let mut slots = Slots::default();
        assert_eq!(ids(&slots.show(vec![10, 20, 30], |_| false)), [1, 2, 3]);
        let moved = slots.show(vec![40, 10, 20], |_| false);
        assert_eq!((ids(&moved), keys(&moved)), (vec![3, 1, 2], vec![40, 10, 20]));
        let fewer = slots.show(vec![20], |_| false);
        assert_eq!((ids(&fewer), keys(&fewer)), (vec![2], vec![20]));
        let more = slots.show(vec![20, 50], |_| false);
        assert_eq!((ids(&more), keys(&more)), (vec![2, 4], vec![20, 50]), "what had gone is not shown again");
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_slot_that_is_held_shows_no_other_row() {
        let mut slots = Slots::default();
        slots.show(vec![10, 20], |_| false);
        let after = slots.show(vec![30, 40], |id| id == 1);
        assert_eq!((ids(&after), keys(&after)), (vec![2, 3], vec![30, 40]));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn where_all_rows_are_others_nothing_moves() {
        let mut slots = Slots::default();
        slots.show(vec![10, 20, 30], |_| false);
        slots.show(vec![20, 30, 40], |_| false);
        assert_eq!(ids(&slots.show(vec![50, 60, 70], |_| false)), [2, 3, 1]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn as_few_move_as_can() {
        assert_eq!(moves(&[1, 2, 3, 4], &[1, 2, 3, 4]), []);
        assert_eq!(moves(&[1, 2, 3, 4], &[2, 3, 4, 1]), [(1, None)]);
        assert_eq!(moves(&[1, 2, 3, 4], &[4, 1, 2, 3]), [(4, Some(1))]);
        assert_eq!(moves(&[], &[]), []);
        // Of any order into any other: carried out, they give it.
        for seed in 0..200_usize {
            let before: Vec<usize> = (0..9).collect();
            let mut after = before.clone();
            (1..9).for_each(|at| after.swap(at, seed.wrapping_mul(at * 7 + 3) % (at + 1)));
            let mut now = before.clone();
            for (id, next) in moves(&before, &after) {
                now.retain(|other| *other != id);
                let at = next.map_or(now.len(), |next| now.iter().position(|id| *id == next).expect("it is there"));
                now.insert(at, id);
            }
            assert_eq!(now, after);
        }
    }
}
