//! The nodes with their origins, as the literature has them.

use crate::id::OpId;
use crate::op::Side;
use crate::report::Node;
use crate::value::Content;

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::Status;

/// A node and the two that bound its place in the tree.
pub(crate) struct NodeOrigins {
    pub(crate) id: OpId,
    left: Option<OpId>,
    right: Option<OpId>,
    status: Status,
}

impl NodeOrigins {
    /// As a host sees it; what it carries is asked for if it lives.
    pub(crate) fn with(self, content: impl FnOnce() -> Option<Content>) -> Node {
        let deleted = self.status != Status::Live;
        Node {
            id: self.id,
            origin_left: self.left,
            origin_right: self.right,
            content: if deleted { None } else { content() },
            deleted,
        }
    }
}

impl<P: Payload> Tree<P> {
    /// All nodes in reading order. O(n).
    pub(crate) fn origins(&self) -> Vec<NodeOrigins> {
        let bounds = self.bounds();
        let mut nodes = Vec::new();
        for slot in self.slots() {
            let span = self.span(slot);
            let (first, (mut left, right)) = (self.id(slot), bounds[slot as usize]);
            for nth in 0..u64::from(span.len) {
                let id = first.plus(nth);
                nodes.push(NodeOrigins { id, left, right, status: span.status });
                left = Some(id);
            }
        }
        nodes
    }

    /// For every span, the nodes between which its subtree lies.
    fn bounds(&self) -> Vec<(Option<OpId>, Option<OpId>)> {
        let mut bounds = vec![(None, None); self.spans.len()];
        let top_down: Vec<Slot> = self.bottom_up().into_iter().rev().collect();
        for slot in top_down {
            let span = self.span(slot);
            if span.parent == NONE {
                continue;
            }
            let (left, right) = bounds[span.parent as usize];
            let parent = self.end_of(span.parent, span.side);
            bounds[slot as usize] = match span.side {
                Side::Left => (left, parent),
                Side::Right => (parent, right),
            };
        }
        bounds
    }
}
