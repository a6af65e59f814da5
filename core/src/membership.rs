//! Who takes part: the replicas that pruning waits for, and what they have acknowledged.
//!
//! A replica is a member once it is made one (`join`), or has written anything itself; until it
//! leaves, or is evicted. All three are operations of the document, so all replicas come to the
//! same members; when an eviction takes effect, and on how many operations, is agreed on by
//! acknowledgements ([`evictions`]).

mod delta;
mod departures;
mod evictions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::Change;
use crate::id::{OpId, ReplicaId};
use crate::op::Op;
use crate::report::Acknowledged;
use crate::version::{Baseline, VersionVector};
pub(crate) use delta::{Delta, DeltaRow, Resolved};
pub use departures::UnknownDepartures;

#[cfg(test)]
use crate::simulation::mutant::{self, Mutant};

pub(crate) use evictions::Frozen;

/// What a member has seen, and what it knows every member to have seen: `(A, S)`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Acknowledgement {
    /// `A`: its version.
    pub(crate) version: VersionVector,
    /// `S`: its stable cut.
    pub(crate) stable: VersionVector,
}

/// Whether all is here that is acknowledged.
fn is_complete(acknowledgement: &Acknowledgement, version: &VersionVector) -> bool {
    #[cfg(test)]
    if mutant::is(Mutant::EarlyAcknowledgement) {
        return true;
    }
    version.covers(&acknowledgement.version)
}

/// How many stable cuts of others may wait for the versions that they were taken at: the first, so
/// that it counts in the end however many follow, and all later ones as one.
pub(crate) const MAX_PENDING: usize = 2;

/// Of how many replicas that are no members yet acknowledgements may wait for the changes that they acknowledge.
pub(crate) const MAX_HELD: usize = 1024;

/// Where a replica stands that is, or was, a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Left,
    Member,
    /// It is to be evicted; until all others agree on what it wrote, it is waited for.
    Evicting,
    /// All that it wrote, and that counts, is here.
    Evicted,
}

/// An operation that made a member of a replica, or ended that. In the order of (Lamport time,
/// identity).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Mark {
    pub(crate) lamport: u64,
    pub(crate) op: OpId,
    /// The wall-clock time of its change, if that says one.
    pub(crate) time: Option<i64>,
}

/// What is known of a replica that is, or was, a member. But for when an eviction takes effect,
/// this follows from the version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) standing: Standing,
    /// Whether it was made a member by another one.
    pub(crate) joined: bool,
    /// Whether its first operation was made on nothing of others.
    pub(crate) root: bool,
    /// The least of what made it a member; `None` if the document that was loaded did not say.
    pub(crate) since: Option<Mark>,
    /// The least of its leave and of the evictions of it.
    pub(crate) departure: Option<Mark>,
}

impl Record {
    /// One of which nothing is known but that it is a member.
    pub(crate) const fn new() -> Self {
        let (since, departure) = (None, None);
        Self { standing: Standing::Member, joined: false, root: false, since, departure }
    }

    /// Whether it is waited for.
    pub(crate) fn is_member(&self) -> bool {
        matches!(self.standing, Standing::Member | Standing::Evicting)
    }
}

impl Default for Record {
    fn default() -> Self {
        Self::new()
    }
}

/// That a replica has written, by its first operation as far as that is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) mark: Mark,
    /// Whether its change was made on nothing of others.
    pub(crate) root: bool,
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub(crate) struct Membership {
    /// Every replica that ever was a member and is not in the baseline.
    members: BTreeMap<ReplicaId, Record>,
    /// Those that departed long ago.
    baseline: Option<Arc<Baseline>>,
    /// Of those: who was evicted.
    evicted: BTreeSet<ReplicaId>,
    acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
    /// Those that acknowledge what has not arrived here yet: of each member the first such, so
    /// that it counts in the end however many follow, and the last.
    held: BTreeMap<ReplicaId, Vec<Acknowledgement>>,
    /// The members that are to be evicted.
    frozen: BTreeMap<ReplicaId, Frozen>,
    /// Whether changes are taken that were all accepted once: the history of a document.
    replays: bool,
}

impl Membership {
    /// Rebuilds what was saved.
    pub(crate) fn new(
        members: BTreeMap<ReplicaId, Record>,
        acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
        frozen: BTreeMap<ReplicaId, Frozen>,
    ) -> Self {
        Self { members, acknowledged, frozen, ..Self::default() }
    }

    /// For changes that were all accepted once.
    pub(crate) fn replaying() -> Self {
        Self { replays: true, ..Self::default() }
    }

    /// The same, with departed replicas that are none of the members any more.
    pub(crate) fn with_baseline(
        mut self,
        baseline: Option<Arc<Baseline>>,
        evicted: BTreeSet<ReplicaId>,
    ) -> Self {
        (self.baseline, self.evicted) = (baseline, evicted);
        self
    }

    /// Of the same members, of whom nothing was acknowledged.
    pub(crate) fn unacknowledged(&self) -> Self {
        Self::new(self.members.clone(), BTreeMap::new(), self.frozen.clone())
            .with_baseline(self.baseline.clone(), self.evicted.clone())
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
        let members = BTreeMap::from([(seeder, Record::new())]);
        let baseline = Baseline::new(departed).map(Arc::new);
        Self { members, baseline, ..Self::default() }
    }

