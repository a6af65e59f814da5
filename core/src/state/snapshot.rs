//! The state as a flat list of containers, for saving: the same list for the same state.

use crate::change::ContainerId;
use crate::id::{IdSpan, OpId};
use crate::value::Content;
use crate::version::VersionVector;

use super::map::Entry;
use super::sequence::Sequence;
use super::sequence::piece::Piece;
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
    Text { pieces: Vec<Piece>, deletions: Vec<(OpId, IdSpan)> },
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
        for entry in entries {
            if let Content::Container(kind) = entry.content {
                self.find_or_create(&map.child(key, kind));
            }
            let Body::Map(map) = self.body_mut(index) else { return Err("a text has keys") };
            if map
                .slot(key)
                .is_some_and(|slot| slot.entries().iter().any(|other| other.id == entry.id))
            {
                return Err("two assignments have the same identity");
            }
            map.assign(key, entry, &[]);
        }
        Ok(())
    }
}
