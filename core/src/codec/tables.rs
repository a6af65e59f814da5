//! The tables at the front of a body: each replica and each container is spelled out once, in
//! the order of first use, and a number from then on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::MAX_DEPTH;
use crate::container::{ContainerId, Key};
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::op::{Place, Side};
use crate::value::{Content, Kind};
use crate::version::{Baseline, LeftOut, VersionVector};

use super::reader::Reader;
use super::writer::Writer;

/// No counter, count or Lamport time is greater: so sums of them do not overflow.
pub(crate) const MAX_COUNT: u64 = 1 << 53;

/// The numbers that a body in the making has given out.
#[derive(Default)]
pub(super) struct Names {
    replicas: BTreeMap<ReplicaId, usize>,
    replica_order: Vec<ReplicaId>,
    containers: BTreeMap<ContainerId, usize>,
    container_order: Vec<ContainerId>,
    /// What was named last, as that is mostly what is named next.
    last_replica: Option<(ReplicaId, usize)>,
    last_container: Option<(ContainerId, usize)>,
    /// Replicas that clocks leave out.
    pub(super) departed: Option<Arc<Baseline>>,
}

impl Names {
    /// Forgets everything, but keeps the room that it took.
    pub(super) fn clear(&mut self) {
        self.replicas.clear();
        self.replica_order.clear();
        self.containers.clear();
        self.container_order.clear();
        (self.last_replica, self.last_container) = (None, None);
    }

    pub(super) fn replica(&mut self, replica: ReplicaId, writer: &mut Writer) {
        let number = self.replica_number(replica);
        writer.uint(number as u64);
    }

    #[inline]
    pub(super) fn replica_number(&mut self, replica: ReplicaId) -> usize {
        match self.last_replica {
            Some((last, number)) if last == replica => number,
            // Dependencies ascend, and got their numbers in that order.
            Some((_, last)) if self.replica_order.get(last + 1) == Some(&replica) => {
                self.last_replica = Some((replica, last + 1));
                last + 1
            }
            _ => self.find_replica(replica),
        }
    }

    fn find_replica(&mut self, replica: ReplicaId) -> usize {
        /// Up to how many looking at all of them is quicker.
        const FEW: usize = 8;
        let few = &self.replica_order[..self.replica_order.len().min(FEW)];
        let number = few.iter().position(|&other| other == replica).unwrap_or_else(|| {
            let next = self.replicas.len();
            *self.replicas.entry(replica).or_insert_with(|| {
                self.replica_order.push(replica);
                next
            })
        });
        self.last_replica = Some((replica, number));
        number
    }

