//! The document as it stands: a tree of containers under the root map.
//!
//! - [`map`]: keys, registers, and which containers are under a key.
//! - [`sequence`]: texts, character by character.
//! - [`json`]: the canonical form that every language compares.
//! - [`observe`]: what a deletion has to name.
//! - [`snapshot`]: a flat form, for saving.
//! - [`validate`]: whether a change fits, before anything is touched.

mod json;
pub(crate) mod map;
mod observe;
pub(crate) mod sequence;
pub(crate) mod snapshot;
pub(crate) mod validate;

use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::Op;
use crate::value::{Content, Kind};
use crate::version::VersionVector;
use map::{ContainerIndex, Entry, Map, Slot};
use sequence::Sequence;

#[derive(Clone, Debug)]
enum Body {
    Map(Map),
    Text(Sequence),
}

impl Body {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Map => Self::Map(Map::default()),
            Kind::Text => Self::Text(Sequence::new()),
        }
    }
}

#[derive(Clone, Debug)]
struct Container {
    id: ContainerId,
    body: Body,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The root is the first; `None` where one has been forgotten.
    containers: Vec<Option<Container>>,
    free: Vec<ContainerIndex>,
    /// The container that was last looked for in order to change it: most often the next one, too.
    last: (ContainerId, ContainerIndex),
}

impl State {
    const ROOT: ContainerIndex = 0;

    pub(crate) fn new() -> Self {
        let root = Container { id: ContainerId::ROOT, body: Body::new(Kind::Map) };
        Self {
            containers: vec![Some(root)],
            free: Vec::new(),
            last: (ContainerId::ROOT, Self::ROOT),
        }
    }

    /// The container; every index in the state is of one that is there.
    fn container(&self, index: ContainerIndex) -> &Container {
        self.containers[index].as_ref().expect("an index of the state is of a container in it")
    }

    fn body_mut(&mut self, index: ContainerIndex) -> &mut Body {
        let container = self.containers[index].as_mut();
        &mut container.expect("an index of the state is of a container in it").body
    }

    fn map(&self, index: ContainerIndex) -> Option<&Map> {
        match &self.container(index).body {
            Body::Map(map) => Some(map),
            Body::Text(_) => None,
        }
    }

    /// Where the container is, if it is known.
    fn find(&self, id: &ContainerId) -> Option<ContainerIndex> {
        if *id == self.last.0 {
            return Some(self.last.1);
        }
        id.steps()
            .into_iter()
            .try_fold(Self::ROOT, |at, (key, kind)| self.map(at)?.slot(key)?.child(kind))
    }

    /// Where the container is; from now on it is known, and its parents are.
    fn find_or_create(&mut self, id: &ContainerId) -> ContainerIndex {
        if let Some(index) = self.find(id) {
            return index;
        }
        let Some((parent, key, kind)) = id.step() else { return Self::ROOT };
        let parent = self.find_or_create(parent);
        let container = Container { id: id.clone(), body: Body::new(kind) };
        let index = match self.free.pop() {
            Some(index) => {
                self.containers[index] = Some(container);
                index
            }
            None => {
                self.containers.push(Some(container));
                self.containers.len() - 1
            }
        };
        if let Body::Map(map) = self.body_mut(parent) {
            map.add_child(key, kind, index);
        }
        index
    }

    /// The identity as the state holds it: one allocation for all operations on a container.
    pub(crate) fn shared_id(&mut self, id: &ContainerId) -> ContainerId {
        if *id != self.last.0 {
            let index = self.find_or_create(id);
            self.last = (self.container(index).id.clone(), index);
        }
        self.last.0.clone()
    }

    pub(crate) fn text(&self, id: &ContainerId) -> Option<&Sequence> {
        match &self.container(self.find(id)?).body {
            Body::Text(sequence) => Some(sequence),
            Body::Map(_) => None,
        }
    }

    pub(crate) fn text_mut(&mut self, id: &ContainerId) -> Option<&mut Sequence> {
        let index = self.find(id)?;
        match self.body_mut(index) {
            Body::Text(sequence) => Some(sequence),
            Body::Map(_) => None,
        }
    }

    pub(crate) fn slot(&self, map: &ContainerId, key: &str) -> Option<&Slot> {
        self.map(self.find(map)?)?.slot(key)
    }

    /// What is shown under a key: the greatest assignment, or, where there is none, a container
    /// that lives on through content that the deletion had not seen.
    pub(crate) fn shown(&self, map: &ContainerId, key: &str) -> Option<Content> {
        self.shown_in(self.slot(map, key)?)
    }

    /// Whether anything is assigned to a key.
    pub(crate) fn is_assigned(&self, map: &ContainerId, key: &str) -> bool {
        self.slot(map, key).is_some_and(|slot| !slot.entries().is_empty())
    }

    fn shown_in(&self, slot: &Slot) -> Option<Content> {
        let assigned = slot.entries().last().map(|entry| entry.content.clone());
        assigned.or_else(|| self.survivors(slot).next().map(Content::Container))
    }

    /// The containers under a key that no assignment asserts, and that have content.
    fn survivors(&self, slot: &Slot) -> impl Iterator<Item = Kind> {
        slot.children()
            .iter()
            .filter(|&&(kind, index)| !slot.asserts(kind) && self.has_content(index))
            .map(|&(kind, _)| kind)
    }

