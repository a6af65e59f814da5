//! Taking back what was done last: for transactions that are aborted.

use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Side};

use super::order::{NONE, Slot};
use super::payload::{Items, Payload};
use super::span::Status;
use super::{MAX_LIVE_LEN, Tree};

impl<P: Payload> Tree<P> {
    /// Takes out nodes on which nothing hangs but each other.
    pub(crate) fn undo_insert(&mut self, nodes: IdSpan) {
        let mut end = nodes.end();
        while end > nodes.start.counter {
            let last = OpId::new(nodes.start.replica, end - 1);
            let Some((mut slot, offset)) = self.locate(last) else { return };
            if offset + 1 < self.span(slot).len {
                self.split(slot, offset + 1);
            }
            let first = self.span(slot).id.counter;
            if first < nodes.start.counter {
                slot = self.split(slot, (nodes.start.counter - first) as u32);
            }
            end = self.span(slot).id.counter;
            self.remove_leaf(slot);
        }
    }

    fn remove_leaf(&mut self, slot: Slot) {
        debug_assert!(self.span(slot).children.iter().all(Vec::is_empty), "something hangs on it");
        if self.span(slot).subtree_alive() {
            self.subtree_died(slot);
        }
        let span = self.span_mut(slot);
        let (id, len, parent, side) = (span.id, span.len, span.parent, span.side);
        span.payload = P::default();
        self.span_mut(parent).children[side as usize].retain(|&child| child != slot);
        self.order.remove(slot);
        self.index.remove(id);
        self.free.push(slot);
        self.nodes -= u64::from(len);
        self.cursor = None;
        // What was parted for it is one again.
        let above = match side {
            Side::Right => parent,
            Side::Left => self.span(parent).parent,
        };
        if above != NONE {
            self.merge_right(above);
        }
    }

    /// Brings the nodes of a range to a status and what they carry, in spans of their own.
    fn set_nodes(&mut self, nodes: IdSpan, status: Status, payload: P::Part<'_>) {
        let mut rest = payload;
        let mut counter = nodes.start.counter;
        self.cursor = None;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((mut slot, offset)) = self.locate(node) else { return };
            if offset > 0 {
                slot = self.split(slot, offset);
            }
            let wanted = (nodes.end() - counter).min(MAX_LIVE_LEN.into()) as u32;
            if wanted < self.span(slot).len {
                self.split(slot, wanted);
            }
            let (part, tail) = P::split(rest, self.span(slot).len);
            rest = tail;
            let was_alive = self.span(slot).subtree_alive();
            let span = self.span_mut(slot);
            span.status = status;
            span.payload = P::from_part(part);
            counter = span.nodes().end();
            let (weight, is_alive) = (span.weight(), span.subtree_alive());
            self.order.set_weight(slot, weight);
            if is_alive && !was_alive {
                self.subtree_came_alive(slot);
            }
            self.merge_right(slot);
            let parent = self.span(slot).parent;
            self.merge_right(parent);
        }
    }

    /// Takes back the deletion of nodes that lived, the last of its author.
    pub(crate) fn undo_delete(&mut self, deletion: OpId, run: NodeRun, carried: P::Part<'_>) {
        self.deletions.take_back(deletion, run);
        self.set_nodes(run.nodes, Status::Live, carried);
    }
}

impl Tree<String> {
    /// The characters of nodes that live.
    pub(crate) fn carried(&self, nodes: IdSpan) -> String {
        let mut carried = String::new();
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((slot, offset)) = self.locate(node) else { break };
            let (_, part) = String::split(self.span(slot).payload.part(), offset);
            let (part, _) = String::split(part, (nodes.end() - counter) as u32);
            carried.push_str(part);
            counter = self.span(slot).nodes().end();
        }
        carried
    }
}

impl Tree<Items> {
    /// Lets a node live, or not; one that is prunable stays as it is.
    pub(crate) fn set_live(&mut self, node: OpId, live: bool) {
        let (status, carried) = match live {
            true => (Status::Live, Items(1)),
            false => (Status::Deleted, Items(0)),
        };
        if self.status(node).is_some_and(|known| known < Status::Prunable && known != status) {
            self.set_nodes(IdSpan::new(node, 1), status, carried);
        }
    }
}
