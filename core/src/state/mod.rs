//! The document as it stands: a tree of containers under the root map.
//!
//! - [`slots`]: the places of maps, sets and lists: registers with their [`assignments`], and
//!   which containers are there.
//! - [`list`]: items and where they stand; [`counter`]: sums.
//! - [`sequence`]: the order of a text's characters and of a list's items.
//! - [`apply`]: operations, [`gathering`] many on a text, or [`direct`]ly one; [`direct`]: edits of a text alone; [`prune`]: what becomes of what is deleted, once it is [`due`].
//! - [`canonical`]: the same state whenever it was pruned.
//! - [`shown`]: what is visible; [`touched`]: what has touched it, as a [`clock`].
//! - [`journal`]: back to what was before a transaction.
//! - [`json`]: the canonical form that every language compares; [`tree`]: the same as plain data.
//! - [`observe`]: what a deletion has to name; [`revive`]: what taking one back has to know.
//! - [`compare`]: what was changed from one state to another.
//! - [`paths`]: where something is, for people.
//! - [`snapshot`]: a flat form, for saving.
//! - [`estimate`]: what a cut would let go.
//! - [`watch`]: what a step touches; [`deltas`]: what it changed, for events.
//! - [`validate`]: whether a change fits, before anything is touched.

mod apply;
pub(crate) mod assignments;
mod canonical;
mod clock;
mod compare;
mod counter;
mod deltas;
mod direct;
mod due;
mod estimate;
mod gathering;
mod journal;
mod json;
mod list;
mod observe;
mod paths;
mod prune;
mod revive;
pub(crate) mod sequence;
mod shown;
pub(crate) mod slots;
pub(crate) mod snapshot;
mod touched;
mod tree;
pub(crate) mod validate;
mod watch;

pub(crate) use apply::Stamp;
pub(crate) use clock::Clock;
pub(crate) use counter::{Counter, Share};
pub(crate) use deltas::Wanted;
pub(crate) use list::{List, Rank};
pub(crate) use observe::Forbids;
use prune::Removed;
pub(crate) use shown::Concurrent;
pub(crate) use slots::ContainerIndex;
pub(crate) use watch::Notes;

use std::collections::{BTreeMap, BTreeSet};

use crate::container::{ContainerId, Key};
use crate::value::{Kind, Unit};
use due::Due;
use journal::{Journal, Undo};
pub(crate) use sequence::{Gathered, MAX_NODES};
use sequence::{Payload, Sequence};
use slots::{Slot, Slots};
use watch::Watch;

#[derive(Clone, Debug)]
enum Body {
    Map(Slots),
    Set(Slots),
    List(Box<List>),
    Text(Sequence<String>),
    Counter(Counter),
}

impl Body {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Map => Self::Map(Slots::default()),
            Kind::Set | Kind::GrowOnlySet => Self::Set(Slots::default()),
            Kind::List => Self::List(Box::default()),
            Kind::Text => Self::Text(Sequence::new()),
            Kind::Counter | Kind::GrowOnlyCounter => Self::Counter(Counter::default()),
        }
    }

    fn slots(&self) -> Option<&Slots> {
        match self {
            Self::Map(slots) | Self::Set(slots) => Some(slots),
            Self::List(list) => Some(&list.slots),
            Self::Text(_) | Self::Counter(_) => None,
        }
    }

    fn slots_mut(&mut self) -> Option<&mut Slots> {
        match self {
            Self::Map(slots) | Self::Set(slots) => Some(slots),
            Self::List(list) => Some(&mut list.slots),
            Self::Text(_) | Self::Counter(_) => None,
        }
    }

    /// Whether anything is visible in it.
    fn has_content(&self) -> bool {
        match self {
            Self::Text(sequence) => !sequence.is_empty(),
            Self::Counter(counter) => counter.has_content(),
            Self::Map(slots) | Self::Set(slots) => slots.shown > 0,
            Self::List(list) => list.slots.shown > 0,
        }
    }

    /// Whether not even anything invisible is in it.
    fn is_blank(&self) -> bool {
        match self {
            Self::Text(sequence) => sequence.is_blank(),
            Self::Counter(counter) => counter.is_blank(),
            Self::Map(slots) | Self::Set(slots) => slots.is_blank(),
            Self::List(list) => list.is_blank(),
        }
    }

    fn memory_bytes(&self) -> usize {
        match self {
            Self::Text(sequence) => sequence.memory_bytes(),
            Self::Counter(counter) => counter.memory_bytes(),
            Self::Map(slots) | Self::Set(slots) => slots.memory_bytes(),
            Self::List(list) => size_of::<List>() + list.memory_bytes(),
        }
    }
}

