//! From the tree of a sequence to its packed columns, and back.

use crate::op::{Place, Side};
use crate::version::VersionVector;

use super::Tree;
use super::order::{NONE, Order, Slot};
use super::packed::spine::Spines;
use super::packed::{Packed, Packer, Run};
use super::payload::Payload;
use super::span::{MAX_UNEVEN_LEN, Span, Status};
use super::stock::Stock;

impl<P: Payload> Tree<P> {
    /// The sequence in columns.
    pub(super) fn pack(&self) -> Packed<P> {
        let mut packer = Packer::new();
        let mut slots = self.slots().peekable();
        while let Some(first) = slots.next() {
            let (mut last, mut len) = (first, 0);
            loop {
                let span = self.span(last);
                len += u64::from(span.len);
                if span.status == Status::Live {
                    packer.carry(self.content(last), span.weight());
                }
                match slots.next_if(|&next| self.is_continued(last, next)) {
                    Some(next) => last = next,
                    None => break,
                }
            }
            let span = self.span(first);
            let place = Place { parent: self.end_of(span.parent, span.side), side: span.side };
            packer.push(self.id(first), len, span.status, place, self.key(first));
        }
        self.deletions().for_each(|(deletion, run)| packer.delete(deletion, run));
        packer.finish()
    }

    /// Whether a span, which is read next, is one run with the one before it.
    fn is_continued(&self, slot: Slot, next: Slot) -> bool {
        let (span, tail) = (self.span(slot), self.span(next));
        let is_dead = |status| matches!(status, Status::Deleted | Status::Stable);
        tail.author == span.author
            && tail.first() == span.end()
            && !tail.has_key
            && (tail.status == span.status || is_dead(tail.status) && is_dead(span.status))
            && self.children(slot, Side::Right as usize) == [next]
            && tail.children[Side::Left as usize] == NONE
    }

    /// The tree of packed columns, at the stable cut, with what they carry. They are valid, so
    /// nothing is checked again.
    pub(super) fn from_valid(packed: &Packed<P>, payload: P, stable: &VersionVector) -> Self {
        let mut tree = Self::new();
        tree.spans.reserve_exact(packed.run_count() as usize);
        let mut rest = (!packed.is_even()).then(|| payload.part());
        let mut start = 0;
        // Of each run the first span, which hangs somewhere, and the last, which others hang on.
        let mut spines = Spines::new((Self::ROOT, Self::ROOT));
        for run in packed.runs() {
            let (first, last) = tree.lay(&run, &mut rest, &mut start);
            let _valid = spines.claim(run.claimed, |(top, _)| tree.adopt(first, Side::Left, top));
            if run.side == Side::Left {
                spines.open((first, last));
                continue;
            }
            let _valid = spines.rise(run.up);
            let (_, parent) = spines.end().unwrap_or((Self::ROOT, Self::ROOT));
            tree.adopt(parent, Side::Right, first);
            spines.hang((first, last));
        }
        tree.nodes = packed.node_count();
        tree.stock = Stock::new(payload);
        let spans = &tree.spans;
        tree.order = Order::of_slots(spans.len() as u32, |slot| spans[slot as usize].weight());
        let entries = spans.iter().zip(0..).skip(1);
        tree.index.extend(entries.map(|(span, slot)| (span.author, span.first(), slot)).collect());
        tree.count_alive();
        packed.deletions().for_each(|(deletion, run)| tree.record_deletion(deletion, run));
        tree.set_stable(stable);
        tree
    }

    /// Lays a run behind all spans, in spans of bounded length; gives the first and the last.
    /// What is carried starts at `start`, and is `rest`, unless each node takes one unit.
    fn lay(&mut self, run: &Run, rest: &mut Option<P::Part<'_>>, start: &mut u32) -> (Slot, Slot) {
        let author = self.index.number(run.id.replica);
        let head = self.spans.len() as Slot;
        let (mut left, mut counter) = (run.len as u32, run.id.counter);
        while left > 0 {
            let live = run.status == Status::Live;
            let mut span = Span::new(author, counter, left);
            (span.status, span.is_loaded) = (run.status, true);
            if live {
                (span.start, span.size) = (*start, left);
                if let Some(rest) = rest {
                    span.len = left.min(MAX_UNEVEN_LEN);
                    let (part, tail) = P::split(*rest, span.len);
                    (span.size, span.wide) = (P::size(part) as u32, P::wide(part) as u16);
                    *rest = tail;
                }
                *start += span.size;
            }
            let slot = self.spans.len() as Slot;
            if slot == head {
                span.side = run.side;
                span.has_key = run.key() != run.id;
            } else {
                span.parent = slot - 1;
                self.span_mut(slot - 1).children[Side::Right as usize] = slot;
            }
            self.spans.push(span);
            (left, counter) = (left - span.len, span.end());
        }
        if run.key() != run.id {
            self.keys.insert(head, run.key());
        }
        (head, self.spans.len() as Slot - 1)
    }

    /// Hangs a span, as the last one there.
    fn adopt(&mut self, parent: Slot, side: Side, child: Slot) {
        self.span_mut(child).parent = parent;
        let side = side as usize;
        self.add_child(parent, side, self.children(parent, side).len(), child);
    }

    /// The spans as the tree reads them, the root included.
    #[cfg(test)]
    pub(super) fn read_tree(&self) -> Vec<Slot> {
        let mut read = Vec::with_capacity(self.spans.len());
        let mut stack = vec![(Self::ROOT, false)];
        while let Some((slot, left_done)) = stack.pop() {
            if left_done {
                read.push(slot);
                stack.extend(self.children(slot, 1).iter().rev().map(|&child| (child, false)));
            } else {
                stack.push((slot, true));
                stack.extend(self.children(slot, 0).iter().rev().map(|&child| (child, false)));
            }
        }
        read
    }

    /// Counts what is alive below each span anew, from the leaves up.
    fn count_alive(&mut self) {
        for slot in self.bottom_up() {
            let Span { parent, side, .. } = *self.span(slot);
            if parent != NONE && self.span(slot).subtree_alive() {
                let side = side as usize;
                self.set_alive(parent, side, self.alive(parent, side) + 1);
            }
        }
    }

    /// All spans, each after all that hang on it; the root last.
    pub(super) fn bottom_up(&self) -> Vec<Slot> {
        let mut top_down = vec![Self::ROOT];
        let mut done = 0;
        while let Some(&slot) = top_down.get(done) {
            top_down.extend((0..2).flat_map(|side| self.children(slot, side)));
            done += 1;
        }
        top_down.reverse();
        top_down
    }
}
