//! The tables of a body in the making: what it names is numbered in the order of first use.

use libsync::{Kind, OpId, ReplicaId};

use crate::cbor::Item;

/// A container, by the number of its parent among those that there are to pick.
pub(super) struct Container {
    pub(super) parent: usize,
    pub(super) key: Key,
    pub(super) kind: Kind,
}

/// What a container has in its parent.
pub(super) enum Key {
    Name(&'static str),
    Item(OpId),
}

/// See the module. Containers are numbers of `containers`, of which the first is the root.
pub(super) struct Names<'c> {
    containers: &'c [Container],
    listed: Vec<usize>,
    replicas: Vec<ReplicaId>,
}

impl<'c> Names<'c> {
    pub(super) const fn new(containers: &'c [Container]) -> Self {
        Self { containers, listed: Vec::new(), replicas: Vec::new() }
    }

    pub(super) fn replica(&mut self, replica: ReplicaId) -> u64 {
        let known = self.replicas.iter().position(|&known| known == replica);
        let number = known.unwrap_or_else(|| {
            self.replicas.push(replica);
            self.replicas.len() - 1
        });
        number as u64
    }

    pub(super) fn op(&mut self, id: OpId) -> [Item; 2] {
        [self.replica(id.replica), id.counter].map(Item::Unsigned)
    }

    /// A container, the root not listed, and parents listed first.
    pub(super) fn container(&mut self, container: usize) -> u64 {
        if container == 0 {
            return 0;
        }
        let known = self.listed.iter().position(|&known| known == container);
        let number = known.unwrap_or_else(|| {
            let Container { parent, ref key, .. } = self.containers[container];
            self.container(parent);
            if let Key::Item(item) = key {
                self.replica(item.replica);
            }
            self.listed.push(container);
            self.listed.len() - 1
        });
        number as u64 + 1
    }

    /// The two tables, as fields of the body.
    pub(super) fn fields(mut self) -> Vec<Item> {
        let mut containers = Vec::new();
        for container in std::mem::take(&mut self.listed) {
            let Container { parent, ref key, kind } = self.containers[container];
            let number = self.listed.iter().position(|&listed| listed == parent);
            containers.push(Item::Unsigned(number.map_or(0, |number| number as u64 + 1)));
            containers.push(match key {
                Key::Name(name) => Item::Text(name.as_bytes().to_vec()),
                Key::Item(item) => Item::Array(self.op(*item).to_vec()),
            });
            containers.push(Item::Unsigned(kind as u64));
            self.listed.push(container);
        }
        let replicas: Vec<u8> =
            self.replicas.iter().flat_map(|replica| replica.get().to_be_bytes()).collect();
        let mut fields = Vec::new();
        if !replicas.is_empty() {
            fields.extend([Item::Unsigned(0), Item::Bytes(replicas)]);
        }
        if !containers.is_empty() {
            fields.extend([Item::Unsigned(2), Item::Array(containers)]);
        }
        fields
    }
}
