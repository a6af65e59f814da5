//! The state as a flat list of containers, for saving: the same list for the same state.

use std::collections::BTreeSet;

use crate::container::ContainerId;
use crate::id::{IdSpan, OpId};
use crate::op::NodeRun;
use crate::value::Content;
use crate::version::VersionVector;

use super::map::Entry;
use super::sequence::piece::Piece;
use super::sequence::{Sequence, Status};
use super::{Body, State};

/// A container and what is in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ContainerSnapshot {
    pub(crate) id: ContainerId,
    pub(crate) body: BodySnapshot,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BodySnapshot {
    /// The assignments in force, by key, then by rank.
    Map(Vec<(String, Vec<Entry>)>),
    /// The runs in reading order, and the deletions that are not within the prune cut.
    Text { pieces: Vec<Piece>, deletions: Vec<(OpId, NodeRun)> },
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
                    Body::Map(map) => {
                        let assigned = map.slots().filter(|(_, slot)| !slot.entries().is_empty());
                        let slots = assigned
                            .map(|(key, slot)| (key.to_owned(), slot.entries().to_vec()))
                            .collect();
                        BodySnapshot::Map(slots)
                    }
                    Body::Text(sequence) => BodySnapshot::Text {
                        pieces: sequence.pieces(),
                        deletions: sequence.deletions().collect(),
                    },
                };
                ContainerSnapshot { id: container.id.clone(), body }
            })
            .collect();
        containers.sort_by(|a, b| a.id.cmp(&b.id));
        containers
    }

    /// Rebuilds a state.
    ///
    /// # Errors
    /// What is wrong, if the list is not one that a state gives.
    pub(crate) fn from_snapshot(
        containers: Vec<ContainerSnapshot>,
        stable: &VersionVector,
    ) -> Result<Self, &'static str> {
        let mut state = Self::new();
        for ContainerSnapshot { id, body } in containers {
            let index = state.find_or_create(&id);
            let body = match body {
                BodySnapshot::Map(slots) => {
                    for (key, entries) in slots {
                        state.restore_slot(&id, &key, entries)?;
                    }
                    continue;
                }
                BodySnapshot::Text { pieces, deletions } => {
                    if !all_named(&pieces, &deletions) {
                        return Err("a deleted node is named by no deletion");
                    }
                    Body::Text(Sequence::from_pieces(pieces, deletions, stable)?)
                }
            };
            *state.body_mut(index) = body;
        }
        Ok(state)
    }

    fn restore_slot(
        &mut self,
        map: &ContainerId,
        key: &str,
        entries: Vec<Entry>,
    ) -> Result<(), &'static str> {
        let index = self.find_or_create(map);
        for entry in &entries {
            if let Content::Container(kind) = entry.content {
                self.find_or_create(&map.child(key, kind));
            }
        }
        let ids: BTreeSet<OpId> = entries.iter().map(|entry| entry.id).collect();
        if ids.len() < entries.len() {
            return Err("two assignments have the same identity");
        }
        let Body::Map(map) = self.body_mut(index) else { return Err("a text has keys") };
        map.restore(key, entries);
        Ok(())
    }
}

/// Whether every deleted node that is not prunable has a deletion by which it may become so.
fn all_named(pieces: &[Piece], deletions: &[(OpId, NodeRun)]) -> bool {
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
