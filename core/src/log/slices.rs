//! Cuts between two others, so that a long way from the one to the other can be gone in steps.
//!
//! A change has a greater Lamport time than all that it depends on. So of a version that has all
//! that its changes depend on, the operations before a time are one, too. The times are those of
//! the blocks; a block in which the bound lies is read.

use std::collections::BTreeMap;

use crate::codec::block;
use crate::id::ReplicaId;
use crate::version::VersionVector;

use super::{Author, Block, Log};

/// How many operations a slice has, about.
const SLICE: u64 = 1024;

/// What is remembered from one slice to the next.
#[derive(Default)]
pub(crate) struct Slices {
    /// Of each author the block that was read last, by where it starts: for each change its first
    /// counter, Lamport time and length.
    read: BTreeMap<ReplicaId, (u64, Vec<Times>)>,
    /// How much time the last slice took.
    width: u64,
    /// How many blocks were read.
    pub(crate) blocks: u64,
}

/// The counter and the Lamport time of the first operation of a change, and how many it has.
type Times = (u64, u64, u64);

/// Behind the last operation of ascending changes that is before a time, if one is.
fn end_before(times: impl DoubleEndedIterator<Item = Times>, time: u64) -> Option<u64> {
    let (counter, lamport, len) = times.rev().find(|&(_, lamport, _)| lamport < time)?;
    Some(counter + len.min(time - lamport))
}

impl Slices {
    /// The same of a block.
    fn end_in(&mut self, block: &Block, time: u64) -> Option<u64> {
        let extent = &block.extent;
        if time >= extent.lamport_end {
            return Some(extent.end);
        }
        if extent.lamport_end - extent.lamport == extent.end - extent.start {
            return Some(extent.start + (time - extent.lamport));
        }
        let read = self.read.entry(extent.author).or_default();
        if read.1.is_empty() || read.0 != extent.start {
            self.blocks += 1;
            let mut times = Vec::with_capacity(extent.count);
            let done = block::times(&block.bytes, |change| times.push(change));
            debug_assert!(done.is_ok(), "what was sealed can be read: {done:?}");
            *read = (extent.start, times);
        }
        end_before(read.1.iter().copied(), time)
    }
}

impl Author {
    /// Behind the last retained operation that is before a time, or 0.
    fn end_before(&self, time: u64, slices: &mut Slices) -> u64 {
        if self.open.front().is_some_and(|first| first.lamport < time) {
            let after = self.open.partition_point(|change| change.lamport < time);
            let last = self.open.range(after - 1..after);
            let times = last.map(|change| (change.id.counter, change.lamport, change.len()));
            return end_before(times, time).unwrap_or(0);
        }
        let after = self.blocks.partition_point(|block| block.extent.lamport < time);
        let block = after.checked_sub(1).and_then(|nth| self.blocks.get(nth));
        block.and_then(|block| slices.end_in(block, time)).unwrap_or(0)
    }

    /// A Lamport time that the operation with a counter does not come before.
    fn time_of(&self, counter: u64) -> Option<u64> {
        let first = self.open.front()?;
        let (lamport, start) = if first.id.counter <= counter {
            let after = self.open.partition_point(|change| change.id.counter <= counter);
            let change = self.open.get(after - 1)?;
            (change.lamport, change.id.counter)
        } else {
            let nth = self.blocks.partition_point(|block| block.extent.end <= counter);
            let extent = &self.blocks.get(nth)?.extent;
            (extent.lamport, extent.start)
        };
        Some(lamport + counter.saturating_sub(start))
    }
}

impl Log {
    /// From which counter on the changes of an author are retained.
    fn start_of(&self, author: ReplicaId) -> Option<u64> {
        let own = self.authors.get(&author)?;
        let sealed = own.blocks.front().map(|block| block.extent.start);
        sealed.or_else(|| own.open.front().map(|change| change.id.counter))
    }

    /// A version from one towards another, which covers it, with about a thousand operations more: one
    /// that has all that its changes depend on if these two have. What is between them and not
    /// retained, as it has been loaded without its changes, comes before all else, and at once.
    pub(crate) fn slice(
        &self,
        from: &VersionVector,
        to: &VersionVector,
        slices: &mut Slices,
    ) -> VersionVector {
        if to.ahead_of(from) <= SLICE {
            return to.clone();
        }
        let mut unretained = from.clone();
        for (author, count) in to.beyond(from) {
            let start = self.start_of(author).map_or(count, |start| start.min(count));
            if from.get(author) < start {
                unretained.set(author, start);
            }
        }
        if unretained != *from {
            return unretained;
        }
        let ahead: Vec<(ReplicaId, &Author)> = to
            .beyond(from)
            .filter_map(|(author, _)| Some((author, self.authors.get(&author)?)))
            .collect();
        let first = ahead.iter().filter_map(|(author, own)| own.time_of(from.get(*author))).min();
        // No operation is before `none`, and too many are before `many`.
        let (mut none, mut many): (u64, Option<u64>) = (first.unwrap_or(0), None);
        let mut width = slices.width.max(SLICE);
        loop {
            let time = match many {
                Some(many) => none + ((many - none) / 2).max(1),
                None => none.saturating_add(width),
            };
            let (mut cut, mut operations) = (from.clone(), 0);
            for &(author, own) in &ahead {
                let start = from.get(author);
                let end = own.end_before(time, slices).clamp(start, to.get(author));
                operations += end - start;
                cut.set(author, end);
            }
            if operations > 2 * SLICE && time - none > 1 {
                many = Some(time);
            } else if operations == 0 {
                none = time;
                width = width.saturating_mul(2);
            } else {
                slices.width =
                    if operations < SLICE / 2 { width.saturating_mul(2) } else { time - none };
                return cut;
            }
        }
    }
}
