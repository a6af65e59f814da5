//! What has to be known to take back an edit: what is there of it, and what others did about it.

use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::value::Content;
use crate::version::VersionVector;

use super::slots::{ContainerIndex, Slot};
use super::{Body, Clock, State};

impl State {
    /// Whether a container is shown, and all that it is in, or would be if something was in it: as
    /// long as others than `me` have not touched its place by operations that are not `seen`.
    pub(crate) fn can_show(&self, id: &ContainerId, me: ReplicaId, seen: &VersionVector) -> bool {
        let mut index = Some(Self::ROOT);
        id.steps().into_iter().all(|(key, kind)| {
            let at = index;
            index = self.child(at, key, kind);
            match self.shown_at(at, key) {
                Some(shown) => shown == Content::Container(kind),
                None => self.is_vacant(at, key) && self.touched_at(at, key, me, seen).is_empty(),
            }
        })
    }

    /// Whether nothing is assigned in a place, and it may be named.
    fn is_vacant(&self, index: Option<ContainerIndex>, key: &Key) -> bool {
        let item_can_be_named = match (self.list_at(index), key) {
            (Some(list), Key::Item(item)) => list.can_be_named(*item),
            _ => true,
        };
        item_can_be_named && !self.is_assigned(index, key)
    }

    /// Whether something is visible in a container but what this replica has added to it, if it is
    /// a counter, and taken off again.
    pub(crate) fn has_other_content(&self, id: &ContainerId, me: ReplicaId) -> bool {
        match self.find(id).map(|index| self.body(index)) {
            Some(Body::Counter(counter)) => counter.has_other_content(me),
            Some(body) => body.has_content(),
            None => false,
        }
    }

    /// The replicas other than `me` that have touched a place by operations that are not `seen`, but
    /// for what is in its containers.
    pub(crate) fn touched_since(
        &self,
        id: &ContainerId,
        key: &Key,
        me: ReplicaId,
        seen: &VersionVector,
    ) -> Vec<ReplicaId> {
        self.touched_at(self.find(id), key, me, seen)
    }

    fn touched_at(
        &self,
        index: Option<ContainerIndex>,
        key: &Key,
        me: ReplicaId,
        seen: &VersionVector,
    ) -> Vec<ReplicaId> {
        let slot = index.and_then(|index| self.slot_at(index, key));
        beyond(&slot.map(Slot::clock).unwrap_or_default(), me, seen)
    }

    /// The same of a container, but for what is in it.
    pub(crate) fn edited_since(
        &self,
        id: &ContainerId,
        me: ReplicaId,
        seen: &VersionVector,
    ) -> Vec<ReplicaId> {
        let index = self.find(id);
        index.map_or(Vec::new(), |index| beyond(&self.container(index).clock, me, seen))
    }

    /// The characters that live and the assignments that are in force, but for those of `me`.
    #[cfg(test)]
    pub(crate) fn held_by_others(&self, me: ReplicaId) -> std::collections::BTreeSet<OpId> {
        let bodies = self.containers.iter().flatten().map(|container| &container.body);
        let held = bodies.flat_map(|body| match body {
            Body::Text(text) => text.live().collect(),
            body => {
                let slots = body.slots().into_iter().flat_map(|slots| slots.iter());
                let entries = slots.flat_map(|(_, slot)| slot.entries().iter());
                entries.map(|entry| entry.id).collect::<Vec<_>>()
            }
        });
        held.filter(|op| op.replica != me).collect()
    }
}

/// The replicas other than `me` of which a clock has operations that are not `seen`.
fn beyond(clock: &Clock, me: ReplicaId, seen: &VersionVector) -> Vec<ReplicaId> {
    let unseen = |op: &OpId| op.replica != me && !seen.contains(*op);
    clock.last().filter(unseen).map(|op| op.replica).collect()
}
