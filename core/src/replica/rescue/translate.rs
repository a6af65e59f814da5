//! Making the edits of one replica anew in another one, operation by operation.
//!
//! An operation is meant for what its author saw. What it names is there under its old identity, or
//! under that of what was made in its place; or it is gone, and then:
//! - what it takes away needs not be taken away any more;
//! - what it inserts comes beside what is left ([`places`](super::places));
//! - what it puts into something that others deleted is offered.

use std::collections::BTreeSet;

use crate::change::Change;
use crate::container::{ContainerId, Key};
use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::op::{Contribution, Op};
use crate::path::Path;
use crate::replica::Replica;
use crate::value::Content;

use super::identities::Identities;
use super::report::{Offer, RescueOutcome, RescueReport, RescuedEdit};

/// An edit that was taken back later, or takes away what is gone.
pub(super) const NOTHING_LEFT: RescueOutcome = RescueOutcome::Applied { id: None };

/// See the module.
pub(super) struct Translation<'o> {
    pub(super) old: &'o Replica,
    pub(super) new: Replica,
    pub(super) identities: Identities,
    /// Items of the new replica that were shown, until an edit made anew took away what was in them.
    pub(super) taken_here: BTreeSet<OpId>,
    /// The container of the last edit, and where it is in the old replica.
    last: Option<(ContainerId, Path)>,
    pub(super) report: RescueReport,
}

impl<'o> Translation<'o> {
    pub(super) fn new(old: &'o Replica, new: Replica, first: OpId) -> Self {
        let identities = Identities::new(first);
        let (taken_here, report) = (BTreeSet::new(), RescueReport::default());
        Self { old, new, identities, taken_here, last: None, report }
    }

    /// Makes a change anew, with what was said of it.
    pub(super) fn follow_change(&mut self, change: &Change) -> Result<(), EditError> {
        self.new.begin()?;
        for (id, _, op) in change.numbered() {
            self.follow(id, op)?;
        }
        self.new.commit(change.commit().cloned().unwrap_or_default()).map(drop)
    }

    /// Makes an operation anew, in the open transaction of the new replica, and reports it.
    fn follow(&mut self, id: OpId, op: &Op) -> Result<(), EditError> {
        let Some(container) = op.container() else {
            if let Op::Join(member) = *op
                && !self.new.membership.knows(member)
            {
                self.report.sponsored.push(member);
            }
            return Ok(());
        };
        let path = self.path(container, op);
        let outcome = match self.identities.container(container) {
            Some(at) => self.make(id, op, container, at)?,
            // What it is in is offered, or was taken back.
            None => self.offer(id, op, container),
        };
        self.report.push(RescuedEdit { id, len: op.len(), path, outcome });
        Ok(())
    }

    /// Makes an operation on the container `was` anew, on what stands for that.
    fn make(
        &mut self,
        id: OpId,
        op: &Op,
        was: &ContainerId,
        at: ContainerId,
    ) -> Result<RescueOutcome, EditError> {
        match op {
            Op::Delete { nodes, .. } => self.delete(at, nodes),
            Op::Remove { key, supersedes, .. } => self.remove(at, key, supersedes),
            Op::Reset { observed, .. } => self.reset(at, observed),
            _ if !self.is_shown(&at) => Ok(self.offer(id, op, was)),
            Op::Insert { place, elements, .. } => self.insert(id, was, at, *place, elements),
            Op::Move { item, place, .. } => self.move_item(id, was, at, *item, *place),
            Op::Assign { key, content, supersedes, .. } => {
                let Some(place) = self.identities.key(key).filter(|key| self.may_assign(&at, key))
                else {
                    return Ok(self.offer(id, op, was));
                };
                let supersedes = self.in_force(&at, &place, supersedes);
                let content = content.clone();
                let op = Op::Assign { container: at, key: place, content, supersedes };
                self.record_anew(id, op)
            }
            Op::Increment { delta, .. } => {
                let counter = self.new.state.counter(&at);
                if counter.is_some_and(|counter| !counter.has_room(self.new.id, *delta)) {
                    return Ok(self.offer(id, op, was));
                }
                self.record_anew(id, Op::Increment { container: at, delta: *delta })
            }
            Op::Join(_) | Op::Leave | Op::Evict(_) | Op::Redact => Ok(NOTHING_LEFT),
        }
    }

    /// Makes an operation, and gives its first identity.
    pub(super) fn record(&mut self, op: Op) -> Result<OpId, EditError> {
        let id = self.new.next_id(&[]);
        self.new.record(vec![op])?;
        Ok(id)
    }

    /// Makes an operation in the place of one that others may name.
    fn record_anew(&mut self, old: OpId, op: Op) -> Result<RescueOutcome, EditError> {
        let len = op.len();
        let id = self.record(op)?;
        self.identities.put(IdSpan::new(old, len), id);
        Ok(RescueOutcome::Applied { id: Some(id) })
    }

    /// Whether a container is shown, and all that it is in.
    fn is_shown(&self, container: &ContainerId) -> bool {
        let mut at = container;
        while let Some((parent, key, kind)) = at.step() {
            if self.new.state.shown(parent, key) != Some(Content::Container(kind)) {
                return false;
            }
            at = parent;
        }
        true
    }

    /// Whether a place may be assigned to: a key always, an item that is there, or that only edits
    /// made anew have taken away.
    fn may_assign(&self, container: &ContainerId, key: &Key) -> bool {
        let Key::Item(item) = *key else { return true };
        self.new.state.shown(container, key).is_some() || self.is_taken_here(container, item)
    }

    /// Whether only edits made anew have taken an item away.
    pub(super) fn is_taken_here(&self, container: &ContainerId, item: OpId) -> bool {
        let list = self.new.state.list(container);
        self.taken_here.contains(&item) && list.is_some_and(|list| list.can_be_named(item))
    }

