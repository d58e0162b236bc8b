//! What the user must be told once.

use crate::{components::toast::Toast, queries::Sync};
use holdfast_leptos::status::NoticeEntry;
use holdfast_sync::{Refusal, client::Notice};
use leptos::prelude::*;

/// From here on up, ids are of this module's own notices, below of the engine's.
const OWN: u64 = 1 << 32;

/// What can be done about a notice.
pub type Action = Box<dyn Fn() + Send + std::marker::Sync>;

/// The notices on screen: the engine's, and refusals of what makes no sense at once.
#[derive(Clone, Copy)]
pub struct Notices {
    own: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
    owner: StoredValue<Owner>,
    /// All of them, oldest first.
    pub(super) shown: Signal<Vec<Toast>>,
}

/// The [`Notices`] that the frame provides.
pub fn use_notices() -> Notices {
    expect_context()
}

impl Notices {
    pub(super) fn provide(sync: Sync, outbox_open: RwSignal<bool>) -> Self {
        let own = RwSignal::new(Vec::<Toast>::new());
        let engine = sync.status().notices;
        let shown = Signal::derive(move || {
            let mut toasts: Vec<Toast> = engine.get().into_iter().map(|entry| toast(entry, outbox_open)).collect();
            toasts.extend(own.get());
            toasts
        });
        let owner = StoredValue::new(Owner::current().expect("the frame owns what is below it"));
        let notices = Self { own, next: StoredValue::new(OWN), owner, shown };
        provide_context(notices);
        notices
    }

    /// Tells why an edit was not made.
    pub fn refused(self, refusal: &Refusal) {
        self.say(&refusal.message, None);
    }

    /// Says something, with what can be done about it. The same is not said twice at once.
    pub fn say(self, text: &str, action: Option<(&str, Action)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        // Owned by the frame: what the notice comes from may be gone when it is acted on.
        let owner = self.owner.get_value();
        let action = action.map(|(name, act)| (name.to_owned(), owner.with(|| Callback::new(move |()| act()))));
        self.own.update(|own| {
            own.retain(|toast| toast.text != text);
            own.push(Toast { id, text: text.to_owned(), action });
        });
    }

    /// Tells why, where an edit was not made.
    pub fn tell<T>(self, edited: Result<T, Refusal>) -> Option<T> {
        edited.map_err(|refusal| self.refused(&refusal)).ok()
    }

    pub(super) fn dismiss(self, sync: Sync, id: u64) {
        if id >= OWN {
            self.own.update(|own| own.retain(|toast| toast.id != id));
        } else {
            sync.dismiss(id);
        }
    }
}

fn toast(entry: NoticeEntry, outbox_open: RwSignal<bool>) -> Toast {
    let show = || Some(("Show".to_owned(), Callback::new(move |()| outbox_open.set(true))));
    let (text, action) = match entry.notice {
        Notice::Refused { message } => (format!("An edit was refused: {message}"), show()),
        Notice::ServerRestored { lost } => {
            let edits = if lost == 1 { "1 of your edits".to_owned() } else { format!("{lost} of your edits") };
            (format!("The server was restored from a backup and lacks {edits} that it had confirmed."), None)
        }
        Notice::NotTakenBack => (
            "An edit could not be taken back: it was with the server already. Change it by another edit.".to_owned(),
            None,
        ),
        Notice::ProfileRolledBack => {
            let text = "This browser's data is older than what the server knows of it: it was copied or put back.";
            (text.to_owned(), None)
        }
        Notice::Quarantined { records, edits: true } => (
            format!(
                "{records} records on this device, unsent edits among them, could not be read; they were set aside."
            ),
            None,
        ),
        Notice::Quarantined { records, edits: false } => {
            (format!("{records} records on this device could not be read; they are loaded anew."), None)
        }
        Notice::Protocol { message, .. } => {
            (format!("This app and the server did not understand each other: {message}"), None)
        }
    };
    Toast { id: entry.id, text, action }
}
