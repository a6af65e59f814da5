//! Removal of what the tree as reduced at the prune cut no longer has.
//!
//! The reduced tree, from the leaves up: a prunable node without children goes; one with a single
//! child subtree left is *spliced*: the child takes its parent, its side and its key. No
//! operation still to come can name either (`docs/semantics.md`, Pruning). What stays of the
//! prunable nodes has two child subtrees or more; so, with all that is deleted prunable, there
//! are fewer than twice as many nodes as live ones.

use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Place, Side};
use crate::version::VersionVector;

use super::Tree;
use super::order::Slot;
use super::packed::Packer;
use super::payload::Payload;
use super::piece::{Piece, joined};
use super::span::Status;

/// A step of the walk through the tree, in reading order.
enum Step<P> {
    Subtree(Slot, Place, OpId),
    Keep(Piece<P>),
}

impl<P: Payload> Tree<P> {
    /// Removes what nobody can name any more. The stable cut covers the prune cut.
    ///
    /// O(n log n) in the spans held.
    pub(crate) fn prune(&mut self, cut: &VersionVector, stable: &VersionVector) {
        self.set_prunable(cut);
        let mut packer = Packer::new();
        joined(self.reduced()).iter().for_each(|piece| packer.push_piece(piece));
        let packed = packer.finish();
        let payload = packed.payload().clone();
        let mut kept = Self::from_valid(&packed, payload, stable);
        for (deletion, run) in self.deletions() {
            for (deletion, run) in kept.present(deletion, run) {
                kept.record_deletion(deletion, run);
            }
        }
        kept.set_stable(stable);
        *self = kept;
    }

    /// The deletions of those of the nodes that are here.
    pub(super) fn present(&self, deletion: OpId, run: NodeRun) -> Vec<(OpId, NodeRun)> {
        let mut present = Vec::new();
        let (mut counter, end) = (run.nodes.start.counter, run.nodes.end());
        while counter < end {
            let node = OpId::new(run.nodes.start.replica, counter);
            let Some((slot, _)) = self.locate(node) else {
                let Some(next) = self.index.first_after(node) else { break };
                counter = next;
                continue;
            };
            let upto = self.span(slot).end().min(end);
            let nodes = IdSpan::new(node, upto - counter);
            let skipped =
                if run.backwards { end - upto } else { counter - run.nodes.start.counter };
            let backwards = run.backwards && nodes.len > 1;
            present.push((deletion.plus(skipped), NodeRun { nodes, backwards }));
            counter = upto;
        }
        if run.backwards {
            present.reverse();
        }
        present
    }

    /// The reduced tree at the prune cut, as a list.
    fn reduced(&self) -> Vec<Piece<P>> {
        let kept_children = self.kept_children();
        let kept = |&slot: &Slot| self.remains(slot, kept_children[slot as usize]);
        let mut pieces = Vec::new();
        let mut stack = Vec::new();
        for &child in self.children(Self::ROOT, 1).iter().rev().filter(|child| kept(child)) {
            let place = Place { parent: None, side: Side::Right };
            stack.push(Step::Subtree(child, place, self.key(child)));
        }
        while let Some(step) = stack.pop() {
            let (slot, place, key) = match step {
                Step::Keep(piece) => {
                    pieces.push(piece);
                    continue;
                }
                Step::Subtree(slot, place, key) => (slot, place, key),
            };
            let [left, right] = [0, 1].map(|side| {
                self.children(slot, side).iter().copied().filter(kept).collect::<Vec<Slot>>()
            });
            let runs = self.kept_runs(slot, left.len(), right.len());
            let Some((first, last)) = runs.first().zip(runs.last()) else {
                // Spliced: the only child takes the place and the key.
                stack.extend(
                    left.iter().chain(&right).map(|&child| Step::Subtree(child, place, key)),
                );
                continue;
            };
            let below = |child: Slot, parent: OpId, side| {
                let place = Place { parent: Some(parent), side };
                Step::Subtree(child, place, self.key(child))
            };
            let end = last.start.plus(last.len - 1);
            if end == self.last(slot) {
                stack.extend(right.iter().rev().map(|&child| below(child, end, Side::Right)));
            } else {
                // The rest of the span is spliced, and its one child takes its place and its key.
                let place = Place { parent: Some(end), side: Side::Right };
                stack.extend(right.iter().map(|&child| Step::Subtree(child, place, end.plus(1))));
            }
            if runs.len() > 1 {
                let place = Place { parent: Some(first.start), side: Side::Right };
                let piece = self.piece_of(slot, *last, place, first.start.plus(1));
                stack.push(Step::Keep(piece));
            }
            stack.push(Step::Keep(self.piece_of(slot, *first, place, key)));
            stack.extend(left.iter().rev().map(|&child| below(child, first.start, Side::Left)));
        }
        pieces
    }

    /// The nodes of a span that the reduced tree has, given how many child subtrees it keeps on
    /// each side: all, or of a prunable one at most the ends.
    fn kept_runs(&self, slot: Slot, left: usize, right: usize) -> Vec<IdSpan> {
        let span = self.span(slot);
        if span.status < Status::Prunable {
            return vec![self.nodes(slot)];
        }
        let single = span.len == 1;
        let first = left + right.min(1) >= 2 || (single && left + right >= 2);
        let last = right >= 2 && !single;
        let [first_node, last_node] =
            [self.id(slot), self.last(slot)].map(|node| IdSpan::new(node, 1));
        match (first, last) {
            (false, false) => vec![],
            (true, true) if span.len == 2 => vec![self.nodes(slot)],
            (true, true) => vec![first_node, last_node],
            (true, false) => vec![first_node],
            (false, true) => vec![last_node],
        }
    }

    /// Whether anything of the subtree remains.
    fn remains(&self, slot: Slot, kept_children: u32) -> bool {
        self.span(slot).status < Status::Prunable || kept_children > 0
    }

    /// For every slot, of how many children something remains.
    fn kept_children(&self) -> Vec<u32> {
        let mut kept = vec![0; self.spans.len()];
        for slot in self.bottom_up() {
            if slot != Self::ROOT && self.remains(slot, kept[slot as usize]) {
                kept[self.span(slot).parent as usize] += 1;
            }
        }
        kept
    }
}