    /// The replica of a number that was given out.
    pub(super) fn replica_at(&self, number: usize) -> ReplicaId {
        self.replica_order[number]
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

    pub(super) fn version(&mut self, version: &VersionVector, writer: &mut Writer) {
        writer.array(2 * version.iter().len());
        self.entries(version, writer);
    }

    /// What is in the array of a version.
    pub(super) fn entries(&mut self, version: &VersionVector, writer: &mut Writer) {
        for (replica, count) in version.iter() {
            self.replica(replica, writer);
            writer.uint(count);
        }
    }

    /// The same, but for the replicas that are left out, if any are.
    pub(super) fn version_but(
        &mut self,
        left_out: Option<LeftOut>,
        version: &VersionVector,
        writer: &mut Writer,
    ) {
        if left_out.is_none() {
            return self.version(version, writer);
        }
        writer.array(2 * version.own().len());
        for (replica, count) in version.own() {
            self.replica(replica, writer);
            writer.uint(count);
        }
    }

    /// What is assigned: a value, an array of a container's kind, or an empty array for nothing.
    pub(super) fn content(content: Option<&Content>, writer: &mut Writer) {
        match content {
            Some(Content::Value(value)) => writer.value(value),
            Some(Content::Container(kind)) => {
                writer.array(1);
                writer.uint(kind_number(*kind));
            }
            None => writer.array(0),
        }
    }

    pub(super) fn key(&mut self, key: &Key, writer: &mut Writer) {
        match key {
            Key::Name(name) => writer.text(name),
            Key::Element(value) => writer.value(value),
            Key::Item(item) => {
                writer.array(2);
                self.op(*item, writer);
            }
        }
    }

    /// Where a move goes: to the root, or below a node.
    pub(super) fn place(&mut self, place: Place, writer: &mut Writer) {
        writer.uint(match place {
            Place { parent: None, .. } => to::ROOT,
            Place { side: Side::Right, .. } => to::RIGHT,
            Place { side: Side::Left, .. } => to::LEFT,
        });
        place.parent.into_iter().for_each(|parent| self.op(parent, writer));
    }

    pub(super) fn container(&mut self, id: &ContainerId, writer: &mut Writer) {
        let number = self.container_number(id);
        writer.uint(number as u64);
    }

    /// The root is 0; a parent has a lower number than its children.
    #[inline]
    pub(super) fn container_number(&mut self, id: &ContainerId) -> usize {
        match &self.last_container {
            Some((last, number)) if last == id => *number,
            _ => {
                let number = self.find_container(id);
                self.last_container = Some((id.clone(), number));
                number
            }
        }
    }

    fn find_container(&mut self, id: &ContainerId) -> usize {
        let Some((parent, _, _)) = id.step() else { return 0 };
        if let Some(&number) = self.containers.get(id) {
            return number;
        }
        self.find_container(parent);
        if let Some((_, Key::Item(item), _)) = id.step() {
            self.replica_number(item.replica);
        }
        self.container_order.push(id.clone());
        let number = self.container_order.len();
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
                    writer.uint(self.containers.get(parent).copied().unwrap_or(0) as u64);
                    self.listed_key(key, writer);
                    writer.uint(kind_number(kind));
                }
            }
        }
    }
}

impl Names {
    /// A key in the table of containers, whose replica has its number by now.
    fn listed_key(&self, key: &Key, writer: &mut Writer) {
        match key {
            Key::Name(name) => writer.text(name),
            Key::Element(value) => writer.value(value),
            Key::Item(item) => {
                writer.array(2);
                writer.uint(self.replicas.get(&item.replica).copied().unwrap_or(0) as u64);
                writer.uint(item.counter);
            }
        }
    }
}

/// Where a move goes.
mod to {
    pub(super) const ROOT: u64 = 0;
    pub(super) const RIGHT: u64 = 1;
    pub(super) const LEFT: u64 = 2;
}

/// The fields of the tables, in every body.
pub(super) mod field {
    pub(in crate::codec) const REPLICAS: u64 = 0;
    pub(in crate::codec) const CONTAINERS: u64 = 2;
}

/// The number of a kind in the format: its place in [`Kind::ALL`].
pub(super) fn kind_number(kind: Kind) -> u64 {
    kind as u64
}

fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, DecodeError> {
    let offset = reader.offset();
    kind_of(reader.uint()?, offset)
}

/// The kind with a number that was read at the offset.
pub(super) fn kind_of(number: u64, offset: usize) -> Result<Kind, DecodeError> {
    let kind = usize::try_from(number).ok().and_then(|number| Kind::ALL.get(number)).copied();
    kind.ok_or(DecodeError::Unexpected { offset, expected: "a kind of container" })
}

/// The tables of a body that is read.
pub(super) struct Tables {
    replicas: Vec<ReplicaId>,
    /// The numbers of the replicas.
    numbers: BTreeMap<ReplicaId, usize>,
    /// The root, and those listed.
    containers: Vec<ContainerId>,
    /// How many of each have been used: they are listed in the order of first use.
    used: Used,
}

#[derive(Default)]
struct Used {
    replicas: usize,
    containers: usize,
}

