//! Deletion: from a range to nodes, and from nodes to tombstones.

use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Side};
use crate::value::Unit;

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::{Span, Status};

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
            let width = self.span(slot).weight().in_unit(unit);
            if width > 0 {
                let from = self.nodes_before(slot, unit, start.max(before), before)?;
                let to = self.nodes_before(slot, unit, end.min(before + width), before)?;
                let first = self.id(slot).plus(from.into());
                let span = IdSpan::new(first, u64::from(to - from));
                NodeRun::push(&mut nodes, NodeRun::forwards(span));
            }
            before += width;
            slot = self.order.next(slot);
        }
        Ok(nodes)
    }

    /// The same, if they are of one span; `None` if they are of several, or of none.
    ///
    /// # Errors
    /// [`EditError::SplitsCharacter`].
    pub(crate) fn run_in(
        &mut self,
        unit: Unit,
        start: usize,
        len: usize,
    ) -> Result<Option<NodeRun>, EditError> {
        let end = start.saturating_add(len);
        if len == 0 || end > self.len(unit) {
            return Ok(None);
        }
        let (slot, before) = self.seek(unit, end);
        if start < before {
            return Ok(None);
        }
        let from = self.nodes_before(slot, unit, start, before)?;
        let to = self.nodes_before(slot, unit, end, before)?;
        let nodes = IdSpan::new(self.id(slot).plus(from.into()), u64::from(to - from));
        Ok(Some(NodeRun::forwards(nodes)))
    }

    /// The nodes of all live characters.
    pub(crate) fn live_nodes(&self) -> Vec<NodeRun> {
        let mut nodes = Vec::new();
        for slot in self.slots().filter(|&slot| self.span(slot).status == Status::Live) {
            NodeRun::push(&mut nodes, NodeRun::forwards(self.nodes(slot)));
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
        let nodes = self.count(slot, unit, position - before);
        nodes.ok_or(EditError::SplitsCharacter { position, unit })
    }

    /// Marks nodes, which are here, as deleted by as many operations, from `deletion` on; gives
    /// whether these are the first of their author that are not stable.
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) -> bool {
        let is_first = self.record_deletion(deletion, run);
        self.planned = None;
        // What is deleted within the cursor's span leaves what is before it as it is.
        self.cursor = self.cursor.filter(|at| self.holds(at.slot, run.nodes));
        if self.mark.is_set() {
            self.mark_near(run.nodes);
        }
        self.raise_status(run.nodes, Status::Deleted);
        is_first
    }

    /// Whether nodes are all of one span.
    pub(super) fn holds(&self, slot: Slot, nodes: IdSpan) -> bool {
        let span = self.span(slot);
        slot != Self::ROOT
            && self.index.replica(span.author) == nodes.start.replica
            && span.first() <= nodes.start.counter
            && nodes.end() <= span.end()
    }

    /// Raises the status of those of the nodes that are here and have a lower one; gives in how many
    /// spans they are.
    pub(crate) fn raise_status(&mut self, nodes: IdSpan, status: Status) -> u64 {
        let (mut counter, mut touched) = (nodes.start.counter, 0);
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((mut slot, offset)) = self.locate_recent(node) else {
                // Removed already, by another deletion.
                let Some(next) = self.index.first_after(node) else { break };
                counter = next;
                continue;
            };
            touched += 1;
            let span = self.span(slot);
            let len = (nodes.end() - counter).min((span.len - offset).into()) as u32;
            counter += u64::from(len);
            if span.status >= status || self.hand_over(slot, offset, len, status) {
                continue;
            }
            if offset > 0 {
                slot = self.split(slot, offset);
            }
            if len < self.span(slot).len {
                self.split(slot, len);
            }
            self.raise_span(slot, status);
        }
        touched
    }

    /// Hands nodes at an end of a live span over to the tombstone there, if with them that is one
    /// run, and so spares parting and merging; gives whether it did. So it is when characters are
    /// deleted one after the other.
    fn hand_over(&mut self, slot: Slot, offset: u32, len: u32, status: Status) -> bool {
        let span = *self.span(slot);
        if len == span.len || status > Status::Deleted || !span.is_even() {
            return false;
        }
        let fits = |left: &Span, right: &Span, tombstone: &Span| {
            tombstone.status == status
                && tombstone.is_even()
                && left.author == right.author
                && left.end() == right.first()
                && !right.has_key
                && right.side == Side::Right
                && right.children[0] == NONE
                && left.content_joins(right)
        };
        if offset == 0 {
            let tombstone = *self.span(span.parent);
            if tombstone.children[1] != slot || !fits(&tombstone, &span, &tombstone) {
                return false;
            }
            self.index.shift(span.author, span.first(), span.first() + u64::from(len));
            self.edit(slot, |span| {
                span.set_first(span.first() + u64::from(len));
                (span.len, span.start, span.size) =
                    (span.len - len, span.start + len, span.size - len);
            });
            let tombstone = self.span_mut(span.parent);
            (tombstone.len, tombstone.size) = (tombstone.len + len, tombstone.size + len);
            return true;
        }
        let &[next] = self.children(slot, 1) else { return false };
        let tombstone = *self.span(next);
        if offset + len < span.len || !fits(&span, &tombstone, &tombstone) {
            return false;
        }
        let first = tombstone.first() - u64::from(len);
        self.index.shift(span.author, tombstone.first(), first);
        self.edit(slot, |span| (span.len, span.size) = (span.len - len, span.size - len));
        let tombstone = self.span_mut(next);
        tombstone.set_first(first);
        tombstone.start -= len;
        (tombstone.len, tombstone.size) = (tombstone.len + len, tombstone.size + len);
        true
    }

    fn raise_span(&mut self, slot: Slot, status: Status) {
        let was_alive = self.span(slot).subtree_alive();
        self.edit(slot, |span| {
            span.status = status;
            span.wide = 0;
        });
        if was_alive && !self.span(slot).subtree_alive() {
            self.subtree_died(slot);
        }
        if status == Status::Prunable {
            // It is shown at no version that is left.
            self.drop_content(slot);
        }
        self.merge_right(slot);
        let parent = self.span(slot).parent;
        let is_one = self.merge_right(parent);
        if status == Status::Prunable {
            self.reducible.push(if is_one { parent } else { slot });
        }
    }
}
