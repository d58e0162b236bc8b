//! The handle that a query's value is.

use holdfast_sync::{
    Schema,
    client::{Coverage, SyncClient},
};
use leptos::prelude::{LocalStorage, Memo, Signal, With};
use send_wrapper::SendWrapper;
use std::{fmt, ops::Deref, rc::Rc};

/// A handle on something that is kept up to date in place: cheap to clone, signals inside.
/// Two are equal where they are the same handle.
pub struct Live<T: ?Sized>(pub(super) Rc<T>);

impl<T: ?Sized> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized> Deref for Live<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> PartialEq for Live<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Eq for Live<T> {}

/// What the devtools show.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How much of what a query asks for is held on the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueryState {
    /// More is on its way.
    Loading {
        /// Rows of the scope held.
        done: u64,
        /// Of how many, once known.
        total: Option<u64>,
    },
    /// All of it.
    Ready,
    /// Not all of it, and there is no connection to get the rest.
    Partial,
    /// There is no such scope, or it may not be read.
    Refused,
}

impl QueryState {
    /// Whether there is something to wait for.
    pub fn is_loading(self) -> bool {
        matches!(self, Self::Loading { .. })
    }

    /// How much of a scope a client holds.
    pub(super) fn of<S: Schema>(client: &SyncClient<S>, scope: &S::Scope) -> Self {
        let coverage = client.coverage(scope);
        let is_connecting = client.status().may_bring_more();
        match coverage {
            Coverage::Refused => Self::Refused,
            Coverage::Complete if client.is_hydrated() => Self::Ready,
            Coverage::Loading { done, total } if is_connecting => Self::Loading { done, total },
            _ if is_connecting => Self::Loading { done: 0, total: None },
            _ => Self::Partial,
        }
    }
}

/// A derived value that tells only when it is another one, of a type that need not be `Send`.
pub(super) fn local_memo<T: Clone + PartialEq + 'static>(compute: impl Fn() -> T + 'static) -> Signal<T, LocalStorage> {
    let compute = SendWrapper::new(compute);
    let memo = Memo::new_with_compare(
        move |_| SendWrapper::new(compute()),
        |before: Option<&SendWrapper<T>>, after| before.map(|value| &**value) != after.map(|value| &**value),
    );
    Signal::derive_local(move || memo.with(|value| T::clone(value)))
}
