//! Many insertions and deletions at once, in a sequence where nothing was: gathered first, and made
//! a tree in one go. A Fugue tree follows from its nodes' places, whatever the order in which they
//! came; so nothing has to be parted again and again.
//!
//! 1. Every insertion is a run of *ranks*, which number the nodes of one author without gaps.
//! 2. In one set of bits for each author: where something hangs within a run, and where deletion
//!    starts or ends. There the runs are cut; so the number of bits set before a rank tells its span.
//! 3. Spans hang on each other as their runs' places say; siblings come in the order of identities,
//!    as spans are numbered in that order.
//! 4. One walk through the tree gives the reading order.
//!
//! O(n + b log n) for n operations and b bytes of bits: an eighth of the nodes.

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Place, Side};

use super::Tree;
use super::order::{Order, Slot};
use super::payload::Payload;
use super::span::{MAX_UNEVEN_LEN, Span, Status};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Gathered<P> {
    authors: Vec<Author<P>>,
    deletions: Vec<(OpId, NodeRun)>,
}

/// What one author inserted, in its order.
#[derive(Clone, Debug)]
struct Author<P> {
    replica: ReplicaId,
    runs: Vec<Run>,
    content: P,
    nodes: u32,
}

/// An insertion.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    len: u32,
    /// The rank of its first node.
    rank: u32,
    /// What its nodes carry, in the author's content.
    start: u32,
    size: u32,
    place: Place,
}

/// A set of ranks.
struct Ranks(Vec<u64>);

impl Ranks {
    fn new(nodes: u32) -> Self {
        Self(vec![0; nodes as usize / 64 + 1])
    }

    fn set(&mut self, rank: u32) {
        self.0[rank as usize / 64] |= 1 << (rank % 64);
    }

    fn set_range(&mut self, from: u32, to: u32) {
        let (first, last) = (from as usize / 64, to as usize / 64);
        let (low, high) = (u64::MAX << (from % 64), !(u64::MAX << (to % 64)));
        if first == last {
            self.0[first] |= low & high;
            return;
        }
        self.0[first] |= low;
        self.0[first + 1..last].fill(u64::MAX);
        self.0[last] |= high;
    }

    fn has(&self, rank: u32) -> bool {
        self.0[rank as usize / 64] >> (rank % 64) & 1 == 1
    }

    /// The next rank behind one.
    fn next(&self, rank: u32) -> Option<u32> {
        let at = rank + 1;
        let mut word = at as usize / 64;
        let mut bits = self.0.get(word)? & (u64::MAX << (at % 64));
        while bits == 0 {
            word += 1;
            bits = *self.0.get(word)?;
        }
        Some(word as u32 * 64 + bits.trailing_zeros())
    }
}

/// Where the runs of an author are cut, and how to tell the span of a rank.
struct Cuts {
    cuts: Ranks,
    deleted: Ranks,
    /// The number of the span before the first one of each word.
    before: Vec<Slot>,
}

impl Cuts {
    fn new(nodes: u32) -> Self {
        Self { cuts: Ranks::new(nodes), deleted: Ranks::new(nodes), before: Vec::new() }
    }

    /// Cuts where deletion starts or ends, and numbers the spans of so many nodes, from behind
    /// `slot` on; gives the last number.
    fn number(&mut self, mut slot: Slot, nodes: u32) -> Slot {
        let mut carry = 0;
        for (cuts, &deleted) in self.cuts.0.iter_mut().zip(&self.deleted.0) {
            *cuts |= deleted ^ (deleted << 1 | carry);
            carry = deleted >> 63;
        }
        // What is behind the last node is no span.
        self.cuts.0[nodes as usize / 64] &= !(u64::MAX << (nodes % 64));
        self.before = Vec::with_capacity(self.cuts.0.len());
        for cuts in &self.cuts.0 {
            self.before.push(slot);
            slot += cuts.count_ones();
        }
        slot
    }

    fn span_of(&self, rank: u32) -> Slot {
        let word = rank as usize / 64;
        let upto = u64::MAX >> (63 - rank % 64);
        self.before[word] + (self.cuts.0[word] & upto).count_ones()
    }
}

impl<P: Payload> Default for Gathered<P> {
    fn default() -> Self {
        Self { authors: Vec::new(), deletions: Vec::new() }
    }
}

impl<P: Payload> Gathered<P> {
    /// Takes an insertion, behind all others of its author.
    pub(crate) fn insert(&mut self, id: OpId, place: Place, part: P::Part<'_>) {
        let known = self.authors.iter().rposition(|author| author.replica == id.replica);
        let author = known.unwrap_or_else(|| {
            let (replica, content) = (id.replica, P::default());
            self.authors.push(Author { replica, runs: Vec::new(), content, nodes: 0 });
            self.authors.len() - 1
        });
        let Author { runs, content, nodes, .. } = &mut self.authors[author];
        let (start, size) = (P::size(content.part()) as u32, P::size(part) as u32);
        let len = P::nodes(part);
        runs.push(Run { first: id.counter, len, rank: *nodes, start, size, place });
        content.push(part);
        *nodes += len;
    }

