//! What a label's name says about urgency: on GitHub it is said by labels only.

use crate::{Priority, filter::fold};

/// The priority that a label of that name gives, if it is about priority:
/// `P0` to `P3`, or a word of urgency, alone or beside "priority".
pub(super) fn priority(name: &str) -> Option<Priority> {
    let name = fold(name);
    let mut words =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !matches!(*word, "" | "priority" | "prio"));
    let (word, None) = (words.next()?, words.next()) else { return None };
    match word {
        "p0" | "urgent" | "critical" => Some(Priority::Urgent),
        "p1" | "high" => Some(Priority::High),
        "p2" | "medium" => Some(Priority::Medium),
        "p3" | "low" => Some(Priority::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_labels_name_may_tell_the_priority() {
        for (name, expected) in [
            ("P0", Some(Priority::Urgent)),
            ("p1", Some(Priority::High)),
            ("priority: medium", Some(Priority::Medium)),
            ("Low Priority", Some(Priority::Low)),
            ("priority/critical", Some(Priority::Urgent)),
            ("prio-p2", Some(Priority::Medium)),
            ("priority", None),
            ("high contrast", None),
            ("bug", None),
            ("", None),
        ] {
            assert_eq!(priority(name), expected, "{name}");
        }
    }
}
