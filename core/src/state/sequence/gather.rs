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
//! O(n log n) for n operations, and O(b) for b bytes of bits: a quarter of the nodes.

use crate::id::{OpId, ReplicaId};
use crate::op::{NodeRun, Place, Side};

use super::Tree;
use super::order::{NONE, Order, Slot};
use super::payload::Payload;
use super::ranks::{Directory, Ranks};
use super::span::{MAX_UNEVEN_LEN, Span, Status};
use super::stable::GatheredDeletions;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Gathered<P> {
    authors: Vec<Author<P>>,
    /// The authors by replica.
    numbers: Vec<(ReplicaId, usize)>,
    /// The author that was last looked for: most often the next one, too.
    last: usize,
    /// How much room the first author gets.
    size: usize,
    deletions: GatheredDeletions,
}

/// What one author inserted, in its order.
#[derive(Clone, Debug)]
struct Author<P> {
    replica: ReplicaId,
    runs: Vec<Run>,
    directory: Directory,
    content: P,
    nodes: u32,
    cuts: Ranks,
    deleted: Ranks,
}

/// An insertion, or several of which each goes on where the one before ended.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    len: u32,
    /// The rank of its first node.
    rank: u32,
    /// What its nodes carry, in the author's content.
    start: u32,
    size: u32,
    /// What it hangs on; `None`: the root.
    parent: Option<Node>,
    side: Side,
}

impl Run {
    #[inline]
    fn has(&self, counter: u64) -> bool {
        counter.wrapping_sub(self.first) < self.len.into()
    }

    /// Whether every node takes one unit, whichever.
    fn is_even(&self) -> bool {
        self.size == self.len
    }
}

/// A node that was gathered.
#[derive(Clone, Copy, Debug)]
struct Node {
    author: u32,
    rank: u32,
}

/// How to tell the span of a rank of one author.
struct Numbered {
    /// The author's number in the tree.
    author: u32,
    /// The number of the span before the first one of each word of the cuts.
    before: Vec<Slot>,
}

impl<P: Payload> Author<P> {
    fn new(replica: ReplicaId, size: usize) -> Self {
        Self {
            replica,
            runs: Vec::new(),
            directory: Directory::default(),
            content: P::with_capacity(size),
            nodes: 0,
            cuts: Ranks::default(),
            deleted: Ranks::default(),
        }
    }

    /// The rank of a node, if it is here.
    #[inline]
    fn rank(&self, counter: u64) -> Option<u32> {
        // Most often it is one of the last.
        let mut run = self.runs.last()?;
        if counter < run.first {
            let near = self.directory.near(counter);
            let after = self.runs[near.clone()].partition_point(|run| run.first <= counter);
            run = &self.runs[(near.start + after).checked_sub(1)?];
        }
        run.has(counter).then(|| run.rank + (counter - run.first) as u32)
    }

    /// Cuts where deletion starts or ends, and numbers the spans, from behind `slot` on; gives the
    /// last number.
    fn number(&mut self, slot: &mut Slot) -> Vec<Slot> {
        let mut carry = 0;
        for (cuts, &deleted) in self.cuts.0.iter_mut().zip(&self.deleted.0) {
            *cuts |= deleted ^ (deleted << 1 | carry);
            carry = deleted >> 63;
        }
        // What is behind the last node is no span.
        self.cuts.0[self.nodes as usize / 64] &= !(u64::MAX << (self.nodes % 64));
        let number = |cuts: &u64| {
            let before = *slot;
            *slot += cuts.count_ones();
            before
        };
        self.cuts.0.iter().map(number).collect()
    }

    fn span_of(&self, numbered: &Numbered, rank: u32) -> Slot {
        let word = rank as usize / 64;
        let upto = u64::MAX >> (63 - rank % 64);
        numbered.before[word] + (self.cuts.0[word] & upto).count_ones()
    }
}

impl<P: Payload> Default for Gathered<P> {
    fn default() -> Self {
        Self {
            authors: Vec::new(),
            numbers: Vec::new(),
            last: 0,
            size: 0,
            deletions: GatheredDeletions::default(),
        }
    }
}

