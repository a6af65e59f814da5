//! The tables at the front of a body: each replica and each container is spelled out once, in
//! the order of first use, and a number from then on.

use std::collections::BTreeMap;

use crate::MAX_DEPTH;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::value::{Content, Kind};
use crate::version::VersionVector;

use super::reader::Reader;
use super::writer::Writer;

/// No counter, count or Lamport time is greater: so sums of them do not overflow.
pub(crate) const MAX_COUNT: u64 = 1 << 53;

/// The numbers that a body in the making has given out.
#[derive(Default)]
pub(super) struct Names {
    replicas: BTreeMap<ReplicaId, u64>,
    replica_order: Vec<ReplicaId>,
    containers: BTreeMap<ContainerId, u64>,
    container_order: Vec<ContainerId>,
}

impl Names {
    pub(super) fn replica(&mut self, replica: ReplicaId, writer: &mut Writer) {
        let next = self.replicas.len() as u64;
        let number = *self.replicas.entry(replica).or_insert_with(|| {
            self.replica_order.push(replica);
            next
        });
        writer.uint(number);
    }

    pub(super) fn op(&mut self, id: OpId, writer: &mut Writer) {
        self.replica(id.replica, writer);
        writer.uint(id.counter);
    }

    /// Identities, in ascending order.
    pub(super) fn ops(&mut self, ids: &[OpId], writer: &mut Writer) {
        writer.array(2 * ids.len());
        ids.iter().for_each(|&id| self.op(id, writer));
    }

    pub(super) fn span(&mut self, span: IdSpan, writer: &mut Writer) {
        self.op(span.start, writer);
        writer.uint(span.len);
    }

    pub(super) fn version(&mut self, version: &VersionVector, writer: &mut Writer) {
        writer.array(2 * version.iter().len());
        for (replica, count) in version.iter() {
            self.replica(replica, writer);
            writer.uint(count);
        }
    }

    pub(super) fn content(content: &Content, writer: &mut Writer) {
        match content {
            Content::Value(value) => writer.value(value),
            Content::Container(kind) => {
                writer.array(1);
                writer.uint(kind_number(*kind));
            }
        }
    }

    pub(super) fn container(&mut self, id: &ContainerId, writer: &mut Writer) {
        let number = self.container_number(id);
        writer.uint(number);
    }

    /// The root is 0; a parent has a lower number than its children.
    fn container_number(&mut self, id: &ContainerId) -> u64 {
        let Some((parent, _, _)) = id.step() else { return 0 };
        if let Some(&number) = self.containers.get(id) {
            return number;
        }
        self.container_number(parent);
        self.container_order.push(id.clone());
        let number = self.container_order.len() as u64;
        self.containers.insert(id.clone(), number);
        number
    }

    /// How many tables are not empty.
    pub(super) fn fields(&self) -> usize {
        usize::from(!self.replica_order.is_empty()) + usize::from(!self.container_order.is_empty())
    }

    /// The tables, as fields 0 and 2.
    pub(super) fn write(&self, writer: &mut Writer) {
        if !self.replica_order.is_empty() {
            writer.uint(field::REPLICAS);
            let ids: Vec<u8> =
                self.replica_order.iter().flat_map(|id| id.get().to_be_bytes()).collect();
            writer.bytes(&ids);
        }
        if !self.container_order.is_empty() {
            writer.uint(field::CONTAINERS);
            writer.array(3 * self.container_order.len());
            for id in &self.container_order {
                if let Some((parent, key, kind)) = id.step() {
                    writer.uint(self.containers.get(parent).copied().unwrap_or(0));
                    writer.text(key);
                    writer.uint(kind_number(kind));
                }
            }
        }
    }
}

/// The fields of the tables, in every body.
pub(super) mod field {
    pub(in crate::codec) const REPLICAS: u64 = 0;
    pub(in crate::codec) const CONTAINERS: u64 = 2;
}

/// The number of a kind in the format.
fn kind_number(kind: Kind) -> u64 {
    match kind {
        Kind::Map => 0,
        Kind::Text => 1,
    }
}

fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, DecodeError> {
    let offset = reader.offset();
    match reader.uint()? {
        0 => Ok(Kind::Map),
        1 => Ok(Kind::Text),
        _ => Err(DecodeError::Unexpected { offset, expected: "a kind of container" }),
    }
}

/// The tables of a body that is read.
#[derive(Default)]
pub(super) struct Tables {
    replicas: Vec<ReplicaId>,
    containers: Vec<ContainerId>,
    /// How many of each have been used: they are listed in the order of first use.
    used: Used,
}

#[derive(Default)]
struct Used {
    replicas: usize,
    containers: usize,
}

