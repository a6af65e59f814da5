//! The children of spans. Most have none on a side, or one, which the span names itself; where
//! there are more, it names a family.

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::Payload;

/// In a span's place for a child: the number of a family follows.
const FAMILY: Slot = 1 << 31;

/// Two children or more of one span on one side, by key.
#[derive(Clone, Default, Debug)]
struct Family {
    members: Vec<Slot>,
    /// How many of them have something that is not stable below (or in) them.
    alive: u32,
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub(super) struct Families {
    families: Vec<Family>,
    free: Vec<u32>,
}

impl Families {
    pub(super) fn memory_bytes(&self) -> usize {
        let members: usize = self.families.iter().map(|family| family.members.capacity()).sum();
        self.families.capacity() * size_of::<Family>() + members * size_of::<Slot>()
    }

    fn put(&mut self, members: Vec<Slot>, alive: u32) -> Slot {
        let family = Family { members, alive };
        let number = match self.free.pop() {
            Some(number) => {
                self.families[number as usize] = family;
                number
            }
            None => {
                self.families.push(family);
                self.families.len() as u32 - 1
            }
        };
        FAMILY | number
    }

    fn get_mut(&mut self, children: Slot) -> &mut Family {
        &mut self.families[(children & !FAMILY) as usize]
    }

    fn get(&self, children: Slot) -> &Family {
        &self.families[(children & !FAMILY) as usize]
    }
}

/// Whether a span's place for a child names a family.
fn is_family(children: Slot) -> bool {
    children != NONE && children & FAMILY != 0
}

impl<P: Payload> Tree<P> {
    /// The children of a span on a side, by key.
    pub(super) fn children(&self, slot: Slot, side: usize) -> &[Slot] {
        let children = &self.spans[slot as usize].children[side];
        match *children {
            NONE => &[],
            number if is_family(number) => &self.families.get(number).members,
            _ => std::slice::from_ref(children),
        }
    }

    /// How many children of a span on a side have something below (or in) them that is not stable
    /// yet. Of a span without such children, and stable itself, nothing is left in the tree as
    /// reduced at the stable cut.
    pub(super) fn alive(&self, slot: Slot, side: usize) -> u32 {
        let span = self.span(slot);
        if is_family(span.children[side]) {
            return self.families.get(span.children[side]).alive;
        }
        span.alive[side].into()
    }

    /// Sets how many of the children on a side are alive.
    pub(super) fn set_alive(&mut self, slot: Slot, side: usize, alive: u32) {
        let span = &mut self.spans[slot as usize];
        span.alive[side] = alive > 0;
        if is_family(span.children[side]) {
            self.families.get_mut(span.children[side]).alive = alive;
        }
    }

    /// Adds a child that is alive behind all others of a side, which are alive, too.
    #[inline]
    pub(super) fn push_child(&mut self, slot: Slot, side: usize, child: Slot) {
        let span = &mut self.spans[slot as usize];
        span.alive[side] = true;
        match span.children[side] {
            NONE => span.children[side] = child,
            number if is_family(number) => {
                let family = self.families.get_mut(number);
                family.members.push(child);
                family.alive += 1;
            }
            only => span.children[side] = self.families.put(vec![only, child], 2),
        }
    }

    /// Counts nothing as alive any more.
    pub(super) fn reset_alive(&mut self) {
        self.spans.iter_mut().for_each(|span| span.alive = [false; 2]);
        self.families.families.iter_mut().for_each(|family| family.alive = 0);
    }

    /// Adds a child that is not counted as alive yet, as number `rank` of a side.
    pub(super) fn add_child(&mut self, slot: Slot, side: usize, rank: usize, child: Slot) {
        let alive = self.alive(slot, side);
        let span = &mut self.spans[slot as usize];
        match span.children[side] {
            NONE => span.children[side] = child,
            number if is_family(number) => {
                self.families.get_mut(number).members.insert(rank, child);
            }
            only => {
                let members = if rank == 0 { vec![child, only] } else { vec![only, child] };
                span.children[side] = self.families.put(members, alive);
            }
        }
    }

    /// Which number a child has on its side. O(log n) in the children there.
    fn rank_of(&self, slot: Slot, side: usize, child: Slot) -> usize {
        let key = self.key(child);
        self.children(slot, side).partition_point(|&sibling| self.key(sibling) < key)
    }

    /// Takes a child, which is not counted as alive any more, off a side.
    pub(super) fn remove_child(&mut self, slot: Slot, side: usize, child: Slot) {
        let children = self.span(slot).children[side];
        if !is_family(children) {
            self.span_mut(slot).children[side] = NONE;
            return;
        }
        let rank = self.rank_of(slot, side, child);
        let family = self.families.get_mut(children);
        family.members.remove(rank);
        if let &[only] = family.members.as_slice() {
            *family = Family::default();
            self.families.free.push(children & !FAMILY);
            self.span_mut(slot).children[side] = only;
        }
    }

    /// Puts a span in the place of a child, with the key of that.
    pub(super) fn replace_child(&mut self, slot: Slot, side: usize, child: Slot, by: Slot) {
        let children = self.span(slot).children[side];
        if is_family(children) {
            let rank = self.rank_of(slot, side, child);
            self.families.get_mut(children).members[rank] = by;
        } else {
            self.span_mut(slot).children[side] = by;
        }
    }
}
