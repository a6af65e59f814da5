//! Marks on nodes: a bit for each, where nodes are dense; else one for each stretch of nodes that
//! nothing begins or ends in.

use std::ops::Range;

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

/// One bit each.
pub(super) struct Marks(Vec<u64>);

impl Marks {
    pub(super) fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// The words that a range touches, each with the bits of it.
    #[inline]
    fn words(range: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
        let Range { start, end } = range;
        (start / 64..end.div_ceil(64)).map(move |word| {
            let from = start.saturating_sub(64 * word);
            let behind = (64 * (word + 1)).saturating_sub(end);
            (word, u64::MAX << from & u64::MAX >> behind)
        })
    }

    #[inline]
    pub(super) fn set(&mut self, range: Range<usize>) {
        Self::words(range).for_each(|(word, bits)| self.0[word] |= bits);
    }

    #[inline]
    pub(super) fn clear(&mut self, range: Range<usize>) {
        Self::words(range).for_each(|(word, bits)| self.0[word] &= !bits);
    }

    #[inline]
    pub(super) fn has_any(&self, range: Range<usize>) -> bool {
        Self::words(range).any(|(word, bits)| self.0[word] & bits != 0)
    }

    #[inline]
    pub(super) fn has_all(&self, range: Range<usize>) -> bool {
        Self::words(range).all(|(word, bits)| self.0[word] & bits == bits)
    }

    pub(super) fn is_clear(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }
}
