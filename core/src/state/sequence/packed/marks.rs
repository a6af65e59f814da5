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
    #[inline]
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

    /// The words that a range touches, each with the bits of it.
    #[inline]
    fn words(&mut self, range: Range<usize>) -> impl Iterator<Item = (&mut Word, u64)> {
        let Range { start, end } = range;
        let first = start / 64;
        let words = self.0[first..end.div_ceil(64)].iter_mut();
        words.zip(first..).map(move |(word, nth)| {
            let from = start.saturating_sub(64 * nth);
            let behind = (64 * (nth + 1)).saturating_sub(end);
            (word, u64::MAX << from & u64::MAX >> behind)
        })
    }

    /// Enters nodes of one status; gives whether none of them was there.
    #[inline]
    pub(super) fn enter(&mut self, range: Range<usize>, status: Status) -> bool {
        let if_live = if status == Status::Live { u64::MAX } else { 0 };
        let if_deleted = if status == Status::Deleted { u64::MAX } else { 0 };
        let mut twice = 0;
        for (word, bits) in self.words(range) {
            twice |= word.present & bits;
            word.present |= bits;
            word.live |= bits & if_live;
            word.unnamed |= bits & if_deleted;
        }
        twice == 0
    }

    /// Whether any of the nodes is there.
    pub(super) fn has_any(&mut self, range: Range<usize>) -> bool {
        self.words(range).any(|(word, bits)| word.present & bits != 0)
    }

    /// Names nodes in a deletion.
    #[inline]
    pub(super) fn name(&mut self, range: Range<usize>) -> Result<(), Misfit> {
        let (mut absent, mut live) = (0, 0);
        for (word, bits) in self.words(range) {
            absent |= !word.present & bits;
            live |= word.live & bits;
            word.unnamed &= !bits;
        }
        match (absent, live) {
            (0, 0) => Ok(()),
            (0, _) => Err(Misfit::Live),
            _ => Err(Misfit::Absent),
        }
    }

    /// Whether all that is deleted is named.
    pub(super) fn are_named(&self) -> bool {
        self.0.iter().all(|word| word.unnamed == 0)
    }
}