    /// Those assignments to a place that are in force, of what was observed there.
    pub(super) fn in_force(&self, at: &ContainerId, key: &Key, observed: &[OpId]) -> Vec<OpId> {
        let Some(slot) = self.new.state.slot(at, key) else { return Vec::new() };
        let in_force = slot.assignments();
        let stands = observed.iter().filter_map(|&op| self.identities.get(op));
        let mut stands: Vec<OpId> = stands.filter(|op| in_force.contains(op)).collect();
        stands.sort_unstable();
        stands
    }

    fn remove(
        &mut self,
        at: ContainerId,
        key: &Key,
        observed: &[OpId],
    ) -> Result<RescueOutcome, EditError> {
        let Some(key) = self.identities.key(key) else { return Ok(NOTHING_LEFT) };
        let supersedes = self.in_force(&at, &key, observed);
        if supersedes.is_empty() {
            return Ok(NOTHING_LEFT);
        }
        let id = self.record(Op::Remove { container: at.clone(), key: key.clone(), supersedes })?;
        self.note_taken(&at, &key);
        Ok(RescueOutcome::Applied { id: Some(id) })
    }

    /// Notes that an item from which something was taken is not shown any more.
    pub(super) fn note_taken(&mut self, container: &ContainerId, key: &Key) {
        if let Key::Item(item) = *key
            && self.new.state.shown(container, key).is_none()
        {
            self.taken_here.insert(item);
        }
    }

    /// Takes away what was observed of a counter: of others what they had added by then, of this
    /// replica what is sent and what was made anew.
    fn reset(
        &mut self,
        at: ContainerId,
        observed: &[Contribution],
    ) -> Result<RescueOutcome, EditError> {
        let Some(counter) = self.new.state.counter(&at) else { return Ok(NOTHING_LEFT) };
        let first = self.identities.first();
        let mut shares = Vec::new();
        for share in observed {
            let author = share.last.replica;
            let Some(known) = counter.shares().get(&author) else { continue };
            let mut seen = *share;
            if self.identities.is_unsent(share.last) {
                if known.end > first.counter {
                    // What the same id added elsewhere was not seen.
                    let sum = share.sum.wrapping_sub(self.added_since(&at, share.last));
                    let Some(last) = first.counter.checked_sub(1) else { continue };
                    seen = Contribution { last: OpId::new(author, last), sum };
                } else {
                    seen = Contribution { last: OpId::new(author, known.end - 1), sum: known.sum };
                }
            }
            let end = seen.last.counter + 1;
            if end > known.removed_end && self.new.version.contains(seen.last) {
                shares.push(seen);
            }
        }
        let own = counter.shares().get(&self.new.id).filter(|own| own.end > own.removed_end);
        let observed_own = observed.iter().any(|share| self.identities.is_unsent(share.last));
        if let Some(own) = own.filter(|_| observed_own) {
            let last = OpId::new(self.new.id, own.end - 1);
            shares.push(Contribution { last, sum: own.sum });
        }
        shares.sort_unstable_by_key(|share| share.last.replica);
        if shares.is_empty() {
            return Ok(NOTHING_LEFT);
        }
        let id = self.record(Op::Reset { container: at, observed: shares })?;
        Ok(RescueOutcome::Applied { id: Some(id) })
    }

    /// What the old replica had added to a counter by edits made anew, up to one of them.
    fn added_since(&self, at: &ContainerId, last: OpId) -> i64 {
        let first = self.identities.first();
        let changes = self.old.log.overlapping(first.replica, first.counter, last.counter + 1);
        let mut sum = 0_i64;
        for change in changes {
            for (id, _, op) in change.numbered() {
                if let Op::Increment { container, delta } = op
                    && (first.counter..=last.counter).contains(&id.counter)
                    && self.identities.container(container).as_ref() == Some(at)
                {
                    sum = sum.wrapping_add(*delta);
                }
            }
        }
        sum
    }

    /// What is offered of an operation on a container that is gone; less what was taken back later.
    fn offer(&self, id: OpId, op: &Op, container: &ContainerId) -> RescueOutcome {
        let state = &self.old.state;
        let offer = match op {
            Op::Insert { elements, .. } => self.offer_elements(container, id, elements),
            Op::Move { item, .. } => self.offer_move(container, id, *item),
            Op::Assign { key, content: Some(content), .. } => {
                let entries = state.slot(container, key).map(|slot| slot.assignments());
                let is_in_force = entries.is_some_and(|entries| entries.contains(&id));
                is_in_force.then(|| match key {
                    Key::Element(value) => Offer::Element(value.clone()),
                    _ => Offer::Value(content.clone()),
                })
            }
            Op::Increment { delta, .. } => {
                let shares = state.counter(container).map(|counter| counter.shares());
                let own = shares.and_then(|shares| shares.get(&id.replica));
                let is_in_force = own.is_some_and(|own| own.removed_end <= id.counter);
                is_in_force.then_some(Offer::Count(*delta))
            }
            // What is taken away is gone.
            _ => None,
        };
        offer.map_or(NOTHING_LEFT, RescueOutcome::Offered)
    }

    /// Where an operation is in the old replica.
    fn path(&mut self, container: &ContainerId, op: &Op) -> Path {
        let around = match &self.last {
            Some((last, path)) if last == container => path.clone(),
            _ => self.old.state.path_of(container),
        };
        self.last = Some((container.clone(), around.clone()));
        match op {
            Op::Assign { key, .. } | Op::Remove { key, .. } => match key {
                Key::Element(_) => around,
                key => around.child(self.old.state.segment_of(container, key)),
            },
            _ => around,
        }
    }
}
