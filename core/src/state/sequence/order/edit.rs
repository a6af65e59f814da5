//! Slots that come and go: nodes of the tree are parted where they are full, and merged where little
//! is left.

use super::{CHILDREN, Hook, Inner, Leaf, NONE, Order, SLOTS, Slot, UNHOOKED, Weight};

impl Order {
    /// Puts `slot`, which is not in the order, right behind `after`.
    pub(in super::super) fn insert_after(
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
    pub(super) fn put_child(&mut self, inner: u32, at: usize, child: u32, sum: Weight) {
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
    pub(in super::super) fn remove(&mut self, slot: Slot, own: Weight) {
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
}
