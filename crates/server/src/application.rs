//! What the server needs of an application beside its [`Schema`].

use holdfast_sync::{ClientId, Schema};
use uuid::Uuid;

/// A schema whose values may travel between the server's tasks.
pub trait ServerSchema:
    Schema<
        Key: Send + Sync,
        Row: Send + Sync,
        Field: Send + Sync,
        Scope: Send + Sync,
        Mutation: Send + Sync,
        Actor: Send + Sync,
        Query: Send + Sync,
    > + Send
    + Sync
{
}

impl<S> ServerSchema for S where
    S: Schema<
            Key: Send + Sync,
            Row: Send + Sync,
            Field: Send + Sync,
            Scope: Send + Sync,
            Mutation: Send + Sync,
            Actor: Send + Sync,
            Query: Send + Sync,
        > + Send
        + Sync
{
}

/// The client id under which the server's own mutations (import, seed, new users) stand in
/// the log. It belongs to [`Application::system`] from a database's first moment on.
pub const SYSTEM_CLIENT: ClientId = ClientId(Uuid::from_u128(0x686f_6c64_6661_7374_8000_7379_7374_656d));

/// An application as the server hosts it. Implemented by a marker type that is never made.
pub trait Application: Send + Sync + 'static {
    /// Its rows, mutations, scopes and rights.
    type Schema: ServerSchema;

    /// The entity whose rows are the people that may sign in: `user` in the key `user/id`.
    const USERS: &'static str;

    /// The entity whose one row is the workspace.
    const WORKSPACES: &'static str;

    /// The server itself, as it mutates.
    fn system() -> <Self::Schema as Schema>::Actor;

    /// A signed-in person, as they mutate and read.
    fn user(id: Uuid) -> <Self::Schema as Schema>::Actor;

    /// The mutation that makes a row what it says. Clients can push it too: `apply` must refuse it to
    /// every actor but [`system`](Self::system).
    fn put(row: <Self::Schema as Schema>::Row) -> <Self::Schema as Schema>::Mutation;

    /// The row of a person who signs in for the first time. The same name, however written,
    /// gives the same key, so that two who come at once are one.
    fn user_row(name: &str) -> <Self::Schema as Schema>::Row;

    /// The row that a new database starts with.
    fn workspace_row(id: Uuid) -> <Self::Schema as Schema>::Row;

    /// Grows with every change to what [`searched`](Self::searched) gives: the index is then made anew.
    const SEARCHED_VERSION: u32 = 0;

    /// The words by which a row is found. None where it is found by none.
    fn searched(_row: &<Self::Schema as Schema>::Row) -> Option<Searched> {
        None
    }

    /// What a text seeks.
    fn sought(_text: &str) -> Sought<<Self::Schema as Schema>::Row> {
        Sought { words: Vec::new(), rank: Box::new(|_| None) }
    }

    /// Id and name of a row of [`Self::USERS`] or [`Self::WORKSPACES`].
    fn named(row: &<Self::Schema as Schema>::Row) -> Option<Named>;
}

/// The words by which a row is found, a space between two. The index compares them as they are: what is to
/// be found whatever its case is given in one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Searched {
    /// Those of what it is called: they count for more.
    pub title: String,
    /// Those of what is written in it.
    pub body: String,
}

/// What is sought.
pub struct Sought<R> {
    /// Its words, as [`Application::searched`] would give them: a row is found where each begins one of its.
    pub words: Vec<String>,
    /// How well such a row meets it, more is better; those that are none are not given.
    pub rank: Rank<R>,
}

/// How well a row meets what is sought.
pub type Rank<R> = Box<dyn Fn(&R) -> Option<u32> + Send + Sync>;

/// Who or what, for a person to read.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Named {
    /// The row's id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
}

impl Named {
    /// The row of that name under the key `entity/id`, if that is one.
    pub fn of(key: &str, name: impl Into<String>) -> Option<Self> {
        let (_, id) = key.split_once('/')?;
        Some(Self { id: id.parse().ok()?, name: name.into() })
    }
}
