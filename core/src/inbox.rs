//! Changes that wait until what they depend on has arrived. Bounded in number and bytes.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::id::{OpId, ReplicaId};
use crate::version::{Known, VersionVector};

/// See the module. By the identity of each change.
#[derive(Clone, Default, Debug)]
pub(crate) struct Inbox {
    changes: BTreeMap<OpId, Change>,
    waiting: Waiting,
    bytes: usize,
}

/// What a change waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Awaited {
    pub(crate) op: OpId,
    /// How many of its dependencies, and then of what it names, come before that one, and are
    /// known.
    pub(crate) known: usize,
}

impl Awaited {
    /// What a change waits for of which all is there that it was made on, until its author, who is to
    /// be evicted, is known to have written so much: itself.
    pub(crate) fn permission(change: OpId) -> Self {
        Self { op: change, known: usize::MAX }
    }
}

/// Which change waits for which operation. A change waits for one at a time.
#[derive(Clone, Default, Debug)]
pub(crate) struct Waiting(BTreeMap<(OpId, OpId), usize>);

impl Waiting {
    pub(crate) fn insert(&mut self, awaited: Awaited, change: OpId) {
        self.0.insert((awaited.op, change), awaited.known);
    }

    /// The changes that wait for the operations `from..to` of a replica, with what they wait for.
    pub(crate) fn for_operations(
        &self,
        replica: ReplicaId,
        from: u64,
        to: u64,
    ) -> impl Iterator<Item = (Awaited, OpId)> {
        let least = OpId::new(ReplicaId::new(0), 0);
        let range = (OpId::new(replica, from), least)..(OpId::new(replica, to), least);
        self.0.range(range).map(|(&(op, change), &known)| (Awaited { op, known }, change))
    }
}

/// The first thing that a change waits for at this version: the operation before it by its
/// author, a dependency, or else something that it names, of all of which the first `known` are
/// known. (What honest changes name lies below what they depend on.)
pub(crate) fn awaited(change: &Change, version: &impl Known, known: usize) -> Option<Awaited> {
    let id = change.id;
    if version.count(id.replica) < id.counter {
        return Some(Awaited { op: OpId::new(id.replica, id.counter - 1), known });
    }
    let is_absent = |op: OpId| version.count(op.replica) <= op.counter;
    let mut rest = change.dependencies.iter().enumerate().skip(known);
    if let Some((known, &op)) = rest.find(|(_, head)| is_absent(**head)) {
        return Some(Awaited { op, known });
    }
    let mut named = change.dependencies.len();
    let mut awaited = None;
    change.names_any(|op| {
        if named >= known && is_absent(op) {
            awaited = Some(Awaited { op, known: named });
        }
        named += 1;
        awaited.is_some()
    });
    awaited
}

impl Inbox {
    pub(crate) fn get(&self, id: OpId) -> Option<&Change> {
        self.changes.get(&id)
    }

    pub(crate) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Holds a change, which is not held yet, until that operation is known.
    pub(crate) fn hold(&mut self, awaited: Awaited, change: Change) {
        self.bytes += change.memory_bytes_alone();
        self.waiting.insert(awaited, change.id);
        self.changes.insert(change.id, change);
    }

    /// Whether a change is held that waits for permission.
    pub(crate) fn waits_for_itself(&self, id: OpId) -> bool {
        self.waiting.0.contains_key(&(id, id))
    }

    /// Lets a held change wait for another operation.
    pub(crate) fn wait_on(&mut self, before: Awaited, awaited: Awaited, change: OpId) {
        self.waiting.0.remove(&(before.op, change));
        self.waiting.insert(awaited, change);
    }

    /// Takes a change out.
    pub(crate) fn release(&mut self, awaited: Awaited, id: OpId) -> Option<Change> {
        self.waiting.0.remove(&(awaited.op, id));
        let change = self.changes.remove(&id)?;
        self.bytes -= change.memory_bytes_alone();
        Some(change)
    }

    /// Takes out all changes of a replica from a counter on, with those that come after any of them,
    /// are made on one, or name one.
    pub(crate) fn drop_of(&mut self, replica: ReplicaId, from: u64) -> Vec<Change> {
        let mut gone: BTreeMap<ReplicaId, u64> = [(replica, from)].into();
        let mut dropped: Vec<Change> = Vec::new();
        loop {
            let is_gone =
                |op: OpId| gone.get(&op.replica).is_some_and(|&count| count <= op.counter);
            let falls = |change: &&Change| {
                is_gone(change.id)
                    || change.dependencies.iter().any(|&head| is_gone(head))
                    || change.names_any(is_gone)
            };
            let falling: Vec<OpId> =
                self.changes.values().filter(falls).map(|change| change.id).collect();
            if falling.is_empty() {
                break;
            }
            for id in falling {
                let from = gone.entry(id.replica).or_insert(id.counter);
                *from = id.counter.min(*from);
                dropped.extend(self.take_out(id));
            }
        }
        dropped.sort_unstable_by_key(|change| (change.lamport, change.id));
        dropped
    }

    /// Takes a change out, whatever it waits for.
    fn take_out(&mut self, id: OpId) -> Option<Change> {
        let change = self.changes.remove(&id)?;
        self.waiting.0.retain(|&(_, waiting), _| waiting != id);
        self.bytes -= change.memory_bytes_alone();
        Some(change)
    }

    /// The operations that are neither known nor held, and that held changes wait for.
    pub(crate) fn missing(&self, version: &VersionVector) -> Vec<OpId> {
        let mut missing: Vec<OpId> = Vec::new();
        for change in self.changes.values() {
            let id = change.id;
            let previous = id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last));
            let mut add = |op| {
                if !version.contains(op) && !self.holds(op) {
                    missing.push(op);
                }
            };
            change.dependencies.iter().copied().chain(previous).for_each(&mut add);
            change.names_any(|op| {
                add(op);
                false
            });
        }
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    fn holds(&self, op: OpId) -> bool {
        let first = OpId::new(op.replica, 0);
        let before = self.changes.range(first..=op).next_back();
        before.is_some_and(|(id, change)| op.counter < id.counter + change.len())
    }

    /// The first held change of a replica.
    pub(crate) fn first_of(&self, replica: ReplicaId) -> Option<OpId> {
        let from = OpId::new(replica, 0)..=OpId::new(replica, u64::MAX);
        self.changes.range(from).next().map(|(&id, _)| id)
    }

    /// The held changes, by identity.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes
    }
}
