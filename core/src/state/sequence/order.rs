//! The reading order of spans: a B-tree (Bayer & McCreight 1972) in an arena. Its leaves list slots,
//! its inner nodes how much live text is below each child, in every unit.
//!
//! So a position in any unit is found in O(log n), and the slots before and after one in O(1). How
//! much a slot weighs is for the spans; the order asks for it where it has to add up.

use std::ops::{Add, AddAssign};

use crate::value::Unit;

/// The slot of a span in its arena.
pub(super) type Slot = u32;

/// No slot, and no node of the tree.
pub(super) const NONE: Slot = Slot::MAX;

/// How many slots a leaf has at most, and how many children an inner node.
const SLOTS: usize = 32;
const CHILDREN: usize = 16;

/// How much live text there is, in every unit.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Weight {
    pub(crate) scalars: u32,
    pub(crate) utf8: u32,
    pub(crate) utf16: u32,
}

impl Weight {
    pub(super) fn in_unit(self, unit: Unit) -> usize {
        match unit {
            Unit::Scalar => self.scalars as usize,
            Unit::Utf8 => self.utf8 as usize,
            Unit::Utf16 => self.utf16 as usize,
        }
    }

    /// What added to `before` gives this, modulo 2³².
    fn beyond(self, before: Self) -> Self {
        Self {
            scalars: self.scalars.wrapping_sub(before.scalars),
            utf8: self.utf8.wrapping_sub(before.utf8),
            utf16: self.utf16.wrapping_sub(before.utf16),
        }
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            scalars: self.scalars.wrapping_add(other.scalars),
            utf8: self.utf8.wrapping_add(other.utf8),
            utf16: self.utf16.wrapping_add(other.utf16),
        }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        weights.fold(Self::default(), Self::add)
    }
}

/// Where a node of the tree hangs: which inner node, as which of its children.
#[derive(Clone, Copy, Debug)]
struct Hook {
    parent: u32,
    at: u8,
}

const UNHOOKED: Hook = Hook { parent: NONE, at: 0 };

/// Not empty: the front is always there.
#[derive(Clone, Debug)]
struct Leaf {
    slots: [Slot; SLOTS],
    len: u8,
    hook: Hook,
    previous: u32,
    next: u32,
}

#[derive(Clone, Debug)]
struct Inner {
    children: [u32; CHILDREN],
    sums: [Weight; CHILDREN],
    len: u8,
    hook: Hook,
    /// Whether the children are leaves; else they are inner nodes.
    above_leaves: bool,
}

/// See the module. Slot 0 is in front of all others, has no weight, and stays.
#[derive(Clone, Debug)]
pub(super) struct Order {
    leaves: Vec<Leaf>,
    inners: Vec<Inner>,
    free_leaves: Vec<u32>,
    free_inners: Vec<u32>,
    /// The leaf of each slot.
    leaf_of: Vec<u32>,
    root: u32,
    /// Whether the root is a leaf.
    is_leaf: bool,
    total: Weight,
    /// What a slot has become heavier by, modulo 2³², and the sums above it do not know yet: typing
    /// grows one slot again and again.
    pending: Option<(Slot, Weight)>,
}

impl Order {
    pub(super) const FRONT: Slot = 0;

    /// All slots there are, in this order, each as heavy as `weight` says. The front is the first.
    pub(super) fn of_slots(listed: &[Slot], weight: impl Fn(Slot) -> Weight) -> Self {
        /// What leaves are filled with: there is room for more.
        const FILLED: usize = SLOTS * 3 / 4;
        let leaves = listed.len().div_ceil(FILLED);
        let mut order = Self {
            leaves: Vec::with_capacity(leaves),
            inners: Vec::new(),
            free_leaves: Vec::new(),
            free_inners: Vec::new(),
            leaf_of: vec![NONE; listed.len()],
            root: 0,
            is_leaf: true,
            total: Weight::default(),
            pending: None,
        };
        let mut level = Vec::with_capacity(leaves);
        for (chunk, number) in listed.chunks(FILLED).zip(0_u32..) {
            let mut slots = [NONE; SLOTS];
            slots[..chunk.len()].copy_from_slice(chunk);
            let next = if number as usize + 1 < leaves { number + 1 } else { NONE };
            let previous = number.checked_sub(1).unwrap_or(NONE);
            let len = chunk.len() as u8;
            order.leaves.push(Leaf { slots, len, hook: UNHOOKED, previous, next });
            let mut sum = Weight::default();
            for &slot in chunk {
                order.leaf_of[slot as usize] = number;
                sum += weight(slot);
            }
            order.total += sum;
            level.push((number, sum));
        }
        while level.len() > 1 {
            level = order.stack(&level);
        }
        order
    }

