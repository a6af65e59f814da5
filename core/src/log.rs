//! The retained changes, by author: what is exported to others.
//!
//! The last few of each author are kept as they are, as new ones are merged with the last; those
//! before are sealed in blocks of bytes, which are decoded when something in them is asked for.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use crate::change::Change;
use crate::codec::block::{self, Extent};
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

/// How many changes, or operations of them, are sealed as one block.
const BLOCK_CHANGES: usize = 16;
const BLOCK_OPS: usize = 256;

/// See the module. The changes of each author are contiguous, and end where the version does.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log {
    authors: BTreeMap<ReplicaId, Author>,
    count: u64,
}

/// The changes of one author.
#[derive(Clone, Default, Debug)]
struct Author {
    blocks: VecDeque<Block>,
    /// Those behind the blocks: at least the last one.
    open: VecDeque<Change>,
    /// How many operations those have but the last.
    open_ops: usize,
}

/// Changes that are sealed.
#[derive(Clone, Debug)]
struct Block {
    extent: Extent,
    bytes: Box<[u8]>,
}

impl Block {
    /// Seals changes that follow each other; `None` if there are none.
    fn seal<'c>(changes: impl Iterator<Item = &'c Change> + Clone) -> Option<Self> {
        Some(Self { extent: Self::extent(changes.clone())?, bytes: block::seal(changes) })
    }

    fn extent<'c>(changes: impl Iterator<Item = &'c Change> + Clone) -> Option<Extent> {
        let (first, last) = (changes.clone().next()?, changes.clone().last()?);
        Some(Extent {
            author: first.id.replica,
            changes: changes.count() as u64,
            start: first.id.counter,
            end: last.end(),
            lamport: first.lamport,
            lamport_end: last.lamport + last.len(),
        })
    }

    fn changes(&self) -> Vec<Change> {
        let changes = block::open(&self.bytes);
        debug_assert!(changes.is_ok(), "what was sealed can be read: {changes:?}");
        changes.unwrap_or_default()
    }
}

impl Author {
    /// The changes that have any of the counters `from..to`.
    fn overlapping(&self, from: u64, to: u64) -> impl Iterator<Item = Cow<'_, Change>> {
        let first = self.blocks.partition_point(|block| block.extent.end <= from);
        let blocks = self.blocks.range(first..).take_while(move |block| block.extent.start < to);
        let sealed = blocks.flat_map(Block::changes).map(Cow::<Change>::Owned);
        let first = self.open.partition_point(|change| change.end() <= from);
        let open = self.open.range(first..).map(Cow::Borrowed);
        let changes = sealed.skip_while(move |change| change.end() <= from).chain(open);
        changes.take_while(move |change| change.id.counter < to)
    }

    /// Adds the next change.
    fn put(&mut self, mut change: Change) {
        change.shrink_to_fit();
        if let Some(last) = self.open.back_mut() {
            last.shrink_to_fit();
            self.open_ops += last.ops().len();
        }
        if self.open.len() >= BLOCK_CHANGES || self.open_ops >= BLOCK_OPS {
            self.blocks.extend(Block::seal(self.open.iter()));
            self.open.clear();
            self.open_ops = 0;
        }
        self.open.push_back(change);
    }

    fn count_open(&mut self) {
        self.open_ops = self.open.iter().rev().skip(1).map(|change| change.ops().len()).sum();
    }

    /// Drops the changes that end there or before; gives how many.
    fn prune(&mut self, end: u64) -> u64 {
        let gone = self.blocks.partition_point(|block| block.extent.end <= end);
        let mut count: u64 = self.blocks.drain(..gone).map(|block| block.extent.changes).sum();
        if let Some(first) = self.blocks.front_mut().filter(|first| first.extent.start < end) {
            let changes = first.changes();
            let gone = changes.partition_point(|change| change.end() <= end);
            if let Some(rest) = Block::seal(changes[gone..].iter()).filter(|_| gone > 0) {
                *first = rest;
                count += gone as u64;
            }
        }
        let gone = self.open.partition_point(|change| change.end() <= end);
        self.open.drain(..gone);
        self.count_open();
        self.blocks.shrink_to_fit();
        self.open.shrink_to_fit();
        count + gone as u64
    }
}

impl Log {
    /// Adds the next change of its author, merged with the one before where that can be.
    pub(crate) fn push(&mut self, change: Change) {
        let stays_apart = self.names_what_came_later(&change);
        let separate = match self.last_mut(change.id.replica).filter(|_| !stays_apart) {
            Some(last) => last.absorb(change),
            None => Some(change),
        };
        if let Some(change) = separate {
            self.put(change);
        }
    }

    /// Adds the next change of its author as it is.
    pub(crate) fn put(&mut self, change: Change) {
        self.authors.entry(change.id.replica).or_default().put(change);
        self.count += 1;
    }

    /// The last change of a replica.
    pub(crate) fn last(&self, author: ReplicaId) -> Option<&Change> {
        self.authors.get(&author)?.open.back()
    }

    /// The last change of a replica, to be extended.
    pub(crate) fn last_mut(&mut self, author: ReplicaId) -> Option<&mut Change> {
        self.authors.get_mut(&author)?.open.back_mut()
    }

