//! The places of a map, a set or a list: in each the assignments that no other has observed, and
//! the containers there.
//!
//! A removal names the assignments that its author saw, which have arrived everywhere before it,
//! and any other one survives (observed-remove). What is removed leaves nothing but its clock, and
//! that until it is pruned.

use std::collections::BTreeMap;

use crate::container::Key;
use crate::id::OpId;
use crate::value::{Content, Kind};
use crate::version::VersionVector;

use super::clock::Clock;

/// The position of a container in the state.
pub(crate) type ContainerIndex = usize;

/// An assignment that is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    /// The wall-clock time that its author gave.
    pub(crate) time: Option<i64>,
    /// `None`: the absence of anything, which hides all other assignments.
    pub(crate) content: Option<Content>,
}

impl Entry {
    /// What orders it among the others.
    pub(crate) fn rank(&self) -> (u64, OpId) {
        (self.lamport, self.id)
    }
}

/// What is known of one place.
#[derive(Clone, Default, Debug)]
pub(crate) struct Slot {
    /// Ascending by (Lamport time, replica): the last one is shown.
    entries: Vec<Entry>,
    /// The containers that ever were here, by kind.
    children: Vec<(Kind, ContainerIndex)>,
    /// What has touched the place; empty if that is just what is in force.
    clock: Clock,
}

impl Slot {
    /// A place with assignments, ascending by rank, and what has touched it beside.
    pub(crate) fn new(entries: Vec<Entry>, clock: Clock) -> Self {
        Self { entries, children: Vec::new(), clock }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The identities of the assignments in force, ascending.
    pub(crate) fn assignments(&self) -> Vec<OpId> {
        let mut ids: Vec<OpId> = self.entries.iter().map(|entry| entry.id).collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn children(&self) -> &[(Kind, ContainerIndex)] {
        &self.children
    }

    pub(crate) fn child(&self, kind: Kind) -> Option<ContainerIndex> {
        self.children.iter().find(|(other, _)| *other == kind).map(|&(_, index)| index)
    }

    /// Whether an assignment says that the container is here.
    pub(crate) fn asserts(&self, kind: Kind) -> bool {
        self.entries.iter().any(|entry| entry.content == Some(Content::Container(kind)))
    }

    /// Whether the absence of anything is assigned.
    pub(crate) fn is_hidden(&self) -> bool {
        self.entries.iter().any(|entry| entry.content.is_none())
    }

    /// Whether anything is shown here, given whether a container here has content.
    pub(crate) fn shows(&self, lives_on: bool) -> bool {
        match self.entries.as_slice() {
            [] => lives_on,
            _ => !self.is_hidden(),
        }
    }

    /// What has touched the place, but for what is in its containers.
    pub(crate) fn clock(&self) -> Clock {
        if !self.clock.is_empty() {
            return self.clock.clone();
        }
        let mut clock = Clock::default();
        self.entries.iter().for_each(|entry| clock.record(entry.id));
        clock
    }

    /// The clock as far as it is more than what is in force.
    pub(crate) fn own_clock(&self) -> &Clock {
        &self.clock
    }

    /// Records an operation that is not (only) an assignment in force.
    pub(crate) fn touch(&mut self, op: OpId) {
        self.clock = self.clock();
        self.clock.record(op);
    }

    /// Takes assignments, which ascend, away.
    fn supersede(&mut self, op: OpId, observed: &[OpId]) {
        let others = |entry: &Entry| observed.binary_search(&entry.id).is_err();
        let foreign = self.entries.iter().any(|entry| entry.id.replica != op.replica);
        if foreign && !self.entries.iter().all(others) {
            self.touch(op);
        }
        self.entries.retain(others);
    }

    /// Puts an assignment in the place of those that it supersedes, which ascend.
    pub(crate) fn assign(&mut self, entry: Entry, supersedes: &[OpId]) {
        self.supersede(entry.id, supersedes);
        if !self.clock.is_empty() {
            self.clock.record(entry.id);
        }
        let place = self.entries.partition_point(|other| other.rank() < entry.rank());
        self.entries.insert(place, entry);
    }

    /// Takes assignments, which ascend, away.
    pub(crate) fn remove(&mut self, op: OpId, observed: &[OpId]) {
        self.touch(op);
        self.entries.retain(|entry| observed.binary_search(&entry.id).is_err());
    }

    /// What the place is besides its containers, to be put back.
    pub(crate) fn assigned(&self) -> (Vec<Entry>, Clock) {
        (self.entries.clone(), self.clock.clone())
    }

    /// Puts back what the place was besides its containers.
    pub(crate) fn restore(&mut self, (entries, clock): (Vec<Entry>, Clock)) {
        self.entries = entries;
        self.clock = clock;
    }

    /// Sets the time of an assignment, if it is in force.
    pub(crate) fn set_time(&mut self, id: OpId, time: Option<i64>) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.time = time;
        }
    }

    /// Records that a container is known here.
    pub(crate) fn add_child(&mut self, kind: Kind, index: ContainerIndex) {
        let place = self.children.partition_point(|&(other, _)| other < kind);
        self.children.insert(place, (kind, index));
    }

    /// Forgets a container.
    pub(crate) fn remove_child(&mut self, kind: Kind) {
        self.children.retain(|&(other, _)| other != kind);
    }

    /// Whether nothing is known of it.
    pub(crate) fn is_blank(&self) -> bool {
        self.entries.is_empty() && self.children.is_empty() && self.clock.is_empty()
    }

    fn heap_bytes(&self) -> usize {
        let values = self.entries.iter().filter_map(|entry| entry.content.as_ref());
        self.entries.capacity() * size_of::<Entry>()
            + self.children.capacity() * size_of::<(Kind, ContainerIndex)>()
            + self.clock.heap_bytes()
            + values.map(Content::heap_bytes).sum::<usize>()
    }
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub(crate) struct Slots {
    slots: BTreeMap<Key, Slot>,
    /// In how many of them something is shown; whether it is, is for the state.
    pub(super) shown: usize,
}

impl Slots {
    pub(crate) fn get(&self, key: &Key) -> Option<&Slot> {
        self.slots.get(key)
    }

    /// The place, which is known from now on.
    pub(crate) fn get_or_insert(&mut self, key: &Key) -> &mut Slot {
        if !self.slots.contains_key(key) {
            self.slots.insert(key.clone(), Slot::default());
        }
        self.slots.get_mut(key).expect("the place is there by now")
    }

    pub(crate) fn get_mut(&mut self, key: &Key) -> Option<&mut Slot> {
        self.slots.get_mut(key)
    }

    pub(crate) fn insert(&mut self, key: Key, slot: Slot) {
        self.slots.insert(key, slot);
    }

    pub(crate) fn remove(&mut self, key: &Key) -> Option<Slot> {
        self.slots.remove(key)
    }

    /// Forgets a place of which nothing is known.
    pub(crate) fn drop_if_blank(&mut self, key: &Key) {
        if self.slots.get(key).is_some_and(Slot::is_blank) {
            self.slots.remove(key);
        }
    }

    /// Forgets what has touched empty places, where all members know of it.
    pub(crate) fn prune(&mut self, floor: &VersionVector) {
        self.slots.retain(|_, slot| {
            if slot.entries.is_empty() && slot.clock.beyond(floor).is_none() {
                slot.clock = Clock::default();
            }
            !slot.is_blank()
        });
    }

    /// The places of which something is known, in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Slot)> {
        self.slots.iter()
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.slots.is_empty()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.slots
            .iter()
            .map(|(key, slot)| size_of::<(Key, Slot)>() + key.heap_bytes() + slot.heap_bytes())
            .sum()
    }
}
