//! Deletion: from a range to nodes, and from nodes to tombstones.

use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::op::NodeRun;
use crate::value::Unit;

use super::Tree;
use super::order::{Slot, Weight};
use super::payload::Payload;
use super::span::Status;

impl<P: Payload> Tree<P> {
    /// The nodes of the live characters in a range.
    ///
    /// # Errors
    /// [`EditError::OutOfBounds`], [`EditError::SplitsCharacter`].
    pub(crate) fn nodes_in(
        &mut self,
        unit: Unit,
        start: usize,
        len: usize,
    ) -> Result<Vec<NodeRun>, EditError> {
        let total = self.len(unit);
        let end = start.saturating_add(len);
        if end > total {
            return Err(EditError::OutOfBounds { start, end, len: total, unit });
        }
        let mut nodes = Vec::new();
        if len == 0 {
            self.place_at(unit, start)?;
            return Ok(nodes);
        }
        let (first, mut before) = self.seek(unit, start + 1);
        let mut slot = first;
        while before < end {
            let width = self.order.weight(slot).in_unit(unit);
            if width > 0 {
                let from = self.nodes_before(slot, unit, start.max(before), before)?;
                let to = self.nodes_before(slot, unit, end.min(before + width), before)?;
                let first = self.span(slot).id.plus(from.into());
                let span = IdSpan::new(first, u64::from(to - from));
                NodeRun::push(&mut nodes, NodeRun::forwards(span));
            }
            before += width;
            slot = self.order.next(slot);
        }
        Ok(nodes)
    }

    /// The nodes of all live characters.
    pub(crate) fn live_nodes(&self) -> Vec<NodeRun> {
        let mut nodes = Vec::new();
        for slot in self.slots().filter(|&slot| self.span(slot).status == Status::Live) {
            NodeRun::push(&mut nodes, NodeRun::forwards(self.span(slot).nodes()));
        }
        nodes
    }

    fn nodes_before(
        &self,
        slot: Slot,
        unit: Unit,
        position: usize,
        before: usize,
    ) -> Result<u32, EditError> {
        P::nodes_in(self.span(slot).payload.part(), unit, position - before)
            .ok_or(EditError::SplitsCharacter { position, unit })
    }

    /// Marks nodes, which are here, as deleted by as many operations, from `deletion` on.
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) {
        self.deletions.record(deletion, run);
        // What is deleted within the cursor's span leaves what is before it as it is.
        self.cursor = self.cursor.filter(|at| {
            let span = self.spans[at.slot as usize].nodes();
            let (first, nodes) = (span.start, run.nodes);
            first.replica == nodes.start.replica
                && first.counter <= nodes.start.counter
                && nodes.end() <= span.end()
        });
        self.raise_status(run.nodes, Status::Deleted);
    }

    /// Raises the status of those of the nodes that are here and have a lower one.
    pub(crate) fn raise_status(&mut self, nodes: IdSpan, status: Status) {
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((mut slot, offset)) = self.locate(node) else {
                // Removed already, by another deletion.
                let Some(next) = self.index.first_after(node) else { return };
                counter = next;
                continue;
            };
            if self.span(slot).status >= status {
                counter = self.span(slot).nodes().end();
                continue;
            }
            if offset > 0 {
                slot = self.split(slot, offset);
            }
            let wanted = nodes.end() - counter;
            if wanted < self.span(slot).len.into() {
                self.split(slot, wanted as u32);
            }
            counter = self.span(slot).nodes().end();
            self.raise_span(slot, status);
        }
    }

    fn raise_span(&mut self, slot: Slot, status: Status) {
        let was_alive = self.span(slot).subtree_alive();
        let span = self.span_mut(slot);
        if span.status == Status::Live {
            span.payload = P::default();
            self.order.set_weight(slot, Weight::default());
        }
        self.span_mut(slot).status = status;
        if was_alive && !self.span(slot).subtree_alive() {
            self.subtree_died(slot);
        }
        self.merge_right(slot);
        let parent = self.span(slot).parent;
        self.merge_right(parent);
    }
}
