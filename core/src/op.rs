//! Operations: what a change is made of.

use crate::container::ContainerId;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::value::Content;

/// The most operations, or runs in one, that changes are merged to, and the most bytes of text: so
/// that finding a place in one is cheap.
pub(crate) const MAX_MERGED_OPS: usize = 64;
const MAX_MERGED_TEXT: usize = 1024;

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

/// Nodes that one replica deleted one after the other: forwards, or backwards, as by backspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NodeRun {
    pub(crate) nodes: IdSpan,
    /// Whether the last node was deleted first. Never of a single node.
    pub(crate) backwards: bool,
}

impl NodeRun {
    pub(crate) const fn forwards(nodes: IdSpan) -> Self {
        Self { nodes, backwards: false }
    }

    pub(crate) const fn len(&self) -> u64 {
        self.nodes.len
    }

    /// The node that was deleted `nth`.
    pub(crate) fn node(&self, nth: u64) -> OpId {
        let from_start = if self.backwards { self.len() - 1 - nth } else { nth };
        self.nodes.start.plus(from_start)
    }

    /// Parts it in two: the `first` that were deleted, more than none and fewer than all, and the
    /// others.
    pub(crate) fn split_at(self, first: u64) -> (Self, Self) {
        let part = |nodes: IdSpan| Self { nodes, backwards: self.backwards && nodes.len > 1 };
        if self.backwards {
            let (others, first) = self.nodes.split_at(self.len() - first);
            (part(first), part(others))
        } else {
            let (first, others) = self.nodes.split_at(first);
            (part(first), part(others))
        }
    }

    /// Whether they have a node in common.
    fn overlaps(&self, other: &Self) -> bool {
        self.nodes.start.replica == other.nodes.start.replica
            && self.nodes.start.counter < other.nodes.end()
            && other.nodes.start.counter < self.nodes.end()
    }

    /// The one run that it is with the run that was deleted right after, if they are one.
    pub(crate) fn joined(&self, next: &Self) -> Option<Self> {
        let len = self.len() + next.len();
        if !self.backwards
            && !next.backwards
            && next.nodes.start == self.nodes.start.plus(self.len())
        {
            return Some(Self::forwards(IdSpan::new(self.nodes.start, len)));
        }
        let backwards = (self.backwards || self.len() == 1)
            && (next.backwards || next.len() == 1)
            && next.nodes.start.plus(next.len()) == self.nodes.start;
        backwards.then(|| Self { nodes: IdSpan::new(next.nodes.start, len), backwards: true })
    }

    /// Appends the run that was deleted right after to the last one, or behind it.
    pub(crate) fn push(runs: &mut Vec<Self>, next: Self) {
        match runs.last_mut().and_then(|last| Some((last.joined(&next)?, last))) {
            Some((joined, last)) => *last = joined,
            None => runs.push(next),
        }
    }
}

/// One operation. Its identity follows from its change's and from those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    /// Inserts characters: the first at `place`, each other one as the right child of the one
    /// before. Not empty.
    Insert { container: ContainerId, place: Place, text: String },
    /// Marks nodes as deleted, one identity for each. Not empty, and no node twice.
    Delete { container: ContainerId, nodes: Vec<NodeRun> },
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
            Self::Delete { nodes, .. } => nodes.iter().map(NodeRun::len).sum(),
            _ => 1,
        }
    }

    /// The inserted characters, then nothing for ever.
    pub(crate) fn chars_or_empty(&self) -> impl Iterator<Item = Option<char>> {
        let text = match self {
            Self::Insert { text, .. } => text.as_str(),
            _ => "",
        };
        text.chars().map(Some).chain(std::iter::repeat(None))
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

    /// What is left of it without its first `skipped` identities, fewer than all; the first of
    /// the rest is `id`.
    pub(crate) fn rest(&self, skipped: u64, id: OpId) -> Self {
        match self {
            Self::Insert { container, text, .. } if skipped > 0 => {
                let from = text.char_indices().nth(skipped as usize).map_or(0, |(byte, _)| byte);
                let parent = Some(OpId::new(id.replica, id.counter - 1));
                let place = Place { parent, side: Side::Right };
                Self::Insert { container: container.clone(), place, text: text[from..].to_owned() }
            }
            Self::Delete { container, nodes } if skipped > 0 => {
                let mut left = skipped;
                let mut rest = Vec::new();
                for &run in nodes {
                    if left >= run.len() {
                        left -= run.len();
                    } else {
                        rest.push(if left > 0 { run.split_at(left).1 } else { run });
                        left = 0;
                    }
                }
                Self::Delete { container: container.clone(), nodes: rest }
            }
            whole => whole.clone(),
        }
    }

    /// Appends an operation with the next identity, `id`, if the two are one; else gives it back.
    pub(crate) fn absorb(&mut self, id: OpId, next: Self) -> Option<Self> {
        match (self, next) {
            (
                Self::Insert { container, text, .. },
                Self::Insert { container: next_container, place, text: next_text },
            ) if place.parent.map(|parent| parent.plus(1)) == Some(id)
                && place.side == Side::Right
                && text.len() + next_text.len() <= MAX_MERGED_TEXT
                && *container == next_container =>
            {
                text.push_str(&next_text);
                None
            }
            (
                Self::Delete { container, nodes },
                Self::Delete { container: next_container, nodes: next_nodes },
            ) if nodes.len() + next_nodes.len() <= MAX_MERGED_OPS
                && *container == next_container
                && !next_nodes.iter().any(|next| nodes.iter().any(|run| run.overlaps(next))) =>
            {
                next_nodes.into_iter().for_each(|run| NodeRun::push(nodes, run));
                None
            }
            (_, next) => Some(next),
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Insert { text, .. } => text.len(),
            Self::Delete { nodes, .. } => nodes.len() * size_of::<NodeRun>(),
            Self::Assign { key, content, supersedes, .. } => {
                let value = match content {
                    Content::Value(value) => value.heap_bytes(),
                    Content::Container(_) => 0,
                };
                key.len() + value + supersedes.len() * size_of::<OpId>()
            }
            Self::Remove { key, supersedes, .. } => {
                key.len() + supersedes.len() * size_of::<OpId>()
            }
            Self::Join(_) | Self::Leave => 0,
        }
    }
}
