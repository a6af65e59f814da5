//! The reading order of spans: a doubly linked list, with a treap over it (Seidel & Aragon 1996)
//! that finds a position in any unit, and the position of a span, in expected O(log n).
//!
//! Priorities come from hashing the slot, so that equal histories make equal trees.

use std::ops::{Add, AddAssign};

use crate::value::Unit;

/// The slot of a span in its arena.
pub(super) type Slot = u32;

/// No slot.
pub(super) const NONE: Slot = Slot::MAX;

/// How much live text there is, in every unit.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Weight {
    pub(crate) scalars: usize,
    pub(crate) utf8: usize,
    pub(crate) utf16: usize,
}

impl Weight {
    pub(super) fn in_unit(self, unit: Unit) -> usize {
        match unit {
            Unit::Scalar => self.scalars,
            Unit::Utf8 => self.utf8,
            Unit::Utf16 => self.utf16,
        }
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            scalars: self.scalars + other.scalars,
            utf8: self.utf8 + other.utf8,
            utf16: self.utf16 + other.utf16,
        }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[derive(Clone, Debug)]
struct Node {
    previous: Slot,
    next: Slot,
    up: Slot,
    low: Slot,
    high: Slot,
    priority: u32,
    own: Weight,
    /// `own`, and all below.
    sum: Weight,
}

/// See the module. Slot 0 is in front of all others, has no weight, and stays.
#[derive(Clone, Debug)]
pub(super) struct Order {
    nodes: Vec<Node>,
    root: Slot,
    /// What a slot has grown by and its ancestors do not know yet: typing grows one slot again
    /// and again.
    pending: Option<(Slot, Weight)>,
}

impl Order {
    pub(super) const FRONT: Slot = 0;
    pub(super) const BYTES_PER_SLOT: usize = size_of::<Node>();

    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Self::detached(Self::FRONT, Weight::default())],
            root: Self::FRONT,
            pending: None,
        }
    }

    fn detached(slot: Slot, own: Weight) -> Node {
        // The finaliser of SplitMix32: neighbouring slots get unrelated priorities.
        let mut hash = slot.wrapping_add(0x9e37_79b9);
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        let priority = hash ^ (hash >> 16);
        Node {
            previous: NONE,
            next: NONE,
            up: NONE,
            low: NONE,
            high: NONE,
            priority,
            own,
            sum: own,
        }
    }

    fn node(&self, slot: Slot) -> &Node {
        &self.nodes[slot as usize]
    }

    fn node_mut(&mut self, slot: Slot) -> &mut Node {
        &mut self.nodes[slot as usize]
    }

    pub(super) fn capacity(&self) -> usize {
        self.nodes.capacity()
    }

    /// The weight of everything.
    pub(super) fn total(&self) -> Weight {
        self.node(self.root).sum + self.pending.map_or(Weight::default(), |(_, weight)| weight)
    }

    /// The next slot in reading order, or [`NONE`].
    pub(super) fn next(&self, slot: Slot) -> Slot {
        self.node(slot).next
    }

    /// Puts `slot`, which is not in the order, right behind `after`.
    pub(super) fn insert_after(&mut self, after: Slot, slot: Slot, own: Weight) {
        self.settle();
        let node = Self::detached(slot, own);
        if slot as usize == self.nodes.len() {
            self.nodes.push(node);
        } else {
            *self.node_mut(slot) = node;
        }
        let next = self.node(after).next;
        self.node_mut(slot).previous = after;
        self.node_mut(slot).next = next;
        self.node_mut(after).next = slot;
        if next != NONE {
            self.node_mut(next).previous = slot;
        }
        // Without a right subtree the place below `after` is free; else the successor has no
        // left subtree.
        let parent = if self.node(after).high == NONE {
            self.node_mut(after).high = slot;
            after
        } else {
            self.node_mut(next).low = slot;
            next
        };
        self.node_mut(slot).up = parent;
        self.refresh_upwards(parent);
        while self.node(slot).up != NONE
            && self.node(self.node(slot).up).priority < self.node(slot).priority
        {
            self.rotate_up(slot);
        }
    }

    /// The slot before in reading order, or [`NONE`].
    pub(super) fn previous(&self, slot: Slot) -> Slot {
        self.node(slot).previous
    }

    /// Takes `slot`, which is not the front, out of the order.
    pub(super) fn remove(&mut self, slot: Slot) {
        self.settle();
        loop {
            let Node { low, high, .. } = *self.node(slot);
            let child = match (low, high) {
                (NONE, NONE) => break,
                (NONE, only) | (only, NONE) => only,
                (low, high) if self.node(low).priority > self.node(high).priority => low,
                (_, high) => high,
            };
            self.rotate_up(child);
        }
        let Node { previous, next, up, .. } = *self.node(slot);
        if self.node(up).low == slot {
            self.node_mut(up).low = NONE;
        } else {
            self.node_mut(up).high = NONE;
        }
        self.refresh_upwards(up);
        self.node_mut(previous).next = next;
        if next != NONE {
            self.node_mut(next).previous = previous;
        }
    }

    pub(super) fn weight(&self, slot: Slot) -> Weight {
        self.node(slot).own
    }

    /// Changes the weight of `slot`.
    pub(super) fn set_weight(&mut self, slot: Slot, own: Weight) {
        self.settle();
        self.node_mut(slot).own = own;
        self.refresh_upwards(slot);
    }

    /// Makes `slot` heavier.
    pub(super) fn add_weight(&mut self, slot: Slot, added: Weight) {
        if self.pending.is_some_and(|(pending, _)| pending != slot) {
            self.settle();
        }
        self.node_mut(slot).own += added;
        let (_, before) = self.pending.unwrap_or_default();
        self.pending = Some((slot, before + added));
    }

    /// Tells the ancestors what is pending.
    fn settle(&mut self) {
        if let Some((slot, _)) = self.pending.take() {
            self.refresh_upwards(slot);
        }
    }

    /// As [`locate`](Self::locate), once the ancestors know what is pending.
    pub(super) fn find(&mut self, unit: Unit, position: usize) -> (Slot, usize) {
        self.settle();
        self.locate(unit, position)
    }

    /// The slot that holds the `position`-th unit (from 1 on), and how much lies before the slot
    /// in that unit. `position` is at least 1 and at most the total.
    pub(super) fn locate(&self, unit: Unit, position: usize) -> (Slot, usize) {
        let pending = self.pending.map(|(slot, weight)| (self.path_to(slot), weight));
        let below = |slot: Slot| {
            if slot == NONE {
                return 0;
            }
            let unknown = pending.as_ref().filter(|(path, _)| path.contains(&slot));
            self.node(slot).sum.in_unit(unit)
                + unknown.map_or(0, |(_, weight)| weight.in_unit(unit))
        };
        let mut at = self.root;
        let mut before = 0;
        loop {
            let node = self.node(at);
            let (low, own) = (below(node.low), node.own.in_unit(unit));
            if position <= before + low {
                at = node.low;
            } else if position <= before + low + own {
                return (at, before + low);
            } else {
                before += low + own;
                at = node.high;
            }
        }
    }

    /// A slot and its ancestors.
    fn path_to(&self, slot: Slot) -> Vec<Slot> {
        let up = |&slot: &Slot| Some(self.node(slot).up).filter(|&up| up != NONE);
        std::iter::successors(Some(slot), up).collect()
    }

    fn refresh(&mut self, slot: Slot) {
        let Node { low, high, own, .. } = *self.node(slot);
        let mut sum = own;
        if low != NONE {
            sum += self.node(low).sum;
        }
        if high != NONE {
            sum += self.node(high).sum;
        }
        self.node_mut(slot).sum = sum;
    }

    fn refresh_upwards(&mut self, mut slot: Slot) {
        while slot != NONE {
            self.refresh(slot);
            slot = self.node(slot).up;
        }
    }

    /// Rotates `slot`, which is not the root, above its parent.
    fn rotate_up(&mut self, slot: Slot) {
        let parent = self.node(slot).up;
        let above = self.node(parent).up;
        let moved = if self.node(parent).low == slot {
            let moved = std::mem::replace(&mut self.node_mut(slot).high, parent);
            self.node_mut(parent).low = moved;
            moved
        } else {
            let moved = std::mem::replace(&mut self.node_mut(slot).low, parent);
            self.node_mut(parent).high = moved;
            moved
        };
        if moved != NONE {
            self.node_mut(moved).up = parent;
        }
        self.node_mut(parent).up = slot;
        self.node_mut(slot).up = above;
        if above == NONE {
            self.root = slot;
        } else if self.node(above).low == parent {
            self.node_mut(above).low = slot;
        } else {
            self.node_mut(above).high = slot;
        }
        self.refresh(parent);
        self.refresh(slot);
    }

    /// Asserts the heap order, the sums, and that the tree reads as the list does.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let mut listed = Vec::new();
        let mut at = Self::FRONT;
        while at != NONE {
            listed.push(at);
            let next = self.next(at);
            assert!(next == NONE || self.node(next).previous == at, "links agree");
            at = next;
        }
        let mut read = Vec::new();
        let mut stack = vec![(self.root, false)];
        while let Some((slot, left_done)) = stack.pop() {
            if slot == NONE {
                continue;
            }
            let node = self.node(slot);
            if left_done {
                read.push(slot);
                stack.push((node.high, false));
                continue;
            }
            let mut sum = node.own;
            for child in [node.low, node.high].into_iter().filter(|&child| child != NONE) {
                assert_eq!(self.node(child).up, slot, "a child knows its parent");
                assert!(self.node(child).priority <= node.priority, "heap order");
                sum += self.node(child).sum;
            }
            if self.pending.is_none() {
                assert_eq!(sum, node.sum, "sums are current");
            }
            stack.push((slot, true));
            stack.push((node.low, false));
        }
        assert_eq!(read, listed, "the tree reads as the list does");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_vector_under_random_edits() {
        let mut order = Order::new();
        let mut list = vec![(Order::FRONT, Weight::default())];
        let mut free = Vec::new();
        let mut seed = 7_u32;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for step in 0..3000 {
            if list.len() > 1 && random(3) == 0 {
                let at = 1 + random(list.len() - 1);
                let (slot, _) = list.remove(at);
                order.remove(slot);
                free.push(slot);
            } else {
                let at = random(list.len());
                let slot = free.pop().unwrap_or(list.len() as Slot);
                let scalars = random(5);
                let own = Weight { scalars, utf8: 2 * scalars, utf16: scalars };
                order.insert_after(list[at].0, slot, own);
                list.insert(at + 1, (slot, own));
            }
            if step % 100 == 0 {
                order.check();
            }
            let total: usize = list.iter().map(|(_, own)| own.scalars).sum();
            assert_eq!(order.total().scalars, total);
            if total > 0 {
                let position = 1 + random(total);
                let mut before = 0;
                let expected = list.iter().find_map(|&(slot, own)| {
                    before += own.scalars;
                    (before >= position).then_some((slot, before - own.scalars))
                });
                assert_eq!(Some(order.find(Unit::Scalar, position)), expected);
            }
        }
    }
}
