//! A run of nodes that stand together in the tree as in the text.

use std::collections::BTreeMap;

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::Side;

use super::order::{Slot, Weight};
use super::payload::Payload;

/// How far the deletion of a span has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Status {
    /// Not deleted.
    Live,
    /// Deleted; some member may not know.
    Deleted,
    /// A deletion lies within the stable cut: every member knows. What is
    /// [retired](super::stable) is among these.
    Stable,
    /// A deletion lies within the prune cut: every member knows that every member knows.
    Prunable,
}

/// A run of consecutive nodes of one replica, each but the first the right child of the one
/// before, and all of one status.
///
/// Only the first node has left children, and only the last has right children beside those
/// within the run: so the Fugue tree of nodes is also a tree of spans. Slot 0 is the root.
#[derive(Clone, Debug)]
pub(super) struct Span<P> {
    /// The first node.
    pub(super) id: OpId,
    pub(super) len: u32,
    pub(super) status: Status,
    /// What the nodes carry, while they live; else nothing.
    pub(super) payload: P,
    /// What the first node hangs on: the first node of that span on the left side, its last on
    /// the right side.
    pub(super) parent: Slot,
    pub(super) side: Side,
    /// What orders the span among its siblings: the first node's identity, or that of the node
    /// whose place it took when that was spliced out.
    pub(super) key: OpId,
    /// Children on the left and on the right side, each list by key.
    pub(super) children: [Vec<Slot>; 2],
    /// How many children on each side have something below (or in) them that is not
    /// [`Status::Stable`] yet. Of a span without such children, and stable itself, nothing is
    /// left in the tree as reduced at the stable cut.
    pub(super) alive: [u32; 2],
}

impl<P: Payload> Span<P> {
    pub(super) fn nodes(&self) -> IdSpan {
        IdSpan::new(self.id, self.len.into())
    }

    /// The last node.
    pub(super) fn last(&self) -> OpId {
        self.id.plus(u64::from(self.len) - 1)
    }

    pub(super) fn weight(&self) -> Weight {
        P::weight(self.payload.part())
    }

    pub(super) fn is_stable(&self) -> bool {
        self.status >= Status::Stable
    }

    /// Whether the tree as reduced at the stable cut has anything of it or below it.
    pub(super) fn subtree_alive(&self) -> bool {
        !self.is_stable() || self.alive != [0, 0]
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let children = self.children[0].capacity() + self.children[1].capacity();
        self.payload.heap_bytes() + children * size_of::<Slot>()
    }
}

/// Which span holds a node.
#[derive(Clone, Default, Debug)]
pub(super) struct Index(BTreeMap<ReplicaId, BTreeMap<u64, Slot>>);

impl Index {
    pub(super) fn insert(&mut self, first: OpId, slot: Slot) {
        self.0.entry(first.replica).or_default().insert(first.counter, slot);
    }

    pub(super) fn remove(&mut self, first: OpId) {
        if let Some(spans) = self.0.get_mut(&first.replica) {
            spans.remove(&first.counter);
            if spans.is_empty() {
                self.0.remove(&first.replica);
            }
        }
    }

    /// The last span of that replica that starts at the node or before it.
    pub(super) fn at_or_before(&self, node: OpId) -> Option<Slot> {
        let (_, &slot) = self.0.get(&node.replica)?.range(..=node.counter).next_back()?;
        Some(slot)
    }

    /// Where the first span of that replica behind the node starts.
    pub(super) fn first_after(&self, node: OpId) -> Option<u64> {
        let spans = self.0.get(&node.replica)?;
        spans.range(node.counter + 1..).next().map(|(&counter, _)| counter)
    }

    pub(super) fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }
}
