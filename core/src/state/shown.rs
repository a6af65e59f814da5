//! What is visible: the greatest assignment of each place, or, where there is none, a container
//! that lives on through content which its deletion had not seen.
//!
//! Every container counts its visible places, so that whether it has any content is known at once;
//! a change of that is followed upwards for as long as it makes a difference.

use crate::container::{ContainerId, Key};
use crate::id::OpId;
use crate::value::{Content, Kind};

use super::journal::{Copied, Undo};
use super::slots::{ContainerIndex, Slot, Slots};
use super::{Body, State};

/// One of the contents of a place.
pub(crate) struct Concurrent {
    pub(crate) content: Content,
    /// The assignment, and the wall-clock time that its author gave.
    pub(crate) assigned: Option<(OpId, Option<i64>)>,
}

impl State {
    /// What is shown in a place.
    pub(crate) fn shown(&self, container: &ContainerId, key: &Key) -> Option<Content> {
        self.shown_in(self.slot(container, key)?)
    }

    /// The same, of a container that is known, or not.
    pub(crate) fn shown_at(&self, index: Option<ContainerIndex>, key: &Key) -> Option<Content> {
        self.shown_in(self.slot_at(index?, key)?)
    }

    /// Whether anything is assigned to a place.
    pub(crate) fn is_assigned(&self, index: Option<ContainerIndex>, key: &Key) -> bool {
        let slot = index.and_then(|index| self.slot_at(index, key));
        slot.is_some_and(|slot| !slot.entries().is_empty())
    }

    pub(super) fn shown_in(&self, slot: &Slot) -> Option<Content> {
        if slot.is_hidden() {
            return None;
        }
        let assigned = slot.entries().last().and_then(|entry| entry.content.clone());
        assigned.or_else(|| self.survivors(slot).next().map(Content::Container))
    }

    pub(super) fn is_shown(&self, index: ContainerIndex, key: &Key) -> bool {
        self.slot_at(index, key).is_some_and(|slot| self.shows(slot))
    }

    /// Whether anything is shown in a place.
    fn shows(&self, slot: &Slot) -> bool {
        slot.shows_assigned().unwrap_or_else(|| self.lives_on(slot))
    }

    /// The containers in a place that no assignment asserts, and that have content.
    fn survivors(&self, slot: &Slot) -> impl Iterator<Item = Kind> {
        slot.children()
            .iter()
            .filter(|&&(kind, index)| !slot.asserts(kind) && self.body(index).has_content())
            .map(|&(kind, _)| kind)
    }

    /// All that is in a place, the shown one first; one container counts once.
    pub(crate) fn concurrent(&self, container: &ContainerId, key: &Key) -> Vec<Concurrent> {
        let Some(slot) = self.slot(container, key) else { return Vec::new() };
        let mut all: Vec<Concurrent> = Vec::new();
        for entry in slot.entries().iter().rev() {
            let Some(content) = &entry.content else { continue };
            let repeated = matches!(content, Content::Container(_))
                && all.iter().any(|other| other.content == *content);
            if !repeated {
                let assigned = Some((entry.id, entry.time));
                all.push(Concurrent { content: content.clone(), assigned });
            }
        }
        let survivors = self.survivors(slot).map(Content::Container);
        all.extend(survivors.map(|content| Concurrent { content, assigned: None }));
        all
    }

    /// The places of a container in which something is shown, in the order of their keys.
    pub(crate) fn shown_keys(&self, container: &ContainerId) -> impl Iterator<Item = &Key> {
        let slots = self.find(container).and_then(|index| self.body(index).slots());
        let places = slots.into_iter().flat_map(Slots::iter);
        places.filter(|(_, slot)| self.shows(slot)).map(|(key, _)| key)
    }

    /// In how many places of a container something is shown.
    pub(crate) fn shown_count(&self, container: &ContainerId) -> usize {
        let slots = self.find(container).and_then(|index| self.body(index).slots());
        slots.map_or(0, |slots| slots.shown)
    }

