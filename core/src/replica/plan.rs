//! The first phase of applying: which changes can be applied, in which order, and which have to
//! wait. Reads the replica, touches nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::change::Change;
use crate::error::ApplyError;
use crate::id::{OpId, ReplicaId};
use crate::inbox::{Awaited, Waiting, awaited};
use crate::op::Op;
use crate::state::validate::{Inserted, Misfit};
use crate::version::{Known, VersionVector};

use super::Replica;

/// What is applied next.
pub(super) enum Step {
    /// A change of the frame.
    Incoming(Change),
    /// A change that is held in the inbox, from that counter on.
    Released { waits_for: Awaited, id: OpId, from: u64 },
    /// A change that is held in the inbox, and known by now.
    Dropped { waits_for: Awaited, id: OpId },
}

impl Step {
    /// Whether it makes a change part of the document.
    pub(super) fn applies(&self) -> bool {
        !matches!(self, Self::Dropped { .. })
    }
}

/// What to do, once everything has been checked.
pub(super) struct Planned {
    pub(super) steps: Vec<Step>,
    /// Changes of the frame that have to wait, with what for.
    pub(super) held: Vec<(Awaited, Change)>,
    /// Held changes that now wait for something else: for what before, for what now, and which.
    pub(super) moved: Vec<(Awaited, Awaited, OpId)>,
    /// Held changes that turned out invalid, with what they waited for.
    pub(super) refused: Vec<(Awaited, OpId)>,
    pub(super) duplicates: usize,
}

impl Planned {
    /// How many operations of the frame it applies.
    pub(super) fn ops(&self) -> usize {
        let incoming = self.steps.iter().map(|step| match step {
            Step::Incoming(change) => change.ops().len(),
            Step::Released { .. } | Step::Dropped { .. } => 0,
        });
        incoming.sum()
    }
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
    waited_for: Awaited,
    id: OpId,
}

/// A plan in the making.
pub(super) struct Plan<'r> {
    replica: &'r Replica,
    reached: Reached<'r>,
    inserted: Inserted,
    /// The steps that apply something, by the identity from which on they do.
    planned: BTreeMap<OpId, usize>,
    /// Authors whose leave is planned.
    leaving: BTreeSet<ReplicaId>,
    steps: Vec<Step>,
    /// Changes of the frame that wait.
    new: BTreeMap<OpId, (Awaited, Change)>,
    /// What these wait for, and those of the inbox that wait for something else than before.
    waiting: Waiting,
    /// Of the latter: what they wait for in the inbox, and in this plan.
    moved: BTreeMap<OpId, (Awaited, Awaited)>,
    refused: Vec<(Awaited, OpId)>,
    duplicates: usize,
}

