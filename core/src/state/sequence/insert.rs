//! Insertion: from a position to a place in the tree, and from a place to spans.

use crate::error::EditError;
use crate::id::OpId;
use crate::op::{Place, Side};
use crate::value::Unit;

use super::index::Author;
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::{MAX_UNEVEN_LEN, Span, Status};
use super::{Cursor, MAX_NODES, Planned, Tree};

#[cfg(test)]
use crate::simulation::mutant::{self, Mutant};

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
                let nodes = self.count(slot, unit, position - before);
                (slot, nodes.ok_or(EditError::SplitsCharacter { position, unit })?)
            }
        };
        let place = self.place_behind(left, nodes);
        self.planned = Some(Planned { place, unit, position });
        Ok(place)
    }

    /// Inserts characters at `position`, if that is the end of the run that was inserted into last
    /// and they go on with it; gives whether it did. What typing does, in one step.
    pub(crate) fn type_at(
        &mut self,
        unit: Unit,
        position: usize,
        id: OpId,
        part: P::Part<'_>,
    ) -> bool {
        let Some(Cursor { slot, unit: counted, before }) = self.cursor else { return false };
        let (span, size) = (&mut self.spans[slot as usize], P::size(part));
        let goes_on = span.is_even()
            && span.end() == id.counter
            && position == before + span.len as usize
            && unit == counted
            && span.children[1] == NONE
            && span.status == Status::Live
            && slot != Self::ROOT
            && self.index.replica(span.author) == id.replica
            && self.stock.ends_with(span);
        if !goes_on || self.nodes >= MAX_NODES || (size > 1 && P::nodes(part) as usize != size) {
            return false;
        }
        let len = size as u32;
        (span.len, span.size) = (span.len + len, span.size + len);
        self.stock.push(span.author, part);
        self.order.grow(slot, len);
        self.nodes += u64::from(len);
        (self.recent, self.planned) = (slot, None);
        self.mark.keep(slot);
        true
    }

    /// How many nodes of a live span make up its first `units`; `None` if that is within one.
    pub(super) fn count(&self, slot: Slot, unit: Unit, units: usize) -> Option<u32> {
        let span = self.span(slot);
        if span.is_even() || units == span.weight().in_unit(unit) {
            return Some(span.len.min(units as u32));
        }
        P::nodes_in(self.content(slot), unit, units)
    }

    /// The place for what is to stand behind all that lives.
    pub(crate) fn place_at_end(&self) -> Place {
        match self.len(Unit::Scalar) {
            0 => self.place_behind(Self::ROOT, 0),
            len => {
                let (slot, _) = self.find(Unit::Scalar, len);
                self.place_behind(slot, self.span(slot).len)
            }
        }
    }

    /// The place for what is to stand behind the first `nodes` of a span.
    pub(super) fn place_behind(&self, left: Slot, nodes: u32) -> Place {
        if nodes < self.span(left).len {
            // The node that follows is within the span: the right child of the one before.
            let parent = Some(self.id(left).plus(nodes.into()));
            return Place { parent, side: Side::Left };
        }
        #[cfg(test)]
        if mutant::is(Mutant::NoRetire) && self.span(left).children[1] != NONE {
            let next = self.order.next(left);
            return Place { parent: (next != NONE).then(|| self.id(next)), side: Side::Left };
        }
        if !self.span(left).alive[1] {
            let parent = (left != Self::ROOT).then(|| self.last(left));
            return Place { parent, side: Side::Right };
        }
        Place { parent: self.next_not_retired(left), side: Side::Left }
    }

    /// Inserts nodes at a place whose parent is here: the first there, each other one as the
    /// right child of the one before.
    pub(crate) fn insert(&mut self, id: OpId, place: Place, part: P::Part<'_>) {
        let parent = match place.parent {
            None => Self::ROOT,
            Some(node) => {
                let Some((slot, offset)) = self.locate_recent(node) else { return };
                match place.side {
                    Side::Left if offset > 0 => self.split(slot, offset),
                    Side::Right if offset + 1 < self.span(slot).len => {
                        self.split(slot, offset + 1);
                        slot
                    }
                    _ => slot,
                }
            }
        };
        let planned = self.planned.take().filter(|planned| planned.place == place);
        let author = self.author_of(parent, id);
        let nodes = if P::size(part) == 1 { 1 } else { P::nodes(part) };
        self.nodes += u64::from(nodes);
        if place.side == Side::Right && self.extends(parent, author, id, nodes, part) {
            // What hangs on the right of the cursor's span leaves what is before it as it is.
            self.cursor = self.cursor.filter(|at| at.slot == parent);
            self.mark.keep(parent);
            self.append(parent, nodes, part);
            return;
        }
        let even = P::size(part) == nodes as usize;
        let (head, mut rest) = Self::cut(part, even);
        let mut slot = self.hang(parent, place.side, (author, id.counter), head);
        self.cursor =
            planned.map(|Planned { unit, position, .. }| Cursor { slot, unit, before: position });
        while let Some(part) = rest {
            let (head, tail) = Self::cut(part, even);
            slot = self.hang(slot, Side::Right, (author, self.span(slot).end()), head);
            rest = tail;
        }
    }

    /// The number of the author of an insertion, most often the one of what it hangs on.
    fn author_of(&mut self, parent: Slot, id: OpId) -> Author {
        let author = self.span(parent).author;
        if parent != Self::ROOT && self.index.replica(author) == id.replica {
            return author;
        }
        self.index.number(id.replica)
    }

    /// As much as one span holds, and what is left.
    fn cut(part: P::Part<'_>, even: bool) -> (P::Part<'_>, Option<P::Part<'_>>) {
        if even {
            return (part, None);
        }
        let (head, rest) = P::split(part, MAX_UNEVEN_LEN);
        (head, Some(rest).filter(|&rest| P::size(rest) > 0))
    }

    /// Finds a node, most often in the span that was inserted into last.
    pub(super) fn locate_recent(&self, node: OpId) -> Option<(Slot, u32)> {
        let slot = self.recent;
        let recent = if slot == Self::ROOT { None } else { self.offset_in(slot, node) };
        recent.map(|offset| (slot, offset)).or_else(|| self.locate(node))
    }

    /// Whether right children from this identity on would be one run with the span.
    fn extends(&self, slot: Slot, author: Author, id: OpId, nodes: u32, part: P::Part<'_>) -> bool {
        let span = self.span(slot);
        let even = span.is_even() && P::size(part) as u32 == nodes;
        slot != Self::ROOT
            && span.status == Status::Live
            && span.children[1] == NONE
            && span.author == author
            && span.end() == id.counter
            && self.stock.ends_with(span)
            && (even || span.len + nodes <= MAX_UNEVEN_LEN)
    }

    /// Makes a run longer.
    fn append(&mut self, slot: Slot, nodes: u32, part: P::Part<'_>) {
        let author = self.span(slot).author;
        self.recent = slot;
        self.stock.push(author, part);
        let size = P::size(part) as u32;
        let wide = if size == nodes { 0 } else { P::wide(part) };
        self.edit(slot, |span| {
            span.len += nodes;
            span.size += size;
            span.wide += wide as u16;
        });
    }

    /// Hangs a new span into the tree.
    fn hang(
        &mut self,
        parent: Slot,
        side: Side,
        (author, first): (Author, u64),
        part: P::Part<'_>,
    ) -> Slot {
        let (rank, after) = match (self.span(parent).children[side as usize], side) {
            (NONE, Side::Right) => (0, parent),
            (NONE, Side::Left) => (0, self.order.previous(parent)),
            _ => self.among_siblings(parent, side, OpId::new(self.index.replica(author), first)),
        };
        let nodes = P::nodes(part);
        let mut span = Span::new(author, first, nodes);
        span.start = self.stock.end(author);
        span.size = P::size(part) as u32;
        span.wide = if span.is_even() { 0 } else { P::wide(part) as u16 };
        (span.parent, span.side) = (parent, side);
        self.stock.push(author, part);
        let slot = self.enter(span, after);
        if self.mark.is_set() {
            self.follow_mark(after, slot);
        }
        self.recent = slot;
        self.add_child(parent, side as usize, rank, slot);
        self.subtree_came_alive(slot);
        slot
    }

    /// Where a child of that identity goes among the others on its side, and behind which span in
    /// reading order.
    fn among_siblings(&self, parent: Slot, side: Side, id: OpId) -> (usize, Slot) {
        let siblings = self.children(parent, side as usize);
        let rank = siblings.partition_point(|&sibling| self.key(sibling) < id);
        let after = match side {
            Side::Right if rank == 0 => parent,
            Side::Right => self.last_below(siblings[rank - 1]),
            Side::Left => match siblings.get(rank) {
                Some(&sibling) => self.order.previous(self.first_below(sibling)),
                None => self.order.previous(parent),
            },
        };
        (rank, after)
    }

    /// The first span, in reading order, of the subtree.
    fn first_below(&self, mut slot: Slot) -> Slot {
        while let Some(&first) = self.children(slot, 0).first() {
            slot = first;
        }
        slot
    }

    /// The last span, in reading order, of the subtree.
    fn last_below(&self, mut slot: Slot) -> Slot {
        while let Some(&last) = self.children(slot, 1).last() {
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
            if !self.span(at).is_stable() {
                return Some(self.id(at));
            }
            let (left, right) = (self.alive(at, 0), self.alive(at, 1));
            #[cfg(test)]
            if mutant::is(Mutant::NoSplice) && left + right == 1 {
                return Some(self.id(at));
            }
            if left + right.min(1) >= 2 || (self.span(at).len == 1 && left + right >= 2) {
                return Some(self.id(at));
            }
            if right >= 2 {
                return Some(self.last(at));
            }
            at = self.order.next(at);
        }
        None
    }
}
