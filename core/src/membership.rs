//! Who takes part: the replicas that pruning waits for, and what they have acknowledged.
//!
//! A replica is a member once it is made one (`join`), or has written anything itself; until it
//! leaves. Both are operations of the document, so all replicas come to the same members.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::id::ReplicaId;
use crate::op::Op;
use crate::report::Acknowledged;
use crate::version::VersionVector;

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
    /// Every replica that ever was a member, and whether it still is.
    members: BTreeMap<ReplicaId, bool>,
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
        Self { members, acknowledged, held: BTreeMap::new() }
    }

    /// Every replica that ever was a member, and whether it still is.
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
        self.members.get(&replica) == Some(&false)
    }

    /// Makes a member of a replica that was none yet, as it has written.
    pub(crate) fn has_written(&mut self, replica: ReplicaId) {
        self.members.entry(replica).or_insert(true);
    }

    /// Follows a change that is applied.
    pub(crate) fn apply(&mut self, change: &Change) {
        self.has_written(change.id.replica);
        for op in change.ops() {
            match op {
                Op::Join(member) => {
                    self.members.entry(*member).or_insert(true);
                }
                Op::Leave => {
                    self.members.insert(change.id.replica, false);
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

    /// Takes what waited for changes that have arrived; gives whether any did.
    pub(crate) fn take_held(&mut self, version: &VersionVector) -> bool {
        if self.held.is_empty() {
            return false;
        }
        let mut has_taken = false;
        for (member, held) in std::mem::take(&mut self.held) {
            for acknowledgement in held {
                if version.covers(&acknowledgement.version) && self.is_member(member) {
                    self.acknowledged.insert(member, acknowledgement);
                    has_taken = true;
                } else {
                    self.held.entry(member).or_default().push(acknowledgement);
                }
            }
        }
        has_taken
    }

    /// The acknowledgement of a member: what it is known to have seen.
    pub(crate) fn of(&self, member: ReplicaId) -> Option<&Acknowledgement> {
        self.acknowledged.get(&member)
    }
}
