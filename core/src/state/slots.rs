//! The places of a map, a set or a list: in each the assignments that no other has observed, and
//! the containers there.
//!
//! A removal names the assignments that its author saw, which have arrived everywhere before it,
//! and any other one survives (observed-remove). What is removed leaves nothing but its clock, and
//! that until it is pruned.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::container::Key;
use crate::id::{OpId, ReplicaId};
use crate::value::{Content, Kind};
use crate::version::{Baseline, VersionVector};

use super::assignments::{Assignments, Entry};
use super::clock::Clock;

/// The position of a container in the state.
pub(crate) type ContainerIndex = usize;

/// What is known of one place.
#[derive(Clone, Default, Debug)]
pub(crate) struct Slot {
    /// The last one is shown.
    entries: Assignments,
    /// The containers that ever were here, by kind.
    children: Vec<(Kind, ContainerIndex)>,
    /// What has touched the place; empty if that is just what is in force.
    clock: Clock,
}

impl Slot {
    /// A place with assignments, each of another author, and what has touched it beside.
    pub(crate) fn new(entries: Vec<Entry>, clock: Clock) -> Self {
        Self { entries: entries.into_iter().collect(), children: Vec::new(), clock }
    }

    pub(crate) fn entries(&self) -> &Assignments {
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

    /// The assignment that decides what is shown here, if there is one.
    pub(crate) fn deciding(&self) -> Option<&Entry> {
        let absence = || self.entries.iter().rev().find(|entry| entry.content.is_none());
        if self.is_hidden() { absence() } else { self.entries.last() }
    }

    /// Whether an assignment says that the container is here.
    pub(crate) fn asserts(&self, kind: Kind) -> bool {
        self.entries.iter().any(|entry| entry.content == Some(Content::Container(kind)))
    }

    /// Whether the absence of anything is assigned.
    pub(crate) fn is_hidden(&self) -> bool {
        self.entries.is_hidden()
    }

    /// Whether an assignment shows something here; `None` if there is none, and so whatever
    /// container lives on is shown.
    pub(crate) fn shows_assigned(&self) -> Option<bool> {
        (!self.entries.is_empty()).then(|| !self.is_hidden())
    }

    /// What has touched the place, but for what is in its containers.
    pub(crate) fn clock(&self) -> Clock {
        if self.clock.is_empty() { clock_of(self.entries.iter()) } else { self.clock.clone() }
    }

    /// The clock if it is more than what is in force, but for replicas that have departed.
    pub(crate) fn saved_clock(
        &self,
        key: &Key,
        departed: Option<&Baseline>,
    ) -> Option<Cow<'_, Clock>> {
        if self.clock.is_empty() {
            return None;
        }
        let mut in_force = clock_of(self.entries.iter());
        let Some(departed) = departed else {
            return (self.clock != in_force).then_some(Cow::Borrowed(&self.clock));
        };
        let clock = self.clock_without(key, departed);
        in_force.forget(departed);
        (clock != in_force).then_some(Cow::Owned(clock))
    }

    /// What is recorded to have touched the place, but for replicas that have departed. Of an item
    /// that is not there any more something has to be left: that it was inserted.
    fn clock_without(&self, key: &Key, departed: &Baseline) -> Clock {
        let mut clock = self.clock.clone();
        clock.forget(departed);
        if let Key::Item(item) = key
            && clock.is_empty()
            && self.entries.is_empty()
        {
            clock.record(*item);
        }
        clock
    }

    /// What has touched the place that is in force.
    pub(super) fn clock_of_entries(&self) -> Clock {
        clock_of(self.entries.iter())
    }

    /// Sets what has touched the place; empty: just what is in force.
    pub(super) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// Records an operation that is not (only) an assignment in force.
    pub(crate) fn touch(&mut self, op: OpId) {
        if self.clock.is_empty() {
            self.clock = clock_of(self.entries.iter());
        }
        self.clock.record(op);
    }

    /// Puts an assignment in the place of those that it supersedes, and of an earlier one of its
    /// author, who had seen it.
    pub(crate) fn assign(&mut self, entry: Entry, supersedes: &[OpId]) {
        if !self.clock.is_empty() {
            self.clock.record(entry.id);
        } else if !self.entries.are_of(entry.id.replica) && !supersedes.is_empty() {
            self.touch(entry.id);
        }
        self.entries.of(entry.id.replica).into_iter().for_each(|own| {
            self.entries.remove(own);
        });
        supersedes.iter().for_each(|&observed| {
            self.entries.remove(observed);
        });
        self.entries.insert(entry);
    }

    /// Takes assignments away.
    pub(crate) fn remove(&mut self, op: OpId, observed: &[OpId]) {
        self.touch(op);
        observed.iter().for_each(|&observed| {
            self.entries.remove(observed);
        });
    }

    /// What the place is besides its containers, to be put back.
    pub(crate) fn assigned(&self) -> (Assignments, Clock) {
        (self.entries.clone(), self.clock.clone())
    }

    /// Puts back what the place was besides its containers.
    pub(crate) fn restore(&mut self, (entries, clock): (Assignments, Clock)) {
        self.entries = entries;
        self.clock = clock;
    }

