//! The first phase of applying: which changes can be applied, in which order, and which have to
//! wait. Reads the replica, touches nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, Op};
use crate::error::ApplyError;
use crate::id::{OpId, ReplicaId};
use crate::inbox::{Waiting, awaited};
use crate::state::validate::{Inserted, Misfit};
use crate::version::{Known, VersionVector};

use super::Replica;

/// What is applied next.
pub(super) enum Step {
    /// A change of the frame.
    Incoming(Change),
    /// A change that is held in the inbox.
    Released { waits_for: OpId, id: OpId },
}

/// What to do, once everything has been checked.
pub(super) struct Planned {
    pub(super) steps: Vec<Step>,
    /// Changes of the frame that have to wait, with what for.
    pub(super) held: Vec<(OpId, Change)>,
    /// Held changes that now wait for something else: for what before, for what now, and which.
    pub(super) moved: Vec<(OpId, OpId, OpId)>,
    /// Held changes that turned out invalid, with what they waited for.
    pub(super) refused: Vec<(OpId, OpId)>,
    pub(super) duplicates: usize,
}

/// The version as it will be.
struct Reached<'r> {
    version: &'r VersionVector,
    later: BTreeMap<ReplicaId, u64>,
    operations: u64,
}

impl Known for Reached<'_> {
    fn count(&self, replica: ReplicaId) -> u64 {
        self.later.get(&replica).copied().unwrap_or_else(|| self.version.get(replica))
    }
}

/// A change that waits, and is looked at again.
#[derive(Clone, Copy)]
struct Woken {
    /// What it waited for.
    waited_for: OpId,
    id: OpId,
}

/// A plan in the making.
pub(super) struct Plan<'r> {
    replica: &'r Replica,
    reached: Reached<'r>,
    inserted: Inserted,
    /// Authors whose leave is planned.
    leaving: BTreeSet<ReplicaId>,
    steps: Vec<Step>,
    /// Changes of the frame that wait.
    new: BTreeMap<OpId, Change>,
    /// What these wait for, and those of the inbox that wait for something else than before.
    waiting: Waiting,
    /// Of the latter: what they wait for in the inbox, and in this plan.
    moved: BTreeMap<OpId, (OpId, OpId)>,
    refused: Vec<(OpId, OpId)>,
    duplicates: usize,
}

impl<'r> Plan<'r> {
    pub(super) fn new(replica: &'r Replica) -> Self {
        let version = &replica.version;
        Self {
            replica,
            reached: Reached { version, later: BTreeMap::new(), operations: version.operations() },
            inserted: Inserted::default(),
            leaving: BTreeSet::new(),
            steps: Vec::new(),
            new: BTreeMap::new(),
            waiting: Waiting::default(),
            moved: BTreeMap::new(),
            refused: Vec::new(),
            duplicates: 0,
        }
    }

    /// Takes a change of the frame.
    pub(super) fn add(&mut self, change: Change) -> Result<(), ApplyError> {
        if self.is_duplicate(&change)? {
            self.duplicates += 1;
            return Ok(());
        }
        if let Some(waits_for) = awaited(&change, &self.reached) {
            self.waiting.insert(waits_for, change.id);
            self.new.insert(change.id, change);
            return Ok(());
        }
        self.check(&change)?;
        let mut woken = self.reach(&change);
        self.steps.push(Step::Incoming(change));
        while let Some(next) = woken.pop() {
            woken.extend(self.wake(next)?);
        }
        Ok(())
    }

    /// Checks the limits of the inbox.
    pub(super) fn finish(mut self) -> Result<Planned, ApplyError> {
        let inbox = &self.replica.inbox;
        let released = self.steps.iter().filter_map(|step| match step {
            Step::Incoming(_) => None,
            Step::Released { id, .. } => inbox.get(*id),
        });
        let refused = self.refused.iter().filter_map(|&(_, id)| inbox.get(id));
        let (mut changes, mut bytes) = (inbox.len(), inbox.memory_bytes());
        for gone in released.chain(refused) {
            changes -= 1;
            bytes -= gone.memory_bytes();
        }
        changes += self.new.len();
        bytes += self.new.values().map(Change::memory_bytes).sum::<usize>();
        let (max_changes, max_bytes) =
            (self.replica.options.max_inbox_changes, self.replica.options.max_inbox_bytes);
        if !self.new.is_empty() && (changes > max_changes || bytes > max_bytes) {
            return Err(ApplyError::InboxFull { changes, bytes, max_changes, max_bytes });
        }
        let mut held = Vec::with_capacity(self.new.len());
        for (_, change) in std::mem::take(&mut self.new) {
            if let Some(waits_for) = awaited(&change, &self.reached) {
                held.push((waits_for, change));
            }
        }
        Ok(Planned {
            steps: self.steps,
            held,
            moved: self.moved.into_iter().map(|(id, (before, now))| (before, now, id)).collect(),
            refused: self.refused,
            duplicates: self.duplicates,
        })
    }

