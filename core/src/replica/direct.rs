//! The short way in, for what is frequent: one change that follows what is known, while nothing
//! waits. Whatever else there is, and whatever is wrong, is for [`plan`](super::plan).

use crate::change::Change;
use crate::container::ContainerId;
use crate::id::{IdSpan, OpId};
use crate::op::{Elements, NodeRun, Op, Place};
use crate::report::Applied;
use crate::state::ContainerIndex;
use crate::state::validate::Inserted;
use crate::value::Kind;

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
        let fits = self.follows(Origin { id, lamport, dependencies })
            && !change.names_any(|op| !self.version.contains(op))
            && self.state.check_change(&change, &self.version, &Inserted::default()).is_ok();
        if !fits {
            return Err(change);
        }
        self.integrate(change);
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
        let Some(index) = self.plain_text(container) else { return false };
        if !self.follows(origin) || place.parent.is_some_and(|parent| !self.has(index, parent, 1)) {
            return false;
        }
        self.state.insert_text(index, origin.id, place, text, len);
        let is_own = place.parent.is_none_or(|parent| parent.replica == origin.id.replica);
        let is_logged = is_own
            && self
                .last_before(origin)
                .is_some_and(|last| last.type_text(container, place, text, len));
        if !is_logged {
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
        let Some(index) = self.plain_text(container) else { return false };
        if !self.follows(origin) || !self.has(index, run.nodes.start, run.len()) {
            return false;
        }
        self.state.delete_text(index, origin.id, run);
        let is_own = run.nodes.start.replica == origin.id.replica;
        let is_logged = is_own
            && self.last_before(origin).is_some_and(|last| {
                !last.deletes(container, &run) && last.type_deletion(container, run)
            });
        if !is_logged {
            let container = self.state.shared_id(container);
            self.log(origin, Op::Delete { container, nodes: vec![run] });
        }
        self.follow(origin, run.len());
        true
    }

    /// A text that is here, and in no list: what is there can be edited without asking what is
    /// around it.
    fn plain_text(&self, container: &ContainerId) -> Option<ContainerIndex> {
        if container.in_list() || container.kind() != Kind::Text {
            return None;
        }
        self.state.index_of(container)
    }

    /// Whether so many nodes, from one on, are known, and in a text.
    fn has(&mut self, text: ContainerIndex, first: OpId, len: u64) -> bool {
        let nodes = IdSpan::new(first, len);
        self.version.contains(first.plus(len - 1))
            && self.state.text_at(text).is_some_and(|text| text.first_absent(nodes).is_none())
    }

    /// The author's last change, if a change that stands there and says nothing may be part of it.
    fn last_before(
        &mut self,
        Origin { id, lamport, dependencies }: Origin<'_>,
    ) -> Option<&mut Change> {
        let last = self.log.last_mut(id.replica).filter(|_| dependencies.is_empty())?;
        let follows = last.end() == id.counter && last.lamport + last.len() == lamport;
        (follows && last.commit().is_none()).then_some(last)
    }

    /// Whether nothing but what it does can be wrong with a change that stands there: all that
    /// comes before it is here, its Lamport time fits that, and nothing waits.
    fn follows(&self, Origin { id, lamport, dependencies }: Origin<'_>) -> bool {
        self.inbox.len() == 0
            && self.version.get(id.replica) == id.counter
            && lamport <= self.lamport
            && self.membership.is_member(id.replica)
            && self.log.last(id.replica).is_none_or(|last| last.lamport + last.len() <= lamport)
            && dependencies.iter().all(|&head| {
                self.version.contains(head)
                    && self.log.lamport_of(head).is_none_or(|known| known < lamport)
            })
    }

    fn log(&mut self, Origin { id, lamport, dependencies }: Origin<'_>, op: Op) {
        self.log.push(Change::new(id, lamport, dependencies.to_vec(), vec![op]));
    }

    /// Follows a change of `len` identities that state and log have.
    fn follow(&mut self, Origin { id, lamport, dependencies }: Origin<'_>, len: u64) {
        self.frontier.advance(dependencies, id.plus(len - 1));
        self.version.set(id.replica, id.counter + len);
        self.lamport = self.lamport.max(lamport + len);
        self.follow_version();
    }
}