impl<P: Payload> Gathered<P> {
    fn find_author(&mut self, replica: ReplicaId) -> Option<usize> {
        if self.authors.get(self.last).is_none_or(|author| author.replica != replica) {
            let at = self.numbers.binary_search_by_key(&replica, |&(replica, _)| replica).ok()?;
            self.last = self.numbers[at].1;
        }
        Some(self.last)
    }

    /// The same, where the first author may insert so much.
    pub(crate) fn with_capacity(size: usize) -> Self {
        Self { size, ..Self::default() }
    }

    /// An author, who is one from now on.
    fn author(&mut self, replica: ReplicaId) -> usize {
        self.find_author(replica).unwrap_or_else(|| {
            self.last = self.authors.len();
            let at = self.numbers.partition_point(|&(other, _)| other < replica);
            self.numbers.insert(at, (replica, self.last));
            self.authors.push(Author::new(replica, std::mem::take(&mut self.size)));
            self.last
        })
    }

    fn find(&mut self, node: OpId) -> Option<Node> {
        let author = self.find_author(node.replica)?;
        let rank = self.authors[author].rank(node.counter)?;
        Some(Node { author: author as u32, rank })
    }

    /// Takes an insertion of so many nodes, behind all others of its author; gives whether it did:
    /// what it hangs on has to be here.
    pub(crate) fn insert(&mut self, id: OpId, place: Place, part: P::Part<'_>, len: u32) -> bool {
        let parent = match place.parent.map(|parent| self.find(parent)) {
            Some(None) => return false,
            parent => parent.flatten(),
        };
        let number = self.author(id.replica);
        let (start, size) = {
            let content = self.authors[number].content.part();
            (P::size(content) as u32, P::size(part) as u32)
        };
        let goes_on = parent.is_some_and(|parent| {
            let author = &self.authors[number];
            let follows = parent.author as usize == number && parent.rank + 1 == author.nodes;
            let is_next = |run: &Run| run.first + u64::from(run.len) == id.counter && run.is_even();
            follows
                && place.side == Side::Right
                && size == len
                && author.runs.last().is_some_and(is_next)
        });
        if let Some(Node { author, rank }) = parent.filter(|_| !goes_on) {
            self.authors[author as usize].cuts.set(rank + u32::from(place.side == Side::Right));
        }
        let author = &mut self.authors[number];
        let rank = author.nodes;
        author.content.push(part);
        author.nodes += len;
        author.cuts.reach(author.nodes);
        author.deleted.reach(author.nodes);
        if let Some(run) = author.runs.last_mut().filter(|_| goes_on) {
            (run.len, run.size) = (run.len + len, run.size + size);
            return true;
        }
        author.cuts.set(rank);
        if size != len {
            let bounded = (rank..rank + len).step_by(MAX_UNEVEN_LEN as usize);
            bounded.for_each(|rank| author.cuts.set(rank));
        }
        author.directory.push(id.counter);
        author.runs.push(Run {
            first: id.counter,
            len,
            rank,
            start,
            size,
            parent,
            side: place.side,
        });
        true
    }

