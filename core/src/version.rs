//! Versions: what a replica has seen, as a vector and as a frontier.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
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
pub struct VersionVector(Counts);

/// From how many replicas on a version is a tree.
const MANY: usize = 64;

/// How many operations there are of each replica, ascending; none is 0. The form follows from how
/// many replicas there are, so that equal versions have equal forms.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Counts {
    /// Fewer than [`MANY`]: what is done most often is to look for one's own, or to walk.
    Few(Vec<(ReplicaId, u64)>),
    Many(BTreeMap<ReplicaId, u64>),
}

impl Default for Counts {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// The replicas of a version and their counts.
#[derive(Clone)]
enum Iter<'v> {
    Few(std::slice::Iter<'v, (ReplicaId, u64)>),
    Many(btree_map::Iter<'v, ReplicaId, u64>),
}

impl Iterator for Iter<'_> {
    type Item = (ReplicaId, u64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(counts) => counts.next().copied(),
            Self::Many(counts) => counts.next().map(|(&replica, &count)| (replica, count)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(counts) => counts.size_hint(),
            Self::Many(counts) => counts.size_hint(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// Where a replica is among few, or would be; most often there is just one.
#[inline]
fn find(counts: &[(ReplicaId, u64)], replica: ReplicaId) -> Result<usize, usize> {
    match counts.first() {
        Some(first) if first.0 == replica => Ok(0),
        _ => counts.binary_search_by_key(&replica, |&(replica, _)| replica),
    }
}

impl VersionVector {
    /// The version in which nothing has happened.
    pub const fn new() -> Self {
        Self(Counts::Few(Vec::new()))
    }

    /// How many operations of `replica` are in this version. O(log n) in the replicas.
    #[inline]
    pub fn get(&self, replica: ReplicaId) -> u64 {
        match &self.0 {
            Counts::Few(counts) => find(counts, replica).map_or(0, |at| counts[at].1),
            Counts::Many(counts) => counts.get(&replica).copied().unwrap_or(0),
        }
    }

    /// Sets how many operations of `replica` are in this version. O(log n) in the replicas.
    pub fn set(&mut self, replica: ReplicaId, count: u64) {
        match &mut self.0 {
            Counts::Few(counts) => match find(counts, replica) {
                Ok(at) if count > 0 => counts[at].1 = count,
                Ok(at) => drop(counts.remove(at)),
                Err(_) if count == 0 => {}
                Err(at) if counts.len() + 1 < MANY => counts.insert(at, (replica, count)),
                Err(_) => {
                    let counts = std::mem::take(counts).into_iter().chain([(replica, count)]);
                    self.0 = Counts::Many(counts.collect());
                }
            },
            Counts::Many(counts) if count > 0 => drop(counts.insert(replica, count)),
            Counts::Many(counts) => {
                counts.remove(&replica);
                if counts.len() < MANY {
                    self.0 = Counts::Few(std::mem::take(counts).into_iter().collect());
                }
            }
        }
    }

    /// A version of ascending replicas, with counts that are not 0.
    fn of_ascending(counts: impl Iterator<Item = (ReplicaId, u64)>) -> Self {
        let counts: Vec<(ReplicaId, u64)> = counts.collect();
        if counts.len() < MANY {
            return Self(Counts::Few(counts));
        }
        Self(Counts::Many(counts.into_iter().collect()))
    }

    /// Whether the operation is in this version.
    #[inline]
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

    /// The replicas of either version, ascending, with the counts of both.
    fn with<'v>(&'v self, other: &'v Self) -> impl Iterator<Item = (ReplicaId, u64, u64)> + 'v {
        let (mut these, mut others) = (self.counts(), other.counts());
        let (mut this, mut other) = (these.next(), others.next());
        std::iter::from_fn(move || {
            let replica = match (this, other) {
                (Some((a, _)), Some((b, _))) => a.min(b),
                (Some((only, _)), None) | (None, Some((only, _))) => only,
                (None, None) => return None,
            };
            let (mut count, mut other_count) = (0, 0);
            if let Some((_, found)) = this.filter(|this| this.0 == replica) {
                (count, this) = (found, these.next());
            }
            if let Some((_, found)) = other.filter(|other| other.0 == replica) {
                (other_count, other) = (found, others.next());
            }
            Some((replica, count, other_count))
        })
    }

    /// Whether all of `other` is in this version. O(n) in the replicas of both.
    pub fn covers(&self, other: &Self) -> bool {
        self.with(other).all(|(_, count, other)| count >= other)
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

    /// What is in either (the least upper bound). O(n) in the replicas of both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let counts = self.with(other).map(|(replica, count, other)| (replica, count.max(other)));
        Self::of_ascending(counts)
    }

    /// What is in both (the greatest lower bound). O(n) in the replicas of both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let counts = self.with(other).map(|(replica, count, other)| (replica, count.min(other)));
        Self::of_ascending(counts.filter(|&(_, count)| count > 0))
    }

    /// How many operations are in this version and not in `other`; at most [`u64::MAX`]. O(n) in
    /// the replicas of both.
    pub fn ahead_of(&self, other: &Self) -> u64 {
        let ahead = self.with(other).map(|(_, count, other)| count.saturating_sub(other));
        ahead.fold(0, u64::saturating_add)
    }

    /// How many operations are in this version; at most [`u64::MAX`].
    pub fn operations(&self) -> u64 {
        self.iter().map(|(_, count)| count).fold(0, u64::saturating_add)
    }

    fn counts(&self) -> Iter<'_> {
        match &self.0 {
            Counts::Few(counts) => Iter::Few(counts.iter()),
            Counts::Many(counts) => Iter::Many(counts.iter()),
        }
    }

    /// The replicas and their counts, by replica; no count is 0.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ReplicaId, u64)> {
        self.counts()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Counts::Few(counts) if counts.is_empty())
    }
}

impl FromIterator<(ReplicaId, u64)> for VersionVector {
    /// Of a replica that comes more than once, the last count holds.
    fn from_iter<I: IntoIterator<Item = (ReplicaId, u64)>>(counts: I) -> Self {
        let mut version = Self::new();
        counts.into_iter().for_each(|(replica, count)| version.set(replica, count));
        version
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
        f.debug_map().entries(self.iter()).finish()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    fn version_of(counts: &BTreeMap<ReplicaId, u64>) -> VersionVector {
        counts.iter().map(|(&replica, &count)| (replica, count)).collect()
    }

    /// Around the number of replicas where the form changes, against maps.
    #[test]
    fn versions_are_maps_from_replicas_to_counts() {
        for seed in 0..40 {
            let mut random = Random::new(seed);
            let mut known: [BTreeMap<ReplicaId, u64>; 2] = Default::default();
            let mut versions: [VersionVector; 2] = Default::default();
            for _ in 0..400 {
                let which = random.below(2);
                let replica = ReplicaId::new(random.below(MANY + 8) as u64);
                let count = random.below(4) as u64;
                versions[which].set(replica, count);
                match count {
                    0 => drop(known[which].remove(&replica)),
                    _ => drop(known[which].insert(replica, count)),
                }
                assert_eq!(versions[which], version_of(&known[which]), "seed {seed}");
                assert_eq!(versions[which].is_empty(), known[which].is_empty());
                assert_eq!(versions[which].get(replica), count);
            }
            let [a, b] = &versions;
            let count = |which: usize, replica| known[which].get(&replica).copied().unwrap_or(0);
            let replicas = || (0..MANY as u64 + 8).map(ReplicaId::new);
            let pairs = || replicas().map(|at| (at, count(0, at), count(1, at)));
            let all = |of: fn(u64, u64) -> u64| -> VersionVector {
                pairs().map(|(replica, a, b)| (replica, of(a, b))).collect()
            };
            assert_eq!(a.join(b), all(u64::max), "seed {seed}");
            assert_eq!(a.meet(b), all(u64::min), "seed {seed}");
            assert_eq!(a.ahead_of(b), all(u64::saturating_sub).operations(), "seed {seed}");
            assert_eq!(a.covers(b), pairs().all(|(_, a, b)| a >= b), "seed {seed}");
            assert!(a.join(b).covers(a) && b.covers(&a.meet(b)), "seed {seed}");
        }
    }
}
