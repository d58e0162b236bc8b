//! What the newest version's mutations do.

use super::{Act, Doc, Key, Lock, Note, Notes, Pin, Row, SHELVES, Scope, is_open_at_first};
use holdfast_sync::{Footprint, Refusal, RefusalCode, Tx};
use std::collections::BTreeSet;

type Did = Result<(), Refusal>;

pub(super) fn footprint(act: &Act) -> Footprint<Notes> {
    // Who may not see a document may not change it: all locks may be asked.
    let doc = |id: &u32| (0..SHELVES).fold(Footprint::none().row(Key::Doc(*id)), |all, n| all.row(Key::Lock(n)));
    match act {
        Act::Create { id, .. } => doc(id).counter("docs"),
        Act::SetTitle { id, .. }
        | Act::AddTag { id, .. }
        | Act::RemoveTag { id, .. }
        | Act::Vote { id }
        | Act::Paint { id, .. } => doc(id),
        Act::Move { id, .. } | Act::Delete { id } => doc(id).children(Key::Doc(*id)),
        Act::AddNote { id, doc: on, .. } | Act::EditNote { id, doc: on, .. } => doc(on).row(Key::Note(*id)),
        Act::CountNotes { doc: on } => doc(on).children(Key::Doc(*on)),
        Act::SetLock { shelf, .. } => Footprint::none().row(Key::Lock(*shelf)),
        Act::AddPin { id, shelf, .. } => Footprint::none().row(Key::Pin(*id)).row(Key::Lock(*shelf)),
    }
}

pub(super) fn apply(act: &Act, user: u8, tx: &mut Tx<'_, Notes>) -> Did {
    match act {
        Act::Create { id, shelf, title } => {
            look_into(tx, *shelf, user)?;
            if tx.row(&Key::Doc(*id)).is_some() {
                return Err(Refusal::new(RefusalCode::Exists, "There is such a document."));
            }
            let (number, title) = (tx.next("docs"), title.clone());
            tx.put(Row::Doc(Doc {
                id: *id,
                shelf: *shelf,
                title,
                tags: BTreeSet::new(),
                votes: 0,
                number,
                color: None,
            }));
            Ok(())
        }
        Act::SetTitle { id, title } => edit(tx, *id, user, |doc| doc.title.clone_from(title)),
        Act::Paint { id, color } => edit(tx, *id, user, |doc| doc.color = Some(color.clone())),
        Act::Move { id, shelf } => {
            edit(tx, *id, user, |doc| doc.shelf = *shelf)?;
            for key in tx.children(&Key::Doc(*id)) {
                if let Some(Row::Note(note)) = tx.row(&key) {
                    let note = Note { shelf: *shelf, ..note.clone() };
                    tx.put(Row::Note(note));
                }
            }
            Ok(())
        }
        Act::AddTag { id, tag } => edit(tx, *id, user, |doc| {
            doc.tags.insert(*tag);
        }),
        Act::RemoveTag { id, tag } => edit(tx, *id, user, |doc| {
            doc.tags.remove(tag);
        }),
        Act::Vote { id } => edit(tx, *id, user, |doc| doc.votes += 1),
        Act::Delete { id } => {
            edit(tx, *id, user, |_| {})?;
            for note in tx.children(&Key::Doc(*id)) {
                tx.delete(&note);
            }
            tx.delete(&Key::Doc(*id));
            Ok(())
        }
        Act::AddNote { id, doc, text } | Act::EditNote { id, doc, text } => {
            let shelf = seen(tx, *doc, user)?.shelf;
            let there = tx.row(&Key::Note(*id)).is_some();
            if there != matches!(act, Act::EditNote { .. }) {
                return Err(Refusal::not_found("note"));
            }
            tx.put(Row::Note(Note { id: *id, doc: *doc, shelf, text: text.clone() }));
            Ok(())
        }
        Act::CountNotes { doc } => {
            let count = tx.children(&Key::Doc(*doc)).len();
            edit(tx, *doc, user, |doc| doc.title = format!("{count} notes"))
        }
        Act::SetLock { shelf, user, closed } => {
            let mut closed_to = match tx.row(&Key::Lock(*shelf)) {
                Some(Row::Lock(lock)) => lock.closed_to.clone(),
                _ => (0..2).filter(|user| !is_open_at_first(*shelf, *user)).collect(),
            };
            match closed {
                true => closed_to.insert(*user),
                false => closed_to.remove(user),
            };
            tx.put(Row::Lock(Lock { shelf: *shelf, closed_to }));
            Ok(())
        }
        Act::AddPin { id, shelf, text } => {
            look_into(tx, *shelf, user)?;
            tx.put(Row::Pin(Pin { id: format!("{id:08}"), scope: Scope::Shelf(*shelf), text: text.clone() }));
            Ok(())
        }
    }
}

fn look_into(tx: &Tx<'_, Notes>, shelf: u8, user: u8) -> Did {
    let is_open = match tx.row(&Key::Lock(shelf)) {
        Some(Row::Lock(lock)) => !lock.closed_to.contains(&user),
        _ => is_open_at_first(shelf, user),
    };
    if is_open { Ok(()) } else { Err(Refusal::not_found("document")) }
}

/// The document, if the user may see it.
fn seen(tx: &Tx<'_, Notes>, id: u32, user: u8) -> Result<Doc, Refusal> {
    let Some(Row::Doc(doc)) = tx.row(&Key::Doc(id)) else { return Err(Refusal::not_found("document")) };
    look_into(tx, doc.shelf, user)?;
    Ok(doc.clone())
}

fn edit(tx: &mut Tx<'_, Notes>, id: u32, user: u8, change: impl FnOnce(&mut Doc)) -> Did {
    let mut doc = seen(tx, id, user)?;
    change(&mut doc);
    tx.put(Row::Doc(doc));
    Ok(())
}
