//! Characters: those inserted are deleted, those deleted are inserted again where they were.
//!
//! A node that is deleted stays so; another one comes in its place. Where that is follows from the
//! tombstone: behind the nearest node on its left that lives, or that lives again as another one.
//!
//! What comes again is put among what lives, and may stand on either side of tombstones between. So
//! of a node and those that came in its place one after the other, the one counts that lived when
//! what is now to come again was taken away: the two stood in the order that was seen.
//! Everything that this replica has done since is taken back by now; so what lived then, and others
//! have not deleted, lives now, as the last of these.

use crate::container::ContainerId;
use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::op::{Elements, NodeRun, Op, Place};
use crate::state::sequence::{Payload, Sequence, Status};
use crate::undo::Revived;

use super::take_back::TakeBack;

impl TakeBack<'_> {
    /// Deletes those of the nodes that live, or what stands for them.
    pub(super) fn delete_characters(
        &mut self,
        was: &ContainerId,
        nodes: IdSpan,
    ) -> Result<(), EditError> {
        let container = self.revived.container(was);
        let state = &self.replica.state;
        let Some(text) = state.text(&container) else {
            self.pass_over(nodes.len);
            return Ok(());
        };
        let old = || state.text(was).filter(|_| *was != container);
        let (mut live, mut deleted, mut done) = (Vec::new(), 0, 0);
        while done < nodes.len {
            let rest = IdSpan::new(nodes.start.plus(done), nodes.len - done);
            let (node, same) = self.revived.nodes.latest(rest);
            let run = text.run_from(node).or_else(|| old()?.run_from(node));
            let len = run.map_or(1, |(run, _)| run.len.min(same));
            if matches!(run, Some((_, Status::Live))) {
                NodeRun::push(&mut live, NodeRun::forwards(IdSpan::new(node, len)));
                deleted += len;
            }
            done += len;
        }
        let gone = nodes.len - deleted;
        let cancelled = gone.min(self.cancelled);
        self.cancelled -= cancelled;
        self.pass_over(gone - cancelled);
        if live.is_empty() {
            return Ok(());
        }
        self.record(Op::Delete { container, nodes: live }, deleted).map(drop)
    }

    /// Inserts again what was deleted, given in the order in which it was.
    pub(super) fn insert_again(
        &mut self,
        was: &ContainerId,
        op: OpId,
        run: NodeRun,
        text: &str,
    ) -> Result<(), EditError> {
        let container = self.revived.container(was);
        let ascending: String =
            if run.backwards { text.chars().rev().collect() } else { text.to_owned() };
        let can_show = self.can_show(&container);
        let others = self.deleted_by_others(was, run.nodes);
        let (mut rest, mut done) = (ascending.as_str(), 0);
        while done < run.len() {
            let node = run.nodes.start.plus(done);
            let left = IdSpan::new(node, run.len() - done);
            let (len, fate) = self.fate(was, left, &others);
            let end = rest.char_indices().nth(len as usize).map_or(rest.len(), |(byte, _)| byte);
            let (part, behind) = rest.split_at(end);
            (rest, done) = (behind, done + len);
            match fate {
                Fate::Cancelled => self.cancelled += len,
                Fate::Back if can_show => {
                    self.insert_beside((was, &container), IdSpan::new(node, len), op, part)?;
                }
                Fate::Back | Fate::Gone => self.pass_over(len),
            }
        }
        Ok(())
    }

    /// What is to become of the first of some deleted nodes, and of how many with it.
    fn fate(&self, container: &ContainerId, nodes: IdSpan, others: &[IdSpan]) -> (u64, Fate) {
        let node = nodes.start;
        let text = self.replica.state.text(container);
        let Some((run, _)) = text.and_then(|text| text.run_from(node)) else {
            return (1, Fate::Gone);
        };
        let len = run.len.min(nodes.len);
        let upto = |counter: u64| len.min(counter - node.counter);
        if self.item.contains(node) {
            return (upto(self.item.end), Fate::Cancelled);
        }
        let own_start = self.item.start;
        let len = match own_start.replica == node.replica && own_start.counter > node.counter {
            true => upto(own_start.counter),
            false => len,
        };
        let next = others.partition_point(|span| span.end() <= node.counter);
        match others.get(next) {
            Some(span) if span.start.counter <= node.counter => {
                (len.min(span.end() - node.counter), Fate::Gone)
            }
            Some(span) => (len.min(span.start.counter - node.counter), Fate::Back),
            None => (len, Fate::Back),
        }
    }

    /// Those of the nodes that others have deleted, too, without having seen the item: disjoint
    /// and ascending.
    fn deleted_by_others(&self, container: &ContainerId, nodes: IdSpan) -> Vec<IdSpan> {
        let Some(text) = self.replica.state.text(container) else { return Vec::new() };
        let deleted = text.deleted_since(self.me(), &self.item.seen);
        let mut deleted: Vec<IdSpan> = deleted.filter(|span| span.overlaps(&nodes)).collect();
        deleted.sort_unstable();
        let mut disjoint: Vec<IdSpan> = Vec::with_capacity(deleted.len());
        for span in deleted {
            match disjoint.last_mut().filter(|last| span.start.counter <= last.end()) {
                Some(last) => last.len = last.len.max(span.end() - last.start.counter),
                None => disjoint.push(span),
            }
        }
        disjoint
    }

    /// Inserts characters where nodes were that have as many.
    fn insert_beside(
        &mut self,
        (was, is): (&ContainerId, &ContainerId),
        nodes: IdSpan,
        op: OpId,
        text: &str,
    ) -> Result<(), EditError> {
        let state = &self.replica.state;
        let texts = state.text(was).zip(state.text(is));
        let place = texts.and_then(|texts| place_beside(texts, &self.revived, nodes.start, op));
        let Some(place) = place else {
            self.pass_over(nodes.len);
            return Ok(());
        };
        let (container, elements) = (is.clone(), Elements::Text(text.to_owned()));
        let id = self.record(Op::Insert { container, place, elements }, nodes.len)?;
        self.revived.nodes.put(nodes, id);
        Ok(())
    }
}

