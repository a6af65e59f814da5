//! What was taken away and is there again under another identity.

use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId};

use super::successors::Successors;

/// Each kind of identity apart: an item's is that of its first node, too, and of what it holds at
/// first.
#[derive(Clone, Default, Debug)]
pub(crate) struct Revived {
    /// Nodes of texts and lists.
    pub(crate) nodes: Successors,
    /// Assignments to places.
    pub(crate) assignments: Successors,
    /// Items of lists, where the old one could not be named any more.
    pub(crate) items: Successors,
    /// How many there were when last some were forgotten.
    kept: usize,
}

/// From how many on they are looked through for some that can be forgotten.
const MANY: usize = 64;

impl Revived {
    /// The container as it is to be named now.
    pub(crate) fn container(&self, id: &ContainerId) -> ContainerId {
        if self.items.is_empty() || !id.in_list() {
            return id.clone();
        }
        let steps = id.steps().into_iter();
        steps.fold(ContainerId::ROOT, |at, (key, kind)| at.child(self.key(key), kind))
    }

    /// The key as it is to be named now.
    pub(crate) fn key(&self, key: &Key) -> Key {
        match key {
            Key::Item(item) => Key::Item(self.items.latest_of(*item)),
            other => other.clone(),
        }
    }

    /// Notes that an assignment stands for another.
    pub(crate) fn assigned(&mut self, old: OpId, new: OpId) {
        self.assignments.put(IdSpan::new(old, 1), new);
    }

    /// Forgets what nobody asks for any more, given the first operation that may: at a cost in
    /// proportion to what was added since.
    pub(crate) fn forget_before(&mut self, counter: u64) {
        let held = self.nodes.len() + self.assignments.len() + self.items.len();
        if held < MANY.max(2 * self.kept) {
            return;
        }
        for successors in [&mut self.nodes, &mut self.assignments, &mut self.items] {
            successors.forget_before(counter);
        }
        self.kept = self.nodes.len() + self.assignments.len() + self.items.len();
    }

    /// Forgets what operations from a counter on brought back, which were not made after all.
    pub(crate) fn forget_from(&mut self, counter: u64) {
        for successors in [&mut self.nodes, &mut self.assignments, &mut self.items] {
            successors.forget_from(counter);
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.nodes.memory_bytes() + self.assignments.memory_bytes() + self.items.memory_bytes()
    }
}
