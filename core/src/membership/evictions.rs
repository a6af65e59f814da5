//! Evictions that are under way: how the others come to agree on what the evicted one wrote.
//! `docs/pruning.md` has the proof.
//!
//! From when an eviction is applied on, further operations of its target are taken only as far as
//! another member had taken them before it knew. It takes effect once all other members have
//! acknowledged it, and the same number of the target's operations.

use std::collections::BTreeSet;

use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

use super::{Membership, Record, Standing};

#[cfg(test)]
use crate::simulation::mutant::{self, Mutant};

/// A member that is to be evicted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Frozen {
    /// Whether this replica has acknowledged the eviction.
    pub(crate) is_acknowledged: bool,
    /// Those who became known as members since then. What they have of the target's operations
    /// counts for nothing: others may have agreed without knowing of them.
    pub(crate) strangers: BTreeSet<ReplicaId>,
}

impl Frozen {
    /// As it was saved, which may have been long after it was acknowledged.
    pub(crate) fn saved(strangers: BTreeSet<ReplicaId>) -> Self {
        Self { is_acknowledged: true, strangers }
    }

    /// Takes note of a new member.
    pub(super) fn meet(&mut self, member: ReplicaId) {
        if self.is_acknowledged {
            self.strangers.insert(member);
        }
    }
}

impl Membership {
    /// The members that are to be evicted.
    pub(crate) fn frozen(&self) -> impl Iterator<Item = (ReplicaId, &Frozen)> {
        self.frozen.iter().map(|(&target, frozen)| (target, frozen))
    }

    /// Whether changes are taken that were all accepted once.
    pub(crate) fn replays(&self) -> bool {
        self.replays
    }

    /// Whether a member is to be evicted.
    pub(crate) fn is_evicting(&self) -> bool {
        !self.frozen.is_empty()
    }

    /// How many operations may be taken of an author, of which `count` are known here; `None`: of
    /// any number.
    pub(crate) fn bound(&self, author: ReplicaId, count: u64) -> Option<u64> {
        let frozen = self.frozen.get(&author).filter(|_| !self.replays)?;
        #[cfg(test)]
        if mutant::is(Mutant::NoFreeze) {
            return None;
        }
        let is_elector = |member: ReplicaId| {
            #[cfg(test)]
            if mutant::is(Mutant::EvidenceOfNewcomers) {
                return self.is_plain(member);
            }
            self.is_plain(member) && !frozen.strangers.contains(&member)
        };
        let taken = self.acknowledged.iter().map(|(&member, taken)| (member, taken));
        let held =
            self.held.iter().flat_map(|(&member, held)| held.iter().map(move |a| (member, a)));
        let seen = taken.chain(held).filter(|&(member, _)| is_elector(member));
        Some(seen.map(|(_, seen)| seen.version.get(author)).fold(count, u64::max))
    }

    /// Whether an operation is one that an evicted replica made beyond what counts; it is not
    /// known here.
    pub(crate) fn is_refused(&self, op: OpId) -> bool {
        self.standing(op.replica) == Some(Standing::Evicted)
    }

    /// Takes note of this replica's acknowledging all evictions that are under way.
    pub(crate) fn acknowledge_evictions(&mut self) {
        self.frozen.values_mut().for_each(|frozen| frozen.is_acknowledged = true);
    }

    /// Who is known not to agree yet on an eviction, other than `me`, which has this version and
    /// floor.
    pub(crate) fn awaited_for(
        &self,
        target: ReplicaId,
        me: ReplicaId,
        version: &VersionVector,
        floor: &VersionVector,
    ) -> Vec<ReplicaId> {
        #[cfg(test)]
        if mutant::is(Mutant::EvictsAtOnce) {
            return Vec::new();
        }
        let count = version.get(target);
        // Whoever is evicted, here, must be so there: else it would vouch for more.
        let is_eviction =
            |record: &&Record| matches!(record.standing, Standing::Evicting | Standing::Evicted);
        let evictions = self.members.values().filter(is_eviction);
        let evictions: Vec<OpId> =
            evictions.filter_map(|record| record.departure).map(|mark| mark.op).collect();
        let agrees = |member: ReplicaId| {
            self.acknowledged.get(&member).is_some_and(|seen| {
                seen.version.get(target) == count
                    && evictions.iter().all(|&eviction| seen.version.contains(eviction))
                    && seen.version.covers(floor)
            })
        };
        let others = self.members().filter(|&member| member != me && self.is_plain(member));
        others.filter(|&member| !agrees(member)).collect()
    }

    /// Carries out the evictions that all others agree on; gives whose.
    pub(crate) fn carry_out(
        &mut self,
        me: ReplicaId,
        version: &VersionVector,
        floor: &VersionVector,
    ) -> Vec<ReplicaId> {
        if self.replays || self.frozen.is_empty() {
            return Vec::new();
        }
        let is_agreed =
            |target: &ReplicaId| self.awaited_for(*target, me, version, floor).is_empty();
        let agreed: Vec<ReplicaId> = self.frozen.keys().copied().filter(is_agreed).collect();
        for &target in &agreed {
            if let Some(record) = self.members.get_mut(&target) {
                record.standing = Standing::Evicted;
            }
            self.forget(target);
        }
        agreed
    }
}
