//! Taking back what was done last: for transactions that are aborted.

use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Side};

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::{Items, Payload};
use super::span::{Span, Status};
use super::standing::Mark;

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
            let first = self.span(slot).first();
            if first < nodes.start.counter {
                slot = self.split(slot, (nodes.start.counter - first) as u32);
            }
            end = self.span(slot).first();
            self.remove_leaf(slot);
        }
    }

    fn remove_leaf(&mut self, slot: Slot) {
        debug_assert!((0..2).all(|side| self.children(slot, side).is_empty()), "it is a leaf");
        if self.span(slot).subtree_alive() {
            self.subtree_died(slot);
        }
        let span = *self.span(slot);
        let Span { len, parent, side, .. } = span;
        self.stock.take_back(&span);
        self.remove_child(parent, side as usize, slot);
        self.vacate(slot);
        self.nodes -= u64::from(len);
        (self.cursor, self.planned, self.mark) = (None, None, Mark::NOWHERE);
        // What was parted for it is one again.
        let above = match side {
            Side::Right => parent,
            Side::Left => self.span(parent).parent,
        };
        if above != NONE {
            self.merge_right(above);
        }
    }

    /// Brings the nodes of a range, whose content is there, to a status, in spans of their own.
    fn set_nodes(&mut self, nodes: IdSpan, status: Status) {
        let mut counter = nodes.start.counter;
        (self.cursor, self.planned, self.mark) = (None, None, Mark::NOWHERE);
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((mut slot, offset)) = self.locate(node) else { return };
            if offset > 0 {
                slot = self.split(slot, offset);
            }
            let wanted = nodes.end() - counter;
            if wanted < self.span(slot).len.into() {
                self.split(slot, wanted as u32);
            }
            let was_alive = self.span(slot).subtree_alive();
            let lives = status == Status::Live && !self.span(slot).is_even();
            let wide = if lives { P::wide(self.content(slot)) as u16 } else { 0 };
            self.edit(slot, |span| {
                (span.status, span.wide) = (status, wide);
                // Of items nothing was there that could have gone.
                span.size = if span.size == 0 { span.len } else { span.size };
            });
            counter = self.span(slot).end();
            if self.span(slot).subtree_alive() && !was_alive {
                self.subtree_came_alive(slot);
            }
            self.merge_right(slot);
            let parent = self.span(slot).parent;
            self.merge_right(parent);
        }
    }

    /// Takes back the deletion of nodes that lived, the last of its author.
    pub(crate) fn undo_delete(&mut self, deletion: OpId, run: NodeRun) {
        self.take_back(deletion, run);
        self.set_nodes(run.nodes, Status::Live);
    }
}

impl Tree<Items> {
    /// Lets a node live, or not; one that is prunable stays as it is.
    pub(crate) fn set_live(&mut self, node: OpId, live: bool) {
        let status = if live { Status::Live } else { Status::Deleted };
        if self.status(node).is_some_and(|known| known < Status::Prunable && known != status) {
            self.set_nodes(IdSpan::new(node, 1), status);
        }
    }
}
