//! What a mutation may touch.

use crate::schema::{Key, Tasks};
use holdfast_sync::Footprint;

#[test]
fn only_its_rows_and_their_children_are_in_a_footprint() {
    let footprint = Footprint::<Tasks>::none().row(Key::Task(1)).children(Key::Task(2));
    assert!(footprint.holds(&Key::Task(1), None));
    assert!(footprint.holds(&Key::Remark(7), Some(&Key::Task(2))));
    assert!(!footprint.holds(&Key::Task(2), None), "what they hang on is not");
    assert!(!footprint.holds(&Key::Remark(7), Some(&Key::Task(1))));
}
