//! The retained changes, by author: what is exported to others.
//!
//! The last few of each author are kept as they are, as new ones are merged with the last; those
//! before are sealed in blocks of bytes, which are decoded when something in them is asked for.

mod dependencies;
mod merged;
mod sealing;
mod slices;
#[cfg(test)]
mod tests;
mod texts;
mod within;

pub(crate) use sealing::Sealing;
pub(crate) use slices::Slices;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::OnceLock;

use crate::change::Change;
use crate::codec::block::{self, Extent};
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;
pub(crate) use dependencies::Dependencies;
pub(crate) use within::Share;

/// How many changes, or operations of them, are sealed as one block.
const BLOCK_CHANGES: usize = 64;
const BLOCK_OPS: usize = 256;

/// How many of the last changes are looked at one by one, and stay open where others are sealed: it
/// is mostly these that others depend on.
const LAST: usize = 4;

/// See the module. The changes of each author are contiguous, and end where the version does.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log {
    authors: BTreeMap<ReplicaId, Author>,
    count: u64,
    /// What the retained changes depend on, from when it is first asked for.
    dependencies: OnceLock<Dependencies>,
}

/// The changes of one author.
#[derive(Clone, Default, Debug)]
struct Author {
    blocks: VecDeque<Block>,
    /// Those behind the blocks: at least the last one.
    open: VecDeque<Change>,
    /// How many operations those have, as last counted.
    open_ops: usize,
}

/// Changes that are sealed.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) extent: Extent,
    pub(crate) bytes: Box<[u8]>,
}

