//! Stability: which deletions all members know, and so which tombstones are retired.
//!
//! A tombstone whose deletion lies within the stable cut is *retired* unless two of its child
//! subtrees or more hold something that is not: then removing it would lose their order. Local
//! insertions name no retired node ([`super::insert`]), though remote ones still may; that is
//! why, once all members do so, what is retired everywhere can be removed ([`super::prune`]).

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::NodeRun;
use crate::version::VersionVector;

use super::Tree;
use super::index::{Author, Counter, Index};
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::Status;

/// The deletions that are not within the prune cut yet, by author and in the author's order.
///
/// All of them, as several replicas may delete one node: it is stable by whichever becomes so
/// first.
#[derive(Clone, Default, Debug)]
pub(super) struct Deletions {
    unstable: Queues,
    stable: Queues,
}

type Queues = BTreeMap<ReplicaId, VecDeque<Deletion>>;

/// Nodes that one author deleted one after the other, from an operation on.
#[derive(Clone, Copy, Debug)]
struct Deletion {
    by: Counter,
    node: Counter,
    author: Author,
    len: u32,
    backwards: bool,
}

impl Deletion {
    fn new(by: u64, author: Author, run: NodeRun) -> Self {
        Self {
            by: Counter::new(by),
            node: Counter::new(run.nodes.start.counter),
            author,
            len: run.len() as u32,
            backwards: run.backwards,
        }
    }

    fn run(&self, index: &Index) -> NodeRun {
        self.run_of(index.replica(self.author))
    }

    /// The run, given whose nodes it is of.
    fn run_of(&self, replica: ReplicaId) -> NodeRun {
        let start = OpId::new(replica, self.node.get());
        NodeRun { nodes: IdSpan::new(start, self.len.into()), backwards: self.backwards }
    }

    /// Makes a run longer by a single node that was deleted right after, if with it that is one
    /// run; gives whether it did.
    fn extend(&mut self, node: u64) -> bool {
        let first = self.node.get();
        if !self.backwards && node == first + u64::from(self.len) {
            self.len += 1;
            return true;
        }
        if (self.backwards || self.len == 1) && node + 1 == first {
            (self.node, self.backwards) = (Counter::new(node), true);
            self.len += 1;
            return true;
        }
        false
    }

    /// The counter behind the last operation.
    fn end(&self) -> u64 {
        self.by.get() + u64::from(self.len)
    }
}

impl Deletions {
    /// Appends deletions, to the last ones where they are one run.
    fn push(queue: &mut VecDeque<Deletion>, by: u64, author: Author, run: NodeRun) {
        let mut last = queue.back_mut().filter(|last| last.end() == by && last.author == author);
        if run.len() == 1
            && let Some(last) = &mut last
            && last.extend(run.nodes.start.counter)
        {
            return;
        }
        match last.and_then(|last| Some((last.run_of(run.nodes.start.replica).joined(&run)?, last)))
        {
            Some((joined, last)) => *last = Deletion::new(last.by.get(), author, joined),
            None => queue.push_back(Deletion::new(by, author, run)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unstable.is_empty() && self.stable.is_empty()
    }

    /// All, by author, in the author's order, in as few runs as can be: where the stable cut is
    /// does not show.
    pub(super) fn iter<'d>(
        &'d self,
        index: &'d Index,
    ) -> impl Iterator<Item = (OpId, NodeRun)> + use<'d> {
        let mut all: Queues = self.stable.clone();
        for (&replica, queue) in &self.unstable {
            let joined = all.entry(replica).or_default();
            for deletion in queue {
                let run = deletion.run(index);
                Self::push(joined, deletion.by.get(), deletion.author, run);
            }
        }
        all.into_iter().flat_map(move |(replica, queue)| {
            queue
                .into_iter()
                .map(move |deletion| (OpId::new(replica, deletion.by.get()), deletion.run(index)))
        })
    }