    /// Changes the assignments of a place, and follows what that shows.
    pub(super) fn edit_slot(
        &mut self,
        index: ContainerIndex,
        key: &Key,
        edit: impl FnOnce(&mut Slot),
    ) {
        if self.has_to_copy(index, || Copied::Slot(key.clone())) {
            let assigned = self.slot_at(index, key).map(Slot::assigned).unwrap_or_default();
            self.note(|| Undo::Edited { index, key: key.clone(), assigned });
        }
        self.note_place(index, key, None);
        let Some(slots) = self.body_mut(index).slots_mut() else { return };
        let (before, after) = slots.edit(key, |slot| {
            let before = slot.shows_assigned();
            edit(slot);
            (before, slot.shows_assigned())
        });
        // Whether a container lives on is asked for only where it decides.
        let lives_on = (before.is_none() || after.is_none())
            && self.slot_at(index, key).is_some_and(|slot| self.lives_on(slot));
        let is_shown = after.unwrap_or(lives_on);
        if before.unwrap_or(lives_on) != is_shown {
            self.set_shown(index, key, is_shown);
        }
    }

    /// Whether a container in a place has content, asserted or not.
    fn lives_on(&self, slot: &Slot) -> bool {
        slot.children().iter().any(|&(_, child)| self.body(child).has_content())
    }

    /// Counts a place as shown from now on, or as not shown.
    fn set_shown(&mut self, index: ContainerIndex, key: &Key, is_shown: bool) {
        let body = self.body_mut(index);
        if let Some(slots) = body.slots_mut() {
            slots.shown = if is_shown { slots.shown + 1 } else { slots.shown - 1 };
        }
        if let (Body::List(list), Key::Item(item)) = (body, key) {
            list.set_shown(*item, is_shown);
            if !is_shown {
                self.retiring.wait(*item, index);
            }
        }
    }

    /// Follows upwards that a container, which had content or not, may have it or not by now.
    pub(super) fn follow_content(&mut self, mut index: ContainerIndex, mut had_content: bool) {
        while self.body(index).has_content() != had_content {
            let container = self.container(index);
            let Some((_, key, _)) = container.id.step() else { return };
            let (key, parent) = (key.clone(), container.parent);
            let has_content = !had_content;
            self.note_place(parent, &key, Some((index, had_content)));
            let Some(slot) = self.slot_at(parent, &key) else { return };
            let others = slot.children().iter();
            let mut others = others.filter(|&&(_, other)| other != index);
            let decided = !slot.entries().is_empty()
                || others.any(|&(_, other)| self.body(other).has_content());
            if decided {
                return;
            }
            had_content = self.body(parent).has_content();
            self.set_shown(parent, &key, has_content);
            index = parent;
        }
    }

    /// Asserts that what is shown is counted, and that a list's nodes live where an item is shown.
    #[cfg(test)]
    pub(super) fn check_shown(&self) {
        for container in self.containers.iter().flatten() {
            let Some(slots) = container.body.slots() else { continue };
            let shown: Vec<&Key> =
                slots.iter().filter(|(_, slot)| self.shows(slot)).map(|(key, _)| key).collect();
            assert_eq!(slots.shown, shown.len(), "what is shown is counted");
            if let Body::List(list) = &container.body {
                assert_eq!(list.len(), shown.len(), "a node lives for each item shown");
                let lives = |key: &&Key| matches!(key, Key::Item(item) if list.lives(*item));
                assert!(shown.iter().all(lives), "and no other");
            }
        }
    }

    /// Counts what is shown everywhere anew, from the leaves up.
    ///
    /// # Errors
    /// What is wrong, if a list's nodes live where no item is shown, or the reverse.
    pub(super) fn count_shown(&mut self) -> Result<(), &'static str> {
        let mut indices: Vec<ContainerIndex> = (0..self.containers.len()).collect();
        indices.retain(|&index| self.containers[index].is_some());
        indices.sort_unstable_by_key(|&index| std::cmp::Reverse(self.container(index).id.depth()));
        for index in indices {
            let Some(slots) = self.body(index).slots() else { continue };
            let shown: Vec<(Key, bool)> =
                slots.iter().map(|(key, slot)| (key.clone(), self.shows(slot))).collect();
            let count = shown.iter().filter(|(_, is_shown)| *is_shown).count();
            for (key, is_shown) in shown {
                let Key::Item(item) = key else { break };
                let Body::List(list) = self.body_mut(index) else { break };
                if list.lives(item) != is_shown {
                    return Err("a node lives and its item is not shown, or the reverse");
                }
                list.set_shown(item, is_shown);
            }
            if let Body::List(list) = self.body(index)
                && list.len() != count
            {
                return Err("a node lives that its item has left");
            }
            if let Some(slots) = self.body_mut(index).slots_mut() {
                slots.shown = count;
            }
        }
        Ok(())
    }
}
