//! The invariants of a sequence, asserted by the tests.

#![cfg(test)]

use super::order::{NONE, Order, Slot, Weight};
use super::payload::Payload;
use super::span::{MAX_UNEVEN_LEN, Status};
use super::{Cursor, Tree};

impl<P: Payload> Tree<P> {
    /// Asserts all invariants.
    pub(crate) fn check(&self) {
        self.order.check(|slot| self.span(slot).weight());
        let listed: Vec<Slot> = std::iter::once(Order::FRONT).chain(self.slots()).collect();
        assert_eq!(self.read_tree(), listed, "the tree reads as the order");
        assert_eq!(
            listed.len() + self.free.len(),
            self.spans.len(),
            "every slot is in use or free"
        );
        let mut indexed: Vec<Slot> = self.index.slots().collect();
        indexed.sort_unstable();
        let mut sorted = listed[1..].to_vec();
        sorted.sort_unstable();
        assert_eq!(indexed, sorted, "the index has every span once");
        let mut nodes = 0;
        for &slot in &listed {
            for side in 0..2 {
                let siblings = self.children(slot, side);
                let alive = siblings.iter().filter(|&&child| self.span(child).subtree_alive());
                let alive = alive.count();
                assert_eq!(alive, self.alive(slot, side) as usize, "alive children are counted");
                assert_eq!(alive > 0, self.span(slot).alive[side], "and the span knows");
                for &child in siblings {
                    assert_eq!(self.span(child).parent, slot, "a child knows its parent");
                    assert_eq!(self.span(child).side as usize, side, "and its side");
                }
                let sorted = siblings.is_sorted_by(|&a, &b| self.key(a) < self.key(b));
                assert!(sorted, "siblings are ordered by their keys");
            }
            let span = self.span(slot);
            if slot == Self::ROOT {
                let no_left = self.children(slot, 0).is_empty();
                assert!(span.parent == NONE && no_left, "the root is a root");
                continue;
            }
            assert!(span.len > 0, "no span is empty");
            assert_eq!(self.locate(self.id(slot)), Some((slot, 0)), "the first node is found");
            assert_eq!(self.locate(self.last(slot)), Some((slot, span.len - 1)), "and the last");
            assert_eq!(span.has_key, self.keys.contains_key(&slot), "keys are of spans");
            if span.status == Status::Live {
                assert_eq!(P::nodes(self.content(slot)), span.len, "live nodes carry something");
                assert_eq!(
                    P::wide(self.content(slot)),
                    u32::from(span.wide),
                    "wide ones are counted"
                );
            } else {
                assert_eq!(span.wide, 0, "tombstones have no weight");
            }
            if span.size > 0 && !span.is_even() {
                assert!(span.len <= MAX_UNEVEN_LEN, "uneven spans are bounded");
            }
            nodes += u64::from(span.len);
        }
        assert_eq!(nodes, self.nodes, "nodes are counted");
        let forks = listed[1..].iter().filter(|&&slot| self.span(slot).status == Status::Prunable);
        let (forks, spans) = (forks.count(), listed.len() - 1);
        assert!(forks == 0 || forks < spans - forks, "what is removable and stays is a fork");
        if let Some(Cursor { slot, unit, before }) = self.cursor {
            let passed = listed.iter().take_while(|&&other| other != slot);
            let width: usize = passed.map(|&at| self.span(at).weight().in_unit(unit)).sum();
            assert_eq!(width, before, "the cursor knows what is before it");
        }
        if self.mark.is_set() {
            let passed = listed.iter().take_while(|&&other| other != self.mark.slot);
            let before: Weight = passed.map(|&at| self.span(at).weight()).sum();
            assert_eq!(before, self.mark.before, "the mark knows what is before it");
        }
        let (mut passed, mut last) = (Weight::default(), None);
        for &slot in &listed {
            let (number, before) = self.order.standing(slot, |slot| self.span(slot).weight());
            assert_eq!(before, passed, "what is before a span is known");
            assert!(last.replace(number).is_none_or(|last| last < number), "spans are in order");
            passed += self.span(slot).weight();
        }
    }
}
