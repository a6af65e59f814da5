//! What is there: all operations and acknowledgements ever made, and what each replica knows of them.
//!
//! There is no network: whatever was made can arrive anywhere, once, in any order that causality
//! allows, or never. An operation that arrives before its causes waits; so it may as well arrive later.

use crate::mutant::Mutant;
use crate::tree::{Side, Tree};
use crate::version::{Id, REPLICAS, Version};

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Hangs a node on another one.
    Insert(Id, Side),
    /// Deletes a node.
    Delete(Id),
    /// Makes a replica a member.
    Join(u8),
    /// Its author is no member from then on.
    Leave,
    /// A replica is to be no member.
    Evict(u8),
}

/// What was written, by a replica that had seen `past`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Operation {
    pub(crate) past: Version,
    pub(crate) lamport: u8,
    pub(crate) kind: Kind,
}

/// What a replica said that it had seen, and knew to be stable: `(A, S)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Acknowledgement {
    pub(crate) version: Version,
    pub(crate) stable: Version,
}

/// A replica.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Replica {
    /// Whether it has been handed a state, and so gets what others write.
    pub(crate) started: bool,
    pub(crate) version: Version,
    pub(crate) stable: Version,
    pub(crate) floor: Version,
    pub(crate) tree: Tree,
    /// Of each other replica, how many of its acknowledgements were made up to the one in use.
    pub(crate) taken: [u8; REPLICAS],
    /// Those that acknowledge what is not here: of each replica the first such and the last, counted as `taken`.
    pub(crate) held: [[u8; 2]; REPLICAS],
    /// Of each replica whose eviction has taken effect, with how many operations, and one more.
    pub(crate) evicted: [u8; REPLICAS],
    /// The departed replicas that are folded, in that order.
    pub(crate) folded: Vec<u8>,
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct World {
    pub(crate) operations: [Vec<Operation>; REPLICAS],
    pub(crate) acknowledgements: [Vec<Acknowledgement>; REPLICAS],
    pub(crate) replicas: [Replica; REPLICAS],
    /// Who handed what it had to which replica is of no matter; that somebody named what is not there is.
    pub(crate) named_what_is_gone: bool,
}

/// All replicas that there could be.
pub(crate) fn all() -> std::ops::Range<u8> {
    0..REPLICAS as u8
}

impl World {
    pub(crate) fn replica(&self, replica: u8) -> &Replica {
        &self.replicas[usize::from(replica)]
    }

    pub(crate) fn replica_mut(&mut self, replica: u8) -> &mut Replica {
        &mut self.replicas[usize::from(replica)]
    }

    pub(crate) fn of(&self, replica: u8) -> &[Operation] {
        &self.operations[usize::from(replica)]
    }

    /// All operations within a version, author by author.
    pub(crate) fn within(&self, version: Version) -> impl Iterator<Item = (Id, &Operation)> {
        all().flat_map(move |replica| {
            let known = self.of(replica).iter().take(version.get(replica).into());
            (0..).zip(known).map(move |(counter, operation)| (Id { replica, counter }, operation))
        })
    }

    fn holds(&self, version: Version, kind: Kind) -> bool {
        self.within(version).any(|(_, operation)| operation.kind == kind)
    }

    pub(crate) fn is_joined(&self, version: Version, replica: u8) -> bool {
        self.holds(version, Kind::Join(replica))
    }

    /// Whether a replica ever was a member, as far as is known with that version.
    fn was_member(&self, version: Version, replica: u8) -> bool {
        version.get(replica) > 0 || self.is_joined(version, replica)
    }

    pub(crate) fn has_left(&self, version: Version, replica: u8) -> bool {
        let known = usize::from(version.get(replica));
        known > 0 && self.of(replica)[known - 1].kind == Kind::Leave
    }

    /// Whether `me` takes a replica for a member: also while it is being evicted.
    pub(crate) fn is_member(&self, me: u8, replica: u8) -> bool {
        let Replica { version, evicted, .. } = self.replica(me);
        self.was_member(*version, replica)
            && !self.has_left(*version, replica)
            && evicted[usize::from(replica)] == 0
    }

    /// Whether a replica is a member that `me` knows is to be evicted.
    pub(crate) fn is_target(&self, me: u8, replica: u8) -> bool {
        self.is_member(me, replica) && self.holds(self.replica(me).version, Kind::Evict(replica))
    }

    /// The operations within a version that evict a replica.
    fn evictions(&self, version: Version, replica: u8) -> impl Iterator<Item = (Id, &Operation)> {
        let evicts = move |operation: &Operation| operation.kind == Kind::Evict(replica);
        self.within(version).filter(move |(_, operation)| evicts(operation))
    }

    /// Whether a replica may write, as far as it knows.
    pub(crate) fn may_write(&self, me: u8) -> bool {
        let version = self.replica(me).version;
        !self.has_left(version, me) && !self.holds(version, Kind::Evict(me))
    }

