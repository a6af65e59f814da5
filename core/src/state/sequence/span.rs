//! A run of nodes that stand together in the tree as in the text.

use crate::op::Side;

use super::index::{Author, Counter};
use super::order::{Slot, Weight};

/// How far the deletion of a span has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Status {
    /// Not deleted.
    Live,
    /// Deleted; some member may not know.
    Deleted,
    /// A deletion lies within the stable cut: every member knows. What is
    /// [retired](super::stable) is among these.
    Stable,
    /// A deletion lies within the prune cut: every member knows that every member knows.
    Prunable,
}

/// A run of consecutive nodes of one replica, each but the first the right child of the one
/// before, and all of one status.
///
/// Only the first node has left children, and only the last has right children beside those
/// within the run: so the Fugue tree of nodes is also a tree of spans. Slot 0 is the root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    first: Counter,
    pub(super) author: Author,
    pub(super) len: u32,
    /// Where what the nodes carry, or carried, starts in the [stock](super::stock), and how much
    /// it is; 0 of a tombstone whose content is gone.
    pub(super) start: u32,
    pub(super) size: u32,
    /// What the first node hangs on: the first node of that span on the left side, its last on
    /// the right side.
    pub(super) parent: Slot,
    /// The children on the left and on the right side: see [`families`](super::families).
    pub(super) children: [Slot; 2],
    /// While it lives, how many of its nodes take two units of UTF-16.
    pub(super) wide: u16,
    pub(super) status: Status,
    pub(super) side: Side,
    /// Whether it has the place of a node that was spliced out, and is ordered by that.
    pub(super) has_key: bool,
    /// Whether its content is in the stock that was loaded, and not in that of its author.
    pub(super) is_loaded: bool,
    /// Whether any of the children on each side have something below (or in) them that is not
    /// [`Status::Stable`] yet.
    pub(super) alive: [bool; 2],
}

/// The most nodes of a span with content in which some take more than one byte: bounds the work
/// of counting in it.
pub(super) const MAX_UNEVEN_LEN: u32 = 512;

impl Span {
    /// A live span without children.
    pub(super) const fn new(author: Author, first: u64, len: u32) -> Self {
        Self {
            first: Counter::new(first),
            author,
            len,
            start: 0,
            size: 0,
            parent: super::NONE,
            children: [super::NONE; 2],
            wide: 0,
            status: Status::Live,
            side: Side::Right,
            has_key: false,
            is_loaded: false,
            alive: [false; 2],
        }
    }

    /// The counter of the first node.
    pub(super) fn first(&self) -> u64 {
        self.first.get()
    }

    pub(super) fn set_first(&mut self, first: u64) {
        self.first = Counter::new(first);
    }

    /// The counter behind the last node.
    pub(super) fn end(&self) -> u64 {
        self.first() + u64::from(self.len)
    }

    /// Whether every node takes one unit, whichever.
    pub(super) fn is_even(&self) -> bool {
        self.size == self.len
    }

    pub(super) fn weight(&self) -> Weight {
        if self.status > Status::Live {
            return Weight::default();
        }
        let utf16 = self.len + u32::from(self.wide);
        Weight { scalars: self.len, utf8: self.size, utf16 }
    }

    pub(super) fn is_stable(&self) -> bool {
        self.status >= Status::Stable
    }

    /// Whether the tree as reduced at the stable cut has anything of it or below it.
    pub(super) fn subtree_alive(&self) -> bool {
        !self.is_stable() || self.alive != [false; 2]
    }

    /// Whether the content of another span lies right behind that of this one, so that both can
    /// be one.
    pub(super) fn content_joins(&self, next: &Self) -> bool {
        if (self.size, next.size) == (0, 0) {
            return true;
        }
        self.size > 0
            && next.size > 0
            && self.is_loaded == next.is_loaded
            && self.start + self.size == next.start
            && (self.is_even() && next.is_even() || self.len + next.len <= MAX_UNEVEN_LEN)
    }
}