#[derive(Clone, Debug)]
struct Container {
    id: ContainerId,
    /// The container that it is in; of the root, the root.
    parent: ContainerIndex,
    body: Body,
    /// The operations on it, but not on what is in it.
    clock: Clock,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The root is the first; `None` where one has been forgotten.
    containers: Vec<Option<Container>>,
    free: Vec<ContainerIndex>,
    /// The container that was last looked for in order to change it: most often the next one, too.
    last: (ContainerId, ContainerIndex),
    /// While a transaction is open: how to undo what it did.
    journal: Option<Journal>,
    /// While many operations are applied at once: those on texts that were blank before.
    gathering: Option<BTreeMap<ContainerIndex, Gathered<String>>>,
    watch: Watch,
    /// The containers in which something waits for the stable cut, and for the prune cut; those of
    /// packed texts are not among the former.
    retiring: Due,
    expiring: Due,
    /// The texts that were packed when this was last looked at, and have deletions; and those of
    /// which it is not known yet what they wait for.
    packed: BTreeSet<ContainerIndex>,
    unread: Vec<ContainerIndex>,
    removed: Removed,
}

const GONE: &str = "an index of the state is of a container in it";

impl State {
    pub(crate) const ROOT: ContainerIndex = 0;

    pub(crate) fn new() -> Self {
        let mut state = Self {
            containers: Vec::new(),
            free: Vec::new(),
            last: (ContainerId::ROOT, Self::ROOT),
            journal: None,
            gathering: None,
            watch: Watch::default(),
            retiring: Due::default(),
            expiring: Due::default(),
            packed: BTreeSet::new(),
            unread: Vec::new(),
            removed: Removed::default(),
        };
        state.put(ContainerId::ROOT, Self::ROOT);
        state
    }

    /// The container; every index in the state is of one that is there.
    fn container(&self, index: ContainerIndex) -> &Container {
        self.containers[index].as_ref().expect(GONE)
    }

    fn container_mut(&mut self, index: ContainerIndex) -> &mut Container {
        self.containers[index].as_mut().expect(GONE)
    }

    fn body(&self, index: ContainerIndex) -> &Body {
        &self.container(index).body
    }

    fn body_mut(&mut self, index: ContainerIndex) -> &mut Body {
        &mut self.container_mut(index).body
    }

    fn slot_at(&self, index: ContainerIndex, key: &Key) -> Option<&Slot> {
        self.body(index).slots()?.get(key)
    }

    /// Where the container is, if it is known.
    fn find(&self, id: &ContainerId) -> Option<ContainerIndex> {
        if *id == self.last.0 {
            return Some(self.last.1);
        }
        id.steps()
            .into_iter()
            .try_fold(Self::ROOT, |at, (key, kind)| self.slot_at(at, key)?.child(kind))
    }

    /// Where the container is; from now on it is known, and its parents are.
    fn find_or_create(&mut self, id: &ContainerId) -> ContainerIndex {
        if let Some(index) = self.find(id) {
            return index;
        }
        let Some((parent, key, kind)) = id.step() else { return Self::ROOT };
        let parent = self.find_or_create(parent);
        let index = self.put(id.clone(), parent);
        if let Some(slots) = self.body_mut(parent).slots_mut() {
            slots.get_or_insert(key).add_child(kind, index);
        }
        self.note(|| Undo::Created { index });
        index
    }

    /// Takes an index for a new container.
    fn put(&mut self, id: ContainerId, parent: ContainerIndex) -> ContainerIndex {
        let body = Body::new(id.kind());
        let container = Some(Container { id, parent, body, clock: Clock::default() });
        match self.free.pop() {
            Some(index) => {
                self.containers[index] = container;
                index
            }
            None => {
                self.containers.push(container);
                self.containers.len() - 1
            }
        }
    }