    /// Puts inner nodes on top of the nodes of a level; gives theirs.
    fn stack(&mut self, level: &[(u32, Weight)]) -> Vec<(u32, Weight)> {
        const FILLED: usize = CHILDREN * 3 / 4;
        let above_leaves = self.is_leaf;
        let mut above = Vec::with_capacity(level.len().div_ceil(FILLED));
        for below in level.chunks(FILLED) {
            let number = self.inners.len() as u32;
            self.inners.push(Inner {
                children: [NONE; CHILDREN],
                sums: [Weight::default(); CHILDREN],
                len: 0,
                hook: UNHOOKED,
                above_leaves,
            });
            for &(child, sum) in below {
                self.put_child(number, self.inner(number).len.into(), child, sum);
            }
            above.push((number, below.iter().map(|&(_, sum)| sum).sum()));
            self.root = number;
        }
        self.is_leaf = false;
        above
    }

    fn leaf(&self, leaf: u32) -> &Leaf {
        &self.leaves[leaf as usize]
    }

    fn leaf_mut(&mut self, leaf: u32) -> &mut Leaf {
        &mut self.leaves[leaf as usize]
    }

    fn inner(&self, inner: u32) -> &Inner {
        &self.inners[inner as usize]
    }

    fn inner_mut(&mut self, inner: u32) -> &mut Inner {
        &mut self.inners[inner as usize]
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.leaves.capacity() * size_of::<Leaf>()
            + self.inners.capacity() * size_of::<Inner>()
            + self.leaf_of.capacity() * size_of::<u32>()
    }

    /// The weight of everything.
    pub(super) fn total(&self) -> Weight {
        self.total
    }

    /// The leaf of a slot, and its place in it.
    fn place(&self, slot: Slot) -> (u32, usize) {
        let leaf = self.leaf_of[slot as usize];
        let slots = &self.leaf(leaf).slots;
        // All of a fixed number of places are compared: that takes no loop.
        (leaf, slots.iter().position(|&other| other == slot).unwrap_or(0))
    }

    /// The next slot in reading order, or [`NONE`].
    pub(super) fn next(&self, slot: Slot) -> Slot {
        let (leaf, at) = self.place(slot);
        let Leaf { slots, len, next, .. } = self.leaf(leaf);
        match (at + 1 < (*len).into(), *next) {
            (true, _) => slots[at + 1],
            (false, NONE) => NONE,
            (false, next) => self.leaf(next).slots[0],
        }
    }

    /// The slot before in reading order, or [`NONE`].
    pub(super) fn previous(&self, slot: Slot) -> Slot {
        let (leaf, at) = self.place(slot);
        let Leaf { slots, previous, .. } = self.leaf(leaf);
        match (at > 0, *previous) {
            (true, _) => slots[at - 1],
            (false, NONE) => NONE,
            (false, previous) => {
                let Leaf { slots, len, .. } = self.leaf(previous);
                slots[usize::from(*len) - 1]
            }
        }
    }

