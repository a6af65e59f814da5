//! The retained changes, by author: what is exported to others.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use crate::change::Change;
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

/// See the module. The changes of each author are contiguous, and end where the version does.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log {
    changes: BTreeMap<ReplicaId, VecDeque<Change>>,
    count: u64,
}

impl Log {
    /// Adds the next change of its author, merged with the one before where that can be.
    pub(crate) fn push(&mut self, change: Change) {
        // What depends on others is not merged anyway.
        let stays_apart = !change.dependencies.is_empty() || self.names_what_came_later(&change);
        let own = self.changes.entry(change.id.replica).or_default();
        let separate = match own.back_mut().filter(|_| !stays_apart) {
            Some(last) => last.absorb(change),
            None => Some(change),
        };
        if let Some(change) = separate {
            if let Some(last) = own.back_mut() {
                last.shrink_to_fit();
            }
            self.put(change);
        }
    }

    /// Adds the next change of its author as it is.
    pub(crate) fn put(&mut self, mut change: Change) {
        change.shrink_to_fit();
        self.changes.entry(change.id.replica).or_default().push_back(change);
        self.count += 1;
    }

    /// The last change of an author, if it is retained.
    pub(crate) fn last(&self, author: ReplicaId) -> Option<&Change> {
        self.changes.get(&author)?.back()
    }

    /// The same, to be made longer.
    pub(crate) fn last_mut(&mut self, author: ReplicaId) -> Option<&mut Change> {
        self.changes.get_mut(&author)?.back_mut()
    }

    /// Whether a change names an operation of another replica that may depend on the one that it
    /// would be merged with: an honest author, who had seen nothing in between, does not. Merged,
    /// they would wait for each other.
    fn names_what_came_later(&self, change: &Change) -> bool {
        let author = change.id.replica;
        let Some(last) = self.last(author) else { return false };
        change.names_any(|op| {
            op.replica != author
                && self.lamport_of(op).is_some_and(|lamport| lamport >= last.lamport)
        })
    }

    /// The Lamport time of an operation, if it is retained.
    pub(crate) fn lamport_of(&self, op: OpId) -> Option<u64> {
        let last = self.last(op.replica)?;
        let change = if last.id.counter <= op.counter && op.counter < last.end() {
            last
        } else {
            self.overlapping(op.replica, op.counter, op.counter.checked_add(1)?).next()?
        };
        Some(change.lamport + (op.counter - change.id.counter))
    }

    /// The retained changes of a replica that have any of the counters `from..to`.
    pub(crate) fn overlapping(
        &self,
        replica: ReplicaId,
        from: u64,
        to: u64,
    ) -> impl Iterator<Item = &Change> {
        let own = self.changes.get(&replica);
        own.into_iter().flat_map(move |own| {
            let first = own.partition_point(|change| change.end() <= from);
            own.range(first..).take_while(move |change| change.id.counter < to)
        })
    }

    /// The changes that are not in `version`, each after those that it depends on; of one that is
    /// in part, the rest.
    pub(crate) fn since(&self, version: &VersionVector) -> Vec<Cow<'_, Change>> {
        let mut changes = Vec::new();
        for (&replica, own) in &self.changes {
            let known = version.get(replica);
            let from = own.partition_point(|change| change.end() <= known);
            changes.extend(own.range(from..).map(|change| {
                if change.id.counter >= known {
                    Cow::Borrowed(change)
                } else {
                    Cow::Owned(change.from(known))
                }
            }));
        }
        // A change's Lamport time is greater than those of all that it depends on.
        changes.sort_unstable_by_key(|change| (change.lamport, change.id));
        changes
    }

    /// Drops the changes that lie within the cut; gives how many.
    pub(crate) fn prune(&mut self, cut: &VersionVector) -> u64 {
        let before = self.count;
        self.changes.retain(|&replica, own| {
            let gone = own.partition_point(|change| change.end() <= cut.get(replica));
            self.count -= gone as u64;
            own.drain(..gone);
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
        let slots: usize = self.changes.values().map(VecDeque::capacity).sum();
        let changes = self.changes.values().flatten();
        slots * size_of::<Change>()
            + changes.map(|change| change.memory_bytes() - size_of::<Change>()).sum::<usize>()
    }
}
