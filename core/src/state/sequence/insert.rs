//! Insertion: from a position to a place in the tree, and from a place to spans.

use crate::error::EditError;
use crate::id::OpId;
use crate::op::{Place, Side};
use crate::value::Unit;

use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::{Span, Status};
use super::{Cursor, MAX_LIVE_LEN, Tree};

impl<P: Payload> Tree<P> {
    /// The place for a character that is to stand at `position`.
    ///
    /// Fugue's rule, on the tree as reduced at the stable cut: the right child of the live
    /// character before, or, if that has right children already, the left child of the node
    /// that follows it.
    ///
    /// # Errors
    /// [`EditError::OutOfBounds`], [`EditError::SplitsCharacter`].
    pub(crate) fn place_at(&mut self, unit: Unit, position: usize) -> Result<Place, EditError> {
        let len = self.len(unit);
        if position > len {
            return Err(EditError::OutOfBounds { start: position, end: position, len, unit });
        }
        let (left, nodes) = match position {
            0 => (Self::ROOT, 0),
            _ => {
                let (slot, before) = self.seek(unit, position);
                let nodes = P::nodes_in(self.span(slot).payload.part(), unit, position - before)
                    .ok_or(EditError::SplitsCharacter { position, unit })?;
                (slot, nodes)
            }
        };
        Ok(self.place_behind(left, nodes))
    }

    /// The place for what is to stand behind all that lives.
    pub(crate) fn place_at_end(&self) -> Place {
        match self.len(Unit::Scalar) {
            0 => self.place_behind(Self::ROOT, 0),
            len => {
                let (slot, _) = self.order.locate(Unit::Scalar, len);
                self.place_behind(slot, self.span(slot).len)
            }
        }
    }

    /// The place for what is to stand behind the first `nodes` of a span.
    fn place_behind(&self, left: Slot, nodes: u32) -> Place {
        let span = self.span(left);
        if nodes < span.len {
            // The node that follows is within the span: the right child of the one before.
            return Place { parent: Some(span.id.plus(nodes.into())), side: Side::Left };
        }
        if span.alive[1] == 0 {
            let parent = (left != Self::ROOT).then(|| span.last());
            return Place { parent, side: Side::Right };
        }
        Place { parent: self.next_not_retired(left), side: Side::Left }
    }

    /// Inserts characters at a place whose parent is here: the first there, each other one as
    /// the right child of the one before.
    pub(crate) fn insert(&mut self, id: OpId, place: Place, part: P::Part<'_>) {
        let (parent, parent_len) = match place.parent {
            None => (Self::ROOT, 0),
            Some(node) => {
                let Some((slot, offset)) = self.locate_near_cursor(node) else { return };
                match place.side {
                    Side::Left if offset > 0 => (self.split(slot, offset), 0),
                    Side::Right if offset + 1 < self.span(slot).len => {
                        self.split(slot, offset + 1);
                        (slot, 0)
                    }
                    _ => (slot, self.span(slot).len),
                }
            }
        };
        // What hangs on the right of the cursor's span leaves what is before it as it is.
        self.cursor = self.cursor.filter(|at| at.slot == parent && place.side == Side::Right);
        let mut rest = part;
        let mut slot = parent;
        let mut next_id = id;
        if place.side == Side::Right && self.extends(parent, id) {
            let room = MAX_LIVE_LEN.saturating_sub(parent_len);
            let (head, tail) = P::split(rest, room);
            next_id = next_id.plus(self.append(parent, head).into());
            rest = tail;
        }
        let mut side = place.side;
        while P::nodes(rest) > 0 {
            let (head, tail) = P::split(rest, MAX_LIVE_LEN);
            slot = self.hang(slot, side, next_id, head);
            next_id = next_id.plus(self.span(slot).len.into());
            side = Side::Right;
            rest = tail;
        }
    }

    /// Finds a node, most often in the span of the last edit.
    fn locate_near_cursor(&self, node: OpId) -> Option<(Slot, u32)> {
        if let Some(Cursor { slot, .. }) = self.cursor {
            let nodes = self.span(slot).nodes();
            let offset = node.counter.checked_sub(nodes.start.counter);
            let offset = offset.filter(|&offset| offset < nodes.len && slot != Self::ROOT);
            if let Some(offset) = offset.filter(|_| nodes.start.replica == node.replica) {
                return Some((slot, offset as u32));
            }
        }
        self.locate(node)
    }

    /// Whether a right child with this identity would be one run with the span.
    fn extends(&self, slot: Slot, id: OpId) -> bool {
        let span = self.span(slot);
        slot != Self::ROOT
            && span.status == Status::Live
            && span.children[1].is_empty()
            && span.id.plus(span.len.into()) == id
    }

    /// Makes a run longer; gives by how many characters.
    fn append(&mut self, slot: Slot, part: P::Part<'_>) -> u32 {
        let added = P::weight(part);
        let len = added.scalars as u32;
        let span = self.span_mut(slot);
        span.payload.push(part);
        span.len += len;
        self.order.add_weight(slot, added);
        self.nodes += u64::from(len);
        len
    }

    /// Hangs a new span into the tree.
    fn hang(&mut self, parent: Slot, side: Side, id: OpId, part: P::Part<'_>) -> Slot {
        let siblings = &self.span(parent).children[side as usize];
        let rank = siblings.partition_point(|&sibling| self.span(sibling).key < id);
        let after = match side {
            Side::Right if rank == 0 => parent,
            Side::Right => self.last_below(siblings[rank - 1]),
            Side::Left => match siblings.get(rank) {
                Some(&sibling) => self.order.previous(self.first_below(sibling)),
                None => self.order.previous(parent),
            },
        };
        let len = P::nodes(part);
        let span = Span {
            id,
            len,
            status: Status::Live,
            payload: P::from_part(part),
            parent,
            side,
            key: id,
            children: [Vec::new(), Vec::new()],
            alive: [0, 0],
        };
        self.nodes += u64::from(len);
        let slot = self.enter(span, after);
        self.span_mut(parent).children[side as usize].insert(rank, slot);
        self.subtree_came_alive(slot);
        slot
    }

    /// The first span, in reading order, of the subtree.
    fn first_below(&self, mut slot: Slot) -> Slot {
        while let Some(&first) = self.span(slot).children[0].first() {
            slot = first;
        }
        slot
    }

    /// The last span, in reading order, of the subtree.
    fn last_below(&self, mut slot: Slot) -> Slot {
        while let Some(&last) = self.span(slot).children[1].last() {
            slot = last;
        }
        slot
    }

    /// The first node behind a span that is in the tree as reduced at the stable cut.
    ///
    /// Of a stable span, that tree has its first node if that keeps two subtrees or more (those
    /// on its left, and the rest of the span with all that hangs on its end), and its last node
    /// if that keeps two on its right.
    fn next_not_retired(&self, slot: Slot) -> Option<OpId> {
        let mut at = self.order.next(slot);
        while at != NONE {
            let span = self.span(at);
            if !span.is_stable() {
                return Some(span.id);
            }
            let [left, right] = span.alive;
            if left + right.min(1) >= 2 || (span.len == 1 && left + right >= 2) {
                return Some(span.id);
            }
            if right >= 2 {
                return Some(span.last());
            }
            at = self.order.next(at);
        }
        None
    }
}
