//! The state as a flat list of containers, for saving: the same list for the same state.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::value::Content;
use crate::version::VersionVector;

use super::assignments::Entry;
use super::sequence::packed::Packed;
use super::sequence::{Items, Sequence};
use super::slots::{ContainerIndex, Slot, Slots};
use super::{Body, Clock, Container, Counter, Rank, Share, State};

/// A container and what is in it, to be written.
pub(crate) struct ContainerView<'s> {
    pub(crate) id: &'s ContainerId,
    /// The operations on it.
    pub(crate) clock: &'s Clock,
    pub(crate) body: BodyView<'s>,
}

pub(crate) enum BodyView<'s> {
    Slots(&'s Slots),
    Text(Cow<'s, Packed<String>>),
    /// Where items stand, the items, and the moves of each.
    List {
        nodes: Cow<'s, Packed<Items>>,
        items: &'s Slots,
        moves: &'s BTreeMap<OpId, Vec<Rank>>,
    },
    Counter(&'s Counter),
}

impl ContainerView<'_> {
    /// Whether nothing is known of it but that it is there.
    fn is_blank(&self) -> bool {
        self.clock.is_empty()
            && match &self.body {
                BodyView::Slots(slots) => slots.saved().next().is_none(),
                BodyView::Text(text) => text.is_blank(),
                BodyView::List { nodes, items, .. } => {
                    nodes.is_blank() && items.saved().next().is_none()
                }
                BodyView::Counter(counter) => counter.is_blank(),
            }
    }
}

/// A container and what is in it, as it was read.
#[derive(Debug)]
pub(crate) struct ContainerSnapshot {
    pub(crate) id: ContainerId,
    pub(crate) clock: Clock,
    pub(crate) body: BodySnapshot,
}

#[derive(Debug)]
pub(crate) enum BodySnapshot {
    /// The places, by key.
    Slots(Vec<SlotSnapshot>),
    Text(Packed<String>),
    /// Where items stand, the items by identity, and the moves of each.
    List {
        nodes: Packed<Items>,
        items: Vec<SlotSnapshot>,
        moves: BTreeMap<OpId, Vec<Rank>>,
    },
    /// What each replica has contributed.
    Counter(BTreeMap<ReplicaId, Share>),
}

/// A place with the assignments in force, ascending by rank.
#[derive(Debug)]
pub(crate) struct SlotSnapshot {
    pub(crate) key: Key,
    pub(crate) entries: Vec<Entry>,
    /// What has touched it; empty if that is just what is in force.
    pub(crate) clock: Clock,
}

impl State {
    /// All containers of which anything is known, parents before children, by path.
    pub(crate) fn views(&self) -> Vec<ContainerView<'_>> {
        let mut views: Vec<_> = self
            .containers
            .iter()
            .flatten()
            .map(|container| {
                let body = match &container.body {
                    Body::Map(slots) | Body::Set(slots) => BodyView::Slots(slots),
                    Body::Text(sequence) => BodyView::Text(sequence.to_packed()),
                    Body::List(list) => BodyView::List {
                        nodes: list.nodes().to_packed(),
                        items: &list.slots,
                        moves: list.moves(),
                    },
                    Body::Counter(counter) => BodyView::Counter(counter),
                };
                ContainerView { id: &container.id, clock: &container.clock, body }
            })
            .filter(|view| !view.is_blank())
            .collect();
        views.sort_unstable_by(|a, b| a.id.cmp(b.id));
        views
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
        let shared = Arc::new(stable.clone());
        for ContainerSnapshot { id, clock, body } in containers {
            state.check_items_above(&id)?;
            let index = state.find_or_create(&id);
            state.container_mut(index).clock = clock;
            match body {
                BodySnapshot::Slots(slots) => state.restore_slots(index, slots)?,
                BodySnapshot::Text(packed) => {
                    *state.body_mut(index) = Body::Text(Sequence::packed(packed, &shared));
                    state.follow_packing(index);
                }
                BodySnapshot::List { nodes, items, moves } => {
                    if nodes.live_count() > items.len() as u64 {
                        return Err("a node lives that is of no item");
                    }
                    state.restore_slots(index, items)?;
                    let sequence = Sequence::packed(nodes, &shared);
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
        for index in 0..state.containers.len() {
            let Container { body, clock, .. } = state.container(index);
            let blank = clock.last().next().filter(|_| body.is_blank());
            let heads = match body {
                Body::List(list) => list.unstable_heads(),
                _ => Vec::new(),
            };
            state.expiring.wait_for_all(blank, index);
            state.retiring.wait_for_all(heads, index);
        }
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

    /// Fills a container, in which so far at most containers are known.
    fn restore_slots(
        &mut self,
        index: ContainerIndex,
        saved: Vec<SlotSnapshot>,
    ) -> Result<(), &'static str> {
        let mut children = Vec::new();
        for SlotSnapshot { key, entries, .. } in &saved {
            if !have_authors_of_their_own(entries) {
                return Err("two assignments of one place have the same author");
            }
            children.extend(entries.iter().filter_map(|entry| match entry.content {
                Some(Content::Container(kind)) => Some((key.clone(), kind)),
                _ => None,
            }));
        }
        let slots = self.body_mut(index).slots_mut().ok_or("a text or a counter has keys")?;
        let mut emptied = Vec::new();
        slots.fill(saved.into_iter().map(|saved| {
            if saved.entries.is_empty()
                && let Some(op) = saved.clock.last().next()
            {
                emptied.push((op, saved.key.clone()));
            }
            (saved.key, Slot::new(saved.entries, saved.clock))
        }));
        if let Body::Map(slots) | Body::Set(slots) = self.body_mut(index) {
            let ops: Vec<OpId> = emptied.iter().map(|&(op, _)| op).collect();
            emptied.into_iter().for_each(|(op, key)| slots.wait(op, key));
            self.expiring.wait_for_all(ops, index);
        }
        if children.is_empty() {
            return Ok(());
        }
        let id = self.container(index).id.clone();
        for (key, kind) in children {
            self.find_or_create(&id.child(key, kind));
        }
        Ok(())
    }
}

fn have_authors_of_their_own(entries: &[Entry]) -> bool {
    entries.len() < 2
        || entries.iter().map(|entry| entry.id.replica).collect::<BTreeSet<_>>().len()
            == entries.len()
}
