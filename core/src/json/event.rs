//! What has changed in the document, as a JSON Patch.

use crate::event::{Delta, Diff, Event, KeyDelta, ListDelta};
use crate::path::Path;
use crate::value::{Content, Value};

use super::patch::PatchWriter;
use super::tree::{Shape, Tree};

/// The JSON Patch that makes what is shown after an event of what was shown before. JSON Patch can't
/// say what was edited in a string, nor what was added to a set without where: so what the event says
/// of texts and sets is completed by what they are now.
///
/// # Errors
/// What `now` gives.
pub(crate) fn event_patch<E>(
    event: &Event,
    mut now: impl FnMut(&Path) -> Result<Tree, E>,
) -> Result<String, E> {
    let mut patch = PatchWriter::default();
    for Diff { path, delta } in &event.diffs {
        match delta {
            Delta::Text(_) => patch.replace(path, &now(path)?),
            Delta::Counter { count, .. } => patch.replace(path, &Value::Int(*count).into()),
            Delta::Map(keys) => keys.iter().for_each(|key| of_key(path, key, &mut patch)),
            Delta::List(deltas) => of_list(path, deltas, &mut patch),
            Delta::Set { added, removed } => {
                if let Shape::Set(_, elements) = now(path)?.shape {
                    of_set(path, &elements, added, removed, &mut patch);
                }
            }
        }
    }
    Ok(patch.finish())
}

fn of_key(path: &Path, delta: &KeyDelta, patch: &mut PatchWriter) {
    let path = path.child(delta.key.as_str());
    match (&delta.old, &delta.new) {
        (None, None) => {}
        (None, Some(new)) => patch.add(&path, &Tree::of(new)),
        (Some(_), None) => patch.remove(&path),
        (Some(old), Some(new)) => of_content(&path, old, new, patch),
    }
}

/// The same content, where only a conflict came or went, is no operation.
fn of_content(path: &Path, old: &Content, new: &Content, patch: &mut PatchWriter) {
    if old != new {
        patch.replace(path, &Tree::of(new));
    }
}

fn of_list(path: &Path, deltas: &[ListDelta], patch: &mut PatchWriter) {
    // What stays at the start only moves all indices.
    let (start, deltas) = match deltas {
        [ListDelta::Retain(start), rest @ ..] => (*start, rest),
        all => (0, all),
    };
    let mut at = start;
    let mut items: Vec<(Option<usize>, Option<Tree>)> = Vec::new();
    let mut sets: Vec<(usize, &Content, &Content)> = Vec::new();
    for delta in deltas {
        match delta {
            ListDelta::Retain(len) => {
                items.extend((at..at + len).map(|index| (Some(index - start), None)));
                at += len;
            }
            ListDelta::Insert(contents) => {
                items.extend(contents.iter().map(|content| (None, Some(Tree::of(content)))));
            }
            ListDelta::Delete(len) => at += len,
            ListDelta::Move { from } => items.push((from.checked_sub(start), None)),
            ListDelta::Set { old, new, .. } => {
                sets.push((start + items.len(), old, new));
                items.push((Some(at - start), None));
                at += 1;
            }
        }
    }
    let formers: Vec<Option<usize>> = items.iter().map(|(former, _)| *former).collect();
    let new: Vec<Option<Tree>> = items.into_iter().map(|(_, new)| new).collect();
    patch.steps(path, start, at - start, &formers, |j| new[j].as_ref());
    for (index, old, new) in sets {
        of_content(&path.child(index), old, new, patch);
    }
}

/// Elements are at the indices that they have in canonical JSON.
fn of_set(
    path: &Path,
    elements: &[Value],
    added: &[Value],
    removed: &[Value],
    patch: &mut PatchWriter,
) {
    let mut old: Vec<&Value> =
        elements.iter().filter(|element| !added.contains(element)).chain(removed).collect();
    old.sort_unstable();
    for (index, _) in old.iter().enumerate().rev().filter(|(_, value)| removed.contains(value)) {
        patch.remove(&path.child(index));
    }
    for (index, element) in elements.iter().enumerate() {
        if added.contains(element) {
            patch.add(&path.child(index), &element.clone().into());
        }
    }
}