    /// Takes a deletion of nodes that were inserted before.
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) {
        self.deletions.push((deletion, run));
    }

    /// The author of a node, and its rank; `None` if it is not here.
    fn rank(&self, node: OpId) -> Option<(usize, u32)> {
        let author =
            self.authors.binary_search_by_key(&node.replica, |author| author.replica).ok()?;
        let runs = &self.authors[author].runs;
        let run = &runs[runs.partition_point(|run| run.first <= node.counter).checked_sub(1)?];
        let offset = u32::try_from(node.counter - run.first).ok().filter(|&at| at < run.len)?;
        Some((author, run.rank + offset))
    }

    /// The cuts of all authors, whose spans are numbered from 1 on; and how many there are.
    fn cut(&self) -> (Vec<Cuts>, Slot) {
        let mut cuts: Vec<Cuts> =
            self.authors.iter().map(|author| Cuts::new(author.nodes)).collect();
        for (author, of) in self.authors.iter().zip(0..) {
            for run in &author.runs {
                cuts[of].cuts.set(run.rank);
                if run.size != run.len {
                    let bounded = (run.rank..run.rank + run.len).step_by(MAX_UNEVEN_LEN as usize);
                    bounded.for_each(|rank| cuts[of].cuts.set(rank));
                }
                let Some((parent, rank)) = run.place.parent.and_then(|node| self.rank(node)) else {
                    continue;
                };
                cuts[parent].cuts.set(rank + u32::from(run.place.side == Side::Right));
            }
        }
        for &(_, NodeRun { nodes: IdSpan { start, len }, .. }) in &self.deletions {
            if let Some((author, rank)) = self.rank(start) {
                cuts[author].deleted.set_range(rank, rank + len as u32);
            }
        }
        let mut slot = 0;
        for (cuts, author) in cuts.iter_mut().zip(&self.authors) {
            slot = cuts.number(slot, author.nodes);
        }
        (cuts, slot)
    }

    /// The tree of all that was taken.
    pub(crate) fn into_tree(mut self) -> Tree<P> {
        self.authors.sort_unstable_by_key(|author| author.replica);
        let (cuts, spans) = self.cut();
        let mut tree = Tree::new();
        tree.spans.reserve_exact(spans as usize);
        for (author, cuts) in self.authors.iter().zip(&cuts) {
            let number = tree.index.number(author.replica);
            for run in &author.runs {
                self.lay(&mut tree, number, author, run, cuts);
            }
        }
        for (author, of) in self.authors.iter().zip(&cuts) {
            for run in &author.runs {
                let parent = run.place.parent.and_then(|node| self.rank(node));
                let parent = parent.map(|(author, rank)| cuts[author].span_of(rank));
                let (parent, side) = (parent.unwrap_or(Tree::<P>::ROOT), run.place.side);
                let mut slot = of.span_of(run.rank);
                tree.adopt(parent, side, slot);
                let last = of.span_of(run.rank + run.len - 1);
                while slot < last {
                    tree.adopt(slot, Side::Right, slot + 1);
                    slot += 1;
                }
            }
        }
        self.finish(tree)
    }

    /// Lays the spans of a run, behind those before.
    fn lay(&self, tree: &mut Tree<P>, number: u32, author: &Author<P>, run: &Run, cuts: &Cuts) {
        let end = run.rank + run.len;
        let (mut rank, mut start) = (run.rank, run.start);
        let even = run.size == run.len;
        while rank < end {
            let next = cuts.cuts.next(rank).map_or(end, |next| next.min(end));
            let len = next - rank;
            let mut span = Span::new(number, run.first + u64::from(rank - run.rank), len);
            if cuts.deleted.has(rank) {
                span.status = Status::Deleted;
            }
            span.start = start;
            span.size = len;
            if !even {
                let rest = author.content.slice(start, run.start + run.size - start);
                let (part, _) = P::split(rest, len);
                span.size = P::size(part) as u32;
                span.wide = if span.status == Status::Live { P::wide(part) as u16 } else { 0 };
            }
            start += span.size;
            rank = next;
            tree.spans.push(span);
            tree.nodes += u64::from(len);
        }
    }

    /// Puts what hangs together in order, and under the index.
    fn finish(self, mut tree: Tree<P>) -> Tree<P> {
        for author in self.authors {
            let number = tree.index.number(author.replica);
            tree.stock.push(number, author.content.part());
        }
        let read = tree.read_tree();
        let spans = &tree.spans;
        tree.order = Order::of_slots(&read, |slot| spans[slot as usize].weight());
        let entries = spans.iter().zip(0..).skip(1);
        tree.index.fill(entries.map(|(span, slot)| (span.author, span.first(), slot)));
        for (deletion, run) in self.deletions {
            tree.record_deletion(deletion, run);
        }
        tree
    }
}

impl<P: Payload> Tree<P> {
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
}
