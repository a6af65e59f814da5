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

    /// How many bytes the path takes in memory.
    fn path_bytes(&self) -> usize {
        self.steps().iter().map(|(key, _)| size_of::<Step>() + key.len()).sum()
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
    fn chars_or_empty(&self) -> impl Iterator<Item = Option<char>> {
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
    fn rest(&self, skipped: u64, id: OpId) -> Self {
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
    fn absorb(&mut self, id: OpId, next: Self) -> Option<Self> {
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

    fn heap_bytes(&self) -> usize {
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

/// The most operations, or runs in one, that changes are merged to, and the most bytes of text: so
/// that finding a place in one is cheap.
const MAX_MERGED_OPS: usize = 64;
const MAX_MERGED_TEXT: usize = 1024;

/// What one replica did: operations with consecutive identities, made without seeing anything new
/// of others in between.
///
/// A change can be cut in two at any identity, and the log merges changes that follow each other.
/// So what arrives may start before what is known ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// The identity of its first operation.
    pub(crate) id: OpId,
    /// The Lamport time of its first operation; the others follow one by one.
    pub(crate) lamport: u64,
    /// The heads that it was made on, other than its author's own; ascending, one a replica.
    pub(crate) dependencies: Vec<OpId>,
    ops: Vec<Op>,
    len: u64,
}

impl Change {
    /// A change of these operations, at least one.
    pub(crate) fn new(id: OpId, lamport: u64, dependencies: Vec<OpId>, ops: Vec<Op>) -> Self {
        let len = ops.iter().map(Op::len).sum();
        Self { id, lamport, dependencies, ops, len }
    }

    /// Not empty.
    pub(crate) fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// How many identities it takes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The counter behind its last identity.
    pub(crate) fn end(&self) -> u64 {
        self.id.counter + self.len
    }

    /// The operations with their identities and Lamport times.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (OpId, u64, &Op)> {
        self.ops.iter().scan(0, |before, op| {
            let offset = *before;
            *before += op.len();
            Some((self.id.plus(offset), self.lamport + offset, op))
        })
    }

    /// The containers of its operations, to be replaced by equal ones.
    pub(crate) fn containers_mut(&mut self) -> impl Iterator<Item = &mut ContainerId> {
        self.ops.iter_mut().filter_map(Op::container_mut)
    }

    /// The part from a counter within it on.
    pub(crate) fn from(&self, counter: u64) -> Self {
        let skipped = counter - self.id.counter;
        if skipped == 0 {
            return self.clone();
        }
        let id = self.id.plus(skipped);
        let mut ops = Vec::new();
        for (first, _, op) in self.numbered() {
            if first.counter >= counter {
                ops.push(op.clone());
            } else if first.counter + op.len() > counter {
                ops.push(op.rest(counter - first.counter, id));
            }
        }
        Self {
            id,
            lamport: self.lamport + skipped,
            dependencies: Vec::new(),
            ops,
            len: self.len - skipped,
        }
    }

    /// Appends the change that follows, if the two can be one; else gives it back.
    pub(crate) fn absorb(&mut self, next: Self) -> Option<Self> {
        let follows = next.id == self.id.plus(self.len)
            && next.lamport == self.lamport + self.len
            && next.dependencies.is_empty()
            && self.ops.len() + next.ops.len() <= MAX_MERGED_OPS;
        if !follows {
            return Some(next);
        }
        let mut id = next.id;
        self.len += next.len;
        for op in next.ops {
            let len = op.len();
            let separate = match self.ops.last_mut() {
                Some(last) => last.absorb(id, op),
                None => Some(op),
            };
            self.ops.extend(separate);
            id = id.plus(len);
        }
        None
    }

    /// Whether the two say the same of every identity that both have.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        let start = self.id.counter.max(other.id.counter);
        let end = self.end().min(other.end());
        self.id.replica == other.id.replica
            && self.lamport + other.id.counter == other.lamport + self.id.counter
            && (self.id != other.id || self.dependencies == other.dependencies)
            && self.atoms(start, end).eq(other.atoms(start, end))
    }

    /// What every single identity from one counter to another stands for.
    fn atoms(&self, start: u64, end: u64) -> impl Iterator<Item = Atom<'_>> {
        let atoms = self.numbered().flat_map(|(id, _, op)| {
            (0..op.len()).zip(op.chars_or_empty()).map(move |(nth, character)| match op {
                Op::Insert { container, place, .. } => {
                    let previous = || Place {
                        parent: Some(OpId::new(id.replica, id.counter + nth - 1)),
                        side: Side::Right,
                    };
                    let place = if nth == 0 { *place } else { previous() };
                    Atom::Insert { container, place, character }
                }
                Op::Delete { container, nodes } => {
                    Atom::Delete { container, node: nth_node(nodes, nth) }
                }
                other => Atom::Other(other),
            })
        });
        atoms.skip((start - self.id.counter) as usize).take(end.saturating_sub(start) as usize)
    }

    /// Gives back memory that is not needed.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.ops.shrink_to_fit();
        self.dependencies.shrink_to_fit();
    }

    /// How many bytes it takes in memory, by the lengths of what it holds.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.dependencies.len() * size_of::<OpId>()
            + self.ops.len() * size_of::<Op>()
            + self.ops.iter().map(Op::heap_bytes).sum::<usize>()
    }

    /// The same, with the paths of its containers, which it shares with nothing before it is
    /// applied.
    pub(crate) fn memory_bytes_alone(&self) -> usize {
        let paths = self.ops.iter().filter_map(Op::container).map(ContainerId::path_bytes);
        self.memory_bytes() + paths.sum::<usize>()
    }
}

/// What one identity stands for.
#[derive(PartialEq)]
enum Atom<'c> {
    Insert { container: &'c ContainerId, place: Place, character: Option<char> },
    Delete { container: &'c ContainerId, node: Option<OpId> },
    Other(&'c Op),
}

/// The node that was deleted `nth` in all of the runs.
fn nth_node(runs: &[NodeRun], nth: u64) -> Option<OpId> {
    let mut left = nth;
    for run in runs {
        if left < run.len() {
            return Some(run.node(left));
        }
        left -= run.len();
    }
    None
}
