//! What a deletion has to name: all that its author sees in a place, and nothing else.
//!
//! Deleting a container is deleting, one by one, what is observed in it; what others add at the
//! same time is not named, and survives.

use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::Op;

use super::map::{ContainerIndex, Slot};
use super::{Body, State};

impl State {
    /// The operations that empty the containers under a key.
    pub(crate) fn observed_content(&self, map: &ContainerId, key: &str) -> Vec<Op> {
        let mut ops = Vec::new();
        if let Some(slot) = self.slot(map, key) {
            self.clear_children(slot, &mut ops);
        }
        ops
    }

    /// The assignments under a key.
    pub(crate) fn observed_assignments(&self, map: &ContainerId, key: &str) -> Vec<OpId> {
        self.slot(map, key).map(Slot::assignments).unwrap_or_default()
    }

    fn clear_children(&self, slot: &Slot, ops: &mut Vec<Op>) {
        for &(_, child) in slot.children() {
            self.clear(child, ops);
        }
    }

    /// Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn clear(&self, index: ContainerIndex, ops: &mut Vec<Op>) {
        let container = self.container(index);
        match &container.body {
            Body::Text(sequence) => {
                let nodes = sequence.live_nodes();
                if !nodes.is_empty() {
                    ops.push(Op::Delete { container: container.id.clone(), nodes });
                }
            }
            Body::Map(map) => {
                for (key, slot) in map.slots() {
                    self.clear_children(slot, ops);
                    let supersedes = slot.assignments();
                    if !supersedes.is_empty() {
                        let container = container.id.clone();
                        ops.push(Op::Remove { container, key: key.to_owned(), supersedes });
                    }
                }
            }
        }
    }
}
