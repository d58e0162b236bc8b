//! The tracker as the engine sees it.

use crate::{Actor, Asked, Field, Key, Mutation, Row, Scope};
use holdfast_sync::{
    Schema,
    schema::{ApplyContext, Footprint, Refusal, Rows, Rule, Tx},
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
    type Query = Asked;

    const VERSION: u32 = 2;

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
    fn may_read(actor: &Actor, scope: &Scope, _: &dyn Rows<Self>) -> bool {
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
    use crate::{Comment, Issue, Priority, Status, testing};
    use holdfast_sync::schema::NoRows;
    use proptest::prelude::*;

    #[test]
    fn a_user_reads_every_scope_this_version_knows_and_no_other() {
        let user = Actor::User(testing::user(1));
        let project = testing::project(1);
        for scope in [Scope::Workspace, Scope::Project(project), Scope::Texts(project)] {
            assert!(Tracker::may_read(&user, &scope, &NoRows), "{scope}");
        }
        let other = Scope::Other("vault/1".into());
        assert!(!Tracker::may_read(&user, &other, &NoRows));
        assert!(Tracker::may_read(&Actor::System, &other, &NoRows));
    }

    #[test]
    fn a_change_is_told_by_the_field_it_is_in() {
        type Edit = fn(&mut Issue);
        let before = testing::sample_issue(1);
        let edits: [(Edit, Field); 11] = [
            (|issue| issue.number = None, Field::Number),
            (|issue| issue.title.clear(), Field::Title),
            (|issue| issue.status = Status::Done, Field::Status),
            (|issue| issue.priority = Priority::Low, Field::Priority),
            (|issue| issue.assignee = Some(testing::user(1)), Field::Assignee),
            (|issue| issue.labels = [testing::label(1)].into(), Field::Labels),
            (|issue| issue.updated_at += 1, Field::UpdatedAt),
            (|issue| issue.created_at += 1, Field::Fixed),
            (|issue| issue.creator = testing::user(2), Field::Fixed),
            (|issue| issue.project = testing::project(2), Field::Fixed),
            (|issue| issue.id = testing::issue(2), Field::Fixed),
        ];
        for (edit, field) in edits {
            let mut after = before.clone();
            edit(&mut after);
            assert_eq!(Tracker::changed_fields(Some(&Row::Issue(before.clone())), &Row::Issue(after)), [field]);
        }
        let edited = Comment {
            id: testing::comment(1),
            issue: testing::issue(1),
            project: testing::project(1),
            author: testing::user(1),
            text: "Same".into(),
            created_at: 0,
            edited_at: None,
        };
        let later = Comment { edited_at: Some(1), ..edited.clone() };
        assert_eq!(Tracker::changed_fields(Some(&Row::Comment(edited)), &Row::Comment(later)), [Field::Text]);
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
