//! Which containers wait for a cut to reach an operation: so that following a cut costs what it
//! changes, and not a walk through the document. Nothing of it is saved, as it follows from what is.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

use super::slots::ContainerIndex;

/// Containers by operations that they wait for. Of each author whose operations a container waits for,
/// the first one is here; one that is here in vain is looked at in vain.
#[derive(Clone, Default, Debug)]
pub(super) struct Due(BTreeSet<(OpId, ContainerIndex)>);

impl Due {
    pub(super) fn wait(&mut self, op: OpId, index: ContainerIndex) {
        self.0.insert((op, index));
    }

    pub(super) fn wait_for_all(
        &mut self,
        ops: impl IntoIterator<Item = OpId>,
        index: ContainerIndex,
    ) {
        self.0.extend(ops.into_iter().map(|op| (op, index)));
    }

    /// Takes out the containers that wait for operations within a cut, each with the authors of
    /// these.
    pub(super) fn take(&mut self, cut: &VersionVector) -> Vec<(ContainerIndex, ReplicaId)> {
        let mut due: Vec<(ContainerIndex, ReplicaId)> = Vec::new();
        let mut next = self.0.first().copied();
        while let Some((OpId { replica, .. }, _)) = next {
            let first = (OpId::new(replica, 0), 0);
            let behind = (OpId::new(replica, cut.get(replica)), 0);
            let within: Vec<_> = self.0.range(first..behind).copied().collect();
            for entry in within {
                self.0.remove(&entry);
                due.push((entry.1, replica));
            }
            let last = (OpId::new(replica, u64::MAX), ContainerIndex::MAX);
            next = self.0.range((Bound::Excluded(last), Bound::Unbounded)).next().copied();
        }
        due.sort_unstable();
        due.dedup();
        due
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.0.len() * size_of::<(OpId, ContainerIndex)>()
    }

    /// Whether a container waits for an operation, or for an earlier one of its author.
    #[cfg(test)]
    pub(super) fn has_from(&self, op: OpId, index: ContainerIndex) -> bool {
        let first = (OpId::new(op.replica, 0), 0);
        self.0.range(first..=(op, ContainerIndex::MAX)).any(|&(_, other)| other == index)
    }
}
