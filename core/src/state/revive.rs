//! What has to be known to take back an edit: what is there of it, and what others did about it.

use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::value::Content;
use crate::version::VersionVector;

use super::slots::Slot;
use super::{Body, State};

impl State {
    /// Whether a container is shown, and all that it is in.
    pub(crate) fn is_visible(&self, id: &ContainerId) -> bool {
        let mut index = Some(Self::ROOT);
        id.steps().into_iter().all(|(key, kind)| {
            let is_shown = self.shown_at(index, key) == Some(Content::Container(kind));
            index = self.child(index, key, kind);
            is_shown
        })
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

    /// The replicas other than `me` that have touched a place, or, without a key, a container
    /// itself, by operations that are not `seen`.
    pub(crate) fn touched_since(
        &self,
        id: &ContainerId,
        key: Option<&Key>,
        me: ReplicaId,
        seen: &VersionVector,
    ) -> Vec<ReplicaId> {
        let Some(index) = self.find(id) else { return Vec::new() };
        let clock = match key {
            Some(key) => self.slot_at(index, key).map(Slot::clock).unwrap_or_default(),
            None => self.container(index).clock.clone(),
        };
        let unseen = |op: &OpId| op.replica != me && !seen.contains(*op);
        clock.last().filter(unseen).map(|op| op.replica).collect()
    }
}