impl Tables {
    /// Reads a table's field; `false` if it is none.
    pub(super) fn read_field(
        &mut self,
        field: u64,
        reader: &mut Reader<'_>,
    ) -> Result<bool, DecodeError> {
        match field {
            field::REPLICAS => self.read_replicas(reader)?,
            field::CONTAINERS => self.read_containers(reader)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn read_replicas(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let offset = reader.offset();
        let (ids, rest) = reader.bytes()?.as_chunks::<8>();
        if !rest.is_empty() || ids.is_empty() {
            return Err(DecodeError::Unexpected { offset, expected: "replica ids of 8 bytes" });
        }
        self.replicas = ids.iter().map(|id| ReplicaId::new(u64::from_be_bytes(*id))).collect();
        let mut sorted = self.replicas.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(DecodeError::NotCanonical { offset, what: "a replica listed twice" });
        }
        Ok(())
    }

    fn read_containers(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let offset = reader.offset();
        let len = reader.array()?;
        if len == 0 || len % 3 != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "containers of 3 items each" });
        }
        for _ in 0..len / 3 {
            let offset = reader.offset();
            let parent = match reader.uint()? {
                0 => ContainerId::ROOT,
                number => self
                    .containers
                    .get(usize::try_from(number - 1).unwrap_or(usize::MAX))
                    .cloned()
                    .ok_or(DecodeError::Unexpected {
                        offset,
                        expected: "a container listed before",
                    })?,
            };
            if parent.kind() != Kind::Map {
                return Reader::inconsistent(offset, "a container has a parent that is not a map");
            }
            if parent.depth() >= MAX_DEPTH {
                let (what, limit) = ("keys deep", MAX_DEPTH as u64);
                return Err(DecodeError::Limit { offset, what, limit });
            }
            let key = reader.text()?;
            let kind = read_kind(reader)?;
            self.containers.push(parent.child(key, kind));
        }
        let mut sorted: Vec<&ContainerId> = self.containers.iter().collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(DecodeError::NotCanonical { offset, what: "a container listed twice" });
        }
        Ok(())
    }

    pub(super) fn replica(&mut self, reader: &mut Reader<'_>) -> Result<ReplicaId, DecodeError> {
        let offset = reader.offset();
        let number = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
        if number > self.used.replicas {
            return Err(DecodeError::NotCanonical { offset, what: "the order of replicas" });
        }
        self.used.replicas = self.used.replicas.max(number + 1);
        let listed = self.replicas.get(number).copied();
        listed.ok_or(DecodeError::Unexpected { offset, expected: "the number of a listed replica" })
    }

    pub(super) fn op(&mut self, reader: &mut Reader<'_>) -> Result<OpId, DecodeError> {
        let replica = self.replica(reader)?;
        Ok(OpId::new(replica, count(reader)?))
    }

    pub(super) fn ops(&mut self, reader: &mut Reader<'_>) -> Result<Vec<OpId>, DecodeError> {
        let offset = reader.offset();
        let len = reader.array()?;
        if len % 2 != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "operation ids of 2 items" });
        }
        (0..len / 2).map(|_| self.op(reader)).collect()
    }

    /// Identities that do not overflow, at least one.
    pub(super) fn span(&mut self, reader: &mut Reader<'_>) -> Result<IdSpan, DecodeError> {
        let offset = reader.offset();
        let span = IdSpan::new(self.op(reader)?, count(reader)?);
        check_span(offset, span)?;
        Ok(span)
    }

    pub(super) fn version(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<VersionVector, DecodeError> {
        let offset = reader.offset();
        let len = reader.array()?;
        if len % 2 != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "a version of 2 items each" });
        }
        let mut version = VersionVector::new();
        let mut previous = None;
        for _ in 0..len / 2 {
            let offset = reader.offset();
            let replica = self.replica(reader)?;
            let operations = count(reader)?;
            if operations == 0 || previous.is_some_and(|previous| previous >= replica) {
                return Err(DecodeError::NotCanonical { offset, what: "a version's entry" });
            }
            previous = Some(replica);
            version.set(replica, operations);
        }
        Ok(version)
    }

    pub(super) fn container(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<ContainerId, DecodeError> {
        let offset = reader.offset();
        let number = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
        if number == 0 {
            return Ok(ContainerId::ROOT);
        }
        let expected = "the number of a listed container";
        let listed = self.containers.get(..number);
        let listed = listed.ok_or(DecodeError::Unexpected { offset, expected })?;
        // Before its first use nothing is listed but its parents, which were not used either.
        if let Some(new) = listed.get(self.used.containers..).filter(|new| !new.is_empty()) {
            let is_parent =
                |pair: &[ContainerId]| pair[1].step().is_some_and(|step| *step.0 == pair[0]);
            if !new.windows(2).all(is_parent) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of containers" });
            }
            self.used.containers = number;
        }
        Ok(listed[number - 1].clone())
    }

    /// What an assignment assigns: a value, or an array of a container's kind.
    pub(super) fn content(&mut self, reader: &mut Reader<'_>) -> Result<Content, DecodeError> {
        if !reader.at_array() {
            return reader.value().map(Content::Value);
        }
        reader.array_of(1, "a value, or an array of a kind of container")?;
        read_kind(reader).map(Content::Container)
    }

    /// Asserts that no listed replica goes unused.
    pub(super) fn end(&self, offset: usize) -> Result<(), DecodeError> {
        if self.used.replicas < self.replicas.len() {
            return Err(DecodeError::NotCanonical { offset, what: "a replica that is not used" });
        }
        if self.used.containers < self.containers.len() {
            return Err(DecodeError::NotCanonical { offset, what: "a container that is not used" });
        }
        Ok(())
    }
}

/// At least one identity, none beyond the limit.
pub(super) fn check_span(offset: usize, span: IdSpan) -> Result<(), DecodeError> {
    if span.len == 0 {
        return Err(DecodeError::Unexpected { offset, expected: "a run of 1 identity or more" });
    }
    if span.end() > MAX_COUNT {
        return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
    }
    Ok(())
}

/// A counter, a count or a Lamport time.
pub(super) fn count(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let offset = reader.offset();
    let count = reader.uint()?;
    if count > MAX_COUNT {
        return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
    }
    Ok(count)
}