impl Default for Tables {
    fn default() -> Self {
        let containers = vec![ContainerId::ROOT];
        let (replicas, numbers, used) = Default::default();
        Self { replicas, numbers, containers, used }
    }
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
        self.numbers = self.replicas.iter().copied().zip(0..).collect();
        if self.numbers.len() < self.replicas.len() {
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
            let number = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
            let expected = "a container listed before";
            let parent = self.containers.get(number).cloned();
            let parent = parent.ok_or(DecodeError::Unexpected { offset, expected })?;
            if parent.depth() >= MAX_DEPTH {
                let (what, limit) = ("keys deep", MAX_DEPTH as u64);
                return Err(DecodeError::Limit { offset, what, limit });
            }
            let key = match parent.kind() {
                Kind::Map => Key::Name(reader.text()?.into()),
                Kind::List => self.listed_item(reader)?,
                _ => {
                    let what = "a container has a parent that is neither a map nor a list";
                    return Reader::inconsistent(offset, what);
                }
            };
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

    /// An item in the table of containers: that names its replica, but does not use it yet.
    fn listed_item(&mut self, reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
        reader.array_of(2, "an array of an item's identity")?;
        let (_, replica) = self.listed_replica(reader)?;
        Ok(Key::Item(OpId::new(replica, count(reader)?)))
    }

    fn listed_replica(&self, reader: &mut Reader<'_>) -> Result<(usize, ReplicaId), DecodeError> {
        let offset = reader.offset();
        let number = reader.uint()?;
        self.replica_at(offset, number)
    }

    fn replica_at(&self, offset: usize, number: u64) -> Result<(usize, ReplicaId), DecodeError> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let listed = self.replicas.get(number).map(|&replica| (number, replica));
        listed.ok_or(DecodeError::Unexpected { offset, expected: "the number of a listed replica" })
    }

    pub(super) fn replica(&mut self, reader: &mut Reader<'_>) -> Result<ReplicaId, DecodeError> {
        let offset = reader.offset();
        let number = reader.uint()?;
        self.replica_numbered(offset, number).map(|(_, replica)| replica)
    }