    /// The identity of a container as the state holds it: one allocation for all operations on it.
    pub(crate) fn shared_id(&self, id: &ContainerId) -> ContainerId {
        self.find(id).map_or(id.clone(), |index| self.container(index).id.clone())
    }

    pub(crate) fn text(&self, id: &ContainerId) -> Option<&Sequence<String>> {
        match self.body(self.find(id)?) {
            Body::Text(sequence) => Some(sequence),
            _ => None,
        }
    }

    pub(crate) fn text_mut(&mut self, id: &ContainerId) -> Option<&mut Sequence<String>> {
        self.text_at(self.find(id)?)
    }

    /// Where a container is, if it is known.
    pub(crate) fn index_of(&self, id: &ContainerId) -> Option<ContainerIndex> {
        self.find(id)
    }

    /// The text at an index.
    pub(crate) fn text_at(&mut self, index: ContainerIndex) -> Option<&mut Sequence<String>> {
        match self.body_mut(index) {
            Body::Text(sequence) => Some(sequence),
            _ => None,
        }
    }

    pub(crate) fn list(&self, id: &ContainerId) -> Option<&List> {
        match self.body(self.find(id)?) {
            Body::List(list) => Some(list),
            _ => None,
        }
    }

    /// The list at an index, if it is known.
    pub(crate) fn list_at(&self, index: Option<ContainerIndex>) -> Option<&List> {
        match self.body(index?) {
            Body::List(list) => Some(list),
            _ => None,
        }
    }

    /// Where a container in a place of another is, if it is known.
    pub(crate) fn child(
        &self,
        parent: Option<ContainerIndex>,
        key: &Key,
        kind: Kind,
    ) -> Option<ContainerIndex> {
        self.slot_at(parent?, key)?.child(kind)
    }

    pub(crate) fn list_mut(&mut self, id: &ContainerId) -> Option<&mut List> {
        let index = self.find(id)?;
        match self.body_mut(index) {
            Body::List(list) => Some(list),
            _ => None,
        }
    }

    pub(crate) fn counter(&self, id: &ContainerId) -> Option<&Counter> {
        match self.body(self.find(id)?) {
            Body::Counter(counter) => Some(counter),
            _ => None,
        }
    }

    pub(crate) fn slot(&self, container: &ContainerId, key: &Key) -> Option<&Slot> {
        self.slot_at(self.find(container)?, key)
    }

    /// The sequences, in no particular order.
    pub(crate) fn sequence_sizes(&self) -> impl Iterator<Item = SequenceSize> {
        self.containers.iter().flatten().filter_map(|container| match &container.body {
            Body::Text(sequence) => Some(SequenceSize::of(sequence)),
            Body::List(list) => Some(SequenceSize::of(list.nodes())),
            _ => None,
        })
    }

    fn remove_child(&mut self, parent: ContainerIndex, key: &Key, kind: Kind) {
        let Some(slots) = self.body_mut(parent).slots_mut() else { return };
        if let Some(slot) = slots.get_mut(key) {
            slot.remove_child(kind);
        }
        slots.drop_if_blank(key);
    }

    /// Asserts the invariants of every container.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        for container in self.containers.iter().flatten() {
            match &container.body {
                Body::Text(sequence) => sequence.check(),
                Body::List(list) => list.nodes().check(),
                _ => {}
            }
        }
        self.check_shown();
        self.check_due();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let bodies: usize =
            self.containers.iter().flatten().map(|container| container.body.memory_bytes()).sum();
        self.containers.capacity() * size_of::<Option<Container>>()
            + bodies
            + self.retiring.memory_bytes()
            + self.expiring.memory_bytes()
    }
}

/// How much a sequence holds.
pub(crate) struct SequenceSize {
    pub(crate) nodes: u64,
    pub(crate) live: u64,
    pub(crate) spans: u64,
}

impl SequenceSize {
    fn of<P: Payload>(sequence: &Sequence<P>) -> Self {
        Self {
            nodes: sequence.node_count(),
            live: sequence.len(Unit::Scalar) as u64,
            spans: sequence.span_count(),
        }
    }
}
