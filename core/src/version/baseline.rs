//! What replicas that have departed for good contributed, once and for all.

use crate::id::ReplicaId;

use super::VersionVector;

/// Replicas that have left or were evicted, and whose last operation, as their departure itself,
/// lies within the prune floor: each with how many operations it made in the end.
///
/// Versions that have all of these share it, and list the other replicas alone. `docs/pruning.md`
/// says why the order of departures is the same everywhere, so that a number names the first ones.
#[derive(PartialEq, Eq, Default, Debug)]
pub(crate) struct Baseline {
    /// In the order of departure.
    order: Vec<(ReplicaId, u64)>,
    /// Those that made any operation, by replica.
    authors: Vec<(ReplicaId, u64)>,
    /// The others: evicted before they made one.
    silent: Vec<ReplicaId>,
    /// How many operations all of them made.
    operations: u64,
}

impl Baseline {
    /// Of replicas in the order of departure; `None` if there are none, or one comes twice.
    pub(crate) fn new(order: Vec<(ReplicaId, u64)>) -> Option<Self> {
        let mut counts = order.clone();
        counts.sort_unstable();
        if counts.is_empty() || counts.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        let (silent, authors): (Vec<_>, _) = counts.into_iter().partition(|&(_, count)| count == 0);
        let silent = silent.into_iter().map(|(replica, _)| replica).collect();
        let operations = total(&order);
        Some(Self { order, authors, silent, operations })
    }

    /// The replicas in the order of departure.
    pub(crate) fn order(&self) -> &[(ReplicaId, u64)] {
        &self.order
    }

    /// How many operations the replica made, if it is one of these. O(log n).
    pub(crate) fn get(&self, replica: ReplicaId) -> Option<u64> {
        let at = self.authors.binary_search_by_key(&replica, |&(replica, _)| replica);
        let is_silent = || self.silent.binary_search(&replica).is_ok().then_some(0);
        at.ok().map(|at| self.authors[at].1).or_else(is_silent)
    }

    pub(crate) fn contains(&self, replica: ReplicaId) -> bool {
        self.get(replica).is_some()
    }

    /// Those that made any operation, by replica.
    pub(super) fn authors(&self) -> &[(ReplicaId, u64)] {
        &self.authors
    }

    /// How many operations they made.
    pub(crate) fn operations(&self) -> u64 {
        self.operations
    }

    /// Those that have departed since the other baseline, if all before are the same.
    pub(super) fn since(&self, other: Option<&Self>) -> Option<&[(ReplicaId, u64)]> {
        self.order.strip_prefix(other.map_or(&[][..], Self::order))
    }
}

/// Which replicas a version leaves out, with all that they did: the first ones to depart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LeftOut {
    /// How many; not 0.
    pub(crate) replicas: u64,
    /// How many operations they made, by which a receiver knows that it means the same.
    pub(crate) operations: u64,
}

impl LeftOut {
    /// Of a version that is written; `None` if it has no baseline.
    pub(crate) fn of(version: &VersionVector) -> Option<Self> {
        let baseline = version.baseline()?;
        Some(Self { replicas: baseline.order.len() as u64, operations: baseline.operations })
    }

    /// Of versions that are written side by side; `None` if they differ.
    pub(crate) fn of_both(one: &VersionVector, other: &VersionVector) -> Option<Self> {
        Self::of(one).filter(|_| one.is_beside(other))
    }

    /// Whether these are all of a baseline.
    pub(crate) fn is_all_of(self, baseline: &Baseline) -> bool {
        self.replicas == baseline.order.len() as u64 && self.operations == baseline.operations
    }
}

/// How many operations these made.
pub(crate) fn total(counts: &[(ReplicaId, u64)]) -> u64 {
    counts.iter().fold(0, |sum, &(_, count)| sum.saturating_add(count))
}
