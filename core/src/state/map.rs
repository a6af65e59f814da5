//! A map: for every key, the assignments that no other has observed, and the containers there.
//!
//! There are no tombstones: a removal names the assignments that its author saw, which have
//! arrived everywhere before it, and any other one survives (observed-remove).

use std::collections::BTreeMap;

use crate::id::OpId;
use crate::value::{Content, Kind};

/// The position of a container in the state.
pub(crate) type ContainerIndex = usize;

/// An assignment that is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    pub(crate) content: Content,
}

impl Entry {
    /// What orders it among the others.
    pub(crate) fn rank(&self) -> (u64, OpId) {
        (self.lamport, self.id)
    }
}

/// What is known of one key.
#[derive(Clone, Default, Debug)]
pub(crate) struct Slot {
    /// Ascending by (Lamport time, replica): the last one is shown.
    entries: Vec<Entry>,
    /// The containers that ever were here, by kind; whether one is visible is for the state.
    children: Vec<(Kind, ContainerIndex)>,
}

impl Slot {
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
        self.entries.iter().any(|entry| entry.content == Content::Container(kind))
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.children.is_empty()
    }
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub(crate) struct Map(BTreeMap<String, Slot>);

impl Map {
    pub(crate) fn slot(&self, key: &str) -> Option<&Slot> {
        self.0.get(key)
    }

    /// The keys of which something is known, visible or not, in the order of their bytes.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (&str, &Slot)> {
        self.0.iter().map(|(key, slot)| (key.as_str(), slot))
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts an assignment in the place of those that it supersedes, which ascend.
    pub(crate) fn assign(&mut self, key: &str, entry: Entry, supersedes: &[OpId]) {
        let slot = match self.0.get_mut(key) {
            Some(slot) => slot,
            None => self.0.entry(key.to_owned()).or_default(),
        };
        slot.entries.retain(|entry| supersedes.binary_search(&entry.id).is_err());
        let place = slot.entries.partition_point(|other| other.rank() < entry.rank());
        slot.entries.insert(place, entry);
    }

    /// Puts assignments, ascending by rank, under a key that has none.
    pub(crate) fn restore(&mut self, key: &str, entries: Vec<Entry>) {
        self.0.entry(key.to_owned()).or_default().entries = entries;
    }

    /// Takes assignments, which ascend, away.
    pub(crate) fn remove(&mut self, key: &str, observed: &[OpId]) {
        if let Some(slot) = self.0.get_mut(key) {
            slot.entries.retain(|entry| observed.binary_search(&entry.id).is_err());
            if slot.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// Records that a container is known under a key.
    pub(crate) fn add_child(&mut self, key: &str, kind: Kind, index: ContainerIndex) {
        let slot = self.0.entry(key.to_owned()).or_default();
        let place = slot.children.partition_point(|&(other, _)| other < kind);
        slot.children.insert(place, (kind, index));
    }

    /// Forgets a container, which is empty and not asserted.
    pub(crate) fn remove_child(&mut self, key: &str, kind: Kind) {
        if let Some(slot) = self.0.get_mut(key) {
            slot.children.retain(|&(other, _)| other != kind);
            if slot.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.0
            .iter()
            .map(|(key, slot)| {
                let values: usize = slot
                    .entries
                    .iter()
                    .map(|entry| match &entry.content {
                        Content::Value(value) => value.heap_bytes(),
                        Content::Container(_) => 0,
                    })
                    .sum();
                size_of::<(String, Slot)>()
                    + key.capacity()
                    + slot.entries.capacity() * size_of::<Entry>()
                    + slot.children.capacity() * size_of::<(Kind, ContainerIndex)>()
                    + values
            })
            .sum()
    }
}
