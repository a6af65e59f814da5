//! Two states of one document, and what was changed from the one to the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::ascending::longest_ascending;
use crate::container::{ContainerId, Key};
use crate::event::{Delta, Diff, ListDelta, ListParts, TextDelta, TextParts};
use crate::id::OpId;
use crate::path::{Path, Segment};
use crate::value::{Content, Unit, Value};
use crate::version::VersionVector;

use super::deltas::key_delta;
use super::deltas::list::{changed_content, contents};
use super::sequence::{Presence, Sequence};
use super::slots::{ContainerIndex, Slot, Slots};
use super::watch::Face;
use super::{Body, List, State};

/// In which of two versions characters of a text are shown, in reading order.
type Runs = Vec<(Presence, u64)>;

/// An item that is shown in the new list.
enum Placed {
    /// Where it was before, which is behind all before it that stay.
    Stays(usize),
    Moved(usize),
    New,
}

impl State {
    /// What shows a container at a key of a map, if nothing has touched that place but operations
    /// of a version.
    pub(crate) fn child_since(
        &self,
        map: ContainerIndex,
        key: &str,
        version: &VersionVector,
    ) -> Option<ContainerIndex> {
        let slot = self.slot_at(map, &Key::Name(key.into()))?;
        let shown = slot.entries().last().filter(|_| !slot.is_hidden())?;
        let Some(Content::Container(kind)) = shown.content else { return None };
        slot.child(kind).filter(|_| slot.clock().beyond(version).is_none())
    }

    /// The text at an index, and what it is known by.
    pub(crate) fn text_of(
        &self,
        index: ContainerIndex,
    ) -> Option<(&ContainerId, &Sequence<String>)> {
        match &self.container(index).body {
            Body::Text(sequence) => Some((&self.container(index).id, sequence)),
            _ => None,
        }
    }

    /// What was changed in all that is shown, as an event has it. `runs` says of a text in which of
    /// the two its characters are shown.
    pub(crate) fn diffs_to(
        &self,
        new: &Self,
        unit: Unit,
        runs: impl Fn(&ContainerId) -> Runs,
    ) -> Vec<Diff> {
        let mut comparison = Comparison { old: self, new, unit, runs: &runs, diffs: Vec::new() };
        comparison.container(Some(Self::ROOT), Self::ROOT, &Path::root());
        comparison.diffs
    }

    /// What a place of a container shows.
    fn face_at(&self, index: ContainerIndex, key: &Key) -> Face {
        self.face(self.slot_at(index, key), None)
    }

    /// The container in a place that is shown there.
    fn shown_child(&self, index: ContainerIndex, key: &Key) -> Option<ContainerIndex> {
        let slot = self.slot_at(index, key)?;
        match self.shown_in(slot)? {
            Content::Container(kind) => slot.child(kind),
            Content::Value(_) => None,
        }
    }

    fn slots_of(&self, index: Option<ContainerIndex>) -> impl Iterator<Item = (&Key, &Slot)> {
        let slots = index.and_then(|index| self.body(index).slots());
        slots.into_iter().flat_map(Slots::iter)
    }
}

/// See [`State::diffs_to`].
struct Comparison<'s, R> {
    old: &'s State,
    new: &'s State,
    unit: Unit,
    runs: &'s R,
    diffs: Vec<Diff>,
}

