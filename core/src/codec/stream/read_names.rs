//! What an entry names, read: replicas, operations, nodes, containers and keys.

use crate::MAX_DEPTH;
use crate::codec::op::check_depth;
use crate::codec::reader::Reader;
use crate::codec::tables::kind_of;
use crate::container::Key;
use crate::error::DecodeError;
use crate::id::ReplicaId;
use crate::value::Kind;

use super::dictionary::{Author, MAX_NUMBERS, Numbered};
use super::entries::{Entries, near};
use super::read::{Decoder, Result};

impl Decoder {
    /// A key of a container of that kind, which has keys.
    pub(super) fn key(&mut self, kind: Kind, entries: &mut Entries<'_>) -> Result<Key> {
        match kind {
            Kind::Map => entries.text().map(|name| Key::Name(name.into())),
            Kind::List => {
                let author = self.replica(entries)?;
                let head = self.dictionary.known_author(author).head;
                let item = Numbered { author, counter: entries.near(head)? };
                Ok(Key::Item(self.dictionary.id(item)))
            }
            _ => {
                let mut reader = entries.reader();
                let element = reader.value()?;
                entries.at = reader.offset();
                Ok(Key::Element(element))
            }
        }
    }

    /// Checks that the last container is of one of these kinds, and not too deep for what is in
    /// it.
    pub(super) fn expect_container(&self, offset: usize, kinds: &[Kind]) -> Result<()> {
        let container = self.container(self.dictionary.last.container);
        if !kinds.contains(&container.kind()) {
            return Reader::inconsistent(offset, "an operation is on a container of another kind");
        }
        match container.kind() {
            Kind::Map | Kind::List => check_depth(offset, container),
            _ => Ok(()),
        }
    }

    /// Reads which container an operation is on, and what it is if it is new. It is the last one
    /// from now on.
    pub(super) fn container_of_head(&mut self, entries: &mut Entries<'_>) -> Result<()> {
        let offset = entries.at;
        let number = entries.number()?;
        let listed = self.dictionary.lens().containers as u64;
        let mut expected = "the number of a container other than the last one";
        if number <= listed {
            if number == u64::from(self.dictionary.last.container) {
                return Err(DecodeError::Unexpected { offset, expected });
            }
            self.dictionary.last.container = number as u32;
            return Ok(());
        }
        expected = "a container that was spelled out before";
        let unlisted = DecodeError::Unexpected { offset, expected };
        let parent = entries.number()?;
        let parent = u32::try_from(parent).ok().filter(|&parent| u64::from(parent) <= listed);
        let parent = parent.ok_or(unlisted)?;
        let mut at = self.container(parent).clone();
        for _ in listed..number {
            if at.depth() >= MAX_DEPTH {
                let (what, limit) = ("keys deep", MAX_DEPTH as u64);
                return Err(DecodeError::Limit { offset, what, limit });
            }
            if !matches!(at.kind(), Kind::Map | Kind::List) {
                let what = "a container has a parent that is neither a map nor a list";
                return Reader::inconsistent(offset, what);
            }
            let key = self.key(at.kind(), entries)?;
            let kind = kind_of(entries.byte()?.into(), offset)?;
            at = at.child(key, kind);
            let (what, limit) = ("containers in a stream", MAX_NUMBERS as u64);
            let number = self.dictionary.add_container(at.clone());
            self.dictionary.last.container =
                number.ok_or(DecodeError::Limit { offset, what, limit })?;
        }
        Ok(())
    }

    /// A node, by how far it is from the last one of its author that was named.
    pub(super) fn node(&mut self, author: u32, entries: &mut Entries<'_>) -> Result<Numbered> {
        let node = self.op(author, |author| author.node, entries)?;
        self.dictionary.follow_node(node);
        Ok(node)
    }

    /// An operation, by how far it is from another one of its author.
    pub(super) fn op(
        &mut self,
        author: u32,
        base: impl Fn(&Author) -> u64,
        entries: &mut Entries<'_>,
    ) -> Result<Numbered> {
        let offset = entries.at;
        let number = entries.number()?;
        let author = if number % 2 == 0 {
            author
        } else {
            let other = self.replica(entries)?;
            if other == author {
                return Err(DecodeError::NotCanonical { offset, what: "an operation's author" });
            }
            other
        };
        let base = base(self.dictionary.known_author(author));
        Ok(Numbered { author, counter: near(offset, base, number / 2)? })
    }

    /// The number of a replica, and what it is if it is new.
    #[inline]
    pub(super) fn replica(&mut self, entries: &mut Entries<'_>) -> Result<u32> {
        let offset = entries.at;
        let number = entries.number()?;
        let listed = self.dictionary.lens().authors as u64;
        if number < listed {
            return Ok(number as u32);
        }
        self.new_replica(offset, number, entries)
    }

    fn new_replica(
        &mut self,
        offset: usize,
        number: u64,
        entries: &mut Entries<'_>,
    ) -> Result<u32> {
        if number > self.dictionary.lens().authors as u64 {
            let expected = "the number of a replica";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        let id = ReplicaId::new(u64::from_be_bytes(entries.take_array()?));
        let (what, limit) = ("replicas in a stream", MAX_NUMBERS as u64);
        self.dictionary.add_author(id).ok_or(DecodeError::Limit { offset, what, limit })
    }
}
