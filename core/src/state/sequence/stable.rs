//! Stability: which deletions all members know, and so which tombstones are retired.
//!
//! A tombstone whose deletion lies within the stable cut is *retired* unless two of its child
//! subtrees or more hold something that is not: then removing it would lose their order. Local
//! insertions name no retired node ([`super::insert`]), though remote ones still may; that is
//! why, once all members do so, what is retired everywhere can be removed ([`super::prune`]).

use std::collections::{BTreeMap, VecDeque};

use crate::id::{OpId, ReplicaId};
use crate::op::NodeRun;
use crate::version::VersionVector;

use super::Tree;
use super::order::{NONE, Slot};
use super::payload::Payload;
use super::span::Status;

/// The deletions that are not within the prune cut yet, by author and in the author's order: from
/// that counter on, one operation for each node.
///
/// All of them, as several replicas may delete one node: it is stable by whichever becomes so
/// first.
#[derive(Clone, Default, Debug)]
pub(super) struct Deletions {
    unstable: Queues,
    stable: Queues,
}

/// Runs of nodes, by the author and the counter of the operations that they are of.
type Queues = BTreeMap<ReplicaId, VecDeque<(u64, NodeRun)>>;

impl Deletions {
    pub(super) fn record(&mut self, deletion: OpId, run: NodeRun) {
        Self::push(self.unstable.entry(deletion.replica).or_default(), deletion.counter, run);
    }

    /// Appends deletions, to the last ones where they are one run.
    fn push(queue: &mut VecDeque<(u64, NodeRun)>, counter: u64, run: NodeRun) {
        let last = queue.back_mut().filter(|(first, last)| *first + last.len() == counter);
        match last.and_then(|(_, last)| Some((last.joined(&run)?, last))) {
            Some((joined, last)) => *last = joined,
            None => queue.push_back((counter, run)),
        }
    }

    /// Forgets the last deletions of an author, which are not stable.
    pub(super) fn take_back(&mut self, deletion: OpId, run: NodeRun) {
        let Some(queue) = self.unstable.get_mut(&deletion.replica) else { return };
        if let Some((counter, last)) = queue.pop_back() {
            let others = last.len().saturating_sub(run.len());
            if others > 0 {
                queue.push_back((counter, last.split_at(others).0));
            }
        }
        if queue.is_empty() {
            self.unstable.remove(&deletion.replica);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unstable.is_empty() && self.stable.is_empty()
    }

    /// All, by author, in the author's order, in as few runs as can be: where the stable cut is
    /// does not show.
    pub(super) fn iter(&self) -> impl Iterator<Item = (OpId, NodeRun)> {
        let mut all: Queues = self.stable.clone();
        for (&replica, queue) in &self.unstable {
            let joined = all.entry(replica).or_default();
            queue.iter().for_each(|&(counter, run)| Self::push(joined, counter, run));
        }
        all.into_iter().flat_map(|(replica, queue)| {
            queue.into_iter().map(move |(counter, run)| (OpId::new(replica, counter), run))
        })
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let entries: usize =
            self.unstable.values().chain(self.stable.values()).map(VecDeque::capacity).sum();
        entries * size_of::<(u64, NodeRun)>()
    }
}

/// Takes out what operations within the cut are of.
fn take_within(queues: &mut Queues, cut: &VersionVector) -> Vec<(OpId, NodeRun)> {
    let mut taken = Vec::new();
    queues.retain(|&replica, queue| {
        let end = cut.get(replica);
        while let Some(&(counter, run)) = queue.front().filter(|(counter, _)| *counter < end) {
            queue.pop_front();
            let deletion = OpId::new(replica, counter);
            if counter + run.len() <= end {
                taken.push((deletion, run));
                continue;
            }
            let (within, beyond) = run.split_at(end - counter);
            taken.push((deletion, within));
            queue.push_front((end, beyond));
        }
        !queue.is_empty()
    });
    taken
}

impl<P: Payload> Tree<P> {
    /// Retires what is deleted within the stable cut. A cut only grows.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) {
        for (deletion, run) in take_within(&mut self.deletions.unstable, cut) {
            self.raise_status(run.nodes, Status::Stable);
            let queue = self.deletions.stable.entry(deletion.replica).or_default();
            Deletions::push(queue, deletion.counter, run);
        }
    }

    /// Marks what is deleted within the prune cut, which the stable cut covers.
    pub(super) fn set_prunable(&mut self, cut: &VersionVector) {
        for (_, run) in take_within(&mut self.deletions.stable, cut) {
            self.raise_status(run.nodes, Status::Prunable);
        }
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
            let count = &mut self.span_mut(parent).alive[side];
            *count = step(*count);
            if self.span(parent).subtree_alive() == was_alive {
                return;
            }
            slot = parent;
        }
    }
}
