//! Versions: what a replica has seen, as a vector and as a frontier.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::id::{OpId, ReplicaId};
pub(crate) use baseline::{Baseline, LeftOut, total};

mod baseline;
#[cfg(test)]
mod tests;

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
///
/// Versions that have all of the replicas that departed long ago share what is known of those, and
/// are compared and merged by the others alone.
#[derive(Clone, Default)]
pub struct VersionVector {
    /// The replicas that are not in the baseline.
    own: Counts,
    /// Departed replicas, each with all that it ever did.
    baseline: Option<Arc<Baseline>>,
}

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

impl Counts {
    #[inline]
    fn get(&self, replica: ReplicaId) -> Option<u64> {
        match self {
            Self::Few(counts) => find(counts, replica).ok().map(|at| counts[at].1),
            Self::Many(counts) => counts.get(&replica).copied(),
        }
    }

    fn iter(&self) -> Iter<'_> {
        match self {
            Self::Few(counts) => Iter::Few(counts.iter()),
            Self::Many(counts) => Iter::Many(counts.iter()),
        }
    }

    /// Ascending replicas, with counts that are not 0.
    fn of_ascending(counts: impl Iterator<Item = (ReplicaId, u64)>) -> Self {
        let counts: Vec<(ReplicaId, u64)> = counts.collect();
        if counts.len() < MANY {
            return Self::Few(counts);
        }
        Self::Many(counts.into_iter().collect())
    }

    fn set(&mut self, replica: ReplicaId, count: u64) {
        match self {
            Self::Few(counts) => match find(counts, replica) {
                Ok(at) if count > 0 => counts[at].1 = count,
                Ok(at) => drop(counts.remove(at)),
                Err(_) if count == 0 => {}
                Err(at) if counts.len() + 1 < MANY => counts.insert(at, (replica, count)),
                Err(_) => {
                    let counts = std::mem::take(counts).into_iter().chain([(replica, count)]);
                    *self = Self::Many(counts.collect());
                }
            },
            Self::Many(counts) if count > 0 => drop(counts.insert(replica, count)),
            Self::Many(counts) => {
                counts.remove(&replica);
                if counts.len() < MANY {
                    *self = Self::Few(std::mem::take(counts).into_iter().collect());
                }
            }
        }
    }
}

/// Replicas and their counts.
#[derive(Clone)]
enum Iter<'v> {
    Few(std::slice::Iter<'v, (ReplicaId, u64)>),
    Many(btree_map::Iter<'v, ReplicaId, u64>),
    /// With those of a baseline in between.
    All(Box<All<'v>>),
}

/// The replicas of a version and of its baseline, of which none is in both.
#[derive(Clone)]
struct All<'v> {
    own: Iter<'v>,
    next: Option<(ReplicaId, u64)>,
    departed: std::slice::Iter<'v, (ReplicaId, u64)>,
    next_departed: Option<(ReplicaId, u64)>,
    left: usize,
}

impl Iterator for All<'_> {
    type Item = (ReplicaId, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let is_own = match (self.next, self.next_departed) {
            (Some((own, _)), Some((departed, _))) => own < departed,
            (own, _) => own.is_some(),
        };
        let given = if is_own {
            std::mem::replace(&mut self.next, self.own.next())
        } else {
            std::mem::replace(&mut self.next_departed, self.departed.next().copied())
        };
        self.left -= usize::from(given.is_some());
        given
    }
}

