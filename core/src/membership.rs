//! Who takes part: the replicas that pruning waits for, and what they have acknowledged.
//!
//! A replica is a member once it is made one (`join`), or has written anything itself; until it
//! leaves. Both are operations of the document, so all replicas come to the same members.

mod delta;
mod departures;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::id::{OpId, ReplicaId};
use crate::op::Op;
use crate::report::Acknowledged;
use crate::version::{Baseline, VersionVector};
pub(crate) use delta::{Delta, DeltaRow, Resolved};
pub use departures::UnknownDepartures;

/// What a member has seen, and what it knows every member to have seen: `(A, S)`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Acknowledgement {
    /// `A`: its version.
    pub(crate) version: VersionVector,
    /// `S`: its stable cut.
    pub(crate) stable: VersionVector,
}

/// How many stable cuts of others may wait for the versions that they were taken at: the first, so
/// that it counts in the end however many follow, and all later ones as one.
pub(crate) const MAX_PENDING: usize = 2;

/// Of how many replicas that are no members yet acknowledgements may wait for the changes that they acknowledge.
pub(crate) const MAX_HELD: usize = 1024;

/// See the module.
#[derive(Clone, Default, Debug)]
pub(crate) struct Membership {
    /// Every replica that ever was a member and is not in the baseline, and whether it still is.
    members: BTreeMap<ReplicaId, bool>,
    /// Of those that are not: the Lamport time and the identity of their leaves.
    left: BTreeMap<ReplicaId, (u64, OpId)>,
    /// Those that departed long ago.
    baseline: Option<Arc<Baseline>>,
    acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
    /// Those that acknowledge what has not arrived here yet: of each member the first such, so
    /// that it counts in the end however many follow, and the last.
    held: BTreeMap<ReplicaId, Vec<Acknowledgement>>,
}

impl Membership {
    /// Rebuilds what was saved.
    pub(crate) fn new(
        members: BTreeMap<ReplicaId, bool>,
        acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
    ) -> Self {
        Self { members, acknowledged, ..Self::default() }
    }

    /// The same, with departed replicas that are none of the members any more.
    pub(crate) fn with_baseline(mut self, baseline: Option<Arc<Baseline>>) -> Self {
        self.baseline = baseline;
        self
    }

    /// Of the same members, of whom nothing was acknowledged.
    pub(crate) fn unacknowledged(&self) -> Self {
        let (members, left, baseline) =
            (self.members.clone(), self.left.clone(), self.baseline.clone());
        Self { members, left, baseline, ..Self::default() }
    }

    /// Whether a replica is a member or was one.
    pub(crate) fn knows(&self, replica: ReplicaId) -> bool {
        self.members.contains_key(&replica) || self.is_folded(replica)
    }

    /// Whether it departed, and all that it did lies within the floor.
    pub(crate) fn is_folded(&self, replica: ReplicaId) -> bool {
        self.baseline.as_ref().is_some_and(|departed| departed.contains(replica))
    }

    /// That of a document that is seeded anew: whoever has written has departed, and one is a member.
    pub(crate) fn seeded_by(seeder: ReplicaId, version: &VersionVector) -> Self {
        let departed = version.iter().filter(|&(author, _)| author != seeder).collect();
        let members = BTreeMap::from([(seeder, true)]);
        Self::new(members, BTreeMap::new()).with_baseline(Baseline::new(departed).map(Arc::new))
    }

    /// Every replica that ever was a member and is not in the baseline, and whether it still is.
    pub(crate) fn all(&self) -> &BTreeMap<ReplicaId, bool> {
        &self.members
    }

    /// The members' last acknowledgements.
    pub(crate) fn acknowledged(&self) -> &BTreeMap<ReplicaId, Acknowledgement> {
        &self.acknowledged
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = ReplicaId> {
        self.members.iter().filter(|&(_, &present)| present).map(|(&member, _)| member)
    }

    pub(crate) fn is_member(&self, replica: ReplicaId) -> bool {
        self.members.get(&replica) == Some(&true)
    }

    pub(crate) fn has_left(&self, replica: ReplicaId) -> bool {
        self.members.get(&replica) == Some(&false) || self.is_folded(replica)
    }

    /// Makes a member of a replica that was none yet, as it has written.
    pub(crate) fn has_written(&mut self, replica: ReplicaId) {
        if !self.is_folded(replica) {
            self.members.entry(replica).or_insert(true);
        }
    }

    /// Follows a change that is applied.
    pub(crate) fn apply(&mut self, change: &Change) {
        self.has_written(change.id.replica);
        for (id, lamport, op) in change.numbered() {
            match op {
                Op::Join(member) if !self.is_folded(*member) => {
                    self.members.entry(*member).or_insert(true);
                }
                Op::Leave => {
                    self.members.insert(change.id.replica, false);
                    self.left.insert(change.id.replica, (lamport, id));
                    self.acknowledged.remove(&change.id.replica);
                    self.held.remove(&change.id.replica);
                }
                _ => {}
            }
        }
    }

    /// Takes an acknowledgement, at once if everything that it acknowledges is known here (so
    /// that every member that its author knows of is known, too), else when it is; `None` if too
    /// many wait.
    pub(crate) fn take(
        &mut self,
        member: ReplicaId,
        acknowledgement: Acknowledgement,
        version: &VersionVector,
    ) -> Option<Acknowledged> {
        let is_later = |known: &Acknowledgement| {
            acknowledgement.version.covers(&known.version)
                && acknowledgement.stable.covers(&known.stable)
                && acknowledgement != *known
        };
        let taken = self.acknowledged.get(&member);
        if self.has_left(member) || taken.is_some_and(|known| !is_later(known)) {
            return Some(Acknowledged::Stale);
        }
        if version.covers(&acknowledgement.version) && self.is_member(member) {
            self.held.remove(&member);
            self.acknowledged.insert(member, acknowledgement);
            return Some(Acknowledged::Taken);
        }
        let room = self.is_member(member) || self.held.len() < MAX_HELD;
        if !room && !self.held.contains_key(&member) {
            return None;
        }
        let held = self.held.entry(member).or_default();
        held.truncate(1);
        held.push(acknowledgement);
        Some(Acknowledged::Held)
    }

    /// Takes what waited for changes that have arrived.
    pub(crate) fn take_held(&mut self, version: &VersionVector) {
        if self.held.is_empty() {
            return;
        }
        for (member, held) in std::mem::take(&mut self.held) {
            for acknowledgement in held {
                if version.covers(&acknowledgement.version) && self.is_member(member) {
                    self.acknowledged.insert(member, acknowledgement);
                } else {
                    self.held.entry(member).or_default().push(acknowledgement);
                }
            }
        }
    }

    /// The acknowledgement of a member: what it is known to have seen.
    pub(crate) fn of(&self, member: ReplicaId) -> Option<&Acknowledgement> {
        self.acknowledged.get(&member)
    }
}
