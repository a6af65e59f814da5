//! The naive model that everything is compared with: the set of all changes ever made, read
//! without any regard to order, speed or memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::Change;
use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::json::write_string;
use crate::op::{Contribution, Element, Op, Place, Side};
use crate::value::{Content, Kind};

struct Assignment {
    rank: (u64, OpId),
    content: Option<Content>,
}

#[derive(Default)]
struct Sequence {
    /// What each node stands for: a character, or (with its rank) a place of an item.
    nodes: BTreeMap<OpId, Node>,
    /// Of each node (`None`: the root) the children on each side, by identity.
    children: BTreeMap<(Option<OpId>, Side), BTreeSet<OpId>>,
}

enum Node {
    Character(char),
    PlaceOf { item: OpId, rank: (u64, OpId) },
}

/// See the module.
#[derive(Default)]
pub(crate) struct Oracle {
    assignments: BTreeMap<(ContainerId, Key), Vec<Assignment>>,
    /// Assignments and characters that are taken away.
    gone: BTreeSet<OpId>,
    sequences: BTreeMap<ContainerId, Sequence>,
    increments: BTreeMap<ContainerId, BTreeMap<OpId, i64>>,
    /// Of each counter, the last increment of each replica that is taken away.
    resets: BTreeMap<(ContainerId, ReplicaId), u64>,
    containers: BTreeSet<ContainerId>,
}

impl Oracle {
    /// The document that these changes make.
    pub(crate) fn of<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Self {
        let mut oracle = Self::default();
        for change in changes {
            for (id, lamport, op) in change.numbered() {
                oracle.add(id, lamport, op);
            }
        }
        oracle
    }

    fn add(&mut self, id: OpId, lamport: u64, op: &Op) {
        let mut container = op.container();
        while let Some(id) = container {
            self.containers.insert(id.clone());
            container = id.step().map(|(parent, ..)| parent);
        }
        match op {
            Op::Insert { container, place, elements } => {
                let mut place = *place;
                for (nth, element) in elements.iter().enumerate() {
                    let (id, lamport) = (id.plus(nth as u64), lamport + nth as u64);
                    let node = match element {
                        Element::Character(character) => Node::Character(character),
                        Element::Item(content) => {
                            self.assign(container, &Key::Item(id), (lamport, id), Some(content));
                            Node::PlaceOf { item: id, rank: (lamport, id) }
                        }
                    };
                    self.put(container, id, place, node);
                    place = Place { parent: Some(id), side: Side::Right };
                }
            }
            Op::Delete { nodes, .. } => {
                let nodes = nodes.iter().flat_map(|run| (0..run.len()).map(|nth| run.node(nth)));
                self.gone.extend(nodes);
            }
            Op::Move { container, item, place } => {
                let node = Node::PlaceOf { item: *item, rank: (lamport, id) };
                self.put(container, id, *place, node);
            }
            Op::Assign { container, key, content, supersedes } => {
                self.assign(container, key, (lamport, id), content.as_ref());
                self.gone.extend(supersedes);
            }
            Op::Remove { supersedes, .. } => self.gone.extend(supersedes),
            Op::Increment { container, delta } => {
                self.increments.entry(container.clone()).or_default().insert(id, *delta);
            }
            Op::Reset { container, observed } => {
                for Contribution { last, .. } in observed {
                    let key = (container.clone(), last.replica);
                    let known = self.resets.entry(key).or_default();
                    *known = (*known).max(last.counter + 1);
                }
            }
            Op::Join(_) | Op::Leave | Op::Evict(_) | Op::Redact => {}
        }
    }

    fn put(&mut self, container: &ContainerId, id: OpId, place: Place, node: Node) {
        let sequence = self.sequences.entry(container.clone()).or_default();
        sequence.nodes.insert(id, node);
        sequence.children.entry((place.parent, place.side)).or_default().insert(id);
    }

    fn assign(
        &mut self,
        container: &ContainerId,
        key: &Key,
        rank: (u64, OpId),
        content: Option<&Content>,
    ) {
        let slot = self.assignments.entry((container.clone(), key.clone())).or_default();
        slot.push(Assignment { rank, content: content.cloned() });
        if let Some(Content::Container(kind)) = content {
            self.containers.insert(container.child(key.clone(), *kind));
        }
    }

    pub(crate) fn to_json(&self) -> String {
        self.json(&ContainerId::ROOT)
    }

