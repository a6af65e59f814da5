//! Which operations have touched an entity: a version vector of the few replicas that did.

use std::collections::BTreeMap;

use crate::id::{OpId, ReplicaId};
use crate::version::{Baseline, VersionVector};

/// From how many replicas on they are a tree.
const MANY: usize = 32;

/// How many operations of each replica are known up to the last one that touched the entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Clock {
    /// Ascending by replica, fewer than many.
    Few(Vec<(ReplicaId, u64)>),
    Many(BTreeMap<ReplicaId, u64>),
}

impl Default for Clock {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Clock {
    /// Rebuilds what was saved.
    pub(crate) fn new(version: &VersionVector) -> Self {
        let mut clock = Self::default();
        version.iter().for_each(|(replica, count)| clock.set(replica, count));
        clock
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(counts) if counts.is_empty())
    }

    /// How many replicas it knows of.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(counts) => counts.len(),
            Self::Many(counts) => counts.len(),
        }
    }

    /// Records an operation.
    pub(crate) fn record(&mut self, op: OpId) {
        self.set(op.replica, op.counter + 1);
    }

    fn set(&mut self, replica: ReplicaId, count: u64) {
        let counts = match self {
            // Most often the one that was first to touch it.
            Self::Few(counts) if counts.first().is_some_and(|first| first.0 == replica) => {
                counts[0].1 = counts[0].1.max(count);
                return;
            }
            Self::Few(counts) => counts,
            Self::Many(counts) => {
                let known = counts.entry(replica).or_insert(0);
                *known = count.max(*known);
                return;
            }
        };
        match counts.binary_search_by_key(&replica, |&(replica, _)| replica) {
            Ok(at) => counts[at].1 = counts[at].1.max(count),
            Err(at) if counts.len() + 1 < MANY => counts.insert(at, (replica, count)),
            Err(_) => {
                let all = std::mem::take(counts).into_iter().chain([(replica, count)]);
                *self = Self::Many(all.collect());
            }
        }
    }

    /// Records all that another entity was touched by.
    pub(crate) fn join(&mut self, other: &Self) {
        other.last().for_each(|op| self.record(op));
    }

    /// The last operation of each replica, by replica.
    pub(crate) fn last(&self) -> Box<dyn Iterator<Item = OpId> + '_> {
        let last = |(replica, count): (ReplicaId, u64)| OpId::new(replica, count - 1);
        match self {
            Self::Few(counts) => Box::new(counts.iter().copied().map(last)),
            Self::Many(counts) => {
                Box::new(counts.iter().map(move |(&replica, &count)| last((replica, count))))
            }
        }
    }

    /// Forgets replicas that have departed.
    pub(crate) fn forget(&mut self, departed: &Baseline) {
        match self {
            Self::Few(counts) => counts.retain(|&(replica, _)| !departed.contains(replica)),
            Self::Many(counts) => {
                counts.retain(|&replica, _| !departed.contains(replica));
                if counts.len() < MANY {
                    *self = Self::Few(std::mem::take(counts).into_iter().collect());
                }
            }
        }
    }

    /// One of the operations that the cut does not cover, if there is one.
    pub(crate) fn beyond(&self, cut: &VersionVector) -> Option<OpId> {
        self.last().find(|&op| !cut.contains(op))
    }

    /// The operations that the cut does not cover.
    pub(crate) fn all_beyond(&self, cut: &VersionVector) -> Self {
        let mut beyond = Self::default();
        self.last().filter(|&op| !cut.contains(op)).for_each(|op| beyond.record(op));
        beyond
    }

    pub(crate) fn version(&self) -> VersionVector {
        self.last().map(|op| (op.replica, op.counter + 1)).collect()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let len = match self {
            Self::Few(counts) => counts.capacity(),
            Self::Many(counts) => counts.len(),
        };
        len * size_of::<(ReplicaId, u64)>()
    }
}
