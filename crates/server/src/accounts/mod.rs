//! Who is there: signing in by name, sessions, and the actor on every path.
//!
//! For now whoever sits at the server's own machine picks a name. Everything behind this
//! module asks only "whose session is that", so that real accounts can come.

mod token;

pub use token::Token;

use crate::{
    application::{Application, Named},
    clock::now_ms,
    store::{Progress, SessionRow, Store, StoreError},
};
use holdfast_sync::Schema;
use std::sync::Arc;
use tokio::sync::watch;
use uuid::Uuid;

/// How long a session lasts.
pub const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How many characters a name has at most.
pub const NAME_CHARS_MAX: usize = 64;

/// Someone signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Who.
    pub user: Named,
    /// By which session.
    pub session: SessionRow,
}

/// Why someone cannot sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name is no name.
    #[error("{0}")]
    Name(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everyone's sessions.
pub struct Accounts<A: Application> {
    store: Arc<dyn Store<A::Schema>>,
    ended: watch::Sender<u64>,
}

impl<A: Application> Accounts<A> {
    /// Sessions in that store.
    pub fn new(store: Arc<dyn Store<A::Schema>>) -> Self {
        Self { store, ended: watch::channel(0).0 }
    }

    /// Signs in by name, as the user who has it, or as a new one.
    ///
    /// # Errors
    /// Where the name is no name, or the store fails.
    pub async fn sign_in(&self, name: &str) -> Result<(Token, Account), SignInError> {
        let name = check_name(name)?;
        let user = self.user(name).await?;
        let token = Token::random();
        let session = SessionRow { token_hash: token.hash(), user: user.id, expires_ms: now_ms() + SESSION_MS };
        self.store.add_session(session.clone()).await?;
        Ok((token, Account { user, session }))
    }

    /// Whose session a token is, if it is one and has not ended.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn account(&self, token: &Token) -> Result<Option<Account>, StoreError> {
        let Some(session) = self.store.session(token.hash()).await? else { return Ok(None) };
        Ok(self.user_of(session.user).await?.map(|user| Account { user, session }))
    }

    /// Whether a session that was there still is.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn is_valid(&self, session: &SessionRow) -> Result<bool, StoreError> {
        Ok(self.store.session(session.token_hash).await?.is_some())
    }

    /// Ends a session; connections made by it are closed.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sign_out(&self, token: &Token) -> Result<(), StoreError> {
        self.store.remove_session(token.hash()).await?;
        self.ended.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Moves when any session was ended before its time.
    pub fn ended(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    /// The workspace.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn workspace(&self) -> Result<Option<Named>, StoreError> {
        Ok(self.store.entity(A::WORKSPACES).await?.iter().find_map(A::named))
    }

    async fn user_of(&self, id: Uuid) -> Result<Option<Named>, StoreError> {
        let key = format!("{}/{id}", A::USERS).parse::<<A::Schema as Schema>::Key>().ok();
        let Some(key) = key else { return Ok(None) };
        Ok(self.store.row(key).await?.as_ref().and_then(A::named))
    }

    /// The user of that name, made where there is none.
    async fn user(&self, name: &str) -> Result<Named, SignInError> {
        let folded = name.to_lowercase();
        let named = |row: &_| A::named(row).filter(|user| user.name.to_lowercase() == folded);
        if let Some(user) = self.store.entity(A::USERS).await?.iter().find_map(named) {
            return Ok(user);
        }
        let row = A::user_row(name);
        let user = A::named(&row).expect("a user's row has a name");
        match self.store.put(vec![row], Progress::default()).await {
            Err(StoreError::Refused { refusal, .. }) => Err(SignInError::Name(refusal.message)),
            put => put.map(|_| user).map_err(SignInError::Store),
        }
    }
}

fn check_name(name: &str) -> Result<&str, SignInError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(SignInError::Name("Choose a name to sign in with.".to_owned()));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(SignInError::Name(format!("A name may have at most {NAME_CHARS_MAX} characters.")));
    }
    if name.chars().any(char::is_control) {
        return Err(SignInError::Name("A name may hold no control characters.".to_owned()));
    }
    Ok(name)
}
