//! Edits of a text, applied without an operation being made of them.

use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::{NodeRun, Place};

use super::slots::ContainerIndex;
use super::{Body, State};

impl State {
    /// Inserts characters, given with how many they are, into a text that is here and in no list,
    /// while no transaction is open; gives whether it did: the parent has to be there.
    pub(crate) fn insert_text(
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
        let had_content = !sequence.is_empty();
        sequence.insert(id, place, text);
        self.follow_text(index, id.plus(len - 1), had_content);
        true
    }

    /// Deletes a run of characters in such a text; gives whether it did: all have to be there.
    pub(crate) fn delete_text(&mut self, id: OpId, container: &ContainerId, run: NodeRun) -> bool {
        let Some(index) = self.plain_text(container) else { return false };
        let Body::Text(sequence) = self.body_mut(index) else { return false };
        if sequence.first_absent(run.nodes).is_some() {
            return false;
        }
        let had_content = !sequence.is_empty();
        sequence.delete(id, run);
        self.follow_text(index, id.plus(run.len() - 1), had_content);
        true
    }

    fn plain_text(&self, container: &ContainerId) -> Option<ContainerIndex> {
        if container.in_list() || self.journal.is_some() {
            return None;
        }
        self.find(container)
    }

    /// Follows an edit of a text, up to the operation `last`.
    fn follow_text(&mut self, index: ContainerIndex, last: OpId, had_content: bool) {
        if self.last.1 != index {
            self.last = (self.container(index).id.clone(), index);
        }
        self.container_mut(index).clock.record(last);
        self.follow_content(index, had_content);
    }
}
