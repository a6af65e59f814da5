//! How much of the log lies within a cut, without opening a block.

use crate::change::Change;
use crate::id::ReplicaId;
use crate::version::VersionVector;

use super::{Author, BLOCK_CHANGES, Block, Log};

/// Changes, and the bytes that they take in memory.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Share {
    pub(crate) changes: u64,
    pub(crate) bytes: u64,
}

impl Author {
    fn within(&self, end: u64) -> Share {
        let mut share = Share::default();
        for block in self.blocks.iter().take_while(|block| block.extent.start < end) {
            let (extent, bytes) = (block.extent, size_of::<Block>() + block.bytes.len());
            let operations = extent.end - extent.start;
            let within = operations.min(end - extent.start);
            let part =
                |all: u64| (u128::from(all) * u128::from(within) / u128::from(operations)) as u64;
            share.changes += part(extent.count as u64);
            share.bytes += part(bytes as u64);
        }
        let open = self.open.iter().take_while(|change| change.end() <= end);
        for bytes in open.map(Change::memory_bytes) {
            share.changes += 1;
            share.bytes += bytes as u64;
        }
        share
    }
}

impl Log {
    /// What of the log lies within the cut; of a block that the cut parts, in proportion to the
    /// operations.
    pub(crate) fn within(&self, cut: &VersionVector) -> Share {
        self.authors.iter().map(|(&author, own)| own.within(cut.get(author))).fold(
            Share::default(),
            |all, own| Share { changes: all.changes + own.changes, bytes: all.bytes + own.bytes },
        )
    }

    /// The first commit time that the retained changes have which are not wholly within so many
    /// operations of their author, if the first few have one. O(log n), and opens two blocks at most.
    pub(crate) fn time_after(&self, author: ReplicaId, known: u64) -> Option<i64> {
        let mut changes = self.overlapping(author, known, u64::MAX).take(BLOCK_CHANGES);
        changes.find_map(|change| change.time())
    }

    /// The latest commit time of the last change of each author.
    pub(crate) fn latest_time(&self) -> Option<i64> {
        self.authors.values().filter_map(|own| own.open.back()?.time()).max()
    }
}
