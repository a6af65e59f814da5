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
use super::order::{Order, Slot};
use super::payload::Payload;
use super::span::{MAX_UNEVEN_LEN, Span, Status};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Gathered<P> {
    authors: Vec<Author<P>>,
    /// The authors by replica.
    numbers: Vec<(ReplicaId, usize)>,
    /// The author that was last looked for: most often the next one, too.
    last: usize,
    deletions: Vec<(OpId, NodeRun)>,
}

/// What one author inserted, in its order.
#[derive(Clone, Debug)]
struct Author<P> {
    replica: ReplicaId,
    runs: Vec<Run>,
    /// The run that was last found: the next node is most often in it, or in the last one.
    recent: usize,
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
    fn has(&self, counter: u64) -> bool {
        counter.wrapping_sub(self.first) < self.len.into()
    }
}

/// A node that was gathered.
#[derive(Clone, Copy, Debug)]
struct Node {
    author: u32,
    rank: u32,
}

/// A set of ranks.
#[derive(Clone, Default, Debug)]
struct Ranks(Vec<u64>);

impl Ranks {
    /// Makes room for ranks up to that one.
    fn reach(&mut self, rank: u32) {
        let words = rank as usize / 64 + 1;
        if words > self.0.len() {
            self.0.resize(words, 0);
        }
    }

    fn set(&mut self, rank: u32) {
        self.0[rank as usize / 64] |= 1 << (rank % 64);
    }

    /// Sets those of a range; gives whether any was set before.
    fn set_range(&mut self, from: u32, to: u32) -> bool {
        let (first, last) = (from as usize / 64, to as usize / 64);
        let (low, high) = (u64::MAX << (from % 64), !(u64::MAX << (to % 64)));
        let mut before = 0;
        let mut set = |word: &mut u64, bits: u64| {
            before |= *word & bits;
            *word |= bits;
        };
        if first == last {
            set(&mut self.0[first], low & high);
        } else {
            set(&mut self.0[first], low);
            self.0[first + 1..last].iter_mut().for_each(|word| set(word, u64::MAX));
            set(&mut self.0[last], high);
        }
        before != 0
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

/// How to tell the span of a rank of one author.
struct Numbered {
    /// The author's number in the tree.
    author: u32,
    /// The number of the span before the first one of each word of the cuts.
    before: Vec<Slot>,
}

impl<P> Author<P> {
    fn new(replica: ReplicaId) -> Self
    where
        P: Default,
    {
        Self {
            replica,
            runs: Vec::new(),
            recent: 0,
            content: P::default(),
            nodes: 0,
            cuts: Ranks::default(),
            deleted: Ranks::default(),
        }
    }

    /// The rank of a node, if it is here.
    fn rank(&mut self, counter: u64) -> Option<u32> {
        let mut run = self.runs.get(self.recent).filter(|run| run.has(counter));
        if run.is_none() {
            let last = self.runs.len().checked_sub(1)?;
            self.recent = if self.runs[last].has(counter) {
                last
            } else {
                self.runs.partition_point(|run| run.first <= counter).checked_sub(1)?
            };
            run = self.runs.get(self.recent).filter(|run| run.has(counter));
        }
        run.map(|run| run.rank + (counter - run.first) as u32)
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
        Self { authors: Vec::new(), numbers: Vec::new(), last: 0, deletions: Vec::new() }
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

    /// An author, who is one from now on.
    fn author(&mut self, replica: ReplicaId) -> usize {
        self.find_author(replica).unwrap_or_else(|| {
            self.last = self.authors.len();
            let at = self.numbers.partition_point(|&(other, _)| other < replica);
            self.numbers.insert(at, (replica, self.last));
            self.authors.push(Author::new(replica));
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
        if let Some(Node { author, rank }) = parent {
            self.authors[author as usize].cuts.set(rank + u32::from(place.side == Side::Right));
        }
        let number = self.author(id.replica);
        let author = &mut self.authors[number];
        let (start, size) = (P::size(author.content.part()) as u32, P::size(part) as u32);
        let Author { runs, content, nodes, .. } = author;
        let rank = *nodes;
        content.push(part);
        *nodes += len;
        author.cuts.reach(*nodes);
        author.deleted.reach(*nodes);
        author.cuts.set(rank);
        if size != len {
            let bounded = (rank..rank + len).step_by(MAX_UNEVEN_LEN as usize);
            bounded.for_each(|rank| author.cuts.set(rank));
        }
        author.recent = runs.len();
        runs.push(Run { first: id.counter, len, rank, start, size, parent, side: place.side });
        true
    }

    /// Takes a deletion; gives whether it did, and if so, whether any of the nodes was deleted
    /// before: all have to be here.
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) -> Option<bool> {
        let Node { author, rank } = self.find(run.nodes.start)?;
        let author = &mut self.authors[author as usize];
        let end = u32::try_from(run.len()).ok().and_then(|len| rank.checked_add(len))?;
        if author.rank(run.nodes.end() - 1)? != end - 1 {
            return None;
        }
        self.deletions.push((deletion, run));
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
                tree.adopt(parent.unwrap_or(Tree::<P>::ROOT), run.side, slot);
                let last = author.span_of(&numbered[of], run.rank + run.len - 1);
                while slot < last {
                    tree.adopt(slot, Side::Right, slot + 1);
                    slot += 1;
                }
            }
        }
        self.finish(tree)
    }

    /// Puts what hangs together in order, and under the index.
    fn finish(self, mut tree: Tree<P>) -> Tree<P> {
        for author in self.authors {
            let number = tree.index.number(author.replica);
            tree.stock.put(number, author.content);
        }
        let read = tree.read_tree();
        let spans = &tree.spans;
        tree.order = Order::of_slots(&read, |slot| spans[slot as usize].weight());
        let entries = spans.iter().zip(0..).skip(1);
        tree.index.fill(entries.map(|(span, slot)| (span.author, span.first(), slot)).collect());
        tree.count_children_alive();
        for (deletion, run) in self.deletions {
            tree.record_deletion(deletion, run);
        }
        tree
    }
}

impl<P: Payload> Author<P> {
    /// Lays the spans of a run, behind those before.
    fn lay(&self, tree: &mut Tree<P>, number: u32, run: &Run) {
        let end = run.rank + run.len;
        let (mut rank, mut start) = (run.rank, run.start);
        let even = run.size == run.len;
        while rank < end {
            let next = self.cuts.next(rank).map_or(end, |next| next.min(end));
            let len = next - rank;
            let mut span = Span::new(number, run.first + u64::from(rank - run.rank), len);
            if self.deleted.has(rank) {
                span.status = Status::Deleted;
            }
            span.start = start;
            span.size = len;
            if !even {
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