    /// Takes a deletion; gives whether it did, and if so, whether any of the nodes was deleted
    /// before: all have to be here.
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) -> Option<bool> {
        let Node { author: number, rank } = self.find(run.nodes.start)?;
        let author = &mut self.authors[number as usize];
        let end = u32::try_from(run.len()).ok().and_then(|len| rank.checked_add(len))?;
        if author.rank(run.nodes.end() - 1)? != end - 1 {
            return None;
        }
        self.deletions.push(deletion, number as usize, run);
        Some(author.deleted.set_range(rank, end))
    }

    /// The tree of all that was taken.
    pub(crate) fn into_tree(mut self) -> Tree<P> {
        let mut slot = 0;
        let mut numbered: Vec<Numbered> = Vec::new();
        numbered.resize_with(self.authors.len(), || Numbered { author: 0, before: Vec::new() });
        for (&(_, of), author) in self.numbers.iter().zip(0..) {
            let before = self.authors[of].number(&mut slot);
            numbered[of] = Numbered { author, before };
        }
        let mut tree = Tree::new();
        tree.spans.reserve_exact(slot as usize);
        for &(replica, of) in &self.numbers {
            tree.index.number(replica);
            let author = &self.authors[of];
            author.runs.iter().for_each(|run| author.lay(&mut tree, numbered[of].author, run));
        }
        for &(_, of) in &self.numbers {
            let author = &self.authors[of];
            for run in &author.runs {
                let parent = run.parent.map(|Node { author, rank }| {
                    self.authors[author as usize].span_of(&numbered[author as usize], rank)
                });
                let mut slot = author.span_of(&numbered[of], run.rank);
                tree.hang_live(parent.unwrap_or(Tree::<P>::ROOT), run.side, slot);
                let last = author.span_of(&numbered[of], run.rank + run.len - 1);
                while slot < last {
                    tree.hang_live(slot, Side::Right, slot + 1);
                    slot += 1;
                }
            }
        }
        self.finish(tree, &numbered)
    }

    /// Puts what hangs together in order, and under the index.
    fn finish(self, mut tree: Tree<P>, numbered: &[Numbered]) -> Tree<P> {
        for (author, numbered) in self.authors.into_iter().zip(numbered) {
            let mut content = author.content;
            content.shrink_to_fit();
            tree.stock.put(numbered.author, content);
        }
        let read = tree.read_tree();
        let spans = &tree.spans;
        tree.order = Order::of_slots(&read, |slot| spans[slot as usize].weight());
        let mut first = 1;
        for own in spans[1..].chunk_by(|a, b| a.author == b.author) {
            let firsts = own.iter().map(Span::first);
            tree.index.fill_row(own[0].author, firsts, first);
            first += own.len() as Slot;
        }
        tree.record_gathered(self.deletions, |author| numbered[author].author);
        tree
    }
}

impl<P: Payload> Author<P> {
    /// Lays the spans of a run, behind those before.
    fn lay(&self, tree: &mut Tree<P>, number: u32, run: &Run) {
        let end = run.rank + run.len;
        let (mut rank, mut start) = (run.rank, run.start);
        while rank < end {
            let next = self.cuts.next(rank).map_or(end, |next| next.min(end));
            let len = next - rank;
            let mut span = Span::new(number, run.first + u64::from(rank - run.rank), len);
            if self.deleted.has(rank) {
                span.status = Status::Deleted;
            }
            span.start = start;
            span.size = len;
            if !run.is_even() {
                let rest = self.content.slice(start, run.start + run.size - start);
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
}

impl<P: Payload> Tree<P> {
    /// Hangs a laid span behind all other children of another one on a side, where nothing is
    /// stable yet.
    #[inline]
    fn hang_live(&mut self, parent: Slot, side: Side, child: Slot) {
        let span = self.span_mut(child);
        (span.parent, span.side) = (parent, side);
        let side = side as usize;
        let span = self.span_mut(parent);
        if span.children[side] == NONE {
            (span.children[side], span.alive[side]) = (child, true);
            return;
        }
        let rank = self.children(parent, side).len();
        self.add_child(parent, side, rank, child);
        self.set_alive(parent, side, rank as u32 + 1);
    }

    /// The spans as the tree reads them, the root included.
    pub(super) fn read_tree(&self) -> Vec<Slot> {
        let mut read = Vec::with_capacity(self.spans.len());
        let mut stack = vec![(Self::ROOT, false)];
        while let Some((slot, left_done)) = stack.pop() {
            let left = if left_done { &[] } else { self.children(slot, 0) };
            if left.is_empty() {
                read.push(slot);
                stack.extend(self.children(slot, 1).iter().rev().map(|&child| (child, false)));
            } else {
                stack.push((slot, true));
                stack.extend(left.iter().rev().map(|&child| (child, false)));
            }
        }
        read
    }
}