impl<'r> Plan<'r> {
    pub(super) fn new(replica: &'r Replica) -> Self {
        let version = &replica.version;
        Self {
            replica,
            reached: Reached { version, later: BTreeMap::new(), operations: version.operations() },
            inserted: Inserted::default(),
            planned: BTreeMap::new(),
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
        let Some(change) = self.not_held(change)? else {
            self.duplicates += 1;
            return Ok(());
        };
        let Some(change) = self.unknown_part(&change)?.map(Cow::into_owned) else {
            self.duplicates += 1;
            return Ok(());
        };
        let mut woken = self.take_incoming(change, 0)?;
        while let Some(next) = woken.pop() {
            woken.extend(self.wake(next)?);
        }
        Ok(())
    }

    /// Plans what waits in the inbox for operations that are there by now.
    pub(super) fn wake_for(&mut self, replica: ReplicaId, from: u64, to: u64) {
        let inbox = self.replica.inbox.waiting().for_operations(replica, from, to);
        let mut woken: Vec<Woken> =
            inbox.map(|(waited_for, id)| Woken { waited_for, id }).collect();
        while let Some(next) = woken.pop() {
            woken.extend(self.wake(next).unwrap_or_default());
        }
    }

    /// Plans a change of the frame, or lets it wait; gives those that waited for it.
    /// Of its dependencies the first `known` are known.
    fn take_incoming(&mut self, change: Change, known: usize) -> Result<Vec<Woken>, ApplyError> {
        if let Some(waits_for) = awaited(&change, &self.reached, known) {
            self.waiting.insert(waits_for, change.id);
            self.new.insert(change.id, (waits_for, change));
            return Ok(Vec::new());
        }
        self.check(&change)?;
        let woken = self.reach(&change);
        self.steps.push(Step::Incoming(change));
        Ok(woken)
    }

    /// Checks the limits of the inbox.
    pub(super) fn finish(self) -> Result<Planned, ApplyError> {
        let inbox = &self.replica.inbox;
        let released = self.steps.iter().filter_map(|step| match step {
            Step::Incoming(_) => None,
            Step::Released { id, .. } | Step::Dropped { id, .. } => inbox.get(*id),
        });
        let refused = self.refused.iter().filter_map(|&(_, id)| inbox.get(id));
        let (mut changes, mut bytes) = (inbox.len(), inbox.memory_bytes());
        for gone in released.chain(refused) {
            changes -= 1;
            bytes -= gone.memory_bytes_alone();
        }
        changes += self.new.len();
        bytes += self.new.values().map(|(_, change)| change.memory_bytes_alone()).sum::<usize>();
        let (max_changes, max_bytes) =
            (self.replica.options.max_inbox_changes, self.replica.options.max_inbox_bytes);
        if !self.new.is_empty() && (changes > max_changes || bytes > max_bytes) {
            return Err(ApplyError::InboxFull { changes, bytes, max_changes, max_bytes });
        }
        Ok(Planned {
            steps: self.steps,
            held: self.new.into_values().collect(),
            moved: self.moved.into_iter().map(|(id, (before, now))| (before, now, id)).collect(),
            refused: self.refused,
            duplicates: self.duplicates,
        })
    }

    /// The part of a change that is not held under the same identity; `None` if all of it is.
    fn not_held(&self, change: Change) -> Result<Option<Change>, ApplyError> {
        let in_inbox = self.replica.inbox.get(change.id);
        let held = [
            in_inbox.filter(|held| !self.refused.iter().any(|&(_, id)| id == held.id)),
            self.new.get(&change.id).map(|(_, change)| change),
        ];
        let Some(held) = held.into_iter().flatten().next() else { return Ok(Some(change)) };
        if !held.agrees_with(&change) {
            return Err(ApplyError::ReplicaIdReused { id: change.id });
        }
        // The rest follows what is held, and waits for it.
        Ok((held.end() < change.end()).then(|| change.from(held.end())))
    }

    /// The part of a change that is neither applied nor planned; `None` if all of it is. What is
    /// known of it must be the same; what is pruned can't be compared any more.
    fn unknown_part<'c>(&self, change: &'c Change) -> Result<Option<Cow<'c, Change>>, ApplyError> {
        let (author, from, end) = (change.id.replica, change.id.counter, change.end());
        let count = self.reached.count(author);
        if count <= from {
            return Ok(Some(Cow::Borrowed(change)));
        }
        let logged = self.replica.log.overlapping(author, from, end);
        let planned = self.planned.range(OpId::new(author, 0)..OpId::new(author, end)).rev();
        let planned = planned.filter_map(|(_, &step)| self.planned_change(&self.steps[step]));
        let mut planned = planned.take_while(|known| known.end() > from);
        let agree = logged.into_iter().all(|known| known.agrees_with(change))
            && planned.all(|known| known.agrees_with(change));
        if !agree {
            return Err(ApplyError::ReplicaIdReused { id: change.id });
        }
        if end <= count {
            return Ok(None);
        }
        Ok(Some(Cow::Owned(change.from(count))))
    }

    fn planned_change<'s>(&'s self, step: &'s Step) -> Option<&'s Change> {
        match step {
            Step::Incoming(change) => Some(change),
            Step::Released { id, .. } => self.replica.inbox.get(*id),
            Step::Dropped { .. } => None,
        }
    }

    /// Checks a change for which everything is there.
    fn check(&self, change: &Change) -> Result<(), ApplyError> {
        let id = change.id;
        if self.replica.membership.has_left(id.replica) || self.leaving.contains(&id.replica) {
            return Err(ApplyError::AuthorLeft { id });
        }
        // Among n operations none has a greater time than n - 1, and the author had seen no
        // others than are here.
        if change.lamport > self.reached.operations {
            let reason = "its Lamport time is greater than its past allows";
            return Err(ApplyError::InvalidChange { id, reason });
        }
        let last = id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last));
        if last.and_then(|last| self.lamport_of(last)).is_some_and(|last| change.lamport <= last) {
            let reason = "its Lamport time is not greater than that of its author's last change";
            return Err(ApplyError::InvalidChange { id, reason });
        }
        let dependencies = change.dependencies.iter();
        let latest = dependencies.filter_map(|&head| self.lamport_of(head)).max();
        if latest.is_some_and(|latest| change.lamport <= latest) {
            let reason = "its Lamport time is not greater than that of what it depends on";
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

    /// The Lamport time of an operation, if it is planned or retained.
    fn lamport_of(&self, id: OpId) -> Option<u64> {
        let planned = self.planned.range(OpId::new(id.replica, 0)..=id).next_back();
        let planned = planned.and_then(|(_, &step)| self.planned_change(&self.steps[step]));
        let planned = planned.map(|change| change.lamport + (id.counter - change.id.counter));
        planned.or_else(|| self.replica.log.lamport_of(id))
    }

    /// Records that the next step applies a change; gives those that waited for it.
    fn reach(&mut self, change: &Change) -> Vec<Woken> {
        let (author, from, len) = (change.id.replica, change.id.counter, change.len());
        self.inserted.record(change);
        self.planned.insert(change.id, self.steps.len());
        self.reached.later.insert(author, from + len);
        self.reached.operations += len;
        if change.ops().contains(&Op::Leave) {
            self.leaving.insert(author);
        }
        let mine = self.waiting.for_operations(author, from, from + len);
        let inbox = self.replica.inbox.waiting().for_operations(author, from, from + len);
        mine.chain(inbox).map(|(waited_for, id)| Woken { waited_for, id }).collect()
    }

    /// Looks again at a change that waited; gives those that waited for it in turn.
    fn wake(&mut self, woken: Woken) -> Result<Vec<Woken>, ApplyError> {
        let Woken { waited_for, id } = woken;
        if let Some((_, change)) = self.new.remove(&id) {
            return match self.unknown_part(&change)?.map(Cow::into_owned) {
                Some(change) => self.take_incoming(change, waited_for.known),
                None => Ok(Vec::new()),
            };
        }
        let Some(change) = self.replica.inbox.get(id) else { return Ok(Vec::new()) };
        let waits_for = self.moved.remove(&id).map_or(waited_for, |(first, _)| first);
        let change = match self.unknown_part(change) {
            Ok(Some(change)) => change,
            Ok(None) => {
                self.steps.push(Step::Dropped { waits_for, id });
                return Ok(Vec::new());
            }
            Err(_) => {
                self.refused.push((waits_for, id));
                return Ok(Vec::new());
            }
        };
        if let Some(now) = awaited(&change, &self.reached, waited_for.known) {
            self.waiting.insert(now, id);
            self.moved.insert(id, (waits_for, now));
            return Ok(Vec::new());
        }
        if self.check(&change).is_err() {
            self.refused.push((waits_for, id));
            return Ok(Vec::new());
        }
        let woken = self.reach(&change);
        self.steps.push(Step::Released { waits_for, id, from: change.id.counter });
        Ok(woken)
    }
}
