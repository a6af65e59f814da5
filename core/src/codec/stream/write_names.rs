//! What an operation names, written: replicas, operations, nodes, containers and keys.

use crate::codec::tables::kind_number;
use crate::codec::writer::Writer;
use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};

use super::dictionary::{MAX_NUMBERS, Numbered};
use super::head::CONTAINER;
use super::varint;
use super::write::{Encoder, Unfit};

impl Encoder {
    pub(super) fn key(&mut self, key: &Key) -> Result<(), Unfit> {
        match key {
            Key::Name(name) => {
                varint::write(name.len() as u64, &mut self.content);
                self.content.extend_from_slice(name.as_bytes());
            }
            Key::Item(item) => {
                let author = self.replica(item.replica)?;
                let head = self.dictionary.known_author(author).head;
                self.difference(item.counter, head);
            }
            Key::Element(value) => {
                let mut writer = Writer::onto(std::mem::take(&mut self.content));
                writer.value(value);
                self.content = writer.into_bytes();
            }
        }
        Ok(())
    }

    /// Writes a node, by how far it is from the last one of its author that was named.
    pub(super) fn node(&mut self, author: u32, node: OpId) -> Result<Numbered, Unfit> {
        let base = |encoder: &Self, number| encoder.dictionary.known_author(number).node;
        let number = self.op(author, node, base)?;
        let node = Numbered { author: number, counter: node.counter };
        self.dictionary.follow_node(node);
        Ok(node)
    }

    /// Writes an operation, by how far it is from another one of its author; gives that author.
    pub(super) fn op(
        &mut self,
        author: u32,
        op: OpId,
        base: impl Fn(&Self, u32) -> u64,
    ) -> Result<u32, Unfit> {
        let is_own = self.dictionary.known_author(author).id == op.replica;
        // Who is named for the first time has nothing to be far from.
        let listed = if is_own { Some(author) } else { self.listed_author(op.replica) };
        let base = listed.map_or(0, |listed| base(self, listed));
        let difference = varint::fold((op.counter as i64).wrapping_sub(base as i64));
        varint::write(2 * difference + u64::from(!is_own), &mut self.content);
        if is_own { Ok(author) } else { self.replica(op.replica) }
    }

    pub(super) fn difference(&mut self, counter: u64, base: u64) {
        let difference = (counter as i64).wrapping_sub(base as i64);
        varint::write_signed(difference, &mut self.content);
    }

    pub(super) fn listed_author(&self, replica: ReplicaId) -> Option<u32> {
        let last = self.dictionary.last.author;
        if self.dictionary.author(last).is_some_and(|author| author.id == replica) {
            return Some(last);
        }
        self.index.authors.get(&replica).copied()
    }

    /// Writes the number of a replica, and what it is if it had none.
    pub(super) fn replica(&mut self, replica: ReplicaId) -> Result<u32, Unfit> {
        if let Some(number) = self.listed_author(replica) {
            varint::write(number.into(), &mut self.content);
            return Ok(number);
        }
        let number = self.dictionary.add_author(replica).ok_or(Unfit)?;
        self.index.authors.insert(replica, number);
        varint::write(number.into(), &mut self.content);
        self.content.extend_from_slice(&replica.get().to_be_bytes());
        Ok(number)
    }

    pub(super) fn listed_container(&self, container: &ContainerId) -> Option<u32> {
        let last = self.dictionary.last.container;
        if self.dictionary.container(last) == Some(container) {
            return Some(last);
        }
        match container.step() {
            None => Some(0),
            Some(_) => self.index.containers.get(container).copied(),
        }
    }

    /// Writes the number of a container, unless it is the last one's, and what it is if it had
    /// none; gives bits of the head.
    pub(super) fn container(&mut self, container: &ContainerId) -> Result<u8, Unfit> {
        if let Some(number) = self.listed_container(container) {
            if number == self.dictionary.last.container {
                return Ok(0);
            }
            varint::write(number.into(), &mut self.content);
            self.dictionary.last.container = number;
            return Ok(CONTAINER);
        }
        let mut new = Vec::new();
        let mut at = container;
        let parent = loop {
            if let Some(number) = self.listed_container(at) {
                break number;
            }
            new.push(at);
            at = at.step().ok_or(Unfit)?.0;
        };
        let listed = self.dictionary.lens().containers;
        if listed + new.len() > MAX_NUMBERS {
            return Err(Unfit);
        }
        varint::write((listed + new.len()) as u64, &mut self.content);
        varint::write(parent.into(), &mut self.content);
        for id in new.into_iter().rev() {
            let Some((_, key, kind)) = id.step() else { continue };
            self.key(key)?;
            self.content.push(kind_number(kind) as u8);
            let number = self.dictionary.add_container(id.clone()).ok_or(Unfit)?;
            self.index.containers.insert(id.clone(), number);
            self.dictionary.last.container = number;
        }
        Ok(CONTAINER)
    }
}
