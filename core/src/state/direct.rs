//! Edits of a text, applied without an operation being made of them.

use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::{NodeRun, Place};
use crate::value::Unit;

use super::slots::ContainerIndex;
use super::{Body, State};

impl State {
    /// Inserts characters, given with how many they are, into a text that is here and in no list,
    /// while no transaction is open; gives whether it did: the parent has to be there.
    pub(crate) fn insert_directly(
        &mut self,
        id: OpId,
        container: &ContainerId,
        place: Place,
        (text, len): (&str, u64),
    ) -> bool {
        let Some(index) = self.plain_text(container) else { return false };
        let Body::Text(sequence) = self.body_mut(index) else { return false };
        if place.parent.is_some_and(|parent| !sequence.contains(parent)) {
            return false;
        }
        self.remember(index);
        self.insert_text(index, id, place, text, len);
        true
    }

    /// Deletes a run of characters in such a text; gives whether it did: all have to be there.
    pub(crate) fn delete_directly(
        &mut self,
        id: OpId,
        container: &ContainerId,
        run: NodeRun,
    ) -> bool {
        let Some(index) = self.plain_text(container) else { return false };
        let Body::Text(sequence) = self.body_mut(index) else { return false };
        if sequence.first_absent(run.nodes).is_some() {
            return false;
        }
        self.remember(index);
        self.delete_text(index, id, run);
        true
    }

    fn plain_text(&self, container: &ContainerId) -> Option<ContainerIndex> {
        if container.in_list() || self.journal.is_some() {
            return None;
        }
        self.find(container)
    }

    /// Remembers where a container is that is changed.
    pub(super) fn remember(&mut self, index: ContainerIndex) {
        if self.last.1 != index {
            self.last = (self.container(index).id.clone(), index);
        }
    }

    /// Inserts characters into a text, by so many operations from `id` on.
    pub(crate) fn insert_text(
        &mut self,
        index: ContainerIndex,
        id: OpId,
        place: Place,
        text: &str,
        len: u64,
    ) {
        self.touch(index, id.plus(len - 1));
        let had_content = self.body(index).has_content();
        self.insert_characters(index, id, place, text, len);
        self.follow_content(index, had_content);
    }

    /// The same, if it goes on with what was typed last; gives whether it did.
    pub(crate) fn type_text(
        &mut self,
        index: ContainerIndex,
        unit: Unit,
        position: usize,
        id: OpId,
        text: &str,
    ) -> bool {
        let container = self.container_mut(index);
        let Body::Text(sequence) = &mut container.body else { return false };
        // It was not empty before: what is shown above it stays what it is.
        if !sequence.type_at(unit, position, id, text) {
            return false;
        }
        container.clock.record(id.plus(text.len() as u64 - 1));
        self.note_insertion(index, id, text.len() as u64);
        true
    }

    /// Deletes characters of a text, by as many operations from `id` on.
    pub(crate) fn delete_text(&mut self, index: ContainerIndex, id: OpId, run: NodeRun) {
        self.touch(index, id.plus(run.len() - 1));
        let had_content = self.body(index).has_content();
        self.delete(index, id, run);
        self.follow_content(index, had_content);
    }
}