    /// The acknowledgement of another replica that `me` uses.
    fn used(&self, me: u8, of: u8) -> Option<Acknowledgement> {
        let taken = self.replica(me).taken[usize::from(of)];
        let at = usize::from(taken).checked_sub(1)?;
        Some(self.acknowledgements[usize::from(of)][at])
    }

    /// The meet, over all that `me` waits for, of its own vector and of those of their acknowledgements.
    fn meet(
        &self,
        me: u8,
        own: Version,
        mutant: Option<Mutant>,
        vector: impl Fn(Acknowledgement) -> Version,
    ) -> Version {
        let leaves_early = mutant == Some(Mutant::EvictedLeavesCutsEarly);
        let others = all().filter(|&other| other != me && self.is_member(me, other));
        let waits_for = others.filter(|&other| !leaves_early || !self.is_target(me, other));
        waits_for.fold(own, |cut, other| match self.used(me, other) {
            Some(used) => cut.meet(vector(used)),
            None if mutant == Some(Mutant::IgnoresTheSilent) => cut,
            None => Version::default(),
        })
    }

    /// Follows the acknowledgements that are used.
    pub(crate) fn advance_stable(&mut self, me: u8, mutant: Option<Mutant>) {
        let Replica { version, stable, .. } = *self.replica(me);
        let cut = self.meet(me, version, mutant, |used| used.version);
        self.replica_mut(me).stable = stable.join(cut);
    }

    pub(crate) fn prune_cut(&self, me: u8, mutant: Option<Mutant>) -> Version {
        let Replica { stable, floor, .. } = *self.replica(me);
        match mutant {
            Some(Mutant::Eager) => stable,
            _ => floor.join(self.meet(me, stable, mutant, |used| used.stable)),
        }
    }

    /// How many operations of a member that is being evicted `me` takes.
    fn bound(&self, me: u8, target: u8, mutant: Option<Mutant>) -> u8 {
        let Replica { version, taken, held, .. } = self.replica(me);
        // What was known here when this replica first acknowledged that the target is evicted.
        let first = self.acknowledgements[usize::from(me)]
            .iter()
            .find(|own| self.evictions(own.version, target).next().is_some());
        let is_witness = |&other: &u8| {
            let known = mutant == Some(Mutant::EvidenceOfNewcomers)
                || first.is_none_or(|own| self.was_member(own.version, other));
            let is_target = mutant != Some(Mutant::EvidenceOfTargets) && self.is_target(me, other);
            other != me && self.is_member(me, other) && known && !is_target
        };
        let seen = all().filter(is_witness).flat_map(|other| {
            let held = if mutant == Some(Mutant::NoEvidenceHeld) {
                [0; 2]
            } else {
                held[usize::from(other)]
            };
            let numbers = [taken[usize::from(other)], held[0], held[1]];
            let of = &self.acknowledgements[usize::from(other)];
            numbers
                .into_iter()
                .filter_map(move |number| usize::from(number).checked_sub(1).map(|at| of[at]))
        });
        seen.map(|seen| seen.version.get(target)).fold(version.get(target), u8::max)
    }

    /// Whether the next operation of an author can be taken here.
    pub(crate) fn takes_next(&self, me: u8, author: u8, mutant: Option<Mutant>) -> bool {
        let Replica { started, version, evicted, .. } = self.replica(me);
        let next = version.get(author);
        let Some(operation) = self.of(author).get(usize::from(next)) else { return false };
        *started
            && author != me
            && version.covers(operation.past)
            && evicted[usize::from(author)] == 0
            && (mutant == Some(Mutant::NoFreeze)
                || !self.is_target(me, author)
                || next < self.bound(me, author, mutant))
    }

    /// Applies the next operation of an author.
    pub(crate) fn apply(&mut self, me: u8, author: u8, mutant: Option<Mutant>) {
        let id = Id { replica: author, counter: self.replica(me).version.get(author) };
        let kind = self.of(author)[usize::from(id.counter)].kind;
        let replica = self.replica_mut(me);
        replica.version.0[usize::from(author)] += 1;
        let is_there = match kind {
            Kind::Insert(parent, side) => replica.tree.insert(id, parent, side),
            Kind::Delete(node) => replica.tree.delete(id, node),
            Kind::Join(_) | Kind::Leave | Kind::Evict(_) => true,
        };
        self.named_what_is_gone |= !is_there;
        self.follow(me, mutant);
    }

    /// Writes an operation.
    pub(crate) fn write(&mut self, me: u8, kind: Kind, mutant: Option<Mutant>) {
        let past = self.replica(me).version;
        let lamport = self.within(past).map(|(_, operation)| operation.lamport).max();
        let lamport = lamport.map_or(0, |last| last + 1);
        self.operations[usize::from(me)].push(Operation { past, lamport, kind });
        self.apply(me, me, mutant);
    }

    /// Lets an acknowledgement arrive: the one of that number, from 1.
    pub(crate) fn see(&mut self, me: u8, from: u8, number: u8, mutant: Option<Mutant>) {
        let held = &mut self.replica_mut(me).held[usize::from(from)];
        *held = [if held[0] == 0 { number } else { held[0] }, number];
        self.follow(me, mutant);
    }

