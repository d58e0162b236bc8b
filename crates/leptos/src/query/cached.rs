//! What the query cache is told: keys, and a fetcher that waits until a query is covered.
//!
//! The value is the handle, which the bridge patches in place; the cache never sees a
//! patch. It keeps the handle for a while after its last reader has left, then lets it
//! go, which ends what the handle holds: its list, its signals, its scope's subscription.

use super::Live;
use futures::future::LocalBoxFuture;
use leptos_query::{QueryOptions, QueryScopeLocal};
use std::{
    fmt,
    hash::{Hash, Hasher},
};

/// Something that is asked for by name and takes time to be there.
pub trait Query {
    /// Its name.
    fn name(&self) -> &QueryName;

    /// Completes once there is nothing more to wait for.
    fn loaded(&self) -> LocalBoxFuture<'static, ()>;
}

/// A query's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct QueryName {
    /// The scope it reads.
    pub scope: String,
    /// What it reads of that.
    pub id: String,
}

/// The cache's key: the query's name, by which alone it is told from others, and the handle
/// that becomes the value. So a fetch that ends late still gives what it was begun for.
pub(super) struct Asked<T: ?Sized>(pub(super) Live<T>);

impl<T: ?Sized> Clone for Asked<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized + Query> Hash for Asked<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name().hash(state);
    }
}

impl<T: ?Sized + Query> fmt::Debug for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QueryName { scope, id } = self.0.name();
        write!(f, "{scope}: {id}")
    }
}

/// The query of all handles of one type.
pub(super) fn cached<T: ?Sized + Query + 'static>(options: QueryOptions) -> QueryScopeLocal<Asked<T>, Live<T>> {
    let query = QueryScopeLocal::new(async |Asked(live): Asked<T>| {
        live.loaded().await;
        live
    });
    #[cfg(feature = "devtools")]
    let query = query.with_title("live");
    query.with_options(options)
}
