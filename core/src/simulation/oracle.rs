//! The naive model that everything is compared with: the set of all changes ever made, read
//! without any regard to order, speed or memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::Change;
use crate::container::ContainerId;
use crate::id::OpId;
use crate::json::write_string;
use crate::op::{Op, Side};
use crate::value::{Content, Kind};

struct Assignment {
    rank: (u64, OpId),
    content: Content,
}

#[derive(Default)]
struct Text {
    nodes: BTreeMap<OpId, char>,
    /// Of each node (`None`: the root) the children on each side, by identity.
    children: BTreeMap<(Option<OpId>, Side), BTreeSet<OpId>>,
    deleted: BTreeSet<OpId>,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Oracle {
    assignments: BTreeMap<(ContainerId, String), Vec<Assignment>>,
    superseded: BTreeSet<OpId>,
    texts: BTreeMap<ContainerId, Text>,
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
            Op::Insert { container, place, text } => {
                let sequence = self.texts.entry(container.clone()).or_default();
                let mut key = (place.parent, place.side);
                for (i, character) in text.chars().enumerate() {
                    let node = id.plus(i as u64);
                    sequence.nodes.insert(node, character);
                    sequence.children.entry(key).or_default().insert(node);
                    key = (Some(node), Side::Right);
                }
            }
            Op::Delete { container, nodes } => {
                let sequence = self.texts.entry(container.clone()).or_default();
                for run in nodes {
                    sequence.deleted.extend((0..run.len()).map(|nth| run.node(nth)));
                }
            }
            Op::Assign { container, key, content, supersedes } => {
                let slot = self.assignments.entry((container.clone(), key.clone())).or_default();
                slot.push(Assignment { rank: (lamport, id), content: content.clone() });
                self.superseded.extend(supersedes);
                if let Content::Container(kind) = content {
                    self.containers.insert(container.child(key, *kind));
                }
            }
            Op::Remove { supersedes, .. } => self.superseded.extend(supersedes),
            Op::Join(_) | Op::Leave => {}
        }
    }

    pub(crate) fn to_json(&self) -> String {
        self.json(&ContainerId::ROOT)
    }

    fn json(&self, id: &ContainerId) -> String {
        let mut json = String::new();
        if id.kind() == Kind::Text {
            write_string(&self.text(id), &mut json);
            return json;
        }
        for (key, content) in self.shown(id) {
            json.push(if json.is_empty() { '{' } else { ',' });
            write_string(&key, &mut json);
            json.push(':');
            json.push_str(&match content {
                Content::Value(value) => value.to_json(),
                Content::Container(kind) => self.json(&id.child(&key, kind)),
            });
        }
        if json.is_empty() { "{}".to_owned() } else { json + "}" }
    }

    fn shown(&self, map: &ContainerId) -> BTreeMap<String, Content> {
        let assigned = self.assignments.keys().filter(|(at, _)| at == map).map(|(_, key)| key);
        let children = self.containers.iter().filter_map(|child| match child.step() {
            Some((parent, key, _)) if parent == map => Some(key.to_owned()),
            _ => None,
        });
        let keys: BTreeSet<String> = assigned.cloned().chain(children).collect();
        keys.into_iter().filter_map(|key| Some((key.clone(), self.shown_at(map, &key)?))).collect()
    }

    fn shown_at(&self, map: &ContainerId, key: &str) -> Option<Content> {
        let in_force = self.assignments.get(&(map.clone(), key.to_owned())).into_iter().flatten();
        let in_force = in_force.filter(|assignment| !self.superseded.contains(&assignment.rank.1));
        let greatest = in_force.max_by_key(|assignment| assignment.rank);
        greatest.map(|assignment| assignment.content.clone()).or_else(|| {
            let mut survivors = [Kind::Map, Kind::Text].into_iter().filter(|&kind| {
                let child = map.child(key, kind);
                self.containers.contains(&child)
                    && match kind {
                        Kind::Map => !self.shown(&child).is_empty(),
                        Kind::Text => !self.text(&child).is_empty(),
                    }
            });
            survivors.next().map(Content::Container)
        })
    }

    fn text(&self, id: &ContainerId) -> String {
        let Some(text) = self.texts.get(id) else { return String::new() };
        let mut read = String::new();
        let mut stack = vec![(None, false)];
        while let Some((node, left_done)) = stack.pop() {
            let side = if left_done { Side::Right } else { Side::Left };
            let children = text.children.get(&(node, side)).into_iter().flatten();
            let children: Vec<_> = children.map(|&child| (Some(child), false)).collect();
            match node {
                Some(node) if left_done && !text.deleted.contains(&node) => {
                    read.push(text.nodes[&node]);
                }
                _ => {}
            }
            if !left_done {
                stack.push((node, true));
            }
            stack.extend(children.into_iter().rev());
        }
        read
    }
}