    /// Uses what can be used by now.
    fn follow(&mut self, me: u8, mutant: Option<Mutant>) {
        for other in all() {
            let of = usize::from(other);
            for number in self.replica(me).held[of] {
                if number == 0 {
                    continue;
                }
                let Acknowledgement { version, .. } =
                    self.acknowledgements[of][usize::from(number) - 1];
                let complete = self.replica(me).version.covers(version)
                    || mutant == Some(Mutant::EarlyAcknowledgement);
                let is_member = self.is_member(me, other);
                let replica = self.replica_mut(me);
                if number <= replica.taken[of] || (complete && is_member) {
                    replica.taken[of] = replica.taken[of].max(number);
                }
            }
            let Replica { taken, held, .. } = self.replica_mut(me);
            let left: Vec<u8> = held[of].into_iter().filter(|&held| held > taken[of]).collect();
            held[of] = match left[..] {
                [] => [0; 2],
                [first, ..] => [first, left[left.len() - 1]],
            };
        }
        self.carry_out_evictions(me, mutant);
    }

    /// Evicts for good those of whom it is settled how much they wrote.
    fn carry_out_evictions(&mut self, me: u8, mutant: Option<Mutant>) {
        let targets: Vec<u8> = all().filter(|&other| self.is_target(me, other)).collect();
        if targets.is_empty() || targets.contains(&me) {
            return;
        }
        let version = self.replica(me).version;
        let evictions: Vec<Id> = (targets.iter())
            .flat_map(|&target| self.evictions(version, target).map(|(id, _)| id))
            .collect();
        let agrees = |other: u8| {
            let Some(used) = self.used(me, other) else { return false };
            let all_known = evictions.iter().all(|&id| used.version.contains(id));
            let same = |&target: &u8| used.version.get(target) == version.get(target);
            all_known && (mutant == Some(Mutant::EvictsAtAnyCount) || targets.iter().all(same))
        };
        let mut others = all()
            .filter(|&other| other != me && self.is_member(me, other) && !targets.contains(&other));
        if mutant == Some(Mutant::EvictsAtOnce) || others.all(agrees) {
            for target in targets {
                let count = version.get(target);
                self.replica_mut(me).evicted[usize::from(target)] = count + 1;
            }
        }
    }

    /// Publishes what a replica has seen; whether that is news.
    pub(crate) fn acknowledge(&mut self, me: u8, mutant: Option<Mutant>) -> bool {
        self.advance_stable(me, mutant);
        let Replica { version, stable, .. } = *self.replica(me);
        let news = Acknowledgement { version, stable };
        let published = &mut self.acknowledgements[usize::from(me)];
        if published.last() == Some(&news) {
            return false;
        }
        published.push(news);
        true
    }

    /// Prunes, and folds who has departed below the floor.
    pub(crate) fn prune(&mut self, me: u8, mutant: Option<Mutant>) {
        self.advance_stable(me, mutant);
        let floor = self.prune_cut(me, mutant);
        // A mutant that does not splice when it picks a parent does so when it prunes.
        let tree = mutant.filter(|&mutant| mutant != Mutant::NoSplice);
        let replica = self.replica_mut(me);
        (replica.tree, replica.floor) = (replica.tree.reduced(floor, tree), floor);
        self.fold(me, mutant);
    }

    /// When a replica has departed: the least of (Lamport time, identity) of the operations that say so.
    fn departure(&self, version: Version, replica: u8) -> Option<(u8, Id)> {
        let leaves = self
            .within(version)
            .filter(|(id, operation)| id.replica == replica && operation.kind == Kind::Leave);
        let departures = leaves.chain(self.evictions(version, replica));
        departures.map(|(id, operation)| (operation.lamport, id)).min()
    }

    fn fold(&mut self, me: u8, mutant: Option<Mutant>) {
        let Replica { version, floor, .. } = *self.replica(me);
        let mut departures: Vec<_> = all()
            .filter(|replica| !self.replica(me).folded.contains(replica))
            .filter_map(|replica| Some((self.departure(version, replica)?, replica)))
            .collect();
        departures.sort();
        for ((_, id), replica) in departures {
            let settled = floor.contains(id)
                && floor.get(replica) == version.get(replica)
                && self.was_member(version, replica)
                && !self.is_member(me, replica);
            if settled {
                self.replica_mut(me).folded.push(replica);
            } else if mutant != Some(Mutant::FoldsUnordered) {
                return;
            }
        }
    }

    /// What a tree shows that was never pruned, given all operations within a version.
    pub(crate) fn shown_unpruned(&self, version: Version) -> Vec<Id> {
        let mut tree = Tree::default();
        for (id, operation) in self.within(version) {
            if let Kind::Insert(parent, side) = operation.kind {
                // Its parent may be another author's, and come later.
                let _ = tree.insert(id, parent, side);
            }
        }
        for (id, operation) in self.within(version) {
            if let Kind::Delete(node) = operation.kind {
                let is_there = tree.delete(id, node);
                debug_assert!(is_there, "all nodes are there");
            }
        }
        tree.shown()
    }
}