    /// Hands the nodes that operations within a version delete to `each`: of which author, and from
    /// which counter up to which.
    pub(super) fn within(&self, version: &VersionVector, mut each: impl FnMut(Author, u64, u64)) {
        for (&replica, queue) in self.stable.iter().chain(&self.unstable) {
            let end = version.get(replica);
            for deletion in queue.iter().take_while(|deletion| deletion.by.get() < end) {
                let (first, len) = (deletion.node.get(), u64::from(deletion.len));
                let within = len.min(end - deletion.by.get());
                let first = if deletion.backwards { first + len - within } else { first };
                each(deletion.author, first, first + within);
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let entries: usize =
            self.unstable.values().chain(self.stable.values()).map(VecDeque::capacity).sum();
        entries * size_of::<Deletion>()
    }
}

/// Deletions that are gathered, each author's in its order. The authors of nodes have numbers of their
/// own.
#[derive(Clone, Default, Debug)]
pub(super) struct GatheredDeletions {
    queues: Vec<(ReplicaId, VecDeque<Deletion>)>,
    /// Where the queues of the replicas are.
    places: BTreeMap<ReplicaId, usize>,
    last: usize,
}

impl GatheredDeletions {
    pub(super) fn push(&mut self, deletion: OpId, author: usize, run: NodeRun) {
        let OpId { replica, counter } = deletion;
        if self.queues.get(self.last).is_none_or(|&(last, _)| last != replica) {
            let next = self.queues.len();
            self.last = *self.places.entry(replica).or_insert(next);
            if self.last == next {
                self.queues.push((replica, VecDeque::new()));
            }
        }
        Deletions::push(&mut self.queues[self.last].1, counter, author as Author, run);
    }
}

/// Takes out what operations of an author before a counter are of.
fn take_before(
    queues: &mut Queues,
    index: &Index,
    replica: ReplicaId,
    end: u64,
) -> Vec<(OpId, Author, NodeRun)> {
    let mut taken = Vec::new();
    let Some(queue) = queues.get_mut(&replica) else { return taken };
    while let Some(&deletion) = queue.front().filter(|deletion| deletion.by.get() < end) {
        queue.pop_front();
        let (by, author, run) = (deletion.by.get(), deletion.author, deletion.run(index));
        let id = OpId::new(replica, by);
        if deletion.end() <= end {
            taken.push((id, author, run));
            continue;
        }
        let (within, beyond) = run.split_at(end - by);
        taken.push((id, author, within));
        queue.push_front(Deletion::new(end, author, beyond));
    }
    if queue.is_empty() {
        queues.remove(&replica);
    } else if queue.len() < queue.capacity() / 4 {
        queue.shrink_to_fit();
    }
    taken
}

/// The authors of deletions, and the first operation of each.
fn heads(queues: &Queues) -> impl Iterator<Item = OpId> {
    let first = |(&replica, queue): (&ReplicaId, &VecDeque<Deletion>)| {
        Some(OpId::new(replica, queue.front()?.by.get()))
    };
    queues.iter().filter_map(first)
}

impl<P: Payload> Tree<P> {
    /// Records deletions of nodes that are here, or were; gives whether they are the first of their
    /// author that is not stable.
    pub(super) fn record_deletion(&mut self, deletion: OpId, run: NodeRun) -> bool {
        let author = self.index.number(run.nodes.start.replica);
        let queue = self.deletions.unstable.entry(deletion.replica).or_default();
        let is_first = queue.is_empty();
        Deletions::push(queue, deletion.counter, author, run);
        is_first
    }

    /// Records deletions that were gathered, where none is recorded yet.
    pub(super) fn record_gathered(
        &mut self,
        gathered: GatheredDeletions,
        number: impl Fn(usize) -> Author,
    ) {
        for (by, mut queue) in gathered.queues {
            for deletion in &mut queue {
                deletion.author = number(deletion.author as usize);
            }
            self.deletions.unstable.insert(by, queue);
        }
    }

    /// Records all deletions that there are: by author, in the author's order, in as few runs as can
    /// be.
    pub(super) fn load_deletions(&mut self, deletions: impl Iterator<Item = (OpId, NodeRun)>) {
        let Self { index, deletions: Deletions { unstable, .. }, .. } = self;
        let (mut queue, mut deleting) = (VecDeque::new(), None);
        let (mut author, mut deleted) = (0, None);
        for (deletion, run) in deletions {
            if deleting != Some(deletion.replica) {
                let done = std::mem::take(&mut queue);
                unstable.extend(deleting.replace(deletion.replica).map(|replica| (replica, done)));
            }
            let replica = run.nodes.start.replica;
            if deleted.replace(replica) != Some(replica) {
                author = index.number(replica);
            }
            queue.push_back(Deletion::new(deletion.counter, author, run));
        }
        unstable.extend(deleting.map(|replica| (replica, queue)));
    }

    /// Forgets the last deletions of an author, which are not stable.
    pub(super) fn take_back(&mut self, deletion: OpId, run: NodeRun) {
        let Some(queue) = self.deletions.unstable.get_mut(&deletion.replica) else { return };
        if let Some(last) = queue.pop_back() {
            let others = u64::from(last.len).saturating_sub(run.len());
            if others > 0 {
                let (kept, _) = last.run(&self.index).split_at(others);
                queue.push_back(Deletion::new(last.by.get(), last.author, kept));
            }
        }
        if queue.is_empty() {
            self.deletions.unstable.remove(&deletion.replica);
        }
    }

    /// The deletions that are not within the prune cut yet.
    pub(crate) fn deletions(&self) -> impl Iterator<Item = (OpId, NodeRun)> {
        self.deletions.iter(&self.index)
    }

    /// Those of them that delete what is here: what is gone may have been deleted several times.
    pub(super) fn present_deletions(&self) -> Cow<'_, Deletions> {
        if !self.has_removed {
            return Cow::Borrowed(&self.deletions);
        }
        let mut kept = Deletions::default();
        for (deletion, run) in self.deletions() {
            let queue = kept.unstable.entry(deletion.replica).or_default();
            for (deletion, run) in self.present(deletion, run) {
                if let Some(author) = self.index.author(run.nodes.start.replica) {
                    Deletions::push(queue, deletion.counter, author, run);
                }
            }
        }
        Cow::Owned(kept)
    }

    /// The deletions by others than `me` that are not `seen`, nor within the prune cut; some may be
    /// among them that are. O(log n) in the deletions, and O(1) for each that is given.
    pub(crate) fn deleted_since<'t>(
        &'t self,
        me: ReplicaId,
        seen: &'t VersionVector,
    ) -> impl Iterator<Item = IdSpan> + 't {
        let queues = self.deletions.unstable.iter().chain(&self.deletions.stable);
        queues.filter(move |&(&replica, _)| replica != me).flat_map(move |(&replica, queue)| {
            let known = seen.get(replica);
            let first = queue.partition_point(|deletion| deletion.end() <= known);
            queue.range(first..).map(|deletion| deletion.run(&self.index).nodes)
        })
    }

    /// How many nodes operations within a version delete, of those not within the prune cut.
    pub(super) fn deletions_within(&self, version: &VersionVector) -> u64 {
        let mut nodes = 0;
        self.deletions.within(version, |_, from, to| nodes += to - from);
        nodes
    }

    /// Retires what is deleted within the stable cut. A cut only grows.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) {
        let authors: Vec<ReplicaId> = self.deletions.unstable.keys().copied().collect();
        for author in authors {
            self.retire(author, cut.get(author));
        }
    }

    /// Retires what operations of an author before a counter delete; gives how many spans that
    /// took.
    pub(crate) fn retire(&mut self, author: ReplicaId, end: u64) -> u64 {
        let taken = take_before(&mut self.deletions.unstable, &self.index, author, end);
        let mut touched = taken.len() as u64;
        for (deletion, author, run) in taken {
            touched += self.raise_status(run.nodes, Status::Stable);
            let queue = self.deletions.stable.entry(deletion.replica).or_default();
            Deletions::push(queue, deletion.counter, author, run);
        }
        touched
    }

    /// Marks what is deleted within the prune cut, which the stable cut covers.
    pub(super) fn set_prunable(&mut self, cut: &VersionVector) {
        let authors: Vec<ReplicaId> = self.deletions.stable.keys().copied().collect();
        for author in authors {
            self.expire(author, cut.get(author));
        }
    }

    /// Marks what operations of an author before a counter delete, which are stable, as not named
    /// any more by anyone; gives how many spans that took.
    pub(super) fn expire(&mut self, author: ReplicaId, end: u64) -> u64 {
        let taken = take_before(&mut self.deletions.stable, &self.index, author, end);
        let mut touched = taken.len() as u64;
        for (_, _, run) in taken {
            touched += self.raise_status(run.nodes, Status::Prunable);
        }
        touched
    }

    /// The first deletion of each author that is not stable, and that is stable and not within the
    /// prune cut.
    pub(crate) fn unstable_heads(&self) -> impl Iterator<Item = OpId> {
        heads(&self.deletions.unstable)
    }

    pub(crate) fn stable_heads(&self) -> impl Iterator<Item = OpId> {
        heads(&self.deletions.stable)
    }

    /// Behind the last deletion of each author that is stable.
    pub(super) fn stable_ends(&self) -> impl Iterator<Item = (ReplicaId, u64)> {
        let queues = self.deletions.stable.iter();
        queues.filter_map(|(&author, queue)| Some((author, queue.back()?.end())))
    }

    /// The same of one author.
    pub(crate) fn unstable_head(&self, author: ReplicaId) -> Option<OpId> {
        let first = self.deletions.unstable.get(&author)?.front()?;
        Some(OpId::new(author, first.by.get()))
    }

    pub(crate) fn stable_head(&self, author: ReplicaId) -> Option<OpId> {
        let first = self.deletions.stable.get(&author)?.front()?;
        Some(OpId::new(author, first.by.get()))
    }

    /// Counts the subtree of a span, so far without anything that is not stable, where it hangs.
    pub(super) fn subtree_came_alive(&mut self, slot: Slot) {
        self.count_upwards(slot, |count| count + 1);
    }

    /// The reverse.
    pub(super) fn subtree_died(&mut self, slot: Slot) {
        self.count_upwards(slot, |count| count - 1);
    }

    /// Goes on only while a subtree changes between alive and not, each time once: so the cost is
    /// amortised over the insertions and deletions.
    fn count_upwards(&mut self, mut slot: Slot, step: impl Fn(u32) -> u32) {
        loop {
            let span = self.span(slot);
            let (parent, side) = (span.parent, span.side as usize);
            if parent == NONE {
                return;
            }
            let was_alive = self.span(parent).subtree_alive();
            self.set_alive(parent, side, step(self.alive(parent, side)));
            if self.span(parent).subtree_alive() == was_alive {
                return;
            }
            slot = parent;
        }
    }
}