    fn json(&self, id: &ContainerId) -> String {
        let mut json = String::new();
        match id.kind() {
            Kind::Text => write_string(&self.text(id), &mut json),
            Kind::Counter | Kind::GrowOnlyCounter => {
                json = self.in_force(id).map(|(_, delta)| delta).sum::<i64>().to_string();
            }
            Kind::Map => {
                let shown = self.shown(id).into_iter().map(|(key, content)| {
                    let mut pair = String::new();
                    let Key::Name(name) = &key else { panic!("a map has names: {key:?}") };
                    write_string(name, &mut pair);
                    pair + ":" + &self.content_json(id, &key, &content)
                });
                json = format!("{{{}}}", shown.collect::<Vec<_>>().join(","));
            }
            Kind::Set | Kind::GrowOnlySet => {
                let shown = self.shown(id).into_keys().map(|key| match key {
                    Key::Element(value) => value.to_json(),
                    other => panic!("a set has elements: {other:?}"),
                });
                json = format!("[{}]", shown.collect::<Vec<_>>().join(","));
            }
            Kind::List => {
                let items = self.items(id).into_iter().filter_map(|item| {
                    let key = Key::Item(item);
                    Some(self.content_json(id, &key, &self.shown_at(id, &key)?))
                });
                json = format!("[{}]", items.collect::<Vec<_>>().join(","));
            }
        }
        json
    }

    fn content_json(&self, id: &ContainerId, key: &Key, content: &Content) -> String {
        match content {
            Content::Value(value) => value.to_json(),
            Content::Container(kind) => self.json(&id.child(key.clone(), *kind)),
        }
    }

    fn shown(&self, container: &ContainerId) -> BTreeMap<Key, Content> {
        let assigned =
            self.assignments.keys().filter(|(at, _)| at == container).map(|(_, key)| key);
        let children = self.containers.iter().filter_map(|child| match child.step() {
            Some((parent, key, _)) if parent == container => Some(key),
            _ => None,
        });
        let keys: BTreeSet<Key> = assigned.chain(children).cloned().collect();
        let shown = |key: Key| Some((key.clone(), self.shown_at(container, &key)?));
        keys.into_iter().filter_map(shown).collect()
    }

    fn shown_at(&self, container: &ContainerId, key: &Key) -> Option<Content> {
        let all = self.assignments.get(&(container.clone(), key.clone())).into_iter().flatten();
        let in_force: Vec<&Assignment> =
            all.filter(|assignment| !self.gone.contains(&assignment.rank.1)).collect();
        if in_force.iter().any(|assignment| assignment.content.is_none()) {
            return None;
        }
        let greatest = in_force.into_iter().max_by_key(|assignment| assignment.rank);
        greatest.and_then(|assignment| assignment.content.clone()).or_else(|| {
            let survives = |kind: &Kind| {
                let child = container.child(key.clone(), *kind);
                self.containers.contains(&child) && self.has_content(&child)
            };
            Kind::ALL.into_iter().find(survives).map(Content::Container)
        })
    }

    fn has_content(&self, id: &ContainerId) -> bool {
        match id.kind() {
            Kind::Text => !self.text(id).is_empty(),
            Kind::Counter | Kind::GrowOnlyCounter => self.in_force(id).next().is_some(),
            _ => !self.shown(id).is_empty(),
        }
    }

    /// The increments of a counter that are not taken away.
    fn in_force(&self, id: &ContainerId) -> impl Iterator<Item = (OpId, i64)> {
        let all = self.increments.get(id).into_iter().flatten();
        let in_force = all.filter(|(op, _)| {
            op.counter >= self.resets.get(&(id.clone(), op.replica)).copied().unwrap_or(0)
        });
        in_force.map(|(&op, &delta)| (op, delta))
    }

    fn text(&self, id: &ContainerId) -> String {
        let Some(sequence) = self.sequences.get(id) else { return String::new() };
        let live = sequence.read().into_iter().filter(|node| !self.gone.contains(node));
        live.map(|node| match sequence.nodes[&node] {
            Node::Character(character) => character,
            Node::PlaceOf { .. } => panic!("a text has characters"),
        })
        .collect()
    }

    /// The items of a list, each at the greatest of its places.
    fn items(&self, id: &ContainerId) -> Vec<OpId> {
        let Some(sequence) = self.sequences.get(id) else { return Vec::new() };
        let mut places: BTreeMap<OpId, (u64, OpId)> = BTreeMap::new();
        for node in sequence.nodes.values() {
            if let Node::PlaceOf { item, rank } = *node {
                let greatest = places.entry(item).or_insert(rank);
                *greatest = (*greatest).max(rank);
            }
        }
        let at: BTreeMap<OpId, OpId> =
            places.into_iter().map(|(item, (_, node))| (node, item)).collect();
        sequence.read().into_iter().filter_map(|node| at.get(&node).copied()).collect()
    }
}

impl Sequence {
    /// All nodes, in reading order.
    fn read(&self) -> Vec<OpId> {
        let mut read = Vec::new();
        let mut stack = vec![(None, false)];
        while let Some((node, left_done)) = stack.pop() {
            let side = if left_done { Side::Right } else { Side::Left };
            let children = self.children.get(&(node, side)).into_iter().flatten();
            let children: Vec<_> = children.map(|&child| (Some(child), false)).collect();
            if left_done {
                read.extend(node);
            } else {
                stack.push((node, true));
            }
            stack.extend(children.into_iter().rev());
        }
        read
    }
}
