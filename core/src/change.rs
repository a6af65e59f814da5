//! What replicas exchange: changes, and the operations in them.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::value::{Content, Kind};

/// The identity of a container: the root map, or (parent container, key, kind).
///
/// Deterministic, so that replicas which create the same container at the same time share it. A
/// linked path, so that a deep one costs no copy of its parents.
#[derive(Clone, Debug)]
pub(crate) struct ContainerId(Option<Arc<Step>>);

#[derive(Debug)]
struct Step {
    parent: ContainerId,
    key: Box<str>,
    kind: Kind,
    depth: usize,
}

impl ContainerId {
    pub(crate) const ROOT: Self = Self(None);

    pub(crate) fn child(&self, key: &str, kind: Kind) -> Self {
        let step = Step { parent: self.clone(), key: key.into(), kind, depth: self.depth() + 1 };
        Self(Some(Arc::new(step)))
    }

    /// The parent, the key there, and the kind; `None` for the root.
    pub(crate) fn step(&self) -> Option<(&Self, &str, Kind)> {
        self.0.as_ref().map(|step| (&step.parent, &*step.key, step.kind))
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.as_ref().map_or(Kind::Map, |step| step.kind)
    }

    /// The number of keys from the root.
    pub(crate) fn depth(&self) -> usize {
        self.0.as_ref().map_or(0, |step| step.depth)
    }

    /// The keys and kinds from the root down.
    pub(crate) fn steps(&self) -> Vec<(&str, Kind)> {
        let mut steps = Vec::with_capacity(self.depth());
        let mut at = self;
        while let Some((parent, key, kind)) = at.step() {
            steps.push((key, kind));
            at = parent;
        }
        steps.reverse();
        steps
    }
}

impl Ord for ContainerId {
    /// Parents before children.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Some(a), Some(b)) => a
                .depth
                .cmp(&b.depth)
                .then_with(|| a.parent.cmp(&b.parent))
                .then_with(|| a.key.cmp(&b.key))
                .then_with(|| a.kind.cmp(&b.kind)),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}

impl PartialOrd for ContainerId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ContainerId {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ContainerId {}

/// On which side of its parent a node of a sequence hangs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Side {
    Left,
    Right,
}

/// The place of a node in the Fugue tree: below which node (`None`: the root), on which side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) parent: Option<OpId>,
    pub(crate) side: Side,
}

/// One operation. Its identity follows from its change's and from those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    /// Inserts characters: the first at `place`, each other one as the right child of the one
    /// before. Not empty.
    Insert { container: ContainerId, place: Place, text: String },
    /// Marks nodes as deleted, one identity for each. Not empty.
    Delete { container: ContainerId, nodes: Vec<IdSpan> },
    /// Assigns a value, or the existence of a container, to a key; takes the place of the
    /// assignments that its author had seen there.
    Assign { container: ContainerId, key: String, content: Content, supersedes: Vec<OpId> },
    /// Takes away the assignments that its author had seen. Not empty.
    Remove { container: ContainerId, key: String, supersedes: Vec<OpId> },
    /// Makes a replica a member.
    Join(ReplicaId),
    /// Ends the author's membership.
    Leave,
}

impl Op {
    /// How many identities it takes: one for each character that it inserts or deletes, else one.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Insert { text, .. } => text.chars().count() as u64,
            Self::Delete { nodes, .. } => nodes.iter().map(|span| span.len).sum(),
            _ => 1,
        }
    }

    pub(crate) fn container(&self) -> Option<&ContainerId> {
        match self {
            Self::Insert { container, .. }
            | Self::Delete { container, .. }
            | Self::Assign { container, .. }
            | Self::Remove { container, .. } => Some(container),
            Self::Join(_) | Self::Leave => None,
        }
    }

    pub(crate) fn container_mut(&mut self) -> Option<&mut ContainerId> {
        match self {
            Self::Insert { container, .. }
            | Self::Delete { container, .. }
            | Self::Assign { container, .. }
            | Self::Remove { container, .. } => Some(container),
            Self::Join(_) | Self::Leave => None,
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Insert { text, .. } => text.capacity(),
            Self::Delete { nodes, .. } => nodes.capacity() * size_of::<IdSpan>(),
            Self::Assign { key, content, supersedes, .. } => {
                let value = match content {
                    Content::Value(value) => value.heap_bytes(),
                    Content::Container(_) => 0,
                };
                key.capacity() + value + supersedes.capacity() * size_of::<OpId>()
            }
            Self::Remove { key, supersedes, .. } => {
                key.capacity() + supersedes.capacity() * size_of::<OpId>()
            }
            Self::Join(_) | Self::Leave => 0,
        }
    }
}

/// What one replica did in one step: operations that arrive together or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// The identity of its first operation.
    pub(crate) id: OpId,
    /// The Lamport time of its first operation; the others follow one by one.
    pub(crate) lamport: u64,
    /// The heads that it was made on, other than its author's own; ascending, one a replica.
    pub(crate) dependencies: Vec<OpId>,
    /// Not empty.
    pub(crate) ops: Vec<Op>,
}

impl Change {
    /// How many identities it takes.
    pub(crate) fn len(&self) -> u64 {
        self.ops.iter().map(Op::len).sum()
    }

    /// The operations with their identities and Lamport times.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (OpId, u64, &Op)> {
        self.ops.iter().scan(0, |before, op| {
            let offset = *before;
            *before += op.len();
            Some((self.id.plus(offset), self.lamport + offset, op))
        })
    }

    /// How many bytes it takes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.dependencies.capacity() * size_of::<OpId>()
            + self.ops.capacity() * size_of::<Op>()
            + self.ops.iter().map(Op::heap_bytes).sum::<usize>()
    }
}
