//! Which operations have touched an entity: a version vector of the few replicas that did.

use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

/// How many operations of each replica are known up to the last one that touched the entity;
/// ascending by replica.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Clock(Vec<(ReplicaId, u64)>);

impl Clock {
    /// Rebuilds what was saved.
    pub(crate) fn new(version: &VersionVector) -> Self {
        Self(version.iter().collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Records an operation.
    pub(crate) fn record(&mut self, op: OpId) {
        let (replica, count) = (op.replica, op.counter + 1);
        match self.0.binary_search_by_key(&replica, |&(replica, _)| replica) {
            Ok(at) => self.0[at].1 = self.0[at].1.max(count),
            Err(at) => self.0.insert(at, (replica, count)),
        }
    }

    /// Records all that another entity was touched by.
    pub(crate) fn join(&mut self, other: &Self) {
        other.last().for_each(|op| self.record(op));
    }

    /// The last operation of each replica.
    pub(crate) fn last(&self) -> impl Iterator<Item = OpId> {
        self.0.iter().map(|&(replica, count)| OpId::new(replica, count - 1))
    }

    /// One of the operations that the cut does not cover, if there is one.
    pub(crate) fn beyond(&self, cut: &VersionVector) -> Option<OpId> {
        self.last().find(|&op| !cut.contains(op))
    }

    pub(crate) fn version(&self) -> VersionVector {
        self.0.iter().copied().collect()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<(ReplicaId, u64)>()
    }
}
