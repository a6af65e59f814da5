//! Operations: what a change is made of.

use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::value::Content;

/// The most operations, or runs in one, that changes are merged to, and the most bytes of text, or
/// items: so that finding a place in one is cheap.
pub(crate) const MAX_MERGED_OPS: usize = 64;
const MAX_MERGED_TEXT: usize = 1024;
const MAX_MERGED_ITEMS: usize = 64;

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

impl Place {
    /// Whether it is to the right of the identity before `id`.
    pub(crate) fn follows(&self, id: OpId) -> bool {
        self.side == Side::Right && self.parent.is_some_and(|parent| parent.plus(1) == id)
    }
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

/// What an insertion inserts: the elements of a sequence. Not empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Elements {
    /// Characters of a text.
    Text(String),
    /// Items of a list, with what each holds at first.
    Items(Vec<Content>),
}

/// One of them.
#[derive(PartialEq)]
pub(crate) enum Element<'e> {
    Character(char),
    Item(&'e Content),
}

impl Elements {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.chars().count() as u64,
            Self::Items(items) => items.len() as u64,
        }
    }

    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = Element<'_>> + '_> {
        match self {
            Self::Text(text) => Box::new(text.chars().map(Element::Character)),
            Self::Items(items) => Box::new(items.iter().map(Element::Item)),
        }
    }

    /// All but the first `skipped`.
    fn rest(&self, skipped: u64) -> Self {
        match self {
            Self::Text(text) => {
                let from = text.char_indices().nth(skipped as usize).map_or(0, |(byte, _)| byte);
                Self::Text(text[from..].to_owned())
            }
            Self::Items(items) => Self::Items(items[skipped as usize..].to_vec()),
        }
    }

    /// The first `len`.
    fn first(&self, len: u64) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.chars().take(len as usize).collect()),
            Self::Items(items) => Self::Items(items[..len as usize].to_vec()),
        }
    }

    /// Whether others of the same type can be appended: not too many.
    fn takes(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Text(text), Self::Text(next)) => text.len() + next.len() <= MAX_MERGED_TEXT,
            (Self::Items(items), Self::Items(next)) => items.len() + next.len() <= MAX_MERGED_ITEMS,
            _ => false,
        }
    }

    /// Appends others, if they are of one type and not too many; else gives them back.
    fn absorb(&mut self, next: Self) -> Option<Self> {
        if !self.takes(&next) {
            return Some(next);
        }
        match (self, next) {
            (Self::Text(text), Self::Text(next)) => text.push_str(&next),
            (Self::Items(items), Self::Items(next)) => items.extend(next),
            (_, next) => return Some(next),
        }
        None
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Items(items) => {
                items.iter().map(|item| size_of::<Content>() + item.heap_bytes()).sum()
            }
        }
    }
}

/// What a replica has contributed to a counter, as the author of a reset had seen it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Contribution {
    /// The last of its increments.
    pub(crate) last: OpId,
    /// What it and all before it sum to.
    pub(crate) sum: i64,
}

/// One operation. Its identity follows from its change's and from those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    /// Inserts into a sequence: the first element at `place`, each other one as the right child
    /// of the one before.
    Insert { container: ContainerId, place: Place, elements: Elements },
    /// Deletes elements of a sequence, one identity for each. Of a text, marks the characters as
    /// deleted; of a list, takes away what the items held at first. Not empty, and none twice.
    Delete { container: ContainerId, nodes: Vec<NodeRun> },
    /// Moves an item of a list to another place.
    Move { container: ContainerId, item: OpId, place: Place },
    /// Assigns a value, or the existence of a container, to a key; takes the place of the
    /// assignments that its author had seen there. `None` assigns the absence of anything: while
    /// it is in force, nothing is shown there (remove-wins).
    Assign { container: ContainerId, key: Key, content: Option<Content>, supersedes: Vec<OpId> },
    /// Takes away the assignments that its author had seen. Not empty.
    Remove { container: ContainerId, key: Key, supersedes: Vec<OpId> },
    /// Adds to a counter. Not 0.
    Increment { container: ContainerId, delta: i64 },
    /// Takes away what its author had seen of a counter. Ascending by replica, not empty.
    Reset { container: ContainerId, observed: Vec<Contribution> },
    /// Makes a replica a member.
    Join(ReplicaId),
    /// Ends the author's membership.
    Leave,
    /// Ends the membership of another replica, once all others agree on what it wrote.
    Evict(ReplicaId),
    /// Marks everything that was deleted or overwritten before it to be forgotten for ever.
    Redact,
}