    /// All changes as blocks: by author, and of each in order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.authors.values().flat_map(|own| {
            let sealed = own.blocks.iter().map(|block| Cow::Borrowed(&*block.bytes));
            let open = Block::seal(own.open.iter()).map(|block| block.bytes.into_vec());
            sealed.chain(open.map(Cow::Owned))
        })
    }

    /// What there is of each author.
    pub(crate) fn extents(&self) -> impl Iterator<Item = Extent> {
        self.authors.values().filter_map(|own| {
            let open = Block::extent(own.open.iter())?;
            let sealed = own.blocks.iter().map(|block| block.extent);
            sealed.chain([open]).reduce(|extent, next| extent.joined(&next))
        })
    }

    /// Behind the first change of an author.
    pub(crate) fn first_end(&self, author: ReplicaId) -> Option<u64> {
        let own = self.authors.get(&author)?;
        own.overlapping(0, u64::MAX).next().map(|change| change.end())
    }

    /// A log of blocks as [`blocks`](Self::blocks) gives them, from foreign bytes: each is walked
    /// to its end, and only the last of each author is decoded. They stay as they are.
    ///
    /// # Errors
    /// A block can't be read, or does not follow the one before. Offsets are in the block.
    pub(crate) fn from_blocks<'b>(
        blocks: impl IntoIterator<Item = &'b [u8]>,
    ) -> Result<Self, DecodeError> {
        let mut log = Self::default();
        let mut blocks = blocks.into_iter().peekable();
        let mut before: Option<Extent> = None;
        while let Some(bytes) = blocks.next() {
            let extent = match before.take() {
                Some(checked) => checked,
                None => block::check(bytes)?,
            };
            let next = blocks.peek().map(|bytes| block::check(bytes)).transpose()?;
            if let Some(next) = next {
                let follows = next.start == extent.end && next.lamport >= extent.lamport_end;
                if next.author < extent.author || next.author == extent.author && !follows {
                    let what = "the blocks of the log do not follow each other";
                    return Err(DecodeError::Inconsistent { offset: 0, what });
                }
            }
            log.count += extent.changes;
            let own = log.authors.entry(extent.author).or_default();
            if next.is_some_and(|next| next.author == extent.author) {
                own.blocks.push_back(Block { extent, bytes: bytes.into() });
            } else {
                own.open = block::open(bytes)?.into();
                own.count_open();
            }
            before = next;
        }
        Ok(log)
    }

    /// Whether a change names an operation of another replica that may depend on the one that it
    /// would be merged with: an honest author, who had seen nothing in between, does not. Merged,
    /// they would wait for each other.
    fn names_what_came_later(&self, change: &Change) -> bool {
        let author = change.id.replica;
        let Some(last) = self.last(author).filter(|last| last.is_followed_by(change)) else {
            return false;
        };
        change.names_any(|op| op.replica != author && self.is_as_late_as(op, last.lamport))
    }

    /// Whether an operation is retained and has that Lamport time or a greater one.
    fn is_as_late_as(&self, op: OpId, lamport: u64) -> bool {
        let last = self.last(op.replica);
        // Most operations that are named are of a time before.
        last.is_some_and(|last| last.lamport + last.len() > lamport)
            && self.lamport_of(op).is_some_and(|time| time >= lamport)
    }

    /// The Lamport time of an operation, if it is retained.
    pub(crate) fn lamport_of(&self, op: OpId) -> Option<u64> {
        let own = self.authors.get(&op.replica)?;
        if own.open.front().is_some_and(|first| first.id.counter <= op.counter) {
            let after = own.open.partition_point(|change| change.id.counter <= op.counter);
            let change = own.open.get(after - 1).filter(|change| op.counter < change.end())?;
            return Some(change.lamport + (op.counter - change.id.counter));
        }
        let nth = own.blocks.partition_point(|block| block.extent.end <= op.counter);
        let block = own.blocks.get(nth).filter(|block| block.extent.start <= op.counter)?;
        let Extent { start, end, lamport, lamport_end, .. } = block.extent;
        // Where nothing of others came in between, the times are as contiguous as the counters.
        if lamport_end - lamport == end - start {
            return Some(lamport + (op.counter - start));
        }
        let lamport = block::lamport_of(&block.bytes, op);
        debug_assert!(lamport.is_ok(), "what was sealed can be read: {lamport:?}");
        lamport.ok().flatten()
    }

    /// The retained changes of a replica that have any of the counters `from..to`.
    pub(crate) fn overlapping(
        &self,
        replica: ReplicaId,
        from: u64,
        to: u64,
    ) -> impl Iterator<Item = Cow<'_, Change>> {
        let own = self.authors.get(&replica);
        own.into_iter().flat_map(move |own| own.overlapping(from, to))
    }

    /// The changes that are not in `version`, each after those that it depends on; of one that is
    /// in part, the rest.
    pub(crate) fn since(&self, version: &VersionVector) -> Vec<Cow<'_, Change>> {
        let mut changes = Vec::new();
        for (&replica, own) in &self.authors {
            let known = version.get(replica);
            changes.extend(own.overlapping(known, u64::MAX).map(|change| {
                if change.id.counter >= known { change } else { Cow::Owned(change.from(known)) }
            }));
        }
        // A change's Lamport time is greater than those of all that it depends on.
        changes.sort_unstable_by_key(|change| (change.lamport, change.id));
        changes
    }

    /// Drops the changes that lie within the cut; gives how many.
    pub(crate) fn prune(&mut self, cut: &VersionVector) -> u64 {
        let before = self.count;
        self.authors.retain(|&replica, own| {
            self.count -= own.prune(cut.get(replica));
            !own.open.is_empty()
        });
        before - self.count
    }

    /// How many changes are retained.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// How many bytes they take in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        let of_author = |own: &Author| {
            let sealed: usize = own.blocks.iter().map(|block| block.bytes.len()).sum();
            let open = own.open.iter().map(|change| change.memory_bytes() - size_of::<Change>());
            own.blocks.capacity() * size_of::<Block>()
                + sealed
                + own.open.capacity() * size_of::<Change>()
                + open.sum::<usize>()
        };
        self.authors.values().map(of_author).sum()
    }
}

#[cfg(test)]
mod tests;
