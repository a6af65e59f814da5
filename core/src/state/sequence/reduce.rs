//! Removal of what the tree as reduced at the prune cut no longer has, where it is, without making
//! the tree anew.
//!
//! A prunable span of which the reduced tree has less is shrunk, spliced or removed as soon as its
//! children allow it; then its parent is looked at again. Whatever the order, what comes of it is
//! the reduced tree: whether anything is left of a subtree does not depend on what of it has been
//! removed already (`docs/pruning.md`, Lemma 3). Each span that becomes prunable is removed at most once, and a
//! removal makes at most one span above it reducible that was not.

#[cfg(test)]
mod tests;

use crate::id::{OpId, ReplicaId};
use crate::op::Side;

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::{Span, Status};

impl<P: Payload> Tree<P> {
    /// Removes what nobody can name any more as operations of an author before a counter, which are
    /// stable, have deleted it; gives how many spans that took.
    ///
    /// O(log n) each.
    pub(crate) fn remove_deleted(&mut self, author: ReplicaId, end: u64) -> u64 {
        self.expire(author, end) + self.reduce()
    }

    /// Brings the spans that may be reduced to what the reduced tree has of them; gives how many they
    /// were.
    pub(crate) fn reduce(&mut self) -> u64 {
        let mut touched = 0;
        while let Some(slot) = self.reducible.pop() {
            let span = self.span(slot);
            // It may have become a part of another one.
            let is_there = span.len > 0 && slot != Self::ROOT;
            if is_there && span.status == Status::Prunable {
                self.planned = None;
                self.reduce_span(slot);
                touched += 1;
            }
        }
        touched
    }

    /// See [`prune`](super::prune) on which nodes of a span stay.
    fn reduce_span(&mut self, slot: Slot) {
        let [left, right] = [0, 1].map(|side| self.children(slot, side).len());
        let len = self.span(slot).len;
        let keeps_first = left + right.min(1) >= 2 || (len == 1 && left + right >= 2);
        let keeps_last = right >= 2 && len > 1;
        match (keeps_first, keeps_last) {
            (false, false) if left + right == 0 => self.remove_dead(slot),
            (false, false) => self.splice(slot),
            (true, true) if len == 2 => {}
            (true, false) if len == 1 => {}
            (true, true) => {
                let last = self.split(slot, len - 1);
                self.keep_first(slot);
                self.set_key(last, self.id(slot).plus(1));
            }
            (true, false) => {
                self.keep_first(slot);
                if let Some(&child) = self.children(slot, 1).first() {
                    self.set_key(child, self.id(slot).plus(1));
                }
            }
            (false, true) => self.keep_last(slot),
        }
    }

    /// Removes a span on which nothing hangs.
    fn remove_dead(&mut self, slot: Slot) {
        let Span { len, parent, side, .. } = *self.span(slot);
        self.remove_child(parent, side as usize, slot);
        self.forget(slot, len);
        self.reducible.push(parent);
        // What it was in between of may be one run now.
        let above = match side {
            Side::Right => parent,
            Side::Left => self.span(parent).parent,
        };
        if above != NONE {
            self.merge_run(above);
        }
    }

    /// Puts the one child of a span in its place.
    fn splice(&mut self, slot: Slot) {
        let (Span { len, parent, side, .. }, key) = (*self.span(slot), self.key(slot));
        let child = [0, 1].into_iter().find_map(|side| self.children(slot, side).first().copied());
        let Some(child) = child else { return };
        self.replace_child(parent, side as usize, slot, child);
        let span = self.span_mut(child);
        (span.parent, span.side) = (parent, side);
        self.set_key(child, key);
        self.forget(slot, len);
    }

    /// Takes a span out that is off the tree.
    fn forget(&mut self, slot: Slot, len: u32) {
        self.vacate(slot);
        self.nodes -= u64::from(len);
        self.has_removed = true;
    }

    /// Removes all nodes of a span but the first.
    fn keep_first(&mut self, slot: Slot) {
        let span = self.span_mut(slot);
        let gone = span.len - 1;
        span.len = 1;
        self.nodes -= u64::from(gone);
        self.has_removed = true;
    }

    /// Removes all nodes of a span but the last, which takes the place and the key of the first.
    fn keep_last(&mut self, slot: Slot) {
        let (Span { author, len, .. }, key) = (*self.span(slot), self.key(slot));
        let (first, last) = (self.id(slot).counter, self.last(slot).counter);
        self.index.shift(author, first, last);
        let span = self.span_mut(slot);
        span.set_first(last);
        span.len = 1;
        self.set_key(slot, key);
        self.nodes -= u64::from(len - 1);
        self.has_removed = true;
    }

    /// Orders a span among its siblings by the place of another node, which it has taken.
    fn set_key(&mut self, slot: Slot, key: OpId) {
        self.keys.insert(slot, key);
        self.span_mut(slot).has_key = true;
    }

    /// Merges a span with what follows, and with what it follows, as far as that is one run.
    fn merge_run(&mut self, slot: Slot) {
        while self.merge_right(slot) {}
        if self.span(slot).status == Status::Prunable {
            self.reducible.push(slot);
        }
    }
}
