//! Deletion: from a range to nodes, and from nodes to tombstones.

use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::value::Unit;

use super::Sequence;
use super::order::{Slot, Weight};
use super::span::Status;

impl Sequence {
    /// The nodes of the live characters in a range.
    ///
    /// # Errors
    /// [`EditError::OutOfBounds`], [`EditError::SplitsCharacter`].
    pub(crate) fn nodes_in(
        &self,
        unit: Unit,
        start: usize,
        len: usize,
    ) -> Result<Vec<IdSpan>, EditError> {
        let total = self.len(unit);
        let end = start.saturating_add(len);
        if end > total {
            return Err(EditError::OutOfBounds { start, end, len: total, unit });
        }
        let mut nodes: Vec<IdSpan> = Vec::new();
        if len == 0 {
            return Ok(nodes);
        }
        let (first, mut before) = self.order.find(unit, start + 1);
        let mut slot = first;
        while before < end {
            let width = self.order.weight(slot).in_unit(unit);
            if width > 0 {
                let from = self.scalars_before(slot, unit, start.max(before), before)?;
                let to = self.scalars_before(slot, unit, end.min(before + width), before)?;
                let start_node = self.span(slot).id.plus(from.into());
                let count = u64::from(to - from);
                match nodes.last_mut() {
                    Some(last) if last.start.plus(last.len) == start_node => last.len += count,
                    _ => nodes.push(IdSpan::new(start_node, count)),
                }
            }
            before += width;
            slot = self.order.next(slot);
        }
        Ok(nodes)
    }

    /// The nodes of all live characters.
    pub(crate) fn live_nodes(&self) -> Vec<IdSpan> {
        let mut nodes: Vec<IdSpan> = Vec::new();
        for slot in self.slots().filter(|&slot| self.span(slot).status == Status::Live) {
            let span = self.span(slot).nodes();
            match nodes.last_mut() {
                Some(last) if last.start.plus(last.len) == span.start => last.len += span.len,
                _ => nodes.push(span),
            }
        }
        nodes
    }

    fn scalars_before(
        &self,
        slot: Slot,
        unit: Unit,
        position: usize,
        before: usize,
    ) -> Result<u32, EditError> {
        super::insert::scalars_in(&self.span(slot).text, unit, position - before)
            .ok_or(EditError::SplitsCharacter { position, unit })
    }

    /// Marks nodes, which are here, as deleted by as many operations, from `deletion` on.
    pub(crate) fn delete(&mut self, deletion: OpId, nodes: IdSpan) {
        self.deletions.record(deletion, nodes);
        self.raise_status(nodes, Status::Deleted);
    }

    /// Raises the status of those of the nodes that are here and have a lower one.
    pub(super) fn raise_status(&mut self, nodes: IdSpan, status: Status) {
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((mut slot, offset)) = self.locate(node) else {
                counter += 1;
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
            span.text = String::new();
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
