//! The short way in, for what is frequent: one change that follows what is known, while nothing
//! waits. Whatever else there is, and whatever is wrong, is for [`plan`](super::plan).

use crate::change::Change;
use crate::container::ContainerId;
use crate::event;
use crate::id::OpId;
use crate::op::{Elements, NodeRun, Op, Place};
use crate::report::Applied;
use crate::state::validate::Inserted;

use super::Replica;

/// Where a change stands.
#[derive(Clone, Copy)]
pub(super) struct Origin<'c> {
    pub(super) id: OpId,
    pub(super) lamport: u64,
    pub(super) dependencies: &'c [OpId],
}

impl Replica {
    /// Applies a change, if it is plain to see that it fits; else gives it back.
    pub(super) fn apply_directly(&mut self, change: Change) -> Result<Applied, Change> {
        let Change { id, lamport, ref dependencies, .. } = change;
        let evicts = change.ops().iter().any(|op| matches!(op, Op::Evict(_)));
        let fits = !evicts
            && self.follows(Origin { id, lamport, dependencies })
            && !change.names_any(|op| !self.version.contains(op))
            && self.state.check_change(&change, &self.version, &Inserted::default()).is_ok();
        if !fits {
            return Err(change);
        }
        self.integrate(change);
        self.emit(event::Origin::Remote);
        self.follow_version();
        Ok(Applied { changes: 1, ..Applied::default() })
    }

    /// Inserts characters, given with how many they are, if it is plain to see that this fits;
    /// gives whether it did.
    pub(super) fn insert_directly(
        &mut self,
        origin: Origin<'_>,
        container: &ContainerId,
        place: Place,
        (text, len): (&str, u64),
    ) -> bool {
        let Origin { id, lamport, .. } = origin;
        let is_known = place.parent.is_none_or(|parent| self.version.contains(parent));
        if !is_known || !self.follows(origin) {
            return false;
        }
        if !self.state.insert_directly(id, container, place, (text, len)) {
            return false;
        }
        let is_merged = origin.dependencies.is_empty()
            && self.log.last_mut(id.replica).is_some_and(|last| {
                last.extend_with_text((id, lamport), container, place, (text, len))
            });
        if !is_merged {
            let container = self.state.shared_id(container);
            let elements = Elements::Text(text.to_owned());
            self.log(origin, Op::Insert { container, place, elements });
        }
        self.follow(origin, len);
        true
    }

    /// Deletes a run of characters, if it is plain to see that this fits; gives whether it did.
    pub(super) fn delete_directly(
        &mut self,
        origin: Origin<'_>,
        container: &ContainerId,
        run: NodeRun,
    ) -> bool {
        let Origin { id, lamport, .. } = origin;
        let is_known = self.version.contains(run.nodes.start.plus(run.len() - 1));
        if !is_known || !self.follows(origin) || !self.state.delete_directly(id, container, run) {
            return false;
        }
        let is_merged = origin.dependencies.is_empty()
            && self
                .log
                .last_mut(id.replica)
                .is_some_and(|last| last.extend_with_deletion((id, lamport), container, run));
        if !is_merged {
            let container = self.state.shared_id(container);
            self.log(origin, Op::Delete { container, nodes: vec![run] });
        }
        self.follow(origin, run.len());
        true
    }

    /// Whether nothing but what it does can be wrong with a change that stands there: all that
    /// comes before it is here, its Lamport time fits that, and nothing waits.
    fn follows(&self, Origin { id, lamport, dependencies }: Origin<'_>) -> bool {
        self.inbox.len() == 0
            && self.version.get(id.replica) == id.counter
            && lamport <= self.lamport
            // First operations make members, and are for the plan.
            && id.counter > 0
            && self.membership.is_plain(id.replica)
            && self.log.last(id.replica).is_none_or(|last| last.lamport + last.len() <= lamport)
            && self.version.contains_all(dependencies)
            && self.log.are_before(dependencies, lamport)
    }

    fn log(&mut self, Origin { id, lamport, dependencies }: Origin<'_>, op: Op) {
        self.log.push(Change::new(id, lamport, dependencies.to_vec(), vec![op]));
    }

    /// Follows a change of `len` identities that state and log have.
    fn follow(&mut self, Origin { id, lamport, dependencies }: Origin<'_>, len: u64) {
        self.frontier.advance(dependencies, id.plus(len - 1));
        self.version.set(id.replica, id.counter + len);
        self.lamport = self.lamport.max(lamport + len);
        self.emit(event::Origin::Remote);
        self.follow_version();
    }
}
