//! From a position to the nodes beside it, and back: what a cursor stands on. Nothing is remembered
//! of such a question, unlike of an edit's.
//!
//! A packed sequence answers from its columns, which takes one walk over its runs and no memory.

use crate::id::OpId;
use crate::value::Unit;

use super::Tree;
use super::packed::Packed;
use super::payload::Payload;
use super::span::Status;
use super::standing::Stretch;

/// The live nodes on both sides of a position.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Gap {
    pub(crate) left: Option<OpId>,
    pub(crate) right: Option<OpId>,
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spot {
    /// How much lives before it.
    pub(crate) before: usize,
    /// How much it is itself; nothing if it is a tombstone.
    pub(crate) width: usize,
}

impl Spot {
    /// The position behind it.
    pub(crate) const fn behind(self) -> usize {
        self.before + self.width
    }
}

impl<P: Payload> Tree<P> {
    /// The gap at a position within the sequence; `None` if that is within a character. O(log n).
    pub(crate) fn gap(&self, unit: Unit, position: usize) -> Option<Gap> {
        let mut gap = Gap::default();
        if position > 0 {
            let (slot, before) = self.find(unit, position);
            let nodes = self.count(slot, unit, position - before)?;
            gap.left = Some(self.id(slot).plus(u64::from(nodes) - 1));
        }
        if position < self.len(unit) {
            let (slot, before) = self.find(unit, position + 1);
            let nodes = self.count(slot, unit, position - before)?;
            gap.right = Some(self.id(slot).plus(nodes.into()));
        }
        Some(gap)
    }

    /// Where a node stands; `None` if it is not here. O(log n).
    pub(crate) fn spot(&self, unit: Unit, node: OpId) -> Option<Spot> {
        let (slot, offset) = self.locate(node)?;
        let (_, before) = self.order.standing(slot, |slot| self.span(slot).weight());
        if self.span(slot).status > Status::Live {
            return Some(Spot { before: before.in_unit(unit), width: 0 });
        }
        let head = self.weight_of(Stretch { slot, offset: 0, len: offset });
        let own = self.weight_of(Stretch { slot, offset, len: 1 });
        Some(Spot { before: (before + head).in_unit(unit), width: own.in_unit(unit) })
    }

    /// Of a node that is not here: where those of its author stand that were made last before it
    /// and first after it. O(log n).
    pub(crate) fn kin(&self, unit: Unit, node: OpId) -> [Option<Spot>; 2] {
        let before = self
            .index
            .author(node.replica)
            .and_then(|author| self.index.at_or_before(author, node.counter))
            .map(|slot| self.last(slot));
        let after = self.index.first_after(node);
        let after = after.map(|counter| OpId::new(node.replica, counter));
        [before, after].map(|kin| self.spot(unit, kin?))
    }
}

impl<P: Payload> Packed<P> {
    /// As [`Tree::gap`]. O(n).
    pub(super) fn gap(&self, unit: Unit, position: usize) -> Option<Gap> {
        let index = match unit {
            _ if self.is_even() => position as u64,
            Unit::Scalar => position as u64,
            _ => P::nodes_in(self.payload().part(), unit, position)?.into(),
        };
        let (mut gap, mut before) = (Gap::default(), 0);
        for run in self.runs().filter(|run| run.status == Status::Live) {
            let behind = before + run.len;
            if before < index && index <= behind {
                gap.left = Some(run.id.plus(index - before - 1));
            }
            if before <= index && index < behind {
                gap.right = Some(run.id.plus(index - before));
                break;
            }
            before = behind;
        }
        Some(gap)
    }

    /// As [`Tree::spot`]. O(n).
    pub(super) fn spot(&self, unit: Unit, node: OpId) -> Option<Spot> {
        let mut before = 0;
        for run in self.runs() {
            let live = run.status == Status::Live;
            let offset = node.counter.wrapping_sub(run.id.counter);
            if run.id.replica == node.replica && offset < run.len {
                let index = if live { before + offset } else { before };
                return Some(self.measured(unit, index as u32, u32::from(live)));
            }
            before += if live { run.len } else { 0 };
        }
        None
    }

    /// Live nodes, and how much lives before them, by their number.
    fn measured(&self, unit: Unit, before: u32, nodes: u32) -> Spot {
        let [before, width] = if self.is_even() || unit == Unit::Scalar {
            [before, nodes]
        } else {
            let (head, rest) = P::split(self.payload().part(), before);
            let (own, _) = P::split(rest, nodes);
            [head, own].map(|part| match unit {
                Unit::Utf8 => P::size(part) as u32,
                _ => P::nodes(part) + P::wide(part),
            })
        };
        Spot { before: before as usize, width: width as usize }
    }

    /// As [`Tree::kin`]. O(n).
    pub(super) fn kin(&self, unit: Unit, node: OpId) -> [Option<Spot>; 2] {
        let (mut before, mut after) = (None, None);
        for run in self.runs().filter(|run| run.id.replica == node.replica) {
            let last = run.id.plus(run.len - 1);
            if last.counter < node.counter {
                before = before.max(Some(last));
            } else {
                after = after.filter(|&after| after < run.id).or(Some(run.id));
            }
        }
        [before, after].map(|kin| self.spot(unit, kin?))
    }
}
