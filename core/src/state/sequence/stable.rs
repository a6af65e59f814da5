//! Stability: which deletions all members know, and so which tombstones are retired.
//!
//! A tombstone whose deletion lies within the stable cut is *retired* unless two of its child
//! subtrees or more hold something that is not: then removing it would lose their order. Local
//! insertions name no retired node ([`super::insert`]), though remote ones still may; that is
//! why, once all members do so, what is retired everywhere can be removed ([`super::prune`]).

use std::collections::{BTreeMap, VecDeque};

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::version::VersionVector;

use super::Sequence;
use super::order::{NONE, Slot};
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

type Queues = BTreeMap<ReplicaId, VecDeque<(u64, IdSpan)>>;

impl Deletions {
    pub(super) fn record(&mut self, deletion: OpId, nodes: IdSpan) {
        let queue = self.unstable.entry(deletion.replica).or_default();
        queue.push_back((deletion.counter, nodes));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unstable.is_empty() && self.stable.is_empty()
    }

    /// All, by author, in the author's order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (OpId, IdSpan)> {
        let mut all: Vec<_> = [&self.stable, &self.unstable]
            .into_iter()
            .flatten()
            .flat_map(|(&replica, queue)| {
                queue.iter().map(move |&(counter, nodes)| (OpId::new(replica, counter), nodes))
            })
            .collect();
        // Within an author every stable one comes before every unstable one; the sort keeps the
        // order of those of one operation.
        all.sort_by_key(|&(deletion, _)| deletion);
        all.into_iter()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let entries: usize =
            self.unstable.values().chain(self.stable.values()).map(VecDeque::capacity).sum();
        entries * size_of::<(u64, IdSpan)>()
    }

    fn take_within(queues: &mut Queues, cut: &VersionVector) -> Vec<(OpId, IdSpan)> {
        let mut taken = Vec::new();
        queues.retain(|&replica, queue| {
            let end = cut.get(replica);
            while let Some((counter, nodes)) =
                queue.front().copied().filter(|&(counter, _)| counter < end)
            {
                queue.pop_front();
                let deletion = OpId::new(replica, counter);
                if counter + nodes.len <= end {
                    taken.push((deletion, nodes));
                    continue;
                }
                let (within, beyond) = nodes.split_at(end - counter);
                taken.push((deletion, within));
                queue.push_front((end, beyond));
            }
            !queue.is_empty()
        });
        taken
    }
}

impl Sequence {
    /// Retires what is deleted within the stable cut. A cut only grows.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) {
        for (deletion, nodes) in Deletions::take_within(&mut self.deletions.unstable, cut) {
            self.raise_status(nodes, Status::Stable);
            let queue = self.deletions.stable.entry(deletion.replica).or_default();
            queue.push_back((deletion.counter, nodes));
        }
    }

    /// Marks what is deleted within the prune cut, which the stable cut covers.
    pub(super) fn set_prunable(&mut self, cut: &VersionVector) {
        for (_, nodes) in Deletions::take_within(&mut self.deletions.stable, cut) {
            self.raise_status(nodes, Status::Prunable);
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
