//! A counter: what each replica has contributed, and how much of that was taken away again.
//!
//! A reset names, of each replica, the last increment that its author had seen and what all up to
//! it sum to; so exactly that is taken away, once, however many replicas do it.

use std::collections::BTreeMap;

use crate::id::{OpId, ReplicaId};
use crate::op::Contribution;

/// What one replica has contributed, and what of it is taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    /// The counter behind its last increment; 0 if it has made none.
    pub(crate) end: u64,
    /// What its increments sum to, modulo 2⁶⁴.
    pub(crate) sum: i64,
    /// The counter behind the last increment that is taken away; 0 if none is.
    pub(crate) removed_end: u64,
    /// What those up to it sum to, modulo 2⁶⁴.
    pub(crate) removed_sum: i64,
}

impl Share {
    /// What is not taken away: it fits into 64 bits, as the editor sees to.
    fn in_force(&self) -> i64 {
        self.sum.wrapping_sub(self.removed_sum)
    }
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Counter(BTreeMap<ReplicaId, Share>);

impl Counter {
    /// Rebuilds what was saved.
    pub(crate) fn new(shares: BTreeMap<ReplicaId, Share>) -> Self {
        Self(shares)
    }

    pub(crate) fn shares(&self) -> &BTreeMap<ReplicaId, Share> {
        &self.0
    }

    /// The sum of what is not taken away; beyond 64 bits, the nearest there is.
    pub(crate) fn value(&self) -> i64 {
        let total = self.exact();
        i64::try_from(total).unwrap_or(if total < 0 { i64::MIN } else { i64::MAX })
    }

    /// Whether `replica` can add `delta` and all sums stay within 64 bits, or, where others have
    /// made them leave these at the same time, come nearer.
    pub(crate) fn has_room(&self, replica: ReplicaId, delta: i64) -> bool {
        let own = self.0.get(&replica).map_or(0, Share::in_force);
        let (before, after) = (self.exact(), self.exact() + i128::from(delta));
        own.checked_add(delta).is_some()
            && (i64::try_from(after).is_ok() || after.abs() < before.abs())
    }

    fn exact(&self) -> i128 {
        self.0.values().map(|share| i128::from(share.in_force())).sum()
    }

    /// Whether some increment is not taken away.
    pub(crate) fn has_content(&self) -> bool {
        self.0.values().any(|share| share.end > share.removed_end)
    }

    /// The same, but for increments of one replica that come to nothing.
    pub(crate) fn has_other_content(&self, but: ReplicaId) -> bool {
        self.0.iter().any(|(&replica, share)| {
            share.end > share.removed_end && (replica != but || share.in_force() != 0)
        })
    }

    /// What takes away the increments of a replica, if there are some and they come to nothing.
    pub(crate) fn idle(&self, replica: ReplicaId) -> Option<Contribution> {
        let share = self.0.get(&replica)?;
        let is_idle = share.end > share.removed_end && share.in_force() == 0;
        is_idle.then(|| Contribution { last: OpId::new(replica, share.end - 1), sum: share.sum })
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is not taken away yet, as a reset names it.
    pub(crate) fn observed(&self) -> Vec<Contribution> {
        let left = self.0.iter().filter(|(_, share)| share.end > share.removed_end);
        left.map(|(&replica, share)| Contribution {
            last: OpId::new(replica, share.end - 1),
            sum: share.sum,
        })
        .collect()
    }

    fn share(&mut self, replica: ReplicaId) -> &mut Share {
        const NOTHING: Share = Share { end: 0, sum: 0, removed_end: 0, removed_sum: 0 };
        self.0.entry(replica).or_insert(NOTHING)
    }

    pub(crate) fn increment(&mut self, id: OpId, delta: i64) {
        let share = self.share(id.replica);
        share.end = id.counter + 1;
        share.sum = share.sum.wrapping_add(delta);
    }

    /// Of several resets, the one that had seen the most of a replica takes away all that the
    /// others do.
    pub(crate) fn reset(&mut self, observed: &[Contribution]) {
        for &Contribution { last, sum } in observed {
            let share = self.share(last.replica);
            let seen = (last.counter + 1, sum);
            if seen > (share.removed_end, share.removed_sum) {
                (share.removed_end, share.removed_sum) = seen;
            }
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.0.len() * size_of::<(ReplicaId, Share)>()
    }
}
