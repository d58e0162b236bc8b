//! The tracker, as the server hosts it.

use holdfast_server::{Application, Named, Searched, Sought};
use holdfast_tracker::{Actor, Mutation, Row, Tracker, User, UserId, Workspace, WorkspaceId, named, search};
use uuid::Uuid;

/// What a new workspace is called.
const WORKSPACE_NAME: &str = "Holdfast";

/// The tracker, as the server hosts it.
pub enum Hosted {}

impl Application for Hosted {
    type Schema = Tracker;

    const USERS: &'static str = "user";
    const WORKSPACES: &'static str = "workspace";

    fn system() -> Actor {
        Actor::System
    }

    fn user(id: Uuid) -> Actor {
        Actor::User(UserId(id))
    }

    fn put(row: Row) -> Mutation {
        Mutation::Put { row }
    }

    fn user_row(name: &str) -> Row {
        Row::User(User { id: named::user(name), name: name.to_owned() })
    }

    fn workspace_row(id: Uuid) -> Row {
        Row::Workspace(Workspace { id: WorkspaceId(id), name: WORKSPACE_NAME.to_owned() })
    }

    const SEARCHED_VERSION: u32 = 1;

    fn searched(row: &Row) -> Option<Searched> {
        let (title, body) = search::Text::of(row)?.indexed();
        Some(Searched { title, body })
    }

    fn sought(text: &str) -> Sought<Row> {
        let sought = search::Sought::of(text);
        let words = sought.words().to_vec();
        Sought { words, rank: Box::new(move |row| sought.rank(&search::Text::of(row)?)) }
    }

    fn named(row: &Row) -> Option<Named> {
        match row {
            Row::User(user) => Some(Named { id: user.id.0, name: user.name.clone() }),
            Row::Workspace(workspace) => Some(Named { id: workspace.id.0, name: workspace.name.clone() }),
            _ => None,
        }
    }
}
