//! Taking back an item: the opposite of each of its steps, the last one first, as edits of the open
//! transaction. These are noted as any edits are, and make the item that takes this back.
//!
//! Three rules hold for all of them:
//! - What is not there any more is not taken away: others have.
//! - What others have put in the place of something in the meantime stays, and so does what they
//!   have put into it.
//! - What others have taken away, too, without having seen that it was, stays away.

use std::collections::BTreeMap;

use crate::container::ContainerId;
use crate::error::EditError;
use crate::id::{OpId, ReplicaId};
use crate::op::Op;
use crate::undo::{Item, Revived, Step, Taken};
use crate::value::Kind;

use super::super::Replica;

/// See the module.
pub(super) struct TakeBack<'r> {
    pub(super) replica: &'r mut Replica,
    pub(super) item: &'r Item,
    pub(super) revived: Revived,
    pub(super) taken_back: u64,
    pub(super) passed_over: u64,
    /// Nodes that the item inserted and deleted, which are not inserted again only to be deleted.
    pub(super) cancelled: u64,
}

impl<'r> TakeBack<'r> {
    pub(super) fn new(replica: &'r mut Replica, item: &'r Item, revived: Revived) -> Self {
        Self { replica, item, revived, taken_back: 0, passed_over: 0, cancelled: 0 }
    }

    /// Takes back all steps.
    pub(super) fn run(&mut self) -> Result<(), EditError> {
        self.item.steps.iter().rev().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), EditError> {
        match step {
            Step::Inserted { container, nodes } if container.kind() == Kind::List => {
                self.delete_items(container, *nodes)
            }
            Step::Inserted { container, nodes } => self.delete_characters(container, *nodes),
            Step::Deleted { container, op, run, text } => {
                self.insert_again(container, *op, *run, text)
            }
            Step::Assigned { container, key, op, before } => {
                self.take_back_assignment(container, key, *op, before.as_ref())
            }
            Step::Removed { container, key, op, before } => {
                self.put_back(container, key, *op, before)
            }
            Step::Moved { container, item, from, to } => {
                self.move_back(container, *item, *from, *to)
            }
            Step::Added { container, op, delta } => self.take_off(container, *op, *delta),
            Step::Reset { container, taken } => self.add_again(container, taken),
        }
    }

    /// Makes an edit that takes back so much; gives its first operation.
    pub(super) fn record(&mut self, op: Op, taken_back: u64) -> Result<OpId, EditError> {
        let id = self.replica.next_id(&[]);
        self.replica.record(vec![op])?;
        self.taken_back += taken_back;
        Ok(id)
    }

    pub(super) fn pass_over(&mut self, passed_over: u64) {
        self.passed_over += passed_over;
    }

    /// Whether what is put into a container would be seen.
    pub(super) fn can_show(&self, container: &ContainerId) -> bool {
        self.replica.state.can_show(container, self.me(), &self.item.seen)
    }

    pub(super) fn me(&self) -> ReplicaId {
        self.replica.id
    }

    /// Adds off what was added to a counter, unless it was taken away in the meantime.
    fn take_off(&mut self, container: &ContainerId, op: OpId, delta: i64) -> Result<(), EditError> {
        let at = self.revived.container(container);
        let counter = self.replica.state.counter(&at);
        let covers = |removed_end| removed_end > op.counter;
        let share = counter.and_then(|counter| counter.shares().get(&op.replica));
        let is_reset = share.is_none_or(|share| covers(share.removed_end));
        // A reset of its own has been taken back before, and with it what it took away.
        let is_gone = is_reset
            && (!self.can_show(&at)
                || self.resets_since(container).get(&op.replica).is_some_and(|end| covers(end.0)));
        if is_gone || container.kind().is_grow_only() {
            self.pass_over(1);
            return Ok(());
        }
        match delta.checked_neg() {
            Some(delta) => self.add(at, delta),
            None => {
                self.pass_over(1);
                Ok(())
            }
        }
    }

    /// Adds again what was taken away from a counter, and not by others, too.
    fn add_again(&mut self, container: &ContainerId, taken: &[Taken]) -> Result<(), EditError> {
        let at = self.revived.container(container);
        if !self.can_show(&at) {
            self.pass_over(1);
            return Ok(());
        }
        let resets = self.resets_since(container);
        let sums = taken.iter().map(|share| {
            let others = resets.get(&share.replica).copied().unwrap_or_default();
            let (end, sum) = share.before.max(others);
            if share.after.0 > end { i128::from(share.after.1.wrapping_sub(sum)) } else { 0 }
        });
        match i64::try_from(sums.sum::<i128>()) {
            Ok(0) => Ok(()),
            Ok(sum) => self.add(at, sum),
            Err(_) => {
                self.pass_over(1);
                Ok(())
            }
        }
    }

    fn add(&mut self, container: ContainerId, delta: i64) -> Result<(), EditError> {
        let counter = self.replica.state.counter(&container);
        if counter.is_some_and(|counter| !counter.has_room(self.me(), delta)) {
            self.pass_over(1);
            return Ok(());
        }
        self.record(Op::Increment { container, delta }, 1).map(drop)
    }

    /// How much others have taken away of what each replica added to a counter, without having seen
    /// the item: the counter behind the last increment, and what those up to it sum to.
    fn resets_since(&self, counter: &ContainerId) -> BTreeMap<ReplicaId, (u64, i64)> {
        let mut resets: BTreeMap<ReplicaId, (u64, i64)> = BTreeMap::new();
        let seen = |op: &Op| {
            if let Op::Reset { container, observed } = op
                && container == counter
            {
                for share in observed {
                    let known = resets.entry(share.last.replica).or_default();
                    *known = (share.last.counter + 1, share.sum).max(*known);
                }
            }
            false
        };
        let touched = self.replica.state.edited_since(counter, self.me(), &self.item.seen);
        self.any_of(touched, seen);
        resets
    }

    /// Whether something holds of an operation of these replicas that is not seen by the item.
    pub(super) fn any_of(
        &self,
        authors: Vec<ReplicaId>,
        mut holds: impl FnMut(&Op) -> bool,
    ) -> bool {
        authors.into_iter().any(|author| {
            let from = self.item.seen.get(author);
            let mut changes = self.replica.log.overlapping(author, from, u64::MAX);
            changes.any(|change| change.ops().iter().any(&mut holds))
        })
    }
}
