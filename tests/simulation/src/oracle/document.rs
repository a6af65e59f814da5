//! What a set of operations shows.

use std::collections::{BTreeMap, BTreeSet};

use libsync::{OpId, ReplicaId};

use super::history::History;
use super::operation::{Container, Content, Deed, Key, Kind, Operation};
use super::sequence::Tree;

/// What is assigned to a key.
#[derive(Default)]
struct Slot<'h> {
    /// By rank: the greatest is shown.
    assignments: BTreeMap<(u64, OpId), &'h Content>,
    superseded: BTreeSet<OpId>,
}

impl<'h> Slot<'h> {
    fn in_force(&self) -> impl DoubleEndedIterator<Item = &'h Content> {
        // An assignment takes away all earlier ones of its author, named or not.
        let is_earlier = |id: OpId| {
            let later = |other: OpId| other.replica == id.replica && other.counter > id.counter;
            self.assignments.keys().any(|&(_, other)| later(other))
        };
        let in_force = self.assignments.iter();
        let in_force =
            in_force.filter(move |((_, id), _)| !self.superseded.contains(id) && !is_earlier(*id));
        in_force.map(|(_, &content)| content)
    }
}

/// All that was ever done to a container, of whichever kind.
#[derive(Default)]
struct Body<'h> {
    slots: BTreeMap<Key, Slot<'h>>,
    /// Keys that a container was ever under.
    parents: BTreeSet<Key>,
    tree: Tree,
    characters: BTreeMap<OpId, char>,
    deleted: BTreeSet<OpId>,
    items: BTreeSet<OpId>,
    /// Of each item, its moves by rank: it is in the place of the greatest.
    moves: BTreeMap<OpId, BTreeSet<(u64, OpId)>>,
    increments: BTreeMap<OpId, i64>,
    /// The last increment that each reset takes away of a replica.
    resets: BTreeSet<OpId>,
}

impl<'h> Body<'h> {
    fn slot(&mut self, key: &Key) -> &mut Slot<'h> {
        self.slots.entry(key.clone()).or_default()
    }

    fn text(&self) -> String {
        let live = self.tree.in_order().into_iter().filter(|node| !self.deleted.contains(node));
        live.filter_map(|node| self.characters.get(&node)).collect()
    }

    /// The items in order, those that show nothing among them.
    fn ordered_items(&self) -> Vec<OpId> {
        let place = |item: OpId| match self.moves.get(&item).and_then(BTreeSet::last) {
            Some(&(_, last)) => last,
            None => item,
        };
        let by_place: BTreeMap<OpId, OpId> =
            self.items.iter().map(|&item| (place(item), item)).collect();
        let nodes = self.tree.in_order().into_iter();
        nodes.filter_map(|node| by_place.get(&node).copied()).collect()
    }

    /// The increments that no reset takes away.
    fn increments_in_force(&self) -> impl Iterator<Item = (OpId, i64)> {
        let is_reset = |id: OpId| {
            let by = |reset: &OpId| reset.replica == id.replica && reset.counter >= id.counter;
            self.resets.iter().any(by)
        };
        let increments = self.increments.iter().map(|(&id, &delta)| (id, delta));
        increments.filter(move |&(id, _)| !is_reset(id))
    }

    /// What is in force of each replica, modulo 2⁶⁴; and of all, as far as 64 bits go.
    fn count(&self) -> i64 {
        let mut by_replica: BTreeMap<ReplicaId, i64> = BTreeMap::new();
        for (id, delta) in self.increments_in_force() {
            let sum = by_replica.entry(id.replica).or_default();
            *sum = sum.wrapping_add(delta);
        }
        let sum: i128 = by_replica.into_values().map(i128::from).sum();
        sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// What all increments of a replica up to and with one of them sum to, modulo 2⁶⁴.
    fn contributed(&self, last: OpId) -> i64 {
        let first = OpId::new(last.replica, 0);
        let deltas = self.increments.range(first..=last);
        deltas.fold(0, |sum: i64, (_, &delta)| sum.wrapping_add(delta))
    }
}

/// See the module.
pub struct Document<'h>(BTreeMap<Container, Body<'h>>);

impl<'h> Document<'h> {
    /// The document that all operations of a history make.
    ///
    /// # Errors
    /// An operation that contradicts others.
    pub fn of(history: &'h History) -> Result<Self, String> {
        let mut document = Self(BTreeMap::new());
        document.mention(Container::ROOT);
        for (&id, operation) in &history.0 {
            document.add(id, operation);
        }
        document.check_resets(history)?;
        Ok(document)
    }

    /// Notes that something was done to a container, and so to those around it.
    fn mention(&mut self, container: Container) {
        if let Some((parent, key)) = container.parent() {
            let key = key.clone();
            self.mention(parent.clone());
            self.0.entry(parent).or_default().parents.insert(key);
        }
        self.0.entry(container).or_default();
    }

