//! The document as it stands: a tree of containers under the root map.
//!
//! - [`slots`]: the places of maps, sets and lists: registers with their [`assignments`], and
//!   which containers are there.
//! - [`list`]: items and where they stand; [`counter`]: sums.
//! - [`sequence`]: the order of a text's characters and of a list's items.
//! - [`shown`]: what is visible; [`clock`]: what has touched it.
//! - [`journal`]: back to what was before a transaction.
//! - [`json`]: the canonical form that every language compares.
//! - [`observe`]: what a deletion has to name.
//! - [`snapshot`]: a flat form, for saving.
//! - [`validate`]: whether a change fits, before anything is touched.

pub(crate) mod assignments;
mod clock;
mod counter;
mod journal;
mod json;
mod list;
mod observe;
pub(crate) mod sequence;
mod shown;
pub(crate) mod slots;
pub(crate) mod snapshot;
pub(crate) mod validate;

pub(crate) use clock::Clock;
pub(crate) use counter::{Counter, Share};
pub(crate) use list::{List, Rank};
pub(crate) use observe::Forbids;
pub(crate) use shown::Concurrent;
pub(crate) use slots::ContainerIndex;

use crate::change::Change;
use crate::container::{ContainerId, Key};
use crate::id::OpId;
use crate::op::{Elements, NodeRun, Op};
use crate::value::{Content, Kind, Unit};
use crate::version::VersionVector;
use assignments::Entry;
use journal::{Copied, Journal, Undo};
use sequence::{Payload, Sequence};
use slots::{Slot, Slots};

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