impl<R: Fn(&ContainerId) -> Runs> Comparison<'_, R> {
    /// Compares a container with what it was, if it was shown, and all in it. Recursion is bounded
    /// by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn container(&mut self, old: Option<ContainerIndex>, new: ContainerIndex, path: &Path) {
        let delta = match self.new.body(new) {
            Body::Text(text) => self.text(old, &self.new.container(new).id, text),
            Body::Counter(counter) => {
                let before = old.map_or(0, |old| match self.old.body(old) {
                    Body::Counter(counter) => counter.value(),
                    _ => 0,
                });
                let (by, count) = (counter.value().wrapping_sub(before), counter.value());
                Delta::Counter { by, count }
            }
            Body::Set(_) => self.set(old, new),
            Body::Map(_) => self.map(old, new),
            Body::List(list) => return self.list(old, new, list, path),
        };
        self.push(path, delta);
        if let Body::Map(slots) = self.new.body(new) {
            for (key, _) in slots.iter() {
                let Key::Name(name) = key else { continue };
                self.child(old, new, key, &path.child(&**name));
            }
        }
    }

    /// Compares what is in a place, if that is a container.
    fn child(&mut self, old: Option<ContainerIndex>, new: ContainerIndex, key: &Key, path: &Path) {
        let Some(child) = self.new.shown_child(new, key) else { return };
        let kind = self.new.container(child).id.kind();
        let before = old.and_then(|old| self.old.shown_child(old, key));
        let before = before.filter(|&old| self.old.container(old).id.kind() == kind);
        self.container(before, child, path);
    }

    fn push(&mut self, path: &Path, delta: Delta) {
        if !delta.is_empty() {
            self.diffs.push(Diff { path: path.clone(), delta });
        }
    }

    fn text(&self, old: Option<ContainerIndex>, id: &ContainerId, new: &Sequence<String>) -> Delta {
        let new = new.text();
        let old = old.and_then(|old| self.old.text_of(old)).map(|(_, text)| text.text());
        Delta::Text(match old {
            None if new.is_empty() => Vec::new(),
            None => vec![TextDelta::Insert(new.into_owned())],
            Some(old) => text_deltas(&old, &new, &(self.runs)(id), self.unit),
        })
    }

    fn set(&self, old: Option<ContainerIndex>, new: ContainerIndex) -> Delta {
        let elements = |state: &State, index| -> BTreeSet<Value> {
            let shown = state.slots_of(index).filter(|(_, slot)| state.shown_in(slot).is_some());
            let elements = shown.filter_map(|(key, _)| match key {
                Key::Element(value) => Some(value.clone()),
                _ => None,
            });
            elements.collect()
        };
        let (old, new) = (elements(self.old, old), elements(self.new, Some(new)));
        let added = new.difference(&old).cloned().collect();
        let removed = old.difference(&new).cloned().collect();
        Delta::Set { added, removed }
    }

    fn map(&self, old: Option<ContainerIndex>, new: ContainerIndex) -> Delta {
        let before = self.old.slots_of(old).map(|(key, _)| key);
        let keys: BTreeSet<&Key> =
            before.chain(self.new.slots_of(Some(new)).map(|(key, _)| key)).collect();
        let deltas = keys.into_iter().filter_map(|key| {
            let was = old.map(|old| self.old.face_at(old, key)).unwrap_or_default();
            key_delta((key, was, self.new.face_at(new, key)))
        });
        Delta::Map(deltas.collect())
    }

    fn list(&mut self, old: Option<ContainerIndex>, new: ContainerIndex, list: &List, path: &Path) {
        let before: Vec<(OpId, Face)> = old.map_or(Vec::new(), |old| {
            let items = self.old.list_at(Some(old)).into_iter().flat_map(List::items);
            items.map(|item| (item, self.old.face_at(old, &Key::Item(item)))).collect()
        });
        let after: Vec<(OpId, Face)> =
            list.items().map(|item| (item, self.new.face_at(new, &Key::Item(item)))).collect();
        let placed = placed(&before, &after);
        self.push(path, Delta::List(places_delta(before.len(), &after, &placed)));
        self.push(path, Delta::List(contents_delta(&before, &after, &placed)));
        for (nth, ((item, _), placed)) in after.iter().zip(&placed).enumerate() {
            // What was inserted comes with nothing in it.
            let old = old.filter(|_| !matches!(placed, Placed::New));
            self.child(old, new, &Key::Item(*item), &path.child(Segment::Index(nth)));
        }
    }
}

/// What becomes of the items of a list: the fewest are moved.
fn placed(before: &[(OpId, Face)], after: &[(OpId, Face)]) -> Vec<Placed> {
    let places: BTreeMap<OpId, usize> =
        before.iter().enumerate().map(|(nth, &(item, _))| (item, nth)).collect();
    let known: Vec<Option<usize>> =
        after.iter().map(|(item, _)| places.get(item).copied()).collect();
    let mut stay =
        longest_ascending(&known.iter().copied().flatten().collect::<Vec<_>>()).into_iter();
    let placed = known.into_iter().map(|was| match was {
        Some(was) if stay.next() == Some(true) => Placed::Stays(was),
        Some(was) => Placed::Moved(was),
        None => Placed::New,
    });
    placed.collect()
}

/// Where items stand.
fn places_delta(before: usize, after: &[(OpId, Face)], placed: &[Placed]) -> Vec<ListDelta> {
    let mut parts = ListParts::default();
    let mut at = 0;
    for (index, ((_, face), placed)) in after.iter().zip(placed).enumerate() {
        match *placed {
            Placed::Stays(was) => {
                if was > at {
                    parts.pass(index);
                    parts.delete(was - at);
                }
                at = was + 1;
            }
            Placed::Moved(from) => {
                parts.pass(index);
                parts.put(ListDelta::Move { from });
            }
            Placed::New => {
                parts.pass(index);
                face.shown.iter().for_each(|content| parts.insert(content.clone()));
            }
        }
    }
    if before > at {
        parts.pass(after.len());
        parts.delete(before - at);
    }
    parts.finish()
}

/// What items hold that are where they are by now.
fn contents_delta(
    before: &[(OpId, Face)],
    after: &[(OpId, Face)],
    placed: &[Placed],
) -> Vec<ListDelta> {
    let set = after.iter().zip(placed).enumerate().filter_map(|(index, ((_, face), placed))| {
        let part = match *placed {
            Placed::New => changed_content(&Face::default(), face.clone()),
            Placed::Moved(was) | Placed::Stays(was) => {
                changed_content(&before[was].1, face.clone())
            }
        };
        part.map(|part| (index, part))
    });
    contents(set.collect())
}

/// How long characters are, in a unit.
fn length(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Scalar => text.chars().count(),
        Unit::Utf8 => text.len(),
        Unit::Utf16 => text.chars().map(char::len_utf16).sum(),
    }
}

/// Parts so many characters off the front.
fn take<'t>(text: &mut &'t str, characters: u64) -> &'t str {
    let end = text.char_indices().nth(characters as usize).map_or(text.len(), |(end, _)| end);
    let (front, rest) = text.split_at(end);
    *text = rest;
    front
}

fn text_deltas(mut old: &str, mut new: &str, runs: &Runs, unit: Unit) -> Vec<TextDelta> {
    let mut parts = TextParts::default();
    for &(presence, characters) in runs {
        match presence {
            Presence::Old => parts.delete(length(take(&mut old, characters), unit)),
            Presence::New => parts.insert(take(&mut new, characters)),
            Presence::Both => {
                take(&mut new, characters);
                parts.retain(length(take(&mut old, characters), unit));
            }
        }
    }
    parts.finish()
}
