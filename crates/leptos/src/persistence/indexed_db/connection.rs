//! Opening a database, and letting go of it when others ask for that.

use super::super::OpenFault;
use crate::bridge::sleep;
use futures::{
    FutureExt,
    channel::oneshot,
    future::{AbortHandle, Either, abortable, select},
};
use holdfast_sync::client::Table;
use indexed_db_futures::{
    database::{Database, VersionChangeEvent},
    error::{DomException, Error, OpenDbError},
    prelude::*,
};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_futures::spawn_local;

/// The version of the database's shape. Each higher one comes with a step in [`upgrade`].
const FORMAT: u32 = 1;

/// Milliseconds that other tabs have to let go of the database once they were asked to.
const BLOCKED_MS: u32 = 3_000;

/// The object store of the next sequence number, and its only key.
pub(super) const SEQUENCE: &str = "sequence";

/// The object store of the lead number, and its only key.
pub(super) const LEAD: &str = "lead";

/// An open connection. It closes itself when another tab wants to delete or upgrade the
/// database, and when it is dropped.
pub(super) struct Connection {
    database: Database,
    open: Rc<Cell<bool>>,
    watch: AbortHandle,
}

impl Connection {
    pub(super) async fn open(name: &str) -> Result<Self, OpenFault> {
        let (blocked, was_blocked) = oneshot::channel();
        let opening = Database::open(name)
            .with_version(FORMAT)
            .with_on_blocked(move |_: VersionChangeEvent| {
                // Nobody listens any more where it was opened at last.
                let _ = blocked.send(());
                Ok(())
            })
            .with_on_upgrade_needed(|event: VersionChangeEvent, database: Database| upgrade(&event, &database))
            .build()
            .map_err(|error| open_fault(&error))?;
        let patience = was_blocked.then(|blocked| async move {
            match blocked {
                Ok(()) => sleep(BLOCKED_MS).await,
                Err(oneshot::Canceled) => std::future::pending().await,
            }
        });
        let database = match select(std::pin::pin!(opening), std::pin::pin!(patience)).await {
            Either::Left((opened, _)) => opened.map_err(|error| open_fault(&error))?,
            Either::Right(_) => return Err(OpenFault::Blocked),
        };
        let open = Rc::new(Cell::new(true));
        let mut changes = database.version_changes().map_err(|error| OpenFault::Broken(error.to_string()))?;
        let watched = (database.clone(), open.clone());
        let (watching, watch) = abortable(async move {
            // Whether it was asked to make way or was closed by the browser: it is no longer of use.
            changes.recv().await;
            watched.1.set(false);
            watched.0.close();
        });
        spawn_local(watching.map(|_| ()));
        Ok(Self { database, open, watch })
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.watch.abort();
        self.database.clone().close();
    }
}

/// Starts to delete a database; it is gone once all tabs have let go of it.
pub(super) fn delete(name: &str) {
    let deleting = Database::delete_by_name(name);
    spawn_local(async move {
        if let Ok(deleting) = deleting {
            // It was emptied before: what stays where this fails is an empty shell.
            let _ = deleting.await;
        }
    });
}

/// Brings the database to [`FORMAT`], step by step.
fn upgrade(event: &VersionChangeEvent, database: &Database) -> indexed_db_futures::Result<()> {
    if event.old_version() < 1.0 {
        for name in Table::ALL.map(Table::name).into_iter().chain([SEQUENCE, LEAD]) {
            database.create_object_store(name).build()?;
        }
    }
    Ok(())
}

fn open_fault(error: &OpenDbError) -> OpenFault {
    match error {
        OpenDbError::UnsupportedEnvironment | OpenDbError::NullFactory => {
            OpenFault::Unavailable("there is no IndexedDB".to_owned())
        }
        OpenDbError::Base(Error::DomException(exception)) => match name_of(exception).as_str() {
            "VersionError" => OpenFault::Newer,
            "SecurityError" => OpenFault::Unavailable(exception.message()),
            name => OpenFault::Broken(format!("{name}, {}", exception.message())),
        },
        other => OpenFault::Broken(other.to_string()),
    }
}

/// A DOM exception's name, which is what tells its kind.
pub(super) fn name_of(exception: &DomException) -> String {
    web_sys::DomException::from(exception.clone()).name()
}
