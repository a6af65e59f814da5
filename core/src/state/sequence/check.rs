//! The invariants of a sequence, asserted by the tests.

#![cfg(test)]

use super::order::{NONE, Order, Slot};
use super::payload::Payload;
use super::span::Status;
use super::{Cursor, MAX_LIVE_LEN, Tree};

impl<P: Payload> Tree<P> {
    /// Asserts all invariants.
    pub(crate) fn check(&self) {
        self.order.check();
        let listed: Vec<Slot> = std::iter::once(Order::FRONT).chain(self.slots()).collect();
        assert_eq!(self.read_tree(), listed, "the tree reads as the order");
        assert_eq!(
            listed.len() + self.free.len(),
            self.spans.len(),
            "every slot is in use or free"
        );
        assert_eq!(listed.len(), self.index.len() + 1, "the index has every span once");
        let mut nodes = 0;
        for &slot in &listed {
            let span = self.span(slot);
            for (side, siblings) in span.children.iter().enumerate() {
                let alive = siblings.iter().filter(|&&child| self.span(child).subtree_alive());
                assert_eq!(alive.count(), span.alive[side] as usize, "alive children are counted");
                for &child in siblings {
                    assert_eq!(self.span(child).parent, slot, "a child knows its parent");
                    assert_eq!(self.span(child).side as usize, side, "and its side");
                }
                let sorted = siblings.is_sorted_by(|&a, &b| self.span(a).key < self.span(b).key);
                assert!(sorted, "siblings are ordered by their keys");
            }
            if slot == Self::ROOT {
                assert!(span.parent == NONE && span.children[0].is_empty(), "the root is a root");
                continue;
            }
            assert!(span.len > 0, "no span is empty");
            assert_eq!(self.locate(span.id), Some((slot, 0)), "the index finds the first node");
            assert_eq!(self.locate(span.last()), Some((slot, span.len - 1)), "and the last");
            assert_eq!(self.order.weight(slot), span.weight(), "weights are current");
            if span.status == Status::Live {
                let carried = P::nodes(span.payload.part());
                assert_eq!(carried, span.len, "live nodes carry something");
                assert!(span.len <= MAX_LIVE_LEN, "live spans are bounded");
            } else {
                assert_eq!(span.payload, P::default(), "tombstones carry nothing");
            }
            nodes += u64::from(span.len);
        }
        assert_eq!(nodes, self.nodes, "nodes are counted");
        if let Some(Cursor { slot, unit, before }) = self.cursor {
            let passed = listed.iter().take_while(|&&other| other != slot);
            let width: usize = passed.map(|&at| self.order.weight(at).in_unit(unit)).sum();
            assert_eq!(width, before, "the cursor knows what is before it");
        }
    }
}
