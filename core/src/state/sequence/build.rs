//! From a flat list back to a sequence.

use crate::id::OpId;
use crate::op::{NodeRun, Place, Side};
use crate::version::VersionVector;

use super::order::{NONE, Order, Slot};
use super::payload::Payload;
use super::piece::Piece;
use super::span::{MAX_UNEVEN_LEN, Span, Status};
use super::stock::Stock;
use super::{MAX_NODES, Tree};

/// Spans in reading order that do not hang on each other yet.
struct Laid<P: Payload> {
    tree: Tree<P>,
    content: P,
    /// The first span of each piece, and where it hangs.
    heads: Vec<(Slot, Place)>,
}

impl<P: Payload> Tree<P> {
    /// Rebuilds a sequence from its list, its deletions, and the stable cut.
    ///
    /// # Errors
    /// What is wrong, if the list is not one that a sequence gives.
    pub(crate) fn from_pieces(
        pieces: Vec<Piece<P>>,
        deletions: impl IntoIterator<Item = (OpId, NodeRun)>,
        stable: &VersionVector,
    ) -> Result<Self, &'static str> {
        let mut laid = Laid { tree: Self::new(), content: P::default(), heads: Vec::new() };
        for piece in pieces {
            laid.put(piece)?;
        }
        let Laid { mut tree, content, heads } = laid;
        tree.stock = Stock::new(content);
        let spans = &tree.spans;
        tree.order = Order::of_slots(spans.len() as u32, |slot| spans[slot as usize].weight());
        tree.enter_index()?;
        if tree.keys.values().any(|&key| tree.contains(key)) {
            return Err("a run has the place of a node that is still there");
        }
        for (slot, place) in heads {
            tree.attach(slot, place)?;
        }
        tree.sort_siblings()?;
        if !tree.reads_as_listed() {
            return Err("the runs are not in the order that their tree has");
        }
        tree.count_alive();
        for (deletion, run) in deletions {
            tree.restore_deletion(deletion, run)?;
        }
        tree.set_stable(stable);
        Ok(tree)
    }

    /// Enters all spans, none of which is in the index yet.
    fn enter_index(&mut self) -> Result<(), &'static str> {
        let spans = self.spans.iter().zip(0..).skip(1);
        let mut entries: Vec<_> =
            spans.map(|(span, slot)| (span.author, span.first(), slot)).collect();
        entries.sort_unstable();
        let overlap = |pair: &[(u32, u64, Slot)]| {
            pair[0].0 == pair[1].0 && self.span(pair[0].2).end() > pair[1].1
        };
        if entries.windows(2).any(overlap) {
            return Err("two runs hold the same node");
        }
        self.index.extend(entries);
        Ok(())
    }

    fn attach(&mut self, slot: Slot, place: Place) -> Result<(), &'static str> {
        let parent = match place.parent {
            None => Self::ROOT,
            Some(node) => {
                let (parent, _) =
                    self.locate(node).ok_or("a run hangs on a node that is not there")?;
                if self.end_of(parent, place.side) != Some(node) {
                    return Err("a run hangs on the middle of another");
                }
                parent
            }
        };
        self.span_mut(slot).parent = parent;
        let side = place.side as usize;
        self.add_child(parent, side, self.children(parent, side).len(), slot);
        Ok(())
    }

    fn sort_siblings(&mut self) -> Result<(), &'static str> {
        for slot in 0..self.spans.len() as Slot {
            for side in 0..2 {
                if self.children(slot, side).len() < 2 {
                    continue;
                }
                let mut siblings: Vec<(OpId, Slot)> = self
                    .children(slot, side)
                    .iter()
                    .map(|&child| (self.key(child), child))
                    .collect();
                siblings.sort_unstable();
                if siblings.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                    return Err("two siblings have the same key");
                }
                self.set_siblings(slot, side, siblings.into_iter().map(|(_, child)| child));
            }
        }
        Ok(())
    }

    /// The spans as the tree reads them, the root included.
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

    /// As every span has one parent, a tree that reads as the list has no cycle and misses none.
    fn reads_as_listed(&self) -> bool {
        self.children(Self::ROOT, 0).is_empty()
            && self.read_tree().into_iter().eq(0..self.spans.len() as Slot)
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

    fn restore_deletion(&mut self, deletion: OpId, run: NodeRun) -> Result<(), &'static str> {
        let nodes = run.nodes;
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let (slot, _) = self.locate(node).ok_or("a deletion names a node that is not there")?;
            if self.span(slot).status == Status::Live {
                return Err("a deletion names a live node");
            }
            counter = self.span(slot).end();
        }
        self.record_deletion(deletion, run);
        Ok(())
    }
}

impl<P: Payload> Laid<P> {
    /// Lays a piece behind all others, in spans of bounded length; only the first of them has no
    /// parent yet.
    fn put(&mut self, piece: Piece<P>) -> Result<(), &'static str> {
        let Self { tree, content, heads } = self;
        let part = piece.payload.part();
        let (carried, live) = (u64::from(P::nodes(part)), piece.status == Status::Live);
        if carried != if live { piece.len } else { 0 } {
            return Err("a run's text is not as long as the run");
        }
        tree.nodes = tree.nodes.saturating_add(piece.len);
        if tree.nodes > MAX_NODES {
            return Err("a sequence has more nodes than can be held");
        }
        let author = tree.index.number(piece.id.replica);
        let even = !live || P::size(part) as u64 == piece.len;
        let head = tree.spans.len() as Slot;
        heads.push((head, piece.place));
        let (mut rest, mut left, mut first) = (part, piece.len as u32, piece.id.counter);
        while left > 0 {
            let len = if even { left } else { left.min(MAX_UNEVEN_LEN) };
            let (part, tail) = if even { (rest, rest) } else { P::split(rest, len) };
            let slot = tree.spans.len() as Slot;
            let mut span = Span::new(author, first, len);
            (span.status, span.is_loaded) = (piece.status, true);
            if live {
                span.start = P::size(content.part()) as u32;
                span.size = P::size(part) as u32;
                span.wide = if even { 0 } else { P::wide(part) as u16 };
                content.push(part);
            }
            if slot == head {
                span.side = piece.place.side;
                span.has_key = piece.key != piece.id;
            } else {
                span.parent = slot - 1;
                tree.spans[slot as usize - 1].children[Side::Right as usize] = slot;
            }
            tree.spans.push(span);
            (left, first, rest) = (left - len, first + u64::from(len), tail);
        }
        if piece.key != piece.id {
            tree.keys.insert(head, piece.key);
        }
        Ok(())
    }
}