    /// Whether the change is known: applied, planned or held. Another one under its identity, or
    /// one that overlaps with it, is refused.
    fn is_duplicate(&self, change: &Change) -> Result<bool, ApplyError> {
        let (id, replica) = (change.id, self.replica);
        let reused = ApplyError::ReplicaIdReused { id };
        let known = [replica.log.get(id), replica.inbox.get(id), self.new.get(&id)];
        if let Some(known) = known.into_iter().flatten().next() {
            return if known == change { Ok(true) } else { Err(reused) };
        }
        let count = self.reached.count(id.replica);
        if count <= id.counter {
            return Ok(false);
        }
        // What is pruned can't be compared any more.
        let pruned = replica.floor.contains(id) && id.counter + change.len() <= count;
        if pruned { Ok(true) } else { Err(reused) }
    }

    /// Checks a change for which everything is there.
    fn check(&self, change: &Change) -> Result<(), ApplyError> {
        let id = change.id;
        if self.reached.count(id.replica) != id.counter {
            return Err(ApplyError::ReplicaIdReused { id });
        }
        if self.replica.membership.has_left(id.replica) || self.leaving.contains(&id.replica) {
            return Err(ApplyError::AuthorLeft { id });
        }
        // Among n operations none has a greater time than n - 1, and the author had seen no
        // others than are here.
        if change.lamport > self.reached.operations {
            let reason = "its Lamport time is greater than its past allows";
            return Err(ApplyError::InvalidChange { id, reason });
        }
        let fits = self.replica.state.check_change(change, &self.reached, &self.inserted);
        fits.map_err(|misfit| match misfit {
            Misfit::Absent(node) if self.replica.floor.contains(node) => {
                ApplyError::BelowPruneFloor { id, floor: self.replica.floor.clone() }
            }
            Misfit::Absent(_) => {
                ApplyError::InvalidChange { id, reason: "it names a node that is not there" }
            }
            Misfit::Invalid(reason) => ApplyError::InvalidChange { id, reason },
        })
    }

    /// Records that a change will be applied; gives those that waited for it.
    fn reach(&mut self, change: &Change) -> Vec<Woken> {
        let (author, from, len) = (change.id.replica, change.id.counter, change.len());
        self.inserted.record(change);
        self.reached.later.insert(author, from + len);
        self.reached.operations += len;
        if change.ops.contains(&Op::Leave) {
            self.leaving.insert(author);
        }
        let mine = self.waiting.for_operations(author, from, from + len);
        let inbox = self.replica.inbox.waiting().for_operations(author, from, from + len);
        mine.chain(inbox).map(|(waited_for, id)| Woken { waited_for, id }).collect()
    }

    /// Looks again at a change that waited; gives those that waited for it in turn.
    fn wake(&mut self, woken: Woken) -> Result<Vec<Woken>, ApplyError> {
        let Woken { waited_for, id } = woken;
        if let Some(change) = self.new.get(&id) {
            if let Some(waits_for) = awaited(change, &self.reached) {
                self.waiting.insert(waits_for, id);
                return Ok(Vec::new());
            }
            self.check(change)?;
            let Some(change) = self.new.remove(&id) else { return Ok(Vec::new()) };
            let next = self.reach(&change);
            self.steps.push(Step::Incoming(change));
            return Ok(next);
        }
        let Some(change) = self.replica.inbox.get(id) else { return Ok(Vec::new()) };
        let first = self.moved.get(&id).map_or(waited_for, |&(first, _)| first);
        if let Some(waits_for) = awaited(change, &self.reached) {
            self.waiting.insert(waits_for, id);
            self.moved.insert(id, (first, waits_for));
            return Ok(Vec::new());
        }
        self.moved.remove(&id);
        if self.check(change).is_err() {
            self.refused.push((first, id));
            return Ok(Vec::new());
        }
        self.steps.push(Step::Released { waits_for: first, id });
        Ok(self.reach(change))
    }
}