    /// All that is under a key, the shown one first; one container counts once.
    pub(crate) fn concurrent(&self, map: &ContainerId, key: &str) -> Vec<(Content, Option<OpId>)> {
        let Some(slot) = self.slot(map, key) else { return Vec::new() };
        let mut all: Vec<(Content, Option<OpId>)> = Vec::new();
        for entry in slot.entries().iter().rev() {
            let repeated = matches!(entry.content, Content::Container(_))
                && all.iter().any(|(content, _)| *content == entry.content);
            if !repeated {
                all.push((entry.content.clone(), Some(entry.id)));
            }
        }
        all.extend(self.survivors(slot).map(|kind| (Content::Container(kind), None)));
        all
    }

    /// The keys under which something is shown, in the order of their bytes.
    pub(crate) fn keys(&self, map: &ContainerId) -> Vec<String> {
        let Some(map) = self.find(map).and_then(|index| self.map(index)) else {
            return Vec::new();
        };
        let shown = map.slots().filter(|(_, slot)| self.shown_in(slot).is_some());
        shown.map(|(key, _)| key.to_owned()).collect()
    }

    /// Whether anything is visible within the container.
    fn has_content(&self, index: ContainerIndex) -> bool {
        match &self.container(index).body {
            Body::Text(sequence) => !sequence.is_empty(),
            Body::Map(map) => map.slots().any(|(_, slot)| self.shown_in(slot).is_some()),
        }
    }

    /// Applies one operation, which is [valid](validate). Membership is not for the state.
    pub(crate) fn apply(&mut self, id: OpId, lamport: u64, op: &Op) {
        let Some(container) = op.container() else { return };
        let index = self.find_or_create(container);
        match (self.body_mut(index), op) {
            (Body::Text(sequence), Op::Insert { place, text, .. }) => {
                sequence.insert(id, *place, text);
            }
            (Body::Text(sequence), Op::Delete { nodes, .. }) => {
                let mut deletion = id;
                for &run in nodes {
                    sequence.delete(deletion, run);
                    deletion = deletion.plus(run.len());
                }
            }
            (Body::Map(map), Op::Assign { key, content, supersedes, .. }) => {
                let entry = Entry { id, lamport, content: content.clone() };
                map.assign(key, entry, supersedes);
                if let Content::Container(kind) = *content {
                    self.find_or_create(&container.child(key, kind));
                }
            }
            (Body::Map(map), Op::Remove { key, supersedes, .. }) => map.remove(key, supersedes),
            _ => debug_assert!(false, "a valid operation fits its container"),
        }
    }

    fn sequences_mut(&mut self) -> impl Iterator<Item = &mut Sequence> {
        self.containers.iter_mut().flatten().filter_map(|container| match &mut container.body {
            Body::Text(sequence) => Some(sequence),
            Body::Map(_) => None,
        })
    }

    /// The sequences, in no particular order.
    pub(crate) fn sequences(&self) -> impl Iterator<Item = &Sequence> {
        self.containers.iter().flatten().filter_map(|container| match &container.body {
            Body::Text(sequence) => Some(sequence),
            Body::Map(_) => None,
        })
    }

    /// Retires what is deleted within the stable cut.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) {
        self.sequences_mut().for_each(|sequence| sequence.set_stable(cut));
    }

    /// Removes what nobody can name any more, and forgets containers of which nothing is left.
    pub(crate) fn prune(&mut self, cut: &VersionVector, stable: &VersionVector) {
        self.sequences_mut().for_each(|sequence| sequence.prune(cut, stable));
        let mut ids: Vec<_> =
            self.containers.iter().flatten().map(|container| container.id.clone()).collect();
        ids.sort();
        for id in ids.into_iter().rev() {
            self.forget_if_blank(&id);
        }
        while self.containers.last().is_some_and(Option::is_none) {
            self.containers.pop();
        }
        self.containers.shrink_to_fit();
        self.free.retain(|&index| index < self.containers.len());
        self.free.shrink_to_fit();
    }

    fn forget_if_blank(&mut self, id: &ContainerId) {
        let Some(((parent, key, kind), index)) = id.step().zip(self.find(id)) else { return };
        let blank = match &self.container(index).body {
            Body::Map(map) => map.is_blank(),
            Body::Text(sequence) => sequence.is_blank(),
        };
        let asserted = self.slot(parent, key).is_some_and(|slot| slot.asserts(kind));
        let Some(parent) = self.find(parent).filter(|_| blank && !asserted) else { return };
        if let Body::Map(map) = self.body_mut(parent) {
            map.remove_child(key, kind);
        }
        if self.last.1 == index {
            self.last = (ContainerId::ROOT, Self::ROOT);
        }
        self.containers[index] = None;
        self.free.push(index);
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let bodies: usize = self
            .containers
            .iter()
            .flatten()
            .map(|container| match &container.body {
                Body::Map(map) => map.memory_bytes(),
                Body::Text(sequence) => sequence.memory_bytes(),
            })
            .sum();
        self.containers.capacity() * size_of::<Option<Container>>() + bodies
    }

    /// Asserts the invariants of every container.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        self.sequences().for_each(Sequence::check);
    }
}