    /// All slots in reading order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        let first = self.leaf_of[Self::FRONT as usize];
        let leaves = std::iter::successors(Some(first), |&leaf| {
            Some(self.leaf(leaf).next).filter(|&next| next != NONE)
        });
        leaves.flat_map(|leaf| {
            let Leaf { slots, len, .. } = self.leaf(leaf);
            slots[..(*len).into()].iter().copied()
        })
    }

    /// Puts `slot`, which is not in the order, right behind `after`.
    pub(super) fn insert_after(
        &mut self,
        after: Slot,
        slot: Slot,
        weight: impl Fn(Slot) -> Weight,
    ) {
        self.settle();
        let (mut leaf, at) = self.place(after);
        let mut at = at + 1;
        if usize::from(self.leaf(leaf).len) == SLOTS {
            // What only ever grows at its end leaves full leaves behind.
            let keep = if at == SLOTS { SLOTS - 1 } else { SLOTS / 2 };
            let right = self.split_leaf(leaf, keep, &weight);
            if at > keep {
                (leaf, at) = (right, at - keep);
            }
        }
        let to = self.leaf_mut(leaf);
        to.slots.copy_within(at..usize::from(to.len), at + 1);
        to.slots[at] = slot;
        to.len += 1;
        if slot as usize >= self.leaf_of.len() {
            self.leaf_of.resize(slot as usize + 1, NONE);
        }
        self.leaf_of[slot as usize] = leaf;
        self.reweigh(slot, Weight::default(), weight(slot));
    }

    /// Moves all but the first `keep` slots of a leaf to a new one behind it; gives that.
    fn split_leaf(&mut self, leaf: u32, keep: usize, weight: impl Fn(Slot) -> Weight) -> u32 {
        let old = self.leaf_mut(leaf);
        let mut slots = [NONE; SLOTS];
        let moved = &mut old.slots[keep..];
        slots[..moved.len()].copy_from_slice(moved);
        moved.fill(NONE);
        let len = old.len - keep as u8;
        old.len = keep as u8;
        let (next, hook) = (old.next, old.hook);
        let new = Leaf { slots, len, hook: UNHOOKED, previous: leaf, next };
        let number = match self.free_leaves.pop() {
            Some(number) => {
                *self.leaf_mut(number) = new;
                number
            }
            None => {
                self.leaves.push(new);
                self.leaves.len() as u32 - 1
            }
        };
        self.leaf_mut(leaf).next = number;
        if next != NONE {
            self.leaf_mut(next).previous = number;
        }
        let mut moved = Weight::default();
        for &slot in &slots[..len.into()] {
            self.leaf_of[slot as usize] = number;
            moved += weight(slot);
        }
        self.add_sibling(hook, leaf, number, moved);
        number
    }

    /// Hangs a node right behind another one, from which it took over that weight.
    fn add_sibling(&mut self, hook: Hook, left: u32, right: u32, moved: Weight) {
        let Hook { mut parent, at } = hook;
        let mut at = usize::from(at) + 1;
        if parent == NONE {
            let root = Inner {
                children: [NONE; CHILDREN],
                sums: [Weight::default(); CHILDREN],
                len: 0,
                hook: UNHOOKED,
                above_leaves: self.is_leaf,
            };
            let number = self.put_inner(root);
            self.put_child(number, 0, left, self.total.beyond(moved));
            self.put_child(number, 1, right, moved);
            (self.root, self.is_leaf) = (number, false);
            return;
        }
        let sum = &mut self.inner_mut(parent).sums[at - 1];
        *sum = sum.beyond(moved);
        if usize::from(self.inner(parent).len) == CHILDREN {
            let keep = if at == CHILDREN { CHILDREN - 1 } else { CHILDREN / 2 };
            // What is moved on does not have the new child's weight yet, nor does what stays: so
            // that the sums above stay what they are, it is lent to the child before.
            self.inner_mut(parent).sums[at - 1] += moved;
            let right = self.split_inner(parent, keep);
            if at > keep {
                (parent, at) = (right, at - keep);
            }
            let sum = &mut self.inner_mut(parent).sums[at - 1];
            *sum = sum.beyond(moved);
        }
        self.put_child(parent, at, right, moved);
    }

    fn split_inner(&mut self, inner: u32, keep: usize) -> u32 {
        let Inner { children, sums, len, hook, above_leaves } = self.inner(inner).clone();
        let new = Inner {
            children: [NONE; CHILDREN],
            sums: [Weight::default(); CHILDREN],
            len: 0,
            hook: UNHOOKED,
            above_leaves,
        };
        let number = self.put_inner(new);
        self.inner_mut(inner).len = keep as u8;
        let mut moved = Weight::default();
        for at in keep..len.into() {
            self.put_child(number, at - keep, children[at], sums[at]);
            moved += sums[at];
        }
        self.add_sibling(hook, inner, number, moved);
        number
    }

    fn put_inner(&mut self, inner: Inner) -> u32 {
        match self.free_inners.pop() {
            Some(number) => {
                *self.inner_mut(number) = inner;
                number
            }
            None => {
                self.inners.push(inner);
                self.inners.len() as u32 - 1
            }
        }
    }

    /// Puts a child into an inner node that has room, before its child number `at`.
    fn put_child(&mut self, inner: u32, at: usize, child: u32, sum: Weight) {
        let node = self.inner_mut(inner);
        let len = usize::from(node.len);
        node.children.copy_within(at..len, at + 1);
        node.sums.copy_within(at..len, at + 1);
        node.children[at] = child;
        node.sums[at] = sum;
        node.len += 1;
        self.rehook(inner, at);
    }

    /// Tells the children of an inner node, from number `from` on, where they hang.
    fn rehook(&mut self, inner: u32, from: usize) {
        let Inner { children, len, above_leaves, .. } = *self.inner(inner);
        for (at, &child) in children.iter().enumerate().take(len.into()).skip(from) {
            let hook = Hook { parent: inner, at: at as u8 };
            if above_leaves {
                self.leaf_mut(child).hook = hook;
            } else {
                self.inner_mut(child).hook = hook;
            }
        }
    }

    /// Takes `slot`, which is not the front and is as heavy as that, out of the order.
    pub(super) fn remove(&mut self, slot: Slot, own: Weight) {
        self.reweigh(slot, own, Weight::default());
        self.settle();
        let (leaf, at) = self.place(slot);
        let from = self.leaf_mut(leaf);
        let len = usize::from(from.len);
        from.slots.copy_within(at + 1..len, at);
        from.slots[len - 1] = NONE;
        from.len -= 1;
        self.leaf_of[slot as usize] = NONE;
        match self.leaf(leaf).len {
            0 => self.remove_leaf(leaf),
            len if usize::from(len) < SLOTS / 4 => self.merge_leaf(leaf),
            _ => {}
        }
    }

    /// Takes an empty leaf out: not the first one, which has the front.
    fn remove_leaf(&mut self, leaf: u32) {
        let Leaf { previous, next, hook, .. } = *self.leaf(leaf);
        self.leaf_mut(previous).next = next;
        if next != NONE {
            self.leaf_mut(next).previous = previous;
        }
        self.free_leaves.push(leaf);
        self.remove_child(hook);
    }

    /// Moves the slots of the leaf behind into a leaf, if they hang on the same node and fit well.
    fn merge_leaf(&mut self, leaf: u32) {
        let Leaf { len, next, hook, .. } = *self.leaf(leaf);
        if next == NONE || hook.parent == NONE || self.leaf(next).hook.parent != hook.parent {
            return;
        }
        let Leaf { slots, len: more, .. } = *self.leaf(next);
        if usize::from(len + more) > SLOTS * 3 / 4 {
            return;
        }
        let (len, more) = (usize::from(len), usize::from(more));
        self.leaf_mut(leaf).slots[len..len + more].copy_from_slice(&slots[..more]);
        self.leaf_mut(leaf).len += more as u8;
        slots[..more].iter().for_each(|&slot| self.leaf_of[slot as usize] = leaf);
        let inner = self.inner_mut(hook.parent);
        let moved = std::mem::take(&mut inner.sums[usize::from(hook.at) + 1]);
        inner.sums[usize::from(hook.at)] += moved;
        self.remove_leaf(next);
    }

    /// Takes a child without weight out of its inner node, which goes too if nothing is left.
    fn remove_child(&mut self, Hook { parent, at }: Hook) {
        let inner = self.inner_mut(parent);
        let (at, len) = (usize::from(at), usize::from(inner.len));
        inner.children.copy_within(at + 1..len, at);
        inner.sums.copy_within(at + 1..len, at);
        inner.len -= 1;
        let hook = inner.hook;
        if inner.len == 0 {
            self.free_inners.push(parent);
            self.remove_child(hook);
            return;
        }
        self.rehook(parent, at);
        while !self.is_leaf && self.inner(self.root).len == 1 {
            let Inner { children, above_leaves, .. } = *self.inner(self.root);
            self.free_inners.push(self.root);
            (self.root, self.is_leaf) = (children[0], above_leaves);
            if above_leaves {
                self.leaf_mut(self.root).hook = UNHOOKED;
            } else {
                self.inner_mut(self.root).hook = UNHOOKED;
            }
        }
    }

    /// Follows that a slot weighs `after` from now on, and no longer `before`.
    pub(super) fn reweigh(&mut self, slot: Slot, before: Weight, after: Weight) {
        self.add(slot, after.beyond(before));
    }

    /// Follows that a slot weighs so much more from now on, in every unit.
    pub(super) fn grow(&mut self, slot: Slot, by: u32) {
        self.add(slot, Weight { scalars: by, utf8: by, utf16: by });
    }

    fn add(&mut self, slot: Slot, more: Weight) {
        self.total += more;
        match &mut self.pending {
            Some((pending, before)) if *pending == slot => *before += more,
            _ => {
                self.settle();
                self.pending = Some((slot, more));
            }
        }
    }

    /// Tells the sums above what is pending.
    pub(super) fn settle(&mut self) {
        let Some((slot, more)) = self.pending.take() else { return };
        let mut hook = self.leaf(self.leaf_of[slot as usize]).hook;
        while hook.parent != NONE {
            let inner = self.inner_mut(hook.parent);
            inner.sums[usize::from(hook.at)] += more;
            hook = inner.hook;
        }
    }

    /// Where the sums are that do not know yet what is pending, from the leaf up.
    fn unsettled(&self) -> Vec<Hook> {
        let Some((slot, _)) = self.pending else { return Vec::new() };
        let hooked = |hook: &Hook| hook.parent != NONE;
        let leaf = Some(self.leaf(self.leaf_of[slot as usize]).hook).filter(hooked);
        std::iter::successors(leaf, |hook| Some(self.inner(hook.parent).hook).filter(hooked))
            .collect()
    }

    /// The slot that holds the `position`-th unit (from 1 on), and how much lies before the slot
    /// in that unit. `position` is at least 1 and at most the total.
    pub(super) fn locate(
        &self,
        unit: Unit,
        position: usize,
        weight: impl Fn(Slot) -> Weight,
    ) -> (Slot, usize) {
        let (mut at, mut is_leaf, mut before) = (self.root, self.is_leaf, 0);
        let unsettled = self.unsettled();
        let lacks = |inner: u32, child: usize| {
            unsettled.iter().any(|hook| (hook.parent, usize::from(hook.at)) == (inner, child))
        };
        let pending = self.pending.map_or(Weight::default(), |(_, more)| more);
        while !is_leaf {
            let Inner { children, sums, len, above_leaves, .. } = self.inner(at);
            let last = usize::from(*len) - 1;
            let mut child = 0;
            while child < last {
                let more = if lacks(at, child) { pending } else { Weight::default() };
                let sum = (sums[child] + more).in_unit(unit);
                if position <= before + sum {
                    break;
                }
                before += sum;
                child += 1;
            }
            (at, is_leaf) = (children[child], *above_leaves);
        }
        let Leaf { slots, len, .. } = self.leaf(at);
        let last = usize::from(*len) - 1;
        for &slot in &slots[..last] {
            let own = weight(slot).in_unit(unit);
            if position <= before + own {
                return (slot, before);
            }
            before += own;
        }
        (slots[last], before)
    }

    /// Asserts that the nodes are linked to each other, and the sums.
    #[cfg(test)]
    pub(super) fn check(&self, weight: impl Fn(Slot) -> Weight) {
        let mut settled = self.clone();
        settled.settle();
        settled.check_settled(weight);
    }

    #[cfg(test)]
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

    #[cfg(test)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