impl Op {
    /// How many identities it takes: one for each element that it inserts or deletes, else one.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Insert { elements, .. } => elements.len(),
            Self::Delete { nodes, .. } => nodes.iter().map(NodeRun::len).sum(),
            _ => 1,
        }
    }

    pub(crate) fn container(&self) -> Option<&ContainerId> {
        match self {
            Self::Insert { container, .. }
            | Self::Delete { container, .. }
            | Self::Move { container, .. }
            | Self::Assign { container, .. }
            | Self::Remove { container, .. }
            | Self::Increment { container, .. }
            | Self::Reset { container, .. } => Some(container),
            Self::Join(_) | Self::Leave | Self::Evict(_) | Self::Redact => None,
        }
    }

    pub(crate) fn container_mut(&mut self) -> Option<&mut ContainerId> {
        match self {
            Self::Insert { container, .. }
            | Self::Delete { container, .. }
            | Self::Move { container, .. }
            | Self::Assign { container, .. }
            | Self::Remove { container, .. }
            | Self::Increment { container, .. }
            | Self::Reset { container, .. } => Some(container),
            Self::Join(_) | Self::Leave | Self::Evict(_) | Self::Redact => None,
        }
    }

    /// Whether something holds of one of the operations that it names: of what has to be there
    /// before it. Of a run of one replica, the last is asked for.
    pub(crate) fn names_any(&self, holds: &mut impl FnMut(OpId) -> bool) -> bool {
        let named = match self {
            Self::Insert { place, .. } => place.parent.is_some_and(&mut *holds),
            Self::Delete { nodes, .. } => {
                nodes.iter().any(|run| holds(run.nodes.start.plus(run.len() - 1)))
            }
            Self::Move { item, place, .. } => holds(*item) || place.parent.is_some_and(&mut *holds),
            Self::Assign { key, supersedes, .. } | Self::Remove { key, supersedes, .. } => {
                matches!(key, Key::Item(item) if holds(*item))
                    || supersedes.iter().any(|&observed| holds(observed))
            }
            Self::Reset { observed, .. } => observed.iter().any(|share| holds(share.last)),
            Self::Increment { .. }
            | Self::Join(_)
            | Self::Leave
            | Self::Evict(_)
            | Self::Redact => false,
        };
        let mut container = self.container().filter(|container| container.in_list());
        while let Some((parent, key, _)) = container.filter(|_| !named).and_then(ContainerId::step)
        {
            if matches!(key, Key::Item(item) if holds(*item)) {
                return true;
            }
            container = Some(parent).filter(|parent| parent.in_list());
        }
        named
    }

    /// What is left of it without its first `skipped` identities, fewer than all; the first of
    /// the rest is `id`.
    pub(crate) fn rest(&self, skipped: u64, id: OpId) -> Self {
        match self {
            Self::Insert { container, elements, .. } if skipped > 0 => {
                let parent = Some(OpId::new(id.replica, id.counter - 1));
                let place = Place { parent, side: Side::Right };
                let elements = elements.rest(skipped);
                Self::Insert { container: container.clone(), place, elements }
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

    /// Its first `len` identities: more than none, and fewer than all.
    pub(crate) fn first(&self, len: u64) -> Self {
        match self {
            Self::Insert { container, place, elements } => {
                let (container, elements) = (container.clone(), elements.first(len));
                Self::Insert { container, place: *place, elements }
            }
            Self::Delete { container, nodes } => {
                let mut left = len;
                let mut first = Vec::new();
                for &run in nodes {
                    if left < run.len() {
                        first.extend((left > 0).then(|| run.split_at(left).0));
                        break;
                    }
                    left -= run.len();
                    first.push(run);
                }
                Self::Delete { container: container.clone(), nodes: first }
            }
            single => single.clone(),
        }
    }

    /// Whether an operation with the next identity, `id`, can be one with it.
    pub(crate) fn takes(&self, id: OpId, next: &Self) -> bool {
        match (self, next) {
            (
                Self::Insert { container, elements, .. },
                Self::Insert { container: next_container, place, elements: next },
            ) => place.follows(id) && container == next_container && elements.takes(next),
            (
                Self::Delete { container, nodes },
                Self::Delete { container: next_container, nodes: next },
            ) => {
                let again =
                    |next: &NodeRun| nodes.iter().any(|run| run.nodes.overlaps(&next.nodes));
                nodes.len() + next.len() <= MAX_MERGED_OPS
                    && container == next_container
                    && !next.iter().any(again)
            }
            _ => false,
        }
    }

    /// Appends an operation with the next identity, `id`, if the two are one; else gives it back.
    pub(crate) fn absorb(&mut self, id: OpId, next: Self) -> Option<Self> {
        if !self.takes(id, &next) {
            return Some(next);
        }
        match (self, next) {
            (Self::Insert { elements, .. }, Self::Insert { container, place, elements: next }) => {
                let elements = elements.absorb(next)?;
                Some(Self::Insert { container, place, elements })
            }
            (Self::Delete { nodes, .. }, Self::Delete { nodes: next, .. }) => {
                next.into_iter().for_each(|run| NodeRun::push(nodes, run));
                None
            }
            (_, next) => Some(next),
        }
    }

    /// Whether it is an insertion into that text which has room for more.
    pub(crate) fn goes_on_with(&self, at: &ContainerId, text: &str) -> bool {
        match self {
            Self::Insert { container, elements: Elements::Text(typed), .. } => {
                typed.len() + text.len() <= MAX_MERGED_TEXT && container == at
            }
            _ => false,
        }
    }

    /// Appends characters, if it is an insertion into a text; gives whether it is.
    pub(crate) fn push_text(&mut self, text: &str) -> bool {
        match self {
            Self::Insert { elements: Elements::Text(typed), .. } => {
                typed.push_str(text);
                true
            }
            _ => false,
        }
    }

    /// Appends the deletion of nodes that it does not delete yet, if the two are one.
    pub(crate) fn type_deletion(&mut self, at: &ContainerId, run: NodeRun) -> bool {
        match self {
            Self::Delete { container, nodes }
                if nodes.len() < MAX_MERGED_OPS && container == at =>
            {
                NodeRun::push(nodes, run);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Insert { elements, .. } => elements.heap_bytes(),
            Self::Delete { nodes, .. } => nodes.len() * size_of::<NodeRun>(),
            Self::Assign { key, content, supersedes, .. } => {
                key.heap_bytes()
                    + content.as_ref().map_or(0, Content::heap_bytes)
                    + supersedes.len() * size_of::<OpId>()
            }
            Self::Remove { key, supersedes, .. } => {
                key.heap_bytes() + supersedes.len() * size_of::<OpId>()
            }
            Self::Reset { observed, .. } => observed.len() * size_of::<Contribution>(),
            Self::Move { .. }
            | Self::Increment { .. }
            | Self::Join(_)
            | Self::Leave
            | Self::Evict(_)
            | Self::Redact => 0,
        }
    }
}