    /// Every replica that ever was a member and is not in the baseline.
    pub(crate) fn all(&self) -> &BTreeMap<ReplicaId, Record> {
        &self.members
    }

    /// The members' last acknowledgements.
    pub(crate) fn acknowledged(&self) -> &BTreeMap<ReplicaId, Acknowledgement> {
        &self.acknowledged
    }

    /// Those that are waited for.
    pub(crate) fn members(&self) -> impl Iterator<Item = ReplicaId> {
        self.members.iter().filter(|(_, record)| record.is_member()).map(|(&member, _)| member)
    }

    /// Whether a replica is waited for.
    pub(crate) fn is_member(&self, replica: ReplicaId) -> bool {
        self.members.get(&replica).is_some_and(Record::is_member)
    }

    pub(crate) fn standing(&self, replica: ReplicaId) -> Option<Standing> {
        let folded = || match self.evicted.contains(&replica) {
            true => Standing::Evicted,
            false => Standing::Left,
        };
        let record = self.members.get(&replica);
        record.map(|record| record.standing).or_else(|| self.is_folded(replica).then(folded))
    }

    /// Whether it is a member that nobody evicts.
    pub(crate) fn is_plain(&self, replica: ReplicaId) -> bool {
        self.standing(replica) == Some(Standing::Member)
    }

    /// Whether it has left or was evicted.
    pub(crate) fn has_departed(&self, replica: ReplicaId) -> bool {
        self.is_folded(replica)
            || self.members.get(&replica).is_some_and(|record| !record.is_member())
    }

    /// Whether a replica has to be made a member before it is handed what is known to `me`.
    ///
    /// Having written is not enough: where that is not known, nobody waits for it, and if `me` is
    /// evicted meanwhile, nothing tells that it was handed anything. But if all that is known here
    /// was made on what it wrote, whoever knows any of that knows it, too. And who was never a member is
    /// not evicted.
    pub(crate) fn needs_joining(&self, replica: ReplicaId, me: ReplicaId) -> bool {
        let Some(record) = self.members.get(&replica) else { return !self.is_folded(replica) };
        let is_known = record.joined || !record.is_member() || !self.knows(me);
        let mut others = self.members.iter().filter(|&(&other, _)| other != replica);
        // One that departed long ago may have been a root.
        !is_known && (self.baseline.is_some() || others.any(|(_, record)| record.root))
    }

    /// Makes a member of a replica that was none yet, as it has written.
    pub(crate) fn has_written(&mut self, author: ReplicaId, first: Option<Written>) {
        let Some(record) = self.entry(author) else { return };
        if let Some(Written { mark, root }) = first {
            record.root = root;
            record.since = record.since.map_or(Some(mark), |since| Some(since.min(mark)));
        }
    }

    /// Follows a change that is applied.
    pub(crate) fn apply(&mut self, change: &Change) {
        let Change { id, lamport, .. } = *change;
        let (time, root) = (change.time(), change.dependencies.is_empty());
        let first =
            (id.counter == 0).then_some(Written { mark: Mark { lamport, op: id, time }, root });
        self.has_written(id.replica, first);
        let is_about_members = |op: &Op| matches!(op, Op::Join(_) | Op::Leave | Op::Evict(_));
        if !change.ops().iter().any(is_about_members) {
            return;
        }
        for (op_id, lamport, op) in change.numbered() {
            let mark = Mark { lamport, op: op_id, time };
            match op {
                Op::Join(member) => self.join(*member, mark),
                Op::Leave => self.depart(id.replica, mark, Standing::Left),
                Op::Evict(member) => self.depart(*member, mark, Standing::Evicting),
                _ => {}
            }
        }
    }

    fn join(&mut self, member: ReplicaId, mark: Mark) {
        let Some(record) = self.entry(member) else { return };
        record.joined = true;
        record.since = record.since.map_or(Some(mark), |since| Some(since.min(mark)));
    }

    /// Follows a leave, or an eviction, of a member.
    fn depart(&mut self, member: ReplicaId, mark: Mark, standing: Standing) {
        let Some(record) = self.entry(member) else { return };
        record.departure = record.departure.map_or(Some(mark), |known| Some(known.min(mark)));
        if !record.is_member() {
            return;
        }
        record.standing = standing;
        if standing == Standing::Evicting {
            self.frozen.entry(member).or_default();
        } else {
            self.forget(member);
        }
    }

    /// No longer takes note of what a replica acknowledges.
    fn forget(&mut self, departed: ReplicaId) {
        self.acknowledged.remove(&departed);
        self.held.remove(&departed);
        self.frozen.remove(&departed);
    }

    /// The record of a replica, who is a member from now on if it was none; `None` if it departed
    /// long ago.
    fn entry(&mut self, replica: ReplicaId) -> Option<&mut Record> {
        if self.is_folded(replica) {
            return None;
        }
        if !self.frozen.is_empty() && !self.members.contains_key(&replica) {
            self.frozen.values_mut().for_each(|frozen| frozen.meet(replica));
        }
        Some(self.members.entry(replica).or_default())
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
        if self.has_departed(member) || taken.is_some_and(|known| !is_later(known)) {
            return Some(Acknowledged::Stale);
        }
        if is_complete(&acknowledgement, version) && self.is_member(member) {
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
                if is_complete(&acknowledgement, version) && self.is_member(member) {
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