    /// The replica of a number that was read at an offset.
    #[inline]
    pub(super) fn replica_numbered(
        &mut self,
        offset: usize,
        number: u64,
    ) -> Result<(usize, ReplicaId), DecodeError> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(&replica) = self.replicas.get(number) else {
            let expected = "the number of a listed replica";
            return Err(DecodeError::Unexpected { offset, expected });
        };
        self.use_replica(offset, number)?;
        Ok((number, replica))
    }

    /// The replica of a number; `None` if it is not listed, or not in the order of first use.
    #[inline]
    pub(super) fn plain_replica(&mut self, number: u64) -> Option<(usize, ReplicaId)> {
        let number = usize::try_from(number).ok()?;
        let replica = *self.replicas.get(number)?;
        if number >= self.used.replicas {
            self.use_replica(0, number).ok()?;
        }
        Some((number, replica))
    }

    /// How many replicas are listed.
    pub(super) fn replica_count(&self) -> usize {
        self.replicas.len()
    }

    /// How many containers there are, the root included.
    pub(super) fn container_count(&self) -> usize {
        self.containers.len()
    }

    /// A replica whose number is the next one in a column.
    pub(super) fn numbered_replica(
        &mut self,
        column: &mut Reader<'_>,
    ) -> Result<ReplicaId, DecodeError> {
        let offset = column.offset();
        let number = column.number()?;
        self.replica_numbered(offset, number).map(|(_, replica)| replica)
    }

    fn use_replica(&mut self, offset: usize, number: usize) -> Result<(), DecodeError> {
        if number > self.used.replicas {
            return Err(DecodeError::NotCanonical { offset, what: "the order of replicas" });
        }
        self.used.replicas = self.used.replicas.max(number + 1);
        Ok(())
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

    pub(super) fn version(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<VersionVector, DecodeError> {
        let offset = reader.offset();
        let len = reader.array()?;
        if len % 2 != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "a version of 2 items each" });
        }
        self.entries(len / 2, reader)
    }

    /// A version, and whether a 0 comes before it.
    pub(super) fn version_or_whole(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<(bool, VersionVector), DecodeError> {
        let len = reader.array()?;
        let offset = reader.offset();
        let is_whole = len % 2 != 0;
        if is_whole && reader.uint()? != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "a 0 before a whole version" });
        }
        Ok((is_whole, self.entries(len / 2, reader)?))
    }

    fn entries(
        &mut self,
        len: usize,
        reader: &mut Reader<'_>,
    ) -> Result<VersionVector, DecodeError> {
        let mut version = VersionVector::new();
        let mut previous = None;
        for _ in 0..len {
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
        let number = reader.uint()?;
        let number = self.container_numbered(offset, number)?;
        Ok(self.containers[number].clone())
    }

    /// The number of a container, which was read at an offset.
    pub(super) fn container_numbered(
        &mut self,
        offset: usize,
        number: u64,
    ) -> Result<usize, DecodeError> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        if number >= self.containers.len() {
            let expected = "the number of a listed container";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        // Before its first use nothing is listed but its parents, which were not used either.
        if number > self.used.containers {
            let new = &self.containers[self.used.containers + 1..=number];
            let is_parent =
                |pair: &[ContainerId]| pair[1].step().is_some_and(|step| *step.0 == pair[0]);
            if !new.windows(2).all(is_parent) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of containers" });
            }
            let items: Vec<OpId> = new.iter().filter_map(item_of).collect();
            self.used.containers = number;
            for item in items {
                self.use_listed(offset, item.replica)?;
            }
        }
        Ok(number)
    }

    /// The container of a number that was read.
    pub(super) fn container_at(&self, number: usize) -> &ContainerId {
        &self.containers[number]
    }

    /// Uses a listed replica, known by its identity.
    fn use_listed(&mut self, offset: usize, replica: ReplicaId) -> Result<(), DecodeError> {
        let number = self.numbers.get(&replica).copied();
        self.use_replica(offset, number.unwrap_or(usize::MAX))
    }

    /// What is held at first, or assigned: a value, or an array of a container's kind.
    pub(super) fn content(reader: &mut Reader<'_>) -> Result<Content, DecodeError> {
        if !reader.at_array_of(1) {
            return reader.value().map(Content::Value);
        }
        reader.array_of(1, "a value, or an array of a kind of container")?;
        read_kind(reader).map(Content::Container)
    }

    /// Where a move goes.
    pub(super) fn place(&mut self, reader: &mut Reader<'_>) -> Result<Place, DecodeError> {
        let offset = reader.offset();
        let side = match reader.uint()? {
            to::ROOT => return Ok(Place { parent: None, side: Side::Right }),
            to::RIGHT => Side::Right,
            to::LEFT => Side::Left,
            _ => return Err(DecodeError::Unexpected { offset, expected: "0, or a side: 1 or 2" }),
        };
        Ok(Place { parent: Some(self.op(reader)?), side })
    }

    /// What is assigned to a key: a content, or an empty array for nothing.
    pub(super) fn assigned(reader: &mut Reader<'_>) -> Result<Option<Content>, DecodeError> {
        if !reader.at_array_of(0) {
            return Self::content(reader).map(Some);
        }
        reader.array_of(0, "nothing").map(|()| None)
    }

    /// A key of a container of that kind, which has keys.
    pub(super) fn key(&mut self, kind: Kind, reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
        match kind {
            Kind::Map => reader.text().map(|name| Key::Name(name.into())),
            Kind::List => {
                reader.array_of(2, "an array of an item's identity")?;
                self.op(reader).map(Key::Item)
            }
            _ => reader.value().map(Key::Element),
        }
    }

    /// Asserts that no listed replica goes unused.
    pub(super) fn end(&self, offset: usize) -> Result<(), DecodeError> {
        if self.used.replicas < self.replicas.len() {
            return Err(DecodeError::NotCanonical { offset, what: "a replica that is not used" });
        }
        if self.used.containers + 1 < self.containers.len() {
            return Err(DecodeError::NotCanonical { offset, what: "a container that is not used" });
        }
        Ok(())
    }
}

/// The item of a list that a container is in.
fn item_of(id: &ContainerId) -> Option<OpId> {
    match id.step() {
        Some((_, Key::Item(item), _)) => Some(*item),
        _ => None,
    }
}

/// A counter, a count or a Lamport time.
pub(super) fn count(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let offset = reader.offset();
    let count = reader.uint()?;
    check_count(offset, count)
}

/// A counter, a count or a Lamport time that was read at the offset.
pub(super) fn check_count(offset: usize, count: u64) -> Result<u64, DecodeError> {
    if count > MAX_COUNT {
        return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
    }
    Ok(count)
}