    /// Sets the time of an assignment, if it is in force.
    pub(crate) fn set_time(&mut self, id: OpId, time: Option<i64>) {
        self.entries.set_time(id, time);
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

    #[cfg(test)]
    pub(super) fn is_clockless(&self) -> bool {
        self.clock.is_empty()
    }

    fn heap_bytes(&self) -> usize {
        self.entries.heap_bytes()
            + self.children.capacity() * size_of::<(Kind, ContainerIndex)>()
            + self.clock.heap_bytes()
    }
}

/// See [`Slots::forget_emptied`].
#[derive(Default)]
pub(super) struct Emptied {
    pub(super) waits: Vec<OpId>,
    pub(super) children: Vec<ContainerIndex>,
    pub(super) places: u64,
}

/// The clock of a place that nothing but assignments which are in force has touched.
pub(crate) fn clock_of<'e>(entries: impl Iterator<Item = &'e Entry>) -> Clock {
    let mut clock = Clock::default();
    entries.for_each(|entry| clock.record(entry.id));
    clock
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub(crate) struct Slots {
    slots: BTreeMap<Key, Slot>,
    /// The places of maps and sets where nothing is in force, by an operation that has touched them:
    /// what has is forgotten once all members know of it.
    emptied: BTreeMap<OpId, Vec<Key>>,
    /// In how many of them something is shown; whether it is, is for the state.
    pub(super) shown: usize,
}

impl Slots {
    pub(crate) fn get(&self, key: &Key) -> Option<&Slot> {
        self.slots.get(key)
    }

    /// The place, which is known from now on.
    pub(crate) fn get_or_insert(&mut self, key: &Key) -> &mut Slot {
        self.slots.entry(key.clone()).or_default()
    }

    /// Edits a place, which is forgotten again if nothing is known of it then.
    pub(crate) fn edit<T>(&mut self, key: &Key, edit: impl FnOnce(&mut Slot) -> T) -> T {
        if let Some(slot) = self.slots.get_mut(key) {
            let given = edit(slot);
            if slot.is_blank() {
                self.slots.remove(key);
            }
            return given;
        }
        let mut slot = Slot::default();
        let given = edit(&mut slot);
        if !slot.is_blank() {
            self.slots.insert(key.clone(), slot);
        }
        given
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

    /// Lets a place in which nothing is in force wait for the prune cut to reach an operation.
    pub(super) fn wait(&mut self, op: OpId, key: Key) {
        self.emptied.entry(op).or_default().push(key);
    }

    #[cfg(test)]
    pub(super) fn waits(&self, key: &Key) -> bool {
        self.emptied.values().flatten().any(|other| other == key)
    }

    #[cfg(test)]
    pub(super) fn heads(&self) -> Vec<OpId> {
        self.emptied.keys().copied().collect()
    }

    /// Forgets what has touched empty places that waited for operations of an author within the
    /// prune cut. Gives the operations that are to be waited for from now on, the containers in
    /// these places, and how many places it looked at.
    pub(super) fn forget_emptied(&mut self, author: ReplicaId, cut: &VersionVector) -> Emptied {
        let mut emptied = Emptied::default();
        let end = OpId::new(author, cut.get(author));
        let due = self.emptied.range(OpId::new(author, 0)..end).map(|(&op, _)| op);
        let due: Vec<OpId> = due.collect();
        let keys: Vec<Key> =
            due.into_iter().flat_map(|op| self.emptied.remove(&op).unwrap_or_default()).collect();
        for key in keys {
            emptied.places += 1;
            let Some(slot) = self.slots.get_mut(&key).filter(|slot| slot.entries.is_empty()) else {
                continue;
            };
            emptied.children.extend(slot.children.iter().map(|&(_, child)| child));
            if let Some(op) = slot.clock.beyond(cut) {
                emptied.waits.push(op);
                self.wait(op, key);
                continue;
            }
            slot.clock = Clock::default();
            if slot.is_blank() {
                self.slots.remove(&key);
            }
        }
        let left = self.emptied.range(end..).next().map(|(&op, _)| op);
        emptied.waits.extend(left.filter(|op| op.replica == author));
        emptied
    }

    /// Forgets replicas that have departed: what they did lies within every cut to come.
    pub(crate) fn forget_departed(&mut self, departed: &Baseline) {
        for (key, slot) in &mut self.slots {
            if !slot.clock.is_empty() {
                slot.clock = slot.clock_without(key, departed);
            }
        }
    }

    /// The places of which something is known, in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Slot)> {
        self.slots.iter()
    }

    /// The places of which more is known than what containers are there.
    pub(crate) fn saved(&self) -> impl Iterator<Item = (&Key, &Slot)> {
        self.slots.iter().filter(|(_, slot)| !slot.entries.is_empty() || !slot.clock.is_empty())
    }

    /// Edits all places, and forgets those of which nothing is known then.
    pub(super) fn for_each_mut(&mut self, mut edit: impl FnMut(&Key, &mut Slot)) {
        self.slots.retain(|key, slot| {
            edit(key, slot);
            !slot.is_blank()
        });
    }

    /// Puts in places, ascending by key. None of them has been known so far.
    pub(crate) fn fill(&mut self, slots: impl Iterator<Item = (Key, Slot)>) {
        self.slots = slots.collect();
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.slots.is_empty()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.slots
            .iter()
            .map(|(key, slot)| size_of::<(Key, Slot)>() + key.heap_bytes() + slot.heap_bytes())
            .sum::<usize>()
            + self.emptied.len() * size_of::<(OpId, Vec<Key>)>()
    }
}
