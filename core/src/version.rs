//! Versions: what a replica has seen, as a vector and as a frontier.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use crate::id::{OpId, ReplicaId};

/// How one version stands to another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Causality {
    /// The same operations.
    Equal,
    /// All of its operations, and not all of the other's.
    Before,
    /// All of the other's operations, and more.
    After,
    /// Each has operations that the other has not.
    Concurrent,
}

/// How many operations of each replica are known (Mattern 1988; Fidge 1988).
///
/// A replica that is not listed has none. Vectors are partially ordered: [`partial_cmp`] gives
/// `None` for concurrent ones.
///
/// ```
/// use libsync::{ReplicaId, VersionVector};
/// let (a, b) = (ReplicaId::new(1), ReplicaId::new(2));
/// let left: VersionVector = [(a, 3)].into_iter().collect();
/// let right: VersionVector = [(a, 2), (b, 1)].into_iter().collect();
/// assert_eq!(left.partial_cmp(&right), None); // concurrent
/// assert_eq!(left.join(&right), [(a, 3), (b, 1)].into_iter().collect());
/// assert_eq!(left.meet(&right), [(a, 2)].into_iter().collect());
/// ```
///
/// [`partial_cmp`]: PartialOrd::partial_cmp
#[derive(Clone, PartialEq, Eq, Default, Hash)]
pub struct VersionVector(BTreeMap<ReplicaId, u64>);

impl VersionVector {
    /// The version in which nothing has happened.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// How many operations of `replica` are in this version.
    pub fn get(&self, replica: ReplicaId) -> u64 {
        self.0.get(&replica).copied().unwrap_or(0)
    }

    /// Sets how many operations of `replica` are in this version.
    pub fn set(&mut self, replica: ReplicaId, count: u64) {
        if count == 0 {
            self.0.remove(&replica);
        } else {
            self.0.insert(replica, count);
        }
    }

    /// Whether the operation is in this version.
    pub fn contains(&self, id: OpId) -> bool {
        id.counter < self.get(id.replica)
    }

    /// Whether all of these operations, in ascending order, are in this version.
    pub(crate) fn contains_all(&self, heads: &[OpId]) -> bool {
        /// From how many on walking through the version beats looking each up.
        const MANY: usize = 8;
        if heads.len() < MANY {
            return heads.iter().all(|&head| self.contains(head));
        }
        let mut counts = self.iter();
        heads.iter().all(|head| {
            counts.by_ref().any(|(replica, count)| replica == head.replica && head.counter < count)
        })
    }

    /// Whether all of `other` is in this version.
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(replica, count)| self.get(replica) >= count)
    }

    /// How it stands to another version.
    ///
    /// ```
    /// use libsync::{Causality, ReplicaId, VersionVector};
    /// let known: VersionVector = [(ReplicaId::new(1), 3)].into_iter().collect();
    /// assert_eq!(VersionVector::new().compare(&known), Causality::Before);
    /// ```
    pub fn compare(&self, other: &Self) -> Causality {
        match self.partial_cmp(other) {
            Some(Ordering::Equal) => Causality::Equal,
            Some(Ordering::Less) => Causality::Before,
            Some(Ordering::Greater) => Causality::After,
            None => Causality::Concurrent,
        }
    }

    /// What is in either (the least upper bound).
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        for (replica, count) in other.iter() {
            let known = joined.0.entry(replica).or_insert(0);
            *known = (*known).max(count);
        }
        joined
    }

    /// What is in both (the greatest lower bound).
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        self.iter().map(|(replica, count)| (replica, count.min(other.get(replica)))).collect()
    }

    /// How many operations are in this version and not in `other`; at most [`u64::MAX`].
    pub fn ahead_of(&self, other: &Self) -> u64 {
        let ahead = self.iter().map(|(replica, count)| count.saturating_sub(other.get(replica)));
        ahead.fold(0, u64::saturating_add)
    }

    /// How many operations are in this version; at most [`u64::MAX`].
    pub fn operations(&self) -> u64 {
        self.0.values().copied().fold(0, u64::saturating_add)
    }

    /// The replicas and their counts, by replica; no count is 0.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ReplicaId, u64)> {
        self.0.iter().map(|(&replica, &count)| (replica, count))
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(ReplicaId, u64)> for VersionVector {
    fn from_iter<I: IntoIterator<Item = (ReplicaId, u64)>>(counts: I) -> Self {
        Self(counts.into_iter().filter(|&(_, count)| count > 0).collect())
    }
}

impl PartialOrd for VersionVector {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.covers(other), other.covers(self)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }
}

impl fmt::Debug for VersionVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter()).finish()
    }
}

/// How many operations of a replica are known: by a version, or by one in the making.
pub(crate) trait Known {
    fn count(&self, replica: ReplicaId) -> u64;
}

impl Known for VersionVector {
    fn count(&self, replica: ReplicaId) -> u64 {
        self.get(replica)
    }
}

/// The heads of a history: the operations that no other known one depends on.
///
/// Together with everything below them they are the same set as a [`VersionVector`], in fewer
/// bytes; a change names what it depends on in this form.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Frontier(Vec<OpId>);

impl Frontier {
    /// The heads, in ascending order.
    pub fn heads(&self) -> &[OpId] {
        &self.0
    }

    /// Records a change that depends on `dependencies` and ends with `last`.
    ///
    /// `dependencies` name everything of the author's own that came before.
    pub(crate) fn advance(&mut self, dependencies: &[OpId], last: OpId) {
        if self.advance_only(last) {
            return;
        }
        if dependencies.is_empty()
            && let Ok(at) = self.0.binary_search_by_key(&last.replica, |head| head.replica)
        {
            self.0[at] = last;
            return;
        }
        // Both ascend.
        let mut rest = dependencies;
        self.0.retain(|head| {
            while let Some((_, behind)) = rest.split_first().filter(|(first, _)| *first < head) {
                rest = behind;
            }
            head.replica != last.replica && rest.first() != Some(head)
        });
        let place = self.0.partition_point(|head| *head < last);
        self.0.insert(place, last);
    }

    /// The same where the author's own head is the only one; gives whether it is.
    fn advance_only(&mut self, last: OpId) -> bool {
        match self.0.as_mut_slice() {
            [only] if only.replica == last.replica => {
                *only = last;
                true
            }
            _ => false,
        }
    }

    /// The heads but `replica`'s own: what its next change has to name.
    pub(crate) fn others(&self, replica: ReplicaId) -> Vec<OpId> {
        self.0.iter().copied().filter(|head| head.replica != replica).collect()
    }
}

impl FromIterator<OpId> for Frontier {
    fn from_iter<I: IntoIterator<Item = OpId>>(heads: I) -> Self {
        let mut heads: Vec<_> = heads.into_iter().collect();
        heads.sort_unstable();
        heads.dedup();
        Self(heads)
    }
}
