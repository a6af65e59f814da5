//! Marks on nodes: a bit for each, where nodes are dense; else one for each stretch of nodes that
//! nothing begins or ends in.

use std::ops::Range;

use super::super::span::Status;

/// Where the mark of a node is.
pub(super) enum Space {
    /// Of each replica, by number, where the marks of its nodes begin; and where all end.
    Dense { first: Vec<usize>, len: usize },
    /// All (replica, counter) where anything begins or ends, ascending.
    Sparse(Vec<(usize, u64)>),
}

impl Space {
    /// With a bit for each node, given how many operations each replica has made.
    pub(super) fn dense(operations: &[u64]) -> Self {
        let mut len = 0;
        let mut first = Vec::with_capacity(operations.len());
        for &operations in operations {
            first.push(len);
            len += operations as usize;
        }
        Self::Dense { first, len }
    }

    /// With a bit between each two of the nodes.
    pub(super) fn sparse(mut ends: Vec<(usize, u64)>) -> Self {
        ends.sort_unstable();
        ends.dedup();
        Self::Sparse(ends)
    }

    /// How many bits there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Dense { len, .. } => *len,
            Self::Sparse(ends) => ends.len(),
        }
    }

    /// The marks of nodes `from..to` of a replica.
    #[inline(always)]
    pub(super) fn range(&self, number: usize, from: u64, to: u64) -> Range<usize> {
        match self {
            Self::Dense { first, .. } => first[number] + from as usize..first[number] + to as usize,
            Self::Sparse(ends) => {
                let at = |counter| ends.partition_point(|&end| end < (number, counter));
                at(from)..at(to)
            }
        }
    }
}

/// What is said of nodes, a bit each.
#[derive(Clone, Copy, Default)]
struct Word {
    present: u64,
    live: u64,
    /// Deleted, not prunable, and named by no deletion so far.
    unnamed: u64,
}

/// What is said of all nodes.
pub(super) struct Marks(Vec<Word>);

/// Why deletions do not fit.
pub(super) enum Misfit {
    Absent,
    Live,
}

impl Marks {
    pub(super) fn new(len: usize) -> Self {
        Self(vec![Word::default(); len.div_ceil(64)])
    }

    /// Visits the words that a range touches, each with the bits of it.
    #[inline(always)]
    fn visit(&mut self, range: Range<usize>, mut each: impl FnMut(&mut Word, u64)) {
        let Range { start, end } = range;
        let (first, behind) = (start / 64, end.div_ceil(64));
        let from = u64::MAX << (start % 64);
        let to = u64::MAX >> (end.wrapping_neg() % 64);
        match self.0.get_mut(first..behind) {
            Some([word]) => each(word, from & to),
            Some([word, between @ .., last]) => {
                each(word, from);
                between.iter_mut().for_each(|word| each(word, u64::MAX));
                each(last, to);
            }
            _ => {}
        }
    }

    /// Enters nodes of one status; gives whether none of them was there.
    #[inline(always)]
    pub(super) fn enter(&mut self, range: Range<usize>, status: Status) -> bool {
        let if_live = if status == Status::Live { u64::MAX } else { 0 };
        let if_deleted = if status == Status::Deleted { u64::MAX } else { 0 };
        let mut twice = 0;
        self.visit(range, |word, bits| {
            twice |= word.present & bits;
            word.present |= bits;
            word.live |= bits & if_live;
            word.unnamed |= bits & if_deleted;
        });
        twice == 0
    }

    /// Whether any of the nodes is there.
    pub(super) fn has_any(&mut self, range: Range<usize>) -> bool {
        let mut any = 0;
        self.visit(range, |word, bits| any |= word.present & bits);
        any != 0
    }

    /// Names nodes in a deletion.
    #[inline(always)]
    pub(super) fn name(&mut self, range: Range<usize>) -> Result<(), Misfit> {
        let (mut absent, mut live) = (0, 0);
        self.visit(range, |word, bits| {
            absent |= !word.present & bits;
            live |= word.live & bits;
            word.unnamed &= !bits;
        });
        if absent | live == 0 {
            return Ok(());
        }
        Err(if absent == 0 { Misfit::Live } else { Misfit::Absent })
    }

    /// Whether all that is deleted is named.
    pub(super) fn are_named(&self) -> bool {
        self.0.iter().all(|word| word.unnamed == 0)
    }
}
