//! The retained changes, by author: what is exported to others.

use std::collections::{BTreeMap, VecDeque};

use crate::change::Change;
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

/// See the module. The changes of each author are contiguous, and end where the version does.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log {
    changes: BTreeMap<ReplicaId, VecDeque<Change>>,
    count: u64,
    bytes: usize,
}

impl Log {
    /// Adds the next change of its author.
    pub(crate) fn push(&mut self, change: Change) {
        self.count += 1;
        self.bytes += change.memory_bytes();
        self.changes.entry(change.id.replica).or_default().push_back(change);
    }

    /// The retained change with this identity.
    pub(crate) fn get(&self, id: OpId) -> Option<&Change> {
        let changes = self.changes.get(&id.replica)?;
        let at = changes.binary_search_by_key(&id.counter, |change| change.id.counter).ok()?;
        changes.get(at)
    }

    /// The changes that are not in `version`, each after those that it depends on.
    pub(crate) fn since(&self, version: &VersionVector) -> Vec<&Change> {
        let mut changes = Vec::new();
        for (&replica, own) in &self.changes {
            let known = version.get(replica);
            let from = own.partition_point(|change| change.id.counter + change.len() <= known);
            changes.extend(own.range(from..));
        }
        // A change's Lamport time is greater than those of all that it depends on.
        changes.sort_by_key(|change| (change.lamport, change.id));
        changes
    }

    /// Drops the changes that lie within the cut; gives how many.
    pub(crate) fn prune(&mut self, cut: &VersionVector) -> u64 {
        let before = self.count;
        self.changes.retain(|&replica, own| {
            while let Some(change) = own.front() {
                if change.id.counter + change.len() > cut.get(replica) {
                    break;
                }
                self.count -= 1;
                self.bytes -= change.memory_bytes();
                own.pop_front();
            }
            own.shrink_to_fit();
            !own.is_empty()
        });
        before - self.count
    }

    /// How many changes are retained.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// How many bytes they take in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes
    }
}
