//! The state as a flat list of containers, for saving: the same list for the same state.

use std::collections::{BTreeMap, BTreeSet};

use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::NodeRun;
use crate::value::Content;
use crate::version::VersionVector;

use super::assignments::Entry;
use super::sequence::piece::Piece;
use super::sequence::{Items, Sequence, Status};
use super::slots::{Slot, Slots};
use super::{Body, Clock, Counter, Rank, Share, State};

/// A container and what is in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ContainerSnapshot {
    pub(crate) id: ContainerId,
    /// The operations on it.
    pub(crate) clock: VersionVector,
    pub(crate) body: BodySnapshot,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BodySnapshot {
    /// The places, by key.
    Slots(Vec<SlotSnapshot>),
    /// The runs in reading order, and the deletions that are not within the prune cut.
    Text { pieces: Vec<Piece<String>>, deletions: Vec<(OpId, NodeRun)> },
    /// The runs in reading order, the items by identity, and the moves of each.
    List { pieces: Vec<Piece<Items>>, items: Vec<SlotSnapshot>, moves: BTreeMap<OpId, Vec<Rank>> },
    /// What each replica has contributed.
    Counter(BTreeMap<ReplicaId, Share>),
}

/// A place with the assignments in force, ascending by rank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SlotSnapshot {
    pub(crate) key: Key,
    pub(crate) entries: Vec<Entry>,
    /// What has touched it; empty if that is just what is in force.
    pub(crate) clock: VersionVector,
}

impl State {
    /// All containers, parents before children, by path.
    pub(crate) fn snapshot(&self) -> Vec<ContainerSnapshot> {
        let mut containers: Vec<_> = self
            .containers
            .iter()
            .flatten()
            .map(|container| {
                let body = match &container.body {
                    Body::Map(slots) | Body::Set(slots) => {
                        BodySnapshot::Slots(slot_snapshots(slots))
                    }
                    Body::Text(sequence) => BodySnapshot::Text {
                        pieces: sequence.pieces(),
                        deletions: sequence.deletions().collect(),
                    },
                    Body::List(list) => BodySnapshot::List {
                        pieces: list.nodes().pieces(),
                        items: slot_snapshots(&list.slots),
                        moves: list.moves().clone(),
                    },
                    Body::Counter(counter) => BodySnapshot::Counter(counter.shares().clone()),
                };
                let clock = container.clock.version();
                ContainerSnapshot { id: container.id.clone(), clock, body }
            })
            .collect();
        containers.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        containers
    }

    /// Rebuilds a state.
    ///
    /// # Errors
    /// What is wrong, if the list is not one that a state gives.
    pub(crate) fn from_snapshot(
        containers: Vec<ContainerSnapshot>,
        stable: &VersionVector,
        floor: &VersionVector,
    ) -> Result<Self, &'static str> {
        let mut state = Self::new();
        for ContainerSnapshot { id, clock, body } in containers {
            state.check_items_above(&id)?;
            let index = state.find_or_create(&id);
            state.container_mut(index).clock = Clock::new(&clock);
            match body {
                BodySnapshot::Slots(slots) => state.restore_slots(&id, slots)?,
                BodySnapshot::Text { pieces, deletions } => {
                    if !all_named(&pieces, &deletions) {
                        return Err("a deleted node is named by no deletion");
                    }
                    let sequence = Sequence::from_pieces(pieces, deletions, stable)?;
                    *state.body_mut(index) = Body::Text(sequence);
                }
                BodySnapshot::List { pieces, items, moves } => {
                    let live = pieces.iter().filter(|piece| piece.status == Status::Live);
                    if live.map(|piece| piece.len).sum::<u64>() > items.len() as u64 {
                        return Err("a node lives that is of no item");
                    }
                    state.restore_slots(&id, items)?;
                    let sequence = Sequence::from_pieces(pieces, [], stable)?;
                    if let Body::List(list) = state.body_mut(index) {
                        list.restore(sequence, moves, floor)?;
                    }
                }
                BodySnapshot::Counter(shares) => {
                    *state.body_mut(index) = Body::Counter(Counter::new(shares));
                }
            }
        }
        state.count_shown()?;
        state.set_stable(stable);
        Ok(state)
    }

    /// The items that a container is in have to be there.
    fn check_items_above(&self, id: &ContainerId) -> Result<(), &'static str> {
        let mut at = id;
        while let Some((parent, key, _)) = at.step().filter(|_| at.in_list()) {
            if self.find(at).is_some() {
                break;
            }
            if matches!(key, Key::Item(_)) && self.slot(parent, key).is_none() {
                return Err("a container is in an item that is not there");
            }
            at = parent;
        }
        Ok(())
    }

    fn restore_slots(
        &mut self,
        id: &ContainerId,
        slots: Vec<SlotSnapshot>,
    ) -> Result<(), &'static str> {
        for SlotSnapshot { key, entries, clock } in slots {
            let authors = entries.iter().map(|entry| entry.id.replica);
            if authors.collect::<BTreeSet<_>>().len() < entries.len() {
                return Err("two assignments of one place have the same author");
            }
            let kinds: Vec<_> = entries
                .iter()
                .filter_map(|entry| match entry.content {
                    Some(Content::Container(kind)) => Some(kind),
                    _ => None,
                })
                .collect();
            let index = self.find_or_create(id);
            let slots = self.body_mut(index).slots_mut().ok_or("a text or a counter has keys")?;
            slots.insert(key.clone(), Slot::new(entries, Clock::new(&clock)));
            for kind in kinds {
                self.find_or_create(&id.child(key.clone(), kind));
            }
        }
        Ok(())
    }
}

fn slot_snapshots(slots: &Slots) -> Vec<SlotSnapshot> {
    let known = slots.iter().map(|(key, slot)| SlotSnapshot {
        key: key.clone(),
        entries: slot.entries().iter().cloned().collect(),
        clock: slot.saved_clock(),
    });
    known.filter(|slot| !slot.entries.is_empty() || !slot.clock.is_empty()).collect()
}

/// Whether every deleted node that is not prunable has a deletion by which it may become so.
fn all_named(pieces: &[Piece<String>], deletions: &[(OpId, NodeRun)]) -> bool {
    let mut named: Vec<IdSpan> = deletions.iter().map(|(_, run)| run.nodes).collect();
    named.sort_unstable();
    let mut deleted: Vec<IdSpan> = pieces
        .iter()
        .filter(|piece| piece.status == Status::Deleted)
        .map(|piece| IdSpan::new(piece.id, piece.len))
        .collect();
    deleted.sort_unstable();
    let mut named = named.into_iter().peekable();
    deleted.into_iter().all(|span| {
        let (replica, mut counter) = (span.start.replica, span.start.counter);
        while counter < span.end() {
            match named.peek() {
                Some(next) if next.start <= OpId::new(replica, counter) => {
                    if next.start.replica == replica && next.end() > counter {
                        counter = next.end();
                    }
                    if counter < span.end() {
                        named.next();
                    }
                }
                _ => return false,
            }
        }
        true
    })
}
