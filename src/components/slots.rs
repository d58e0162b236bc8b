//! The places of a windowed list: what is in the DOM stays there and shows another row.
//!
//! A row that stays in the window stays in its slot, wherever it moves; a slot whose row has gone takes one
//! that has come. So scrolling makes no elements, and a row that comes in at the top is one slot moved.

use leptos::prelude::*;
use std::{collections::HashMap, hash::Hash};

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
        let mut staying: HashMap<K, Slot<K>> = self.shown.drain(..).map(|(slot, key)| (key, slot)).collect();
        let stayed: Vec<Option<Slot<K>>> = keys.iter().map(|key| staying.remove(key)).collect();
        let mut free: Vec<Slot<K>> = staying.into_values().filter(|slot| !is_held(slot.id)).collect();
        // Any would do; the order makes it the same ones each time.
        free.sort_unstable_by_key(|slot| std::cmp::Reverse(slot.id));
        for (key, stayed) in keys.into_iter().zip(stayed) {
            let slot = stayed.unwrap_or_else(|| match free.pop() {
                Some(slot) => {
                    slot.key.set(key.clone());
                    slot
                }
                None => {
                    self.next_id += 1;
                    Slot { id: self.next_id, key: ArcRwSignal::new(key.clone()) }
                }
            });
            self.shown.push((slot, key));
        }
        self.shown.iter().map(|(slot, _)| slot.clone()).collect()
    }
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
}
