//! The reading order of spans: a B-tree (Bayer & McCreight 1972) in an arena. Its leaves list slots,
//! its inner nodes how much live text is below each child, in every unit.
//!
//! So a position in any unit is found in O(log n), and the slots before and after one in O(1). How
//! much a slot weighs is for the spans; the order asks for it where it has to add up.

mod check;
mod edit;

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
    pub(super) fn beyond(self, before: Self) -> Self {
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

    /// How much lies before a slot, and a number that is the greater the later it comes: which child
    /// leads to it on each level, and its place in the leaf.
    pub(super) fn standing(&self, slot: Slot, weight: impl Fn(Slot) -> Weight) -> (u128, Weight) {
        const CHILD_BITS: u32 = (CHILDREN - 1).ilog2() + 1;
        const SLOT_BITS: u32 = (SLOTS - 1).ilog2() + 1;
        let (leaf, place) = self.place(slot);
        let mut before: Weight =
            self.leaf(leaf).slots[..place].iter().map(|&before| weight(before)).sum();
        let unsettled = self.unsettled();
        let pending = self.pending.map_or(Weight::default(), |(_, more)| more);
        let (mut number, mut bits) = (place as u128, SLOT_BITS);
        let mut hook = self.leaf(leaf).hook;
        while hook.parent != NONE {
            let inner = self.inner(hook.parent);
            before += inner.sums[..hook.at.into()].iter().copied().sum();
            if unsettled.iter().any(|lacks| lacks.parent == hook.parent && lacks.at < hook.at) {
                before += pending;
            }
            number |= u128::from(hook.at) << bits;
            bits += CHILD_BITS;
            hook = inner.hook;
        }
        (number, before)
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
}