    fn add(&mut self, id: OpId, operation: &'h Operation) {
        let Operation { lamport, deed: Some((container, deed)) } = operation else { return };
        let rank = (*lamport, id);
        self.mention(container.clone());
        let assigned = match deed {
            Deed::Assign(key, Content::Container(kind), _) => Some(container.child(key, *kind)),
            Deed::InsertItem(_, Content::Container(kind)) => {
                Some(container.child(&Key::Item(id), *kind))
            }
            _ => None,
        };
        assigned.into_iter().for_each(|child| self.mention(child));
        let Some(body) = self.0.get_mut(container) else { return };
        match deed {
            Deed::InsertCharacter(place, character) => {
                body.tree.insert(id, *place);
                body.characters.insert(id, *character);
            }
            Deed::InsertItem(place, content) => {
                body.tree.insert(id, *place);
                body.items.insert(id);
                body.slot(&Key::Item(id)).assignments.insert(rank, content);
            }
            Deed::Delete(node) if container.kind() == Kind::List => {
                body.slot(&Key::Item(*node)).superseded.insert(*node);
            }
            Deed::Delete(node) => drop(body.deleted.insert(*node)),
            Deed::Move(item, place) => {
                body.tree.insert(id, *place);
                body.moves.entry(*item).or_default().insert(rank);
            }
            Deed::Assign(key, content, superseded) => {
                let slot = body.slot(key);
                slot.assignments.insert(rank, content);
                slot.superseded.extend(superseded);
            }
            Deed::Remove(key, superseded) => body.slot(key).superseded.extend(superseded),
            Deed::Increment(delta) => drop(body.increments.insert(id, *delta)),
            Deed::Reset(observed) => body.resets.extend(observed.iter().map(|&(last, _)| last)),
        }
    }

    /// Every reset has to say truly what it takes away.
    fn check_resets(&self, history: &History) -> Result<(), String> {
        for (id, operation) in &history.0 {
            let Some((container, Deed::Reset(observed))) = &operation.deed else { continue };
            for &(last, sum) in observed {
                let actual = self.0[container].contributed(last);
                if actual != sum {
                    return Err(format!("{id}: up to {last} it is {actual}, and not {sum}"));
                }
            }
        }
        Ok(())
    }

    /// As canonical JSON.
    pub fn to_json(&self) -> String {
        self.json(&Container::ROOT)
    }

    fn json(&self, container: &Container) -> String {
        let body = &self.0[container];
        match container.kind() {
            Kind::Map => {
                let keys = self.shown_keys(container).into_iter().map(|(key, content)| {
                    let Key::Name(name) = &key else { unreachable!("a map has names as keys") };
                    let content = self.content_json(container, &key, &content);
                    format!("{}:{content}", serde_json::json!(name))
                });
                format!("{{{}}}", keys.collect::<Vec<_>>().join(","))
            }
            Kind::Text => serde_json::json!(body.text()).to_string(),
            Kind::List => {
                let items = body.ordered_items().into_iter().filter_map(|item| {
                    let key = Key::Item(item);
                    let content = self.shown(container, &key)?;
                    Some(self.content_json(container, &key, &content))
                });
                format!("[{}]", items.collect::<Vec<_>>().join(","))
            }
            Kind::Counter | Kind::GrowOnlyCounter => body.count().to_string(),
            Kind::Set | Kind::GrowOnlySet => {
                let elements = self.shown_keys(container).into_iter().map(|(key, _)| match key {
                    Key::Element(element) => element.to_json(),
                    _ => unreachable!("a set has elements as keys"),
                });
                format!("[{}]", elements.collect::<Vec<_>>().join(","))
            }
        }
    }

    fn content_json(&self, container: &Container, key: &Key, content: &Content) -> String {
        match content {
            Content::Value(value) => value.to_json(),
            Content::Container(kind) => self.json(&container.child(key, *kind)),
            Content::Absence => unreachable!("an absence is not shown"),
        }
    }

    /// The keys of a container under which something is shown, in order, and what is.
    fn shown_keys(&self, container: &Container) -> Vec<(Key, Content)> {
        let body = &self.0[container];
        let keys: BTreeSet<&Key> = body.slots.keys().chain(&body.parents).collect();
        keys.into_iter()
            .filter_map(|key| Some((key.clone(), self.shown(container, key)?)))
            .collect()
    }

    /// What is shown under a key: the greatest assignment that is in force; nothing where an absence
    /// is; or else, where nothing is assigned, a container that has something in it.
    fn shown(&self, container: &Container, key: &Key) -> Option<Content> {
        if let Some(slot) = self.0[container].slots.get(key) {
            if slot.in_force().any(|content| *content == Content::Absence) {
                return None;
            }
            if let Some(greatest) = slot.in_force().next_back() {
                return Some(greatest.clone());
            }
        }
        let mut survivors = Kind::ALL.into_iter().filter(|&kind| {
            let child = container.child(key, kind);
            self.0.contains_key(&child) && self.is_visible(&child)
        });
        survivors.next().map(Content::Container)
    }

    /// Whether a container has something in it.
    fn is_visible(&self, container: &Container) -> bool {
        let body = &self.0[container];
        match container.kind() {
            Kind::Text => !body.text().is_empty(),
            Kind::Counter | Kind::GrowOnlyCounter => body.increments_in_force().next().is_some(),
            Kind::Map | Kind::List | Kind::Set | Kind::GrowOnlySet => {
                !self.shown_keys(container).is_empty()
            }
        }
    }
}
