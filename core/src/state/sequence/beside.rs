//! What stands beside a node, a tombstone included: to find out where something belongs that was
//! deleted, or made elsewhere, and is to be inserted again.

use crate::id::{IdSpan, OpId};
use crate::op::Place;

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::Status;

impl<P: Payload> Tree<P> {
    /// The nodes of the span in which a node is, from the node on, and their status.
    pub(crate) fn run_from(&self, node: OpId) -> Option<(IdSpan, Status)> {
        let (slot, offset) = self.locate(node)?;
        let span = self.span(slot);
        Some((IdSpan::new(node, u64::from(span.len - offset)), span.status))
    }

    /// The same, up to the node and with it.
    pub(crate) fn run_upto(&self, node: OpId) -> Option<(IdSpan, Status)> {
        let (slot, offset) = self.locate(node)?;
        Some((IdSpan::new(self.id(slot), u64::from(offset) + 1), self.span(slot).status))
    }

    /// What is before a node that is here, in runs of one status, the nearest first.
    pub(crate) fn runs_before(&self, node: OpId) -> impl Iterator<Item = (IdSpan, Status)> {
        let (slot, offset) = self.locate(node).unwrap_or((Self::ROOT, 0));
        let own = (offset > 0).then(|| {
            let nodes = IdSpan::new(self.id(slot), offset.into());
            (nodes, self.span(slot).status)
        });
        let before = |&slot: &Slot| Some(self.order.previous(slot)).filter(|&slot| slot != NONE);
        let slots = std::iter::successors(before(&slot), before);
        let slots = slots.take_while(|&slot| slot != Self::ROOT);
        own.into_iter().chain(slots.map(|slot| (self.nodes(slot), self.span(slot).status)))
    }

    /// What is behind a node that is here, likewise.
    pub(crate) fn runs_after(&self, node: OpId) -> impl Iterator<Item = (IdSpan, Status)> {
        let found = self.locate(node);
        let own = found.and_then(|(slot, offset)| {
            let behind = self.span(slot).len - offset - 1;
            let nodes = IdSpan::new(node.plus(1), behind.into());
            (behind > 0).then(|| (nodes, self.span(slot).status))
        });
        let after = |&slot: &Slot| Some(self.order.next(slot)).filter(|&slot| slot != NONE);
        let first = found.and_then(|(slot, _)| after(&slot));
        let slots = std::iter::successors(first, after);
        own.into_iter().chain(slots.map(|slot| (self.nodes(slot), self.span(slot).status)))
    }

    /// The last of some nodes that is here and that an edit made here may name: its deletion, if
    /// there is one, is not known to be stable. O(log n) in all, and in the spans between.
    pub(crate) fn last_nameable(&self, nodes: IdSpan) -> Option<OpId> {
        let author = self.index.author(nodes.start.replica)?;
        let mut last = nodes.end() - 1;
        loop {
            let slot = self.index.at_or_before(author, last)?;
            let span = self.span(slot);
            if span.end() <= nodes.start.counter {
                return None;
            }
            if !span.is_stable() {
                return Some(OpId::new(nodes.start.replica, last.min(span.end() - 1)));
            }
            last = span.first().checked_sub(1)?;
        }
    }

    /// The first of them.
    pub(crate) fn first_nameable(&self, nodes: IdSpan) -> Option<OpId> {
        let mut stretches = self.stretches(nodes);
        stretches.find(|(_, stretch)| !self.span(stretch.slot).is_stable()).map(|(node, _)| node)
    }

    /// The place right before a node, that is behind the nearest one that may be named; `None` if
    /// the node is not here.
    pub(crate) fn place_before(&self, node: OpId) -> Option<Place> {
        self.locate(node)?;
        let before = self.runs_before(node).find(|&(_, status)| status < Status::Stable);
        self.place_after(before.map(|(run, _)| run.start.plus(run.len - 1)))
    }

    /// The place right behind a node that may be named, or, for none, before all that may; `None`
    /// if the node is not here.
    pub(crate) fn place_after(&self, node: Option<OpId>) -> Option<Place> {
        match node {
            None => Some(self.place_behind(Self::ROOT, 0)),
            Some(node) => {
                let (slot, offset) = self.locate(node)?;
                Some(self.place_behind(slot, offset + 1))
            }
        }
    }
}

impl Tree<String> {
    /// The characters of nodes that live.
    pub(crate) fn content_of(&self, nodes: IdSpan) -> String {
        let mut content = String::new();
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((slot, offset)) = self.locate_recent(node) else { break };
            let span = self.span(slot);
            let len = (nodes.end() - counter).min((span.len - offset).into()) as u32;
            let held = self.content(slot);
            if span.is_even() {
                content.push_str(&held[offset as usize..(offset + len) as usize]);
            } else {
                let (_, from) = String::split(held, offset);
                content.push_str(String::split(from, len).0);
            }
            counter += u64::from(len);
        }
        content
    }
}
