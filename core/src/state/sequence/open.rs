//! From packed columns to the tree that is edited, and back.

use crate::op::{Place, Side};
use crate::value::Unit;
use crate::version::VersionVector;

use super::Tree;
use super::index::Author;
use super::order::{NONE, Order, Slot};
use super::packed::spine::Spines;
use super::packed::{Packed, Packer, Run};
use super::payload::Payload;
use super::span::{MAX_UNEVEN_LEN, Span, Status};
use super::stock::Stock;

/// The first span of a run, which hangs somewhere, and the last, which others hang on.
type Ends = (Slot, Slot);

/// A tree of which the spans are laid one behind the other, in reading order.
struct Opening<'p, P: Payload> {
    tree: Tree<P>,
    /// What the live nodes to come carry, and how much those before do.
    rest: P::Part<'p>,
    laid: u32,
    /// Whether each node carries one unit, whichever.
    is_even: bool,
}

impl<P: Payload> Opening<'_, P> {
    /// Lays a run of an author, in spans of bounded length, on a side of a span, which is not there yet
    /// if it comes behind in reading order.
    fn lay_run(&mut self, run: &Run, author: Author, parent: Slot, side: Side) -> Ends {
        let len = run.len as u32;
        if run.status > Status::Live {
            let slot = self.lay(run, author, (0, parent, side), (len, 0, 0));
            return (slot, slot);
        }
        if self.is_even {
            let slot = self.lay(run, author, (0, parent, side), (len, len, 0));
            return (slot, slot);
        }
        let (mut first, mut last, mut done) = (NONE, NONE, 0);
        while done < len {
            let (part, rest) = P::split(self.rest, (len - done).min(MAX_UNEVEN_LEN));
            let nodes = P::nodes(part);
            let (parent, side) = if last == NONE { (parent, side) } else { (last, Side::Right) };
            let weight = (nodes, P::size(part) as u32, P::wide(part));
            let slot = self.lay(run, author, (done, parent, side), weight);
            if last == NONE {
                first = slot;
            } else {
                self.tree.push_child(last, Side::Right as usize, slot);
            }
            (self.rest, last, done) = (rest, slot, done + nodes);
        }
        (first, last)
    }

    /// Lays nodes of a run, from number `from` on, on a side of a span: so many, which carry so much,
    /// of which some take two units of UTF-16.
    #[inline(always)]
    fn lay(
        &mut self,
        run: &Run,
        author: Author,
        (from, parent, side): (u32, Slot, Side),
        (len, size, wide): (u32, u32, u32),
    ) -> Slot {
        let tree = &mut self.tree;
        let slot = tree.spans.len() as Slot;
        let mut span = Span::new(author, run.id.counter + u64::from(from), len);
        (span.status, span.is_loaded) = (run.status, true);
        (span.start, span.size, span.wide) = (self.laid, size, wide as u16);
        (span.parent, span.side) = (parent, side);
        if from == 0 && run.key() != run.id {
            span.has_key = true;
            tree.keys.insert(slot, run.key());
        }
        self.laid += size;
        tree.spans.push(span);
        tree.nodes += u64::from(len);
        slot
    }
}

impl<P: Payload> Tree<P> {
    /// The tree of a packed sequence, at the stable cut, with what its live nodes carry. Its columns
    /// are valid, so nothing is checked again.
    pub(super) fn from_valid(packed: &Packed<P>, payload: P, stable: &VersionVector) -> Self {
        let (mut tree, is_prunable) = Self::laid(packed, payload.part());
        tree.stock = Stock::new(payload);
        let spans = &tree.spans;
        let listed: Vec<Slot> = (0..spans.len() as Slot).collect();
        tree.order = Order::of_slots(&listed, |slot| spans[slot as usize].weight());
        let entries = spans.iter().zip(0..).skip(1);
        tree.index.fill(entries.map(|(span, slot)| (span.author, span.first(), slot)));
        if is_prunable {
            tree.count_alive();
        }
        tree.load_deletions(packed.deletions());
        tree.set_stable(stable);
        tree
    }

    /// The spans of a packed sequence, hung on each other; and whether any is prunable.
    fn laid(packed: &Packed<P>, part: P::Part<'_>) -> (Self, bool) {
        let mut opening =
            Opening { tree: Self::new(), rest: part, laid: 0, is_even: packed.is_even() };
        opening.tree.spans.reserve_exact(packed.run_count() as usize);
        let mut spines: Spines<Ends> = Spines::new((Self::ROOT, Self::ROOT));
        let (mut claimed, mut is_prunable) = (Vec::new(), false);
        let (mut author, mut number) = (0, None);
        for run in packed.runs() {
            is_prunable |= run.status == Status::Prunable;
            if number.replace(run.number) != Some(run.number) {
                author = opening.tree.index.number(run.id.replica);
            }
            let slot = opening.tree.spans.len() as Slot;
            let _valid = spines.claim(run.claimed, |(top, _)| claimed.push(top));
            if run.side == Side::Left {
                spines.open(opening.lay_run(&run, author, NONE, Side::Left));
            } else {
                if run.up > 0 {
                    let _valid = spines.rise(run.up);
                }
                let (_, parent) = spines.end().unwrap_or((Self::ROOT, Self::ROOT));
                spines.hang(opening.lay_run(&run, author, parent, Side::Right));
                opening.tree.push_child(parent, Side::Right as usize, slot);
            }
            for child in claimed.drain(..) {
                opening.tree.adopt(slot, Side::Left, child);
            }
        }
        (opening.tree, is_prunable)
    }

    /// Hangs a laid span behind all other children of another one on a side, all of them alive.
    pub(super) fn adopt(&mut self, parent: Slot, side: Side, child: Slot) {
        let span = self.span_mut(child);
        (span.parent, span.side) = (parent, side);
        self.push_child(parent, side as usize, child);
    }

    /// Counts what is alive below each span, from the leaves up.
    fn count_alive(&mut self) {
        self.reset_alive();
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

    /// The sequence in columns.
    pub(super) fn pack(&self) -> Packed<P> {
        let mut packer = Packer::with_payload(self.len(Unit::Utf8));
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
        let deletions = self.present_deletions();
        deletions.iter(&self.index).for_each(|(deletion, run)| packer.delete(deletion, run));
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
}