impl Iterator for Iter<'_> {
    type Item = (ReplicaId, u64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(counts) => counts.next().copied(),
            Self::Many(counts) => counts.next().map(|(&replica, &count)| (replica, count)),
            Self::All(all) => all.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(counts) => counts.size_hint(),
            Self::Many(counts) => counts.size_hint(),
            Self::All(all) => (all.left, Some(all.left)),
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
        Self { own: Counts::Few(Vec::new()), baseline: None }
    }

    /// How many operations of `replica` are in this version. O(log n) in the replicas.
    #[inline]
    pub fn get(&self, replica: ReplicaId) -> u64 {
        match self.own.get(replica) {
            Some(count) => count,
            None => self.baseline.as_ref().and_then(|departed| departed.get(replica)).unwrap_or(0),
        }
    }

    /// Sets how many operations of `replica` are in this version. O(log n) in the replicas.
    pub fn set(&mut self, replica: ReplicaId, count: u64) {
        if let Some(departed) = &self.baseline
            && self.own.get(replica).is_none()
            && let Some(known) = departed.get(replica)
        {
            if known == count {
                return;
            }
            self.own = Counts::of_ascending(self.counts());
            self.baseline = None;
        }
        self.own.set(replica, count);
    }

    /// A version of ascending replicas, with counts that are not 0.
    fn of_ascending(counts: impl Iterator<Item = (ReplicaId, u64)>) -> Self {
        Self { own: Counts::of_ascending(counts), baseline: None }
    }

    /// The departed replicas of which it has everything, and which it does not list itself.
    pub(crate) fn baseline(&self) -> Option<&Arc<Baseline>> {
        self.baseline.as_ref()
    }

    /// The replicas that are not in the baseline, with their counts, by replica.
    pub(crate) fn own(&self) -> impl ExactSizeIterator<Item = (ReplicaId, u64)> {
        self.own.iter()
    }

    /// This version and all that the departed replicas did; `None` if it lists one of them.
    pub(crate) fn above(self, baseline: &Arc<Baseline>) -> Option<Self> {
        let lists_one = self.counts().any(|(replica, _)| baseline.contains(replica));
        (!lists_one).then(|| Self { own: self.own, baseline: Some(Arc::clone(baseline)) })
    }

    /// Shares a baseline, if it has all of that; it stays the same version. O(replicas that are not
    /// departed, or departed since) if its own baseline is the beginning of that one.
    pub(crate) fn rebase(&mut self, baseline: &Arc<Baseline>) {
        if self.baseline.as_ref().is_some_and(|own| Arc::ptr_eq(own, baseline)) {
            return;
        }
        if let Some(since) = baseline.since(self.baseline.as_deref()) {
            if since.iter().any(|&(replica, count)| self.own.get(replica).unwrap_or(0) != count) {
                return;
            }
            since.iter().for_each(|&(replica, _)| self.own.set(replica, 0));
        } else {
            if baseline.order().iter().any(|&(replica, count)| self.get(replica) != count) {
                return;
            }
            let others = self.counts().filter(|&(replica, _)| !baseline.contains(replica));
            self.own = Counts::of_ascending(others);
        }
        self.baseline = Some(Arc::clone(baseline));
    }

    /// Whether both have the same baseline, or none.
    #[inline]
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        match (&self.baseline, &other.baseline) {
            (None, None) => true,
            (Some(these), Some(others)) => Arc::ptr_eq(these, others),
            _ => false,
        }
    }

    /// What was made of this version and another, with the baseline that it may have of them.
    fn with_baseline_of(mut self, this: &Self, other: &Self) -> Self {
        if this.is_beside(other) {
            self.baseline = this.baseline.clone();
            return self;
        }
        let len = |version: &&Arc<Baseline>| version.order().len();
        let baselines = [&this.baseline, &other.baseline].into_iter().flatten();
        if let Some(baseline) = baselines.max_by_key(len) {
            self.rebase(baseline);
        }
        self
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

    /// The replicas of either version, ascending, with the counts of both; but for those of a
    /// baseline that both share.
    fn with<'v>(&'v self, other: &'v Self) -> impl Iterator<Item = (ReplicaId, u64, u64)> + 'v {
        let (mut these, mut others) = if self.is_beside(other) {
            (self.own.iter(), other.own.iter())
        } else {
            (self.counts(), other.counts())
        };
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
        if other.baseline.is_none() && self.baseline.is_some() {
            return other.own.iter().all(|(replica, count)| self.get(replica) >= count);
        }
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
        Self::of_ascending(counts).with_baseline_of(self, other)
    }

    /// What is in both (the greatest lower bound). O(n) in the replicas of both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let counts = self.with(other).map(|(replica, count, other)| (replica, count.min(other)));
        let met = Self::of_ascending(counts.filter(|&(_, count)| count > 0));
        met.with_baseline_of(self, other)
    }

    /// The replicas of which more operations are in this version than in `known`, with how many.
    pub(crate) fn beyond<'v>(
        &'v self,
        known: &'v Self,
    ) -> impl Iterator<Item = (ReplicaId, u64)> + 'v {
        let more = self.with(known).filter(|&(_, count, known)| count > known);
        more.map(|(replica, count, _)| (replica, count))
    }

    /// How many operations are in this version and not in `other`; at most [`u64::MAX`]. O(n) in
    /// the replicas of both.
    pub fn ahead_of(&self, other: &Self) -> u64 {
        let ahead = self.with(other).map(|(_, count, other)| count.saturating_sub(other));
        ahead.fold(0, u64::saturating_add)
    }

    /// How many operations are in this version; at most [`u64::MAX`].
    pub fn operations(&self) -> u64 {
        let departed = self.baseline.as_ref().map_or(0, |departed| departed.operations());
        self.own.iter().map(|(_, count)| count).fold(departed, u64::saturating_add)
    }

    fn counts(&self) -> Iter<'_> {
        let Some(departed) = &self.baseline else { return self.own.iter() };
        let (mut own, mut departed) = (self.own.iter(), departed.authors().iter());
        let left = own.len() + departed.len();
        let (next, next_departed) = (own.next(), departed.next().copied());
        Iter::All(Box::new(All { own, next, departed, next_departed, left }))
    }

    /// The replicas and their counts, by replica; no count is 0.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ReplicaId, u64)> {
        self.counts()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        matches!(&self.own, Counts::Few(counts) if counts.is_empty())
            && self.baseline.as_ref().is_none_or(|departed| departed.operations() == 0)
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

impl PartialEq for VersionVector {
    fn eq(&self, other: &Self) -> bool {
        if self.is_beside(other) {
            return self.own == other.own;
        }
        self.counts().eq(other.counts())
    }
}

impl Eq for VersionVector {}

impl Hash for VersionVector {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.counts().len());
        self.counts().for_each(|count| count.hash(state));
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
