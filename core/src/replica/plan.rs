//! The first phase of applying: which changes can be applied, in which order, and which have to
//! wait. Reads the replica, touches nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::change::Change;
use crate::error::ApplyError;
use crate::id::{OpId, ReplicaId};
use crate::inbox::{Awaited, Waiting, awaited};
use crate::membership::Standing;
use crate::op::Op;
use crate::state::validate::{Inserted, Misfit};
use crate::version::{Known, VersionVector};

use super::Replica;

/// What is applied next.
pub(super) enum Step {
    /// A change of the frame.
    Incoming(Change),
    /// The part of a change that is held in the inbox between two counters.
    Released { waits_for: Awaited, id: OpId, from: u64, upto: u64 },
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
    /// Replicas that are to become members.
    joining: BTreeSet<ReplicaId>,
    /// Members that are to be evicted, and how many operations of each there are then.
    freezing: BTreeMap<ReplicaId, u64>,
    steps: Vec<Step>,
    /// Changes of the frame that wait.
    new: BTreeMap<OpId, (Awaited, Change)>,
    /// What these wait for, and those of the inbox that wait for something else than before.
    waiting: Waiting,
    /// Of the latter: what they wait for in the inbox, and in this plan.
    moved: BTreeMap<OpId, (Awaited, Awaited)>,
    refused: Vec<(Awaited, OpId)>,
    duplicates: usize,
    /// Whether something comes from a frame, and so may be too much.
    has_incoming: bool,
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
            joining: BTreeSet::new(),
            freezing: BTreeMap::new(),
            steps: Vec::new(),
            new: BTreeMap::new(),
            waiting: Waiting::default(),
            moved: BTreeMap::new(),
            refused: Vec::new(),
            duplicates: 0,
            has_incoming: false,
        }
    }

    /// Takes a change of the frame.
    pub(super) fn add(&mut self, change: Change) -> Result<(), ApplyError> {
        self.has_incoming = true;
        let Some(change) = self.new_part(change)? else {
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
        self.wake_all(inbox.map(|(waited_for, id)| Woken { waited_for, id }).collect());
    }

    /// Plans a change of the inbox that waits for permission, as more may be taken of its author.
    pub(super) fn wake_permitted(&mut self, id: OpId) {
        self.wake_all(vec![Woken { waited_for: Awaited::permission(id), id }]);
    }

    fn wake_all(&mut self, mut woken: Vec<Woken>) {
        while let Some(next) = woken.pop() {
            woken.extend(self.wake(next).unwrap_or_default());
        }
    }

    /// Plans a change of the frame, or lets it wait; gives those that waited for it.
    /// Of its dependencies the first `known` are known.
    fn take_incoming(&mut self, change: Change, known: usize) -> Result<Vec<Woken>, ApplyError> {
        if let Some(waits_for) = awaited(&change, &self.reached, known) {
            self.refuse_evicted(&change, waits_for.op)?;
            self.hold(waits_for, change);
            return Ok(Vec::new());
        }
        self.check(&change)?;
        let change = match self.permitted(&change) {
            None => change,
            Some(bound) => {
                self.hold_beyond(bound, &change);
                if bound <= change.id.counter {
                    return Ok(Vec::new());
                }
                change.upto(bound)
            }
        };
        let woken = self.reach(&change);
        self.steps.push(Step::Incoming(change));
        Ok(woken)
    }

    fn hold(&mut self, waits_for: Awaited, change: Change) {
        self.waiting.insert(waits_for, change.id);
        self.new.insert(change.id, (waits_for, change));
    }

    /// Lets the part of a change from a counter on wait until its author may have written more.
    fn hold_beyond(&mut self, bound: u64, change: &Change) {
        let rest = change.from(bound.max(change.id.counter));
        self.hold(Awaited::permission(rest.id), rest);
    }

    /// Up to which counter a change may be taken, if not all of it may: its author is to be evicted.
    fn permitted(&self, change: &Change) -> Option<u64> {
        let author = change.id.replica;
        let bound = match self.freezing.get(&author) {
            Some(&count) => count,
            None => self.replica.membership.bound(author, self.replica.version.get(author))?,
        };
        (bound < change.end()).then_some(bound)
    }

    /// Refuses a change that waits for what never comes: for an operation of one who was evicted.
    fn refuse_evicted(&self, change: &Change, awaited: OpId) -> Result<(), ApplyError> {
        if !self.replica.membership.is_refused(awaited) {
            return Ok(());
        }
        let id = change.id;
        Err(match awaited.replica == id.replica {
            true => ApplyError::AuthorEvicted { id },
            false => ApplyError::NamesEvicted { id, named: awaited },
        })
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
        let adds = self.has_incoming && !self.new.is_empty();
        if adds && (changes > max_changes || bytes > max_bytes) {
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

    /// The part of a change that is neither known nor held; `None` if there is none.
    fn new_part(&self, change: Change) -> Result<Option<Change>, ApplyError> {
        let Some(change) = self.not_held(change)? else { return Ok(None) };
        let known = change.id;
        let Some(change) = self.unknown_part(&change)?.map(Cow::into_owned) else {
            return Ok(None);
        };
        // What is left of it can be held, as the rest of what was parted is.
        if change.id == known { Ok(Some(change)) } else { self.not_held(change) }
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
        match self.replica.membership.standing(id.replica) {
            Some(Standing::Left) => return Err(ApplyError::AuthorLeft { id }),
            Some(Standing::Evicted) => return Err(ApplyError::AuthorEvicted { id }),
            _ if self.leaving.contains(&id.replica) => return Err(ApplyError::AuthorLeft { id }),
            _ => {}
        }
        self.check_evictions(change)?;
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

    /// Checks that whoever is evicted is, or was, a member, and not the author itself.
    fn check_evictions(&self, change: &Change) -> Result<(), ApplyError> {
        let id = change.id;
        for (nth, op) in change.ops().iter().enumerate() {
            let Op::Evict(target) = op else { continue };
            if *target == id.replica {
                let reason = "it evicts its own author";
                return Err(ApplyError::InvalidChange { id, reason });
            }
            let is_known = self.replica.membership.knows(*target)
                || self.reached.later.contains_key(target)
                || self.joining.contains(target)
                || change.ops()[..nth].contains(&Op::Join(*target));
            if !is_known {
                let reason = "it evicts one who is not known as a member";
                return Err(ApplyError::InvalidChange { id, reason });
            }
        }
        Ok(())
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
        for op in change.ops() {
            match op {
                Op::Leave => drop(self.leaving.insert(author)),
                Op::Join(member) => drop(self.joining.insert(*member)),
                Op::Evict(target) => self.freeze(*target),
                _ => {}
            }
        }
        let mine = self.waiting.for_operations(author, from, from + len);
        let inbox = self.replica.inbox.waiting().for_operations(author, from, from + len);
        // What waits for its author's permission to be taken waits for itself.
        let others = mine.chain(inbox).filter(|&(waited_for, id)| waited_for.op != id);
        others.map(|(waited_for, id)| Woken { waited_for, id }).collect()
    }

    /// Takes no more operations of a member than there are, as far as it is not bounded already.
    fn freeze(&mut self, target: ReplicaId) {
        let membership = &self.replica.membership;
        let is_new = !membership.has_departed(target)
            && !self.leaving.contains(&target)
            && membership.bound(target, 0).is_none();
        if is_new && !membership.replays() {
            let count = self.reached.count(target);
            self.freezing.entry(target).or_insert(count);
        }
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
            if self.refuse_evicted(&change, now.op).is_err() {
                self.refused.push((waits_for, id));
                return Ok(Vec::new());
            }
            self.waiting.insert(now, id);
            self.moved.insert(id, (waits_for, now));
            return Ok(Vec::new());
        }
        if self.check(&change).is_err() {
            self.refused.push((waits_for, id));
            return Ok(Vec::new());
        }
        let (from, mut upto) = (change.id.counter, change.end());
        let mut change = change;
        if let Some(bound) = self.permitted(&change) {
            if bound <= id.counter {
                let now = Awaited::permission(id);
                self.moved.insert(id, (waits_for, now));
                return Ok(Vec::new());
            }
            self.hold_beyond(bound, &change);
            if bound <= from {
                self.steps.push(Step::Dropped { waits_for, id });
                return Ok(Vec::new());
            }
            upto = bound;
            change = Cow::Owned(change.upto(bound));
        }
        let woken = self.reach(&change);
        self.steps.push(Step::Released { waits_for, id, from, upto });
        Ok(woken)
    }
}
