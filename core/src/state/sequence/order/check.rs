//! The invariants of the order, asserted by the tests; and its own test.

#![cfg(test)]

use super::{Inner, Leaf, NONE, Order, Slot, Weight};

impl Order {
    /// Asserts that the nodes are linked to each other, and the sums.
    pub(in super::super) fn check(&self, weight: impl Fn(Slot) -> Weight) {
        let mut settled = self.clone();
        settled.settle();
        settled.check_settled(weight);
    }

    fn check_settled(&self, weight: impl Fn(Slot) -> Weight) {
        let mut leaves = Vec::new();
        let total = self.check_node(self.root, self.is_leaf, &weight, &mut leaves);
        assert_eq!(total, self.total, "the total is the sum of all");
        let mut listed = Vec::new();
        let mut at = self.leaf_of[Self::FRONT as usize];
        let mut previous = NONE;
        while at != NONE {
            let Leaf { slots, len, .. } = self.leaf(at);
            assert!(*len > 0, "no leaf is empty");
            assert_eq!(self.leaf(at).previous, previous, "leaves know the one before");
            for (place, &slot) in slots.iter().enumerate() {
                assert_eq!(place < (*len).into(), slot != NONE, "places behind the last are empty");
            }
            for &slot in &slots[..(*len).into()] {
                assert_eq!(self.leaf_of[slot as usize], at, "a slot knows its leaf");
            }
            listed.push(at);
            (previous, at) = (at, self.leaf(at).next);
        }
        assert_eq!(listed, leaves, "the tree reads as the list of leaves");
    }

    fn check_node(
        &self,
        node: u32,
        is_leaf: bool,
        weight: &impl Fn(Slot) -> Weight,
        leaves: &mut Vec<u32>,
    ) -> Weight {
        if is_leaf {
            leaves.push(node);
            let Leaf { slots, len, .. } = self.leaf(node);
            return slots[..(*len).into()].iter().map(|&slot| weight(slot)).sum();
        }
        let Inner { children, sums, len, above_leaves, .. } = self.inner(node);
        assert!(*len > 0, "no inner node is empty");
        let mut total = Weight::default();
        for at in 0..usize::from(*len) {
            let child = children[at];
            let hook = if *above_leaves { self.leaf(child).hook } else { self.inner(child).hook };
            assert_eq!((hook.parent, usize::from(hook.at)), (node, at), "a child knows its hook");
            let sum = self.check_node(child, *above_leaves, weight, leaves);
            assert_eq!(sum, sums[at], "sums are current");
            total += sum;
        }
        total
    }
}

mod tests {
    use super::*;
    use crate::value::Unit;

    fn of(weights: &[Weight]) -> impl Fn(Slot) -> Weight {
        |slot| weights[slot as usize]
    }

    #[test]
    fn agrees_with_a_vector_under_random_edits() {
        for start in [1, 2, 25, 3000] {
            let weigh = |scalars: u32| Weight { scalars, utf8: 2 * scalars, utf16: scalars };
            let mut weights: Vec<Weight> = (0..start).map(|slot| weigh(slot % 4)).collect();
            weights[0] = Weight::default();
            let mut list: Vec<Slot> = (0..start).collect();
            let mut order = Order::of_slots(&list, of(&weights));
            let mut free = Vec::new();
            let mut seed = 7_u32;
            let mut random = |below: usize| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as usize % below
            };
            for step in 0..6000 {
                let shrinks = step % 3000 > 1800;
                if list.len() > 1 && random(4) < if shrinks { 3 } else { 1 } {
                    let slot = list.remove(1 + random(list.len() - 1));
                    order.remove(slot, weights[slot as usize]);
                    free.push(slot);
                } else {
                    let at = random(list.len());
                    let slot = free.pop().unwrap_or(weights.len() as Slot);
                    let own = weigh(random(5) as u32);
                    match weights.get_mut(slot as usize) {
                        Some(weight) => *weight = own,
                        None => weights.push(own),
                    }
                    order.insert_after(list[at], slot, of(&weights));
                    list.insert(at + 1, slot);
                }
                if step % 100 == 0 {
                    order.check(of(&weights));
                    assert!(order.iter().eq(list.iter().copied()));
                    let pairs = list.windows(2);
                    assert!(pairs.clone().all(|pair| order.next(pair[0]) == pair[1]));
                    assert!(pairs.clone().all(|pair| order.previous(pair[1]) == pair[0]));
                }
                let total: u32 = list.iter().map(|&slot| weights[slot as usize].scalars).sum();
                assert_eq!(order.total().scalars, total);
                if total > 0 {
                    let position = 1 + random(total as usize);
                    let mut before = 0;
                    let expected = list.iter().find_map(|&slot| {
                        let own = weights[slot as usize].scalars as usize;
                        before += own;
                        (before >= position).then_some((slot, before - own))
                    });
                    let found = order.locate(Unit::Scalar, position, of(&weights));
                    assert_eq!(Some(found), expected);
                }
            }
        }
    }
}