impl Block {
    /// Seals changes that follow each other; `None` if there are none.
    fn seal<'c>(changes: impl Iterator<Item = &'c Change> + Clone) -> Option<Self> {
        let (first, last) = (changes.clone().next()?, changes.clone().last()?);
        let extent = Extent {
            author: first.id.replica,
            start: first.id.counter,
            end: last.end(),
            first_end: first.end(),
            lamport: first.lamport,
            lamport_end: last.lamport + last.len(),
            count: changes.clone().count(),
        };
        Some(Self { extent, bytes: block::seal(changes) })
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

    /// The Lamport time of an operation of this author, if it is retained.
    fn lamport_of(&self, op: OpId) -> Option<u64> {
        let mut last = self.open.iter().rev().take(LAST);
        if let Some(change) = last.find(|change| change.id.counter <= op.counter) {
            let offset = op.counter - change.id.counter;
            return (offset < change.len()).then(|| change.lamport + offset);
        }
        if self.open.front().is_some_and(|first| first.id.counter <= op.counter) {
            let after = self.open.partition_point(|change| change.id.counter <= op.counter);
            let change = self.open.get(after - 1).filter(|change| op.counter < change.end())?;
            return Some(change.lamport + (op.counter - change.id.counter));
        }
        let nth = self.blocks.partition_point(|block| block.extent.end <= op.counter);
        let block = self.blocks.get(nth).filter(|block| block.extent.start <= op.counter)?;
        // Where nothing of others came in between, the times are as contiguous as the counters.
        if block.extent.lamport_end - block.extent.lamport == block.extent.end - block.extent.start
        {
            return Some(block.extent.lamport + (op.counter - block.extent.start));
        }
        let lamport = block::lamport_of(&block.bytes, op);
        debug_assert!(lamport.is_ok(), "what was sealed can be read: {lamport:?}");
        lamport.ok().flatten()
    }

    /// Whether an operation of this author has a Lamport time less than that, if it is retained.
    fn is_before(&self, op: OpId, lamport: u64) -> bool {
        // Times grow at least as counters do.
        let is_early = self.open.back().is_some_and(|last| {
            let behind = last.end().saturating_sub(op.counter);
            behind > 0 && last.lamport + last.len() < lamport + behind
        });
        is_early || self.lamport_of(op).is_none_or(|known| known < lamport)
    }

    /// Adds the next change.
    fn put(&mut self, mut change: Change) {
        change.shrink_to_fit();
        if let Some(last) = self.open.back_mut() {
            last.shrink_to_fit();
            self.open_ops += last.ops().len();
        }
        if self.open.len() >= BLOCK_CHANGES + LAST || self.open_ops >= BLOCK_OPS {
            // A few stay, if they are small.
            let kept: usize = self.open.iter().rev().take(LAST).map(|last| last.ops().len()).sum();
            let keeps = self.open.len() > LAST && kept <= BLOCK_OPS / 4;
            let (sealed, kept) =
                if keeps { (self.open.len() - LAST, kept) } else { (self.open.len(), 0) };
            self.blocks.extend(Block::seal(self.open.range(..sealed)));
            self.open.drain(..sealed);
            self.open_ops = kept;
        }
        self.open.push_back(change);
    }

    /// Adds the blocks of the next changes.
    fn extend(&mut self, blocks: Vec<Block>) {
        self.blocks.extend(Block::seal(self.open.iter()));
        self.open.clear();
        self.blocks.extend(blocks);
        self.open_last();
    }

    /// Opens the last block: that of the changes which the next ones are merged with.
    fn open_last(&mut self) {
        let last = self.blocks.pop_back();
        self.open.extend(last.iter().flat_map(Block::changes));
        self.open_ops = self.open.iter().rev().skip(1).map(|change| change.ops().len()).sum();
        self.blocks.shrink_to_fit();
    }

    /// Drops the changes that end there or before; gives how many, and how many bytes they took.
    fn prune(&mut self, end: u64) -> (usize, usize) {
        let gone = self.blocks.partition_point(|block| block.extent.end <= end);
        let (mut count, mut bytes) = (0, 0);
        for block in self.blocks.drain(..gone) {
            count += block.extent.count;
            bytes += block.bytes.len();
        }
        if let Some(first) = self.blocks.front_mut().filter(|first| first.extent.first_end <= end) {
            let changes = first.changes();
            let gone = changes.partition_point(|change| change.end() <= end);
            if let Some(rest) = Block::seal(changes[gone..].iter()) {
                bytes += first.bytes.len().saturating_sub(rest.bytes.len());
                *first = rest;
                count += gone;
            }
        }
        let gone = self.open.partition_point(|change| change.end() <= end);
        bytes += self.open.drain(..gone).map(|change| change.memory_bytes()).sum::<usize>();
        self.open_ops = self.open.iter().rev().skip(1).map(|change| change.ops().len()).sum();
        if self.blocks.len() < self.blocks.capacity() / 2 {
            self.blocks.shrink_to_fit();
        }
        if self.open.len() < self.open.capacity() / 2 {
            self.open.shrink_to_fit();
        }
        (count + gone, bytes)
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
        if let Some(known) = self.dependencies.get_mut() {
            known.add(change.id, &change.dependencies);
        }
        self.authors.entry(change.id.replica).or_default().put(change);
        self.count += 1;
    }

    /// Adds the next changes of an author as they are.
    pub(crate) fn extend(&mut self, author: ReplicaId, sealing: Sealing) {
        self.dependencies = OnceLock::new();
        let blocks = sealing.into_blocks();
        self.count += blocks.iter().map(|block| block.extent.count as u64).sum::<u64>();
        self.authors.entry(author).or_default().extend(blocks);
    }

    /// The last change of a replica.
    pub(crate) fn last(&self, author: ReplicaId) -> Option<&Change> {
        self.authors.get(&author)?.open.back()
    }

    /// The last change of a replica, to be extended.
    pub(crate) fn last_mut(&mut self, author: ReplicaId) -> Option<&mut Change> {
        self.authors.get_mut(&author)?.open.back_mut()
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
        self.authors.get(&op.replica)?.lamport_of(op)
    }

    /// Whether each of these operations, in ascending order and one a replica, has a Lamport time
    /// less than that, if it is retained.
    pub(crate) fn are_before(&self, heads: &[OpId], lamport: u64) -> bool {
        /// A walk through all authors beats looking each up where one in so many is asked for.
        const SPARSE: usize = 4;
        if heads.len() * SPARSE < self.authors.len() {
            let is_before = |&head: &OpId| {
                self.authors.get(&head.replica).is_none_or(|own| own.is_before(head, lamport))
            };
            return heads.iter().all(is_before);
        }
        let mut authors = self.authors.iter();
        let mut next = authors.next();
        heads.iter().all(|&head| {
            while next.is_some_and(|(&author, _)| author < head.replica) {
                next = authors.next();
            }
            let own = next.filter(|&(&author, _)| author == head.replica);
            own.is_none_or(|(_, own)| own.is_before(head, lamport))
        })
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

    /// Drops the changes that lie within the cut; gives how many, and how many bytes they took.
    pub(crate) fn prune(&mut self, cut: &VersionVector) -> (u64, u64) {
        let (mut gone, mut freed) = (0, 0);
        self.authors.retain(|&replica, own| {
            let (count, bytes) = own.prune(cut.get(replica));
            (gone, freed) = (gone + count as u64, freed + bytes as u64);
            !own.open.is_empty()
        });
        if gone > 0 {
            self.dependencies = OnceLock::new();
        }
        self.count -= gone;
        (gone, freed)
    }

    /// All changes in blocks, by author, in the author's order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.authors.values().flat_map(|own| {
            let sealed = own.blocks.iter().map(|block| Cow::Borrowed(&*block.bytes));
            let open = (!own.open.is_empty()).then(|| block::seal(&own.open).into_vec());
            sealed.chain(open.map(Cow::Owned))
        })
    }

    /// The log of checked [`blocks`](Self::blocks).
    pub(crate) fn from_blocks(blocks: Vec<Block>) -> Self {
        let mut log = Self::default();
        for block in blocks {
            log.count += block.extent.count as u64;
            log.authors.entry(block.extent.author).or_default().blocks.push_back(block);
        }
        log.authors.values_mut().for_each(Author::open_last);
        log
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