/// What an operation has beside what it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    /// The wall-clock time of its change.
    pub(crate) time: Option<i64>,
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
        let index = self.find(id)?;
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

    /// Applies one operation, which is [valid](validate). Membership is not for the state.
    pub(crate) fn apply(&mut self, stamp: Stamp, op: &Op) {
        let Some(container) = op.container() else { return };
        let index = self.find_or_create(container);
        if self.last.1 != index {
            self.last = (self.container(index).id.clone(), index);
        }
        self.touch(index, stamp.id.plus(op.len() - 1));
        let had_content = self.body(index).has_content();
        match op {
            Op::Insert { place, elements: Elements::Text(text), .. } => {
                if let Body::Text(sequence) = self.body_mut(index) {
                    sequence.insert(stamp.id, *place, text);
                }
                self.note(|| Undo::Inserted { index, id: stamp.id, len: op.len() });
            }
            Op::Insert { place, elements: Elements::Items(items), .. } => {
                if let Body::List(list) = self.body_mut(index) {
                    list.insert(stamp.id, *place, items.len() as u32);
                }
                self.note(|| Undo::Inserted { index, id: stamp.id, len: op.len() });
                self.fill(index, stamp, items);
            }
            Op::Delete { nodes, .. } => {
                let mut id = stamp.id;
                for &run in nodes {
                    self.delete(index, id, run);
                    id = id.plus(run.len());
                }
            }
            Op::Move { item, place, .. } => {
                if let Body::List(list) = self.body_mut(index) {
                    list.move_item(stamp.id, stamp.lamport, *item, *place);
                }
                self.edit_slot(index, &Key::Item(*item), |slot| slot.touch(stamp.id));
                self.note(|| Undo::Moved { index, id: stamp.id, item: *item });
            }
            Op::Assign { key, content, supersedes, .. } => {
                let Stamp { id, lamport, time } = stamp;
                let entry = Entry { id, lamport, time, content: content.clone() };
                self.edit_slot(index, key, |slot| slot.assign(entry, supersedes));
                if let Some(Content::Container(kind)) = *content {
                    self.find_or_create(&container.child(key.clone(), kind));
                }
            }
            Op::Remove { key, supersedes, .. } => {
                self.edit_slot(index, key, |slot| slot.remove(stamp.id, supersedes));
            }
            Op::Increment { delta, .. } => {
                self.edit_counter(index, |counter| counter.increment(stamp.id, *delta));
            }
            Op::Reset { observed, .. } => {
                self.edit_counter(index, |counter| counter.reset(observed));
            }
            Op::Join(_) | Op::Leave => {}
        }
        self.follow_content(index, had_content);
    }

    /// Records an operation on a container.
    fn touch(&mut self, index: ContainerIndex, op: OpId) {
        if self.has_to_copy(index, || Copied::Clock) {
            let clock = self.container(index).clock.clone();
            self.note(|| Undo::Touched { index, clock });
        }
        self.container_mut(index).clock.record(op);
    }

    /// Gives new items what they hold at first.
    fn fill(&mut self, index: ContainerIndex, stamp: Stamp, items: &[Content]) {
        let list = self.container(index).id.clone();
        let Some(slots) = self.body_mut(index).slots_mut() else { return };
        for (nth, content) in items.iter().enumerate() {
            let (id, lamport) = (stamp.id.plus(nth as u64), stamp.lamport + nth as u64);
            let entry = Entry { id, lamport, time: stamp.time, content: Some(content.clone()) };
            slots.insert(Key::Item(id), Slot::new(vec![entry], Clock::default()));
        }
        slots.shown += items.len();
        for (nth, content) in items.iter().enumerate() {
            if let Content::Container(kind) = *content {
                self.find_or_create(&list.child(Key::Item(stamp.id.plus(nth as u64)), kind));
            }
        }
    }

    /// Gives the assignments of a change, which are the last ones made, the time that it carries.
    pub(crate) fn set_times(&mut self, change: &Change) {
        let time = change.time();
        for (id, _, op) in change.numbered() {
            let keys: Vec<Key> = match op {
                Op::Assign { key, .. } => vec![key.clone()],
                Op::Insert { elements: Elements::Items(items), .. } => {
                    (0..items.len() as u64).map(|nth| Key::Item(id.plus(nth))).collect()
                }
                _ => continue,
            };
            let Some(index) = op.container().and_then(|container| self.find(container)) else {
                continue;
            };
            let Some(slots) = self.body_mut(index).slots_mut() else { continue };
            for (nth, key) in keys.iter().enumerate() {
                if let Some(slot) = slots.get_mut(key) {
                    slot.set_time(id.plus(nth as u64), time);
                }
            }
        }
    }

    /// Deletes characters; or takes away what items held at first.
    fn delete(&mut self, index: ContainerIndex, id: OpId, run: NodeRun) {
        if let Body::Text(sequence) = self.body(index) {
            if self.journal.is_some() {
                let carried = sequence.carried(run.nodes);
                self.note(|| Undo::Deleted { index, id, run, carried });
            }
            if let Body::Text(sequence) = self.body_mut(index) {
                sequence.delete(id, run);
            }
            return;
        }
        for nth in 0..run.len() {
            let item = run.node(nth);
            self.edit_slot(index, &Key::Item(item), |slot| slot.remove(id.plus(nth), &[item]));
        }
    }

    fn edit_counter(&mut self, index: ContainerIndex, edit: impl FnOnce(&mut Counter)) {
        if self.has_to_copy(index, || Copied::Counter)
            && let Body::Counter(counter) = self.body(index)
        {
            let counter = counter.clone();
            self.note(|| Undo::Counted { index, counter });
        }
        if let Body::Counter(counter) = self.body_mut(index) {
            edit(counter);
        }
    }

    /// The sequences, in no particular order.
    pub(crate) fn sequence_sizes(&self) -> impl Iterator<Item = SequenceSize> {
        self.containers.iter().flatten().filter_map(|container| match &container.body {
            Body::Text(sequence) => Some(SequenceSize::of(sequence)),
            Body::List(list) => Some(SequenceSize::of(list.nodes())),
            _ => None,
        })
    }

    /// All that has touched a place, and what is in it.
    pub(crate) fn clock_at(&self, container: &ContainerId, key: &Key) -> VersionVector {
        let index = self.find(container);
        index.map_or(Clock::default(), |index| self.slot_clock(index, key)).version()
    }

    /// All that has touched a container, and what is in it.
    pub(crate) fn clock_of(&self, container: &ContainerId) -> VersionVector {
        let mut clock = Clock::default();
        if let Some(index) = self.find(container) {
            self.join_clocks(index, &mut clock);
        }
        clock.version()
    }

    fn slot_clock(&self, index: ContainerIndex, key: &Key) -> Clock {
        let Some(slot) = self.slot_at(index, key) else { return Clock::default() };
        let mut clock = slot.clock();
        slot.children().iter().for_each(|&(_, child)| self.join_clocks(child, &mut clock));
        clock
    }

    /// Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn join_clocks(&self, index: ContainerIndex, clock: &mut Clock) {
        let container = self.container(index);
        clock.join(&container.clock);
        let slots = container.body.slots().into_iter().flat_map(Slots::iter);
        for &(_, child) in slots.flat_map(|(_, slot)| slot.children()) {
            self.join_clocks(child, clock);
        }
    }

    /// Retires what is deleted within the stable cut.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) {
        for index in 0..self.containers.len() {
            let Some(container) = &mut self.containers[index] else { continue };
            match &mut container.body {
                Body::Text(sequence) => sequence.set_stable(cut),
                Body::List(list) => {
                    let due = list.advance_stable(cut);
                    due.into_iter().for_each(|item| self.retire(index, item, cut));
                }
                _ => {}
            }
        }
    }

    /// Retires an item if it is gone for good.
    fn retire(&mut self, index: ContainerIndex, item: OpId, cut: &VersionVector) {
        let key = Key::Item(item);
        if self.slot_at(index, &key).is_none() || self.is_shown(index, &key) {
            return;
        }
        let clock = self.slot_clock(index, &key);
        let Body::List(list) = self.body_mut(index) else { return };
        match clock.beyond(cut) {
            Some(op) => list.wait(op, item),
            None => clock.last().take(1).for_each(|op| list.retire(op, item)),
        }
    }

    /// Removes what nobody can name any more, and forgets containers of which nothing is left.
    pub(crate) fn prune(&mut self, cut: &VersionVector, stable: &VersionVector) {
        self.last = (ContainerId::ROOT, Self::ROOT);
        for index in 0..self.containers.len() {
            let Some(container) = &mut self.containers[index] else { continue };
            match &mut container.body {
                Body::Text(sequence) => sequence.prune(cut, stable),
                Body::Map(slots) | Body::Set(slots) => slots.prune(cut),
                Body::List(list) => {
                    let due = list.take_dead(cut);
                    due.into_iter().for_each(|item| self.bury(index, item, cut));
                    if let Body::List(list) = self.body_mut(index) {
                        list.prune(cut, stable);
                    }
                }
                Body::Counter(_) => {}
            }
        }
        let mut ids: Vec<_> =
            self.containers.iter().flatten().map(|container| container.id.clone()).collect();
        ids.sort_unstable();
        for id in ids.into_iter().rev() {
            self.forget_if_blank(&id);
        }
        self.shrink_to_fit();
    }

    /// Gives back the memory of containers that are forgotten.
    fn shrink_to_fit(&mut self) {
        while self.containers.last().is_some_and(Option::is_none) {
            self.containers.pop();
        }
        self.containers.shrink_to_fit();
        self.free.retain(|&index| index < self.containers.len());
        self.free.shrink_to_fit();
    }

    /// Forgets an item that is gone for good, with its containers, if nobody can name it.
    fn bury(&mut self, index: ContainerIndex, item: OpId, cut: &VersionVector) {
        let key = Key::Item(item);
        let Some(slot) = self.slot_at(index, &key) else { return };
        if self.is_shown(index, &key) {
            return;
        }
        let children = slot.children().to_vec();
        let beyond = self.slot_clock(index, &key).beyond(cut);
        let Body::List(list) = self.body_mut(index) else { return };
        match beyond {
            Some(op) => list.wait_dead(op, item),
            None => {
                list.bury(item);
                for (_, child) in children {
                    self.inherit_clock(index, child);
                    self.forget(child);
                }
            }
        }
    }

    /// Lets a container remember what has touched another one in it, which is to be forgotten.
    fn inherit_clock(&mut self, parent: ContainerIndex, child: ContainerIndex) {
        let mut clock = std::mem::take(&mut self.container_mut(parent).clock);
        self.join_clocks(child, &mut clock);
        self.container_mut(parent).clock = clock;
    }

    /// Forgets a container and all in it. Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn forget(&mut self, index: ContainerIndex) {
        let Some(container) = self.containers[index].take() else { return };
        self.free.push(index);
        let slots = container.body.slots().into_iter().flat_map(Slots::iter);
        for &(_, child) in slots.flat_map(|(_, slot)| slot.children()) {
            self.forget(child);
        }
    }

    fn forget_if_blank(&mut self, id: &ContainerId) {
        let Some(((parent, key, kind), index)) = id.step().zip(self.find(id)) else { return };
        let asserted = self.slot(parent, key).is_some_and(|slot| slot.asserts(kind));
        let blank = self.body(index).is_blank();
        let Some(parent) = self.find(parent).filter(|_| blank && !asserted) else { return };
        self.inherit_clock(parent, index);
        self.remove_child(parent, key, kind);
        self.containers[index] = None;
        self.free.push(index);
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
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let bodies: usize =
            self.containers.iter().flatten().map(|container| container.body.memory_bytes()).sum();
        self.containers.capacity() * size_of::<Option<Container>>() + bodies
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
