//! What is shown, as plain data.

use crate::container::Key;
use crate::json::{Shape, Tree};
use crate::value::{Content, Kind, Value};

use super::slots::{ContainerIndex, Slot};
use super::{Body, State};

impl State {
    /// What is shown in a container. O(n) in all that is in it.
    pub(crate) fn tree(&self, index: ContainerIndex) -> Tree {
        let kind = self.container(index).id.kind();
        let shape = match self.body(index) {
            Body::Text(sequence) => Shape::Text(sequence.text().into_owned()),
            Body::Counter(counter) => Shape::Counter(kind, counter.value()),
            Body::Map(slots) => {
                let member = |(key, slot): (&Key, &Slot)| match key {
                    Key::Name(name) => Some((name.to_string(), self.tree_in(slot)?)),
                    _ => None,
                };
                Shape::Map(slots.iter().filter_map(member).collect())
            }
            Body::Set(slots) => {
                let element = |(key, slot): (&Key, &Slot)| match key {
                    Key::Element(value) => self.shown_in(slot).map(|_| value.clone()),
                    _ => None,
                };
                let elements: Vec<Value> = slots.iter().filter_map(element).collect();
                Shape::Set(kind, elements)
            }
            Body::List(list) => {
                let slots = list.items().filter_map(|item| list.slots.get(&Key::Item(item)));
                Shape::List(slots.filter_map(|slot| self.tree_in(slot)).collect())
            }
        };
        shape.into()
    }

    /// What is shown in a place.
    fn tree_in(&self, slot: &Slot) -> Option<Tree> {
        match self.shown_in(slot)? {
            Content::Value(value) => Some(value.into()),
            Content::Container(kind) => Some(self.tree_of(slot.child(kind), kind)),
        }
    }

    /// What is shown in a container that may not be known yet, as nothing was done in it.
    pub(crate) fn tree_of(&self, index: Option<ContainerIndex>, kind: Kind) -> Tree {
        index.map_or_else(|| Tree::empty(kind), |index| self.tree(index))
    }
}
