//! The tracker as the engine sees it.

use crate::{Actor, Field, Key, Mutation, Row, Scope};
use holdfast_sync::{
    Schema,
    schema::{ApplyContext, Footprint, Refusal, Rule, Tx},
};

/// The tracker's [`Schema`]; a name only, never a value that holds anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tracker;

impl Schema for Tracker {
    type Key = Key;
    type Row = Row;
    type Field = Field;
    type Scope = Scope;
    type Mutation = Mutation;
    type Actor = Actor;

    const VERSION: u32 = 1;

    fn key(row: &Row) -> Key {
        row.key()
    }

    fn scope(row: &Row) -> Scope {
        row.scope()
    }

    fn parent(row: &Row) -> Option<Key> {
        row.parent()
    }

    fn changed_fields(before: Option<&Row>, after: &Row) -> Vec<Field> {
        after.fields_changed_since(before)
    }

    /// Everyone who has signed in reads the whole workspace; rights of a finer
    /// grain attach here.
    fn may_read(actor: &Actor, scope: &Scope) -> bool {
        match (actor, scope) {
            (Actor::System, _) | (Actor::User(_), Scope::Workspace | Scope::Project(_) | Scope::Texts(_)) => true,
            (Actor::User(_), Scope::Other(_)) => false,
        }
    }

    fn footprint(mutation: &Mutation) -> Footprint<Self> {
        mutation.footprint()
    }

    fn apply(mutation: &Mutation, ctx: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        mutation.apply(ctx, tx)
    }

    fn rule(field: Field) -> Rule {
        match field {
            Field::Labels => Rule::Commute,
            _ => Rule::LastWriterWins,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::prelude::*;

    #[test]
    fn a_user_reads_every_scope_this_version_knows_and_no_other() {
        let user = Actor::User(testing::user(1));
        let project = testing::project(1);
        for scope in [Scope::Workspace, Scope::Project(project), Scope::Texts(project)] {
            assert!(Tracker::may_read(&user, &scope), "{scope}");
        }
        let other = Scope::Other("vault/1".into());
        assert!(!Tracker::may_read(&user, &other));
        assert!(Tracker::may_read(&Actor::System, &other));
    }

    proptest! {
        #[test]
        fn no_field_has_changed_exactly_where_two_rows_are_equal(a in testing::any_row(), b in testing::any_row()) {
            prop_assert!(Tracker::changed_fields(Some(&a), &a).is_empty());
            prop_assert!(!Tracker::changed_fields(None, &a).is_empty());
            prop_assert_eq!(Tracker::changed_fields(Some(&a), &b).is_empty(), a == b);
        }

        #[test]
        fn rows_keep_their_form_on_the_wire(row in testing::any_row()) {
            let text = serde_json::to_string(&row).expect("a row encodes");
            prop_assert_eq!(serde_json::from_str::<Row>(&text).expect("it decodes again"), row.clone());
            let key = row.key().to_string();
            prop_assert_eq!(key.parse::<Key>().expect("a key is read back"), row.key());
        }
    }
}
