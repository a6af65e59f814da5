//! Where nodes stand: how much lives before them, and which comes first.

use crate::id::{IdSpan, OpId};

use super::Tree;
use super::order::{NONE, Slot, Weight};
use super::payload::Payload;
use super::span::Status;

/// Where a node stands in reading order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// The greater, the later it comes.
    pub(crate) number: u128,
    /// How much lives before it.
    pub(crate) before: Weight,
}

/// A span of which is known how much lives before it: what has changed in a text is most often
/// there, or right beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) slot: Slot,
    pub(super) before: Weight,
}

impl Mark {
    pub(super) const NOWHERE: Self =
        Self { slot: NONE, before: Weight { scalars: 0, utf8: 0, utf16: 0 } };

    pub(super) fn is_set(&self) -> bool {
        self.slot != NONE
    }

    /// Something has changed in that span, or behind it.
    pub(super) fn keep(&mut self, slot: Slot) {
        if self.slot != slot {
            self.slot = NONE;
        }
    }

    /// That span is gone.
    pub(super) fn leave(&mut self, slot: Slot) {
        if self.slot == slot {
            self.slot = NONE;
        }
    }

    /// A span becomes part of the one before it, which weighs that much without.
    pub(super) fn merge(&mut self, slot: Slot, into: Slot, weight: Weight) {
        if self.slot == slot {
            (self.slot, self.before) = (into, self.before.beyond(weight));
        }
    }
}

/// Some nodes of one span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) slot: Slot,
    pub(super) offset: u32,
    pub(super) len: u32,
}

impl<P: Payload> Tree<P> {
    /// Where a node stands; `None` if it is not here.
    pub(crate) fn standing(&self, node: OpId) -> Option<Standing> {
        let (slot, offset) = self.locate(node)?;
        let (number, mut before) = self.order.standing(slot, |slot| self.span(slot).weight());
        if self.span(slot).status == Status::Live {
            before += self.weight_of(Stretch { slot, offset: 0, len: offset });
        }
        Some(Standing { number: number << u32::BITS | u128::from(offset), before })
    }

    /// The first of some nodes, as many as are in one span; `None` if it is not here.
    pub(super) fn first_stretch(&self, nodes: IdSpan) -> Option<Stretch> {
        let (slot, offset) = self.locate_recent(nodes.start)?;
        let len = nodes.len.min(u64::from(self.span(slot).len - offset)) as u32;
        Some(Stretch { slot, offset, len })
    }

    /// Those of some nodes that are here, by the spans that they are in.
    pub(super) fn stretches(&self, nodes: IdSpan) -> impl Iterator<Item = (OpId, Stretch)> {
        let mut counter = nodes.start.counter;
        std::iter::from_fn(move || {
            while counter < nodes.end() {
                let first = OpId::new(nodes.start.replica, counter);
                let left = nodes.end() - counter;
                if let Some(stretch) = self.first_stretch(IdSpan::new(first, left)) {
                    counter += u64::from(stretch.len);
                    return Some((first, stretch));
                }
                counter = self.index.first_after(first)?;
            }
            None
        })
    }

    /// Those of some nodes that live. They are to be deleted, and so are found again.
    pub(crate) fn living(&mut self, nodes: IdSpan) -> impl Iterator<Item = IdSpan> {
        if let Some(Stretch { slot, .. }) = self.first_stretch(nodes) {
            self.recent = slot;
        }
        let stretches = self.stretches(nodes);
        let live = stretches.filter(|&(_, stretch)| self.lives(stretch));
        live.map(|(first, stretch)| IdSpan::new(first, stretch.len.into()))
    }

    /// Finds a node that has changed, most often in the span that is marked, or beside it.
    pub(super) fn locate_marked(&self, node: OpId) -> Option<(Slot, u32)> {
        let marked = self.mark.slot;
        if marked == NONE {
            return self.locate_recent(node);
        }
        let at = |slot: Slot| {
            let is_span = slot != NONE && slot != Self::ROOT;
            is_span.then(|| self.offset_in(slot, node)).flatten().map(|offset| (slot, offset))
        };
        at(marked)
            .or_else(|| at(self.order.next(marked)))
            .or_else(|| at(self.order.previous(marked)))
            .or_else(|| self.locate_recent(node))
    }

    /// Where in a span, which is not the root, a node is.
    pub(super) fn offset_in(&self, slot: Slot, node: OpId) -> Option<u32> {
        let span = self.span(slot);
        let offset = node.counter.wrapping_sub(span.first());
        let is_in = offset < span.len.into() && self.index.replica(span.author) == node.replica;
        is_in.then_some(offset as u32)
    }

    pub(super) fn lives(&self, stretch: Stretch) -> bool {
        self.span(stretch.slot).status == Status::Live
    }

    /// What some nodes carry, or carried.
    pub(super) fn part(&self, Stretch { slot, offset, len }: Stretch) -> P::Part<'_> {
        let mut span = *self.span(slot);
        if span.is_even() {
            (span.start, span.size) = (span.start + offset, len);
            return if len == 0 { self.stock.nothing() } else { self.stock.of(&span) };
        }
        let (_, rest) = P::split(self.content(slot), offset);
        P::split(rest, len).0
    }

    /// How much some nodes carry, or carried.
    pub(super) fn weight_of(&self, stretch: Stretch) -> Weight {
        let scalars = stretch.len;
        if self.span(stretch.slot).is_even() {
            return Weight { scalars, utf8: scalars, utf16: scalars };
        }
        let part = self.part(stretch);
        Weight { scalars, utf8: P::size(part) as u32, utf16: scalars + P::wide(part) }
    }

    /// Follows that a span has been put right behind another one.
    pub(super) fn follow_mark(&mut self, after: Slot, slot: Slot) {
        if self.mark.slot == after {
            self.mark = Mark { slot, before: self.mark.before + self.span(after).weight() };
        } else {
            let is_beside = self.order.next(slot) == self.mark.slot;
            self.mark.slot = if is_beside { slot } else { NONE };
        }
    }

    /// Keeps the mark, or moves it, so that it does not stand behind nodes that are deleted.
    pub(super) fn mark_near(&mut self, nodes: IdSpan) {
        let Mark { slot: marked, before } = self.mark;
        let previous = self.order.previous(marked);
        if self.holds(marked, nodes) {
            return;
        }
        self.mark = if previous != NONE && self.holds(previous, nodes) {
            Mark { slot: previous, before: before.beyond(self.span(previous).weight()) }
        } else {
            Mark::NOWHERE
        };
    }

    /// How much lives before a span; remembers it.
    pub(super) fn before(&mut self, slot: Slot) -> Weight {
        let Mark { slot: marked, before } = self.mark;
        if marked == slot {
            return before;
        }
        if marked != NONE {
            let before = if self.order.next(marked) == slot {
                Some(before + self.span(marked).weight())
            } else if self.order.next(slot) == marked {
                Some(before.beyond(self.span(slot).weight()))
            } else {
                None
            };
            if let Some(before) = before {
                // What is typed goes on beside what was deleted.
                if self.span(slot).status == Status::Live {
                    self.mark = Mark { slot, before };
                }
                return before;
            }
        }
        self.order.settle();
        let (_, before) = self.order.standing(slot, |slot| self.span(slot).weight());
        self.mark = Mark { slot, before };
        before
    }
}