/// What is to become of what was deleted.
#[derive(Clone, Copy)]
enum Fate {
    Back,
    /// The item has inserted it, too.
    Cancelled,
    /// Others have deleted it, too.
    Gone,
}

/// The place for what is to stand where a node was before that operation took it away; given the
/// sequence that has its tombstone, and the one in which it is to stand: another one only in an item
/// that was inserted again.
pub(super) fn place_beside<P: Payload>(
    (was, is): (&Sequence<P>, &Sequence<P>),
    revived: &Revived,
    node: OpId,
    taken_by: OpId,
) -> Option<Place> {
    was.run_upto(node)?;
    is.place_after(standing_before((was, is), revived, node, taken_by))
}

/// The live node behind which something belongs that is to stand where a node was.
pub(super) fn standing_before<P: Payload>(
    (was, is): (&Sequence<P>, &Sequence<P>),
    revived: &Revived,
    node: OpId,
    taken_by: OpId,
) -> Option<OpId> {
    for (run, status) in was.runs_before(node) {
        if revived.nodes.is_empty() {
            if status == Status::Live {
                return Some(run.start.plus(run.len - 1));
            }
            continue;
        }
        let mut left = run.len;
        while left > 0 {
            let last = run.start.plus(left - 1);
            let (standing, same) = standing_at(is, revived, (last, left), taken_by);
            if standing.is_some() {
                return standing;
            }
            left -= same;
        }
    }
    None
}

/// What lives in the place of the last of so many nodes, if that was the one which stood there when
/// something was taken away; and for how many of them the answer is of one kind.
fn standing_at<P: Payload>(
    is: &Sequence<P>,
    revived: &Revived,
    (last, len): (OpId, u64),
    taken_by: OpId,
) -> (Option<OpId>, u64) {
    let (previous, len) = revived.nodes.previous_upto(last, len);
    if previous.is_some() && last.counter >= taken_by.counter {
        return (None, len);
    }
    let (next, len) = revived.nodes.next_upto(last, len);
    if next.is_some_and(|next| next.counter <= taken_by.counter) {
        return (None, len);
    }
    let (standing, len) = revived.nodes.latest_upto(last, len);
    match is.run_upto(standing) {
        Some((_, Status::Live)) => (Some(standing), len),
        Some((run, _)) => (None, len.min(run.len)),
        None => (None, 1),
    }
}
