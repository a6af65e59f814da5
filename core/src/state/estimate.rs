//! How much of the state waits for a cut to be pruned: an estimate, without pruning.

use super::sequence::{Payload, Sequence};
use super::{Body, State};
use crate::version::VersionVector;

/// What deletions within a cut leave behind.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Remains {
    /// Tombstones, one for each deletion of them.
    pub(crate) nodes: u64,
    /// Their sequences' bytes of memory, in proportion to the nodes.
    pub(crate) bytes: u64,
}

impl Remains {
    fn of<P: Payload>(sequence: &Sequence<P>, deleted: u64) -> Self {
        let all = sequence.node_count();
        let nodes = deleted.min(all);
        let bytes = sequence.memory_bytes() as u128 * u128::from(nodes) / u128::from(all.max(1));
        Self { nodes, bytes: bytes as u64 }
    }
}

impl State {
    /// What is deleted within the cut, and not pruned yet: in texts and lists; what empty places of
    /// maps leave behind is not counted. O(n) in the deletions held.
    pub(crate) fn remains_within(&self, cut: &VersionVector) -> Remains {
        let of = |body: &Body| match body {
            Body::Text(sequence) => Remains::of(sequence, sequence.deletions_within(cut)),
            Body::List(list) => Remains::of(list.nodes(), list.left_within(cut)),
            Body::Map(_) | Body::Set(_) | Body::Counter(_) => Remains::default(),
        };
        self.containers.iter().flatten().map(|container| of(&container.body)).fold(
            Remains::default(),
            |all, own| Remains { nodes: all.nodes + own.nodes, bytes: all.bytes + own.bytes },
        )
    }
}
