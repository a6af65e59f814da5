//! What the changes of each author depend on: which versions are causally closed.

use std::collections::BTreeMap;

use crate::codec::block;
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

use super::Log;

/// From the operation `from` of an author on, it has seen so many operations of another replica.
#[derive(Clone, Copy, Debug)]
struct Seen {
    from: u64,
    count: u64,
}

/// Of each author, what it has seen of each other replica: ascending, both ways.
#[derive(Clone, Default, Debug)]
pub(crate) struct Dependencies(BTreeMap<ReplicaId, BTreeMap<ReplicaId, Vec<Seen>>>);

impl Dependencies {
    /// Adds the author's next change.
    pub(super) fn add(&mut self, id: OpId, dependencies: &[OpId]) {
        if dependencies.is_empty() {
            return;
        }
        let of_author = self.0.entry(id.replica).or_default();
        for head in dependencies {
            let seen = of_author.entry(head.replica).or_default();
            let count = head.counter + 1;
            if seen.last().is_none_or(|last| last.count < count) {
                seen.push(Seen { from: id.counter, count });
            }
        }
    }

    /// An operation of the version and one that it depends on and that is not in the version, if
    /// there are such.
    pub(crate) fn unmet(&self, version: &VersionVector) -> Option<(OpId, OpId)> {
        self.0.iter().find_map(|(&author, others)| {
            let count = version.get(author);
            others.iter().find_map(|(&other, seen)| {
                let met = seen.partition_point(|seen| seen.count <= version.get(other));
                let seen = seen.get(met).filter(|seen| seen.from < count)?;
                let needs = OpId::new(other, seen.count - 1);
                Some((OpId::new(author, seen.from), needs))
            })
        })
    }

    /// The version with all that it depends on. One round for each author at the most.
    pub(crate) fn closure(&self, mut version: VersionVector) -> VersionVector {
        loop {
            let mut grown = version.clone();
            for (&author, others) in &self.0 {
                let count = version.get(author);
                for (&other, seen) in others {
                    let within = seen.partition_point(|seen| seen.from < count);
                    if let Some(last) = within.checked_sub(1).map(|last| seen[last])
                        && last.count > grown.get(other)
                    {
                        grown.set(other, last.count);
                    }
                }
            }
            if grown == version {
                return version;
            }
            version = grown;
        }
    }
}

impl Log {
    /// What the retained changes depend on. O(n) in them when it is first asked for.
    pub(crate) fn dependencies(&self) -> &Dependencies {
        self.dependencies.get_or_init(|| {
            let mut dependencies = Dependencies::default();
            for own in self.authors.values() {
                for sealed in &own.blocks {
                    let read = block::dependencies(&sealed.bytes, |id, heads| {
                        dependencies.add(id, heads);
                    });
                    debug_assert!(read.is_ok(), "what was sealed can be read: {read:?}");
                }
                own.open
                    .iter()
                    .for_each(|change| dependencies.add(change.id, &change.dependencies));
            }
            dependencies
        })
    }

    /// Whether all that is retained is of one author: then every version is closed.
    pub(crate) fn has_one_author(&self) -> bool {
        self.authors.len() <= 1
    }
}
