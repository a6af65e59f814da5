//! A saved document: the state as it stands, and the retained changes.

use std::collections::BTreeMap;

use crate::change::{Change, NodeRun, Place, Side};
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::membership::Acknowledgement;
use crate::state::map::Entry;
use crate::state::sequence::Status;
use crate::state::sequence::piece::{Piece, is_joined};
use crate::state::snapshot::{BodySnapshot, ContainerSnapshot};
use crate::value::Kind;
use crate::version::VersionVector;

use super::change::{check_depth, read_list, read_run, write_list, write_run};
use super::frame::{self, Frame, Lineage};
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

mod field {
    pub(super) const VERSION: u64 = 4;
    pub(super) const FRONTIER: u64 = 6;
    pub(super) const LAMPORT: u64 = 8;
    pub(super) const MEMBERS: u64 = 10;
    pub(super) const ACKNOWLEDGED: u64 = 12;
    pub(super) const STABLE: u64 = 14;
    pub(super) const FLOOR: u64 = 16;
    pub(super) const PENDING: u64 = 18;
    pub(super) const CONTAINERS: u64 = 20;
    pub(super) const CHANGES: u64 = 22;
    pub(super) const HELD: u64 = 24;
}

/// How a run's place is written.
mod place {
    /// To the right of the identity before its own.
    pub(super) const NEXT: u64 = 0;
    pub(super) const RIGHT: u64 = 1;
    pub(super) const LEFT: u64 = 2;
    pub(super) const AT_ROOT: u64 = 3;
}

/// All that a saved document holds.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Document {
    pub(crate) version: VersionVector,
    pub(crate) frontier: Vec<OpId>,
    /// The Lamport time of the next change.
    pub(crate) lamport: u64,
    pub(crate) members: BTreeMap<ReplicaId, bool>,
    pub(crate) acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
    pub(crate) stable: VersionVector,
    pub(crate) floor: VersionVector,
    /// A stable cut of others, to be taken once it is covered.
    pub(crate) pending_stable: VersionVector,
    pub(crate) containers: Vec<ContainerSnapshot>,
    /// In ascending order of (Lamport time, identity), as all changes in bytes.
    pub(crate) changes: Vec<Change>,
    pub(crate) held: Vec<Change>,
}

/// Fields that have something in them.
struct Fields {
    writer: Writer,
    count: usize,
}

impl Fields {
    fn add(&mut self, field: u64, present: bool, write: impl FnOnce(&mut Writer)) {
        if present {
            self.writer.uint(field);
            write(&mut self.writer);
            self.count += 1;
        }
    }
}

pub(crate) fn encode(lineage: &Lineage, document: &Document) -> Vec<u8> {
    let Document { version, frontier, members, acknowledged, stable, floor, .. } = document;
    let mut names = Names::default();
    let mut fields = Fields { writer: Writer::default(), count: 0 };
    fields.add(field::VERSION, !version.is_empty(), |w| names.version(version, w));
    fields.add(field::FRONTIER, !frontier.is_empty(), |w| names.ops(frontier, w));
    fields.add(field::LAMPORT, document.lamport > 0, |w| w.uint(document.lamport));
    fields.add(field::MEMBERS, !members.is_empty(), |w| {
        w.array(2 * members.len());
        for (&member, &present) in members {
            names.replica(member, w);
            w.uint(present.into());
        }
    });
    fields.add(field::ACKNOWLEDGED, !acknowledged.is_empty(), |w| {
        w.array(3 * acknowledged.len());
        for (&member, Acknowledgement { version, stable }) in acknowledged {
            names.replica(member, w);
            names.version(version, w);
            names.version(stable, w);
        }
    });
    fields.add(field::STABLE, !stable.is_empty(), |w| names.version(stable, w));
    fields.add(field::FLOOR, !floor.is_empty(), |w| names.version(floor, w));
    let pending = &document.pending_stable;
    fields.add(field::PENDING, !pending.is_empty(), |w| names.version(pending, w));
    let filled: Vec<_> = document.containers.iter().filter(|at| !is_blank(&at.body)).collect();
    fields.add(field::CONTAINERS, !filled.is_empty(), |w| {
        w.array(filled.len());
        filled.iter().for_each(|container| write_container(container, &mut names, w));
    });
    for (field, changes) in [(field::CHANGES, &document.changes), (field::HELD, &document.held)] {
        fields.add(field, !changes.is_empty(), |w| {
            w.array(changes.len());
            write_list(changes.iter(), &mut names, w);
        });
    }
    let mut body = Writer::default();
    body.map(names.fields() + fields.count);
    names.write(&mut body);
    body.items(&fields.writer);
    frame::write(Frame::Document, lineage, &body)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<(Lineage, Document), DecodeError> {
    frame::read(Frame::Document, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let mut document = Document::default();
        reader.fields(|field, reader| {
            let offset = reader.offset();
            let known = tables.read_field(field, reader)?
                || read_field(field, &mut document, &mut tables, reader)?;
            if known && document.is_blank_at(field) {
                return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
            }
            Ok(known)
        })?;
        tables.end(offset)?;
        Ok(document)
    })
}

/// Reads a field, if it is one of a document's.
fn read_field(
    field: u64,
    document: &mut Document,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<bool, DecodeError> {
    match field {
        field::VERSION => document.version = tables.version(reader)?,
        field::FRONTIER => document.frontier = tables.ops(reader)?,
        field::LAMPORT => document.lamport = count(reader)?,
        field::MEMBERS => document.members = read_members(tables, reader)?,
        field::ACKNOWLEDGED => document.acknowledged = read_acknowledged(tables, reader)?,
        field::STABLE => document.stable = tables.version(reader)?,
        field::FLOOR => document.floor = tables.version(reader)?,
        field::PENDING => document.pending_stable = tables.version(reader)?,
        field::CONTAINERS => document.containers = read_containers(tables, reader)?,
        field::CHANGES => document.changes = read_list(tables, reader)?,
        field::HELD => document.held = read_list(tables, reader)?,
        _ => return Ok(false),
    }
    Ok(true)
}

impl Document {
    /// Whether a field has nothing in it, and so would not be written.
    fn is_blank_at(&self, field: u64) -> bool {
        match field {
            field::VERSION => self.version.is_empty(),
            field::FRONTIER => self.frontier.is_empty(),
            field::LAMPORT => self.lamport == 0,
            field::MEMBERS => self.members.is_empty(),
            field::ACKNOWLEDGED => self.acknowledged.is_empty(),
            field::STABLE => self.stable.is_empty(),
            field::FLOOR => self.floor.is_empty(),
            field::PENDING => self.pending_stable.is_empty(),
            field::CONTAINERS => self.containers.is_empty(),
            _ => false,
        }
    }
}

/// Containers in the order in which they are written, none of them blank.
fn read_containers(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<ContainerSnapshot>, DecodeError> {
    let mut containers: Vec<ContainerSnapshot> = Vec::new();
    for _ in 0..reader.array()? {
        let offset = reader.offset();
        let container = read_container(tables, reader)?;
        if containers.last().is_some_and(|last| last.id >= container.id) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of containers" });
        }
        if is_blank(&container.body) {
            return Err(DecodeError::NotCanonical { offset, what: "an empty container" });
        }
        containers.push(container);
    }
    Ok(containers)
}

fn is_blank(body: &BodySnapshot) -> bool {
    match body {
        BodySnapshot::Map(slots) => slots.is_empty(),
        BodySnapshot::Text { pieces, .. } => pieces.is_empty(),
    }
}

fn read_members(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<ReplicaId, bool>, DecodeError> {
    let mut members = BTreeMap::new();
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 2 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "members of 2 items" });
    }
    for _ in 0..len / 2 {
        let member = tables.replica(reader)?;
        let present = match reader.uint()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeError::Unexpected { offset, expected: "members and 0 or 1" }),
        };
        if members.last_key_value().is_some_and(|(&last, _)| last >= member) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of members" });
        }
        members.insert(member, present);
    }
    Ok(members)
}

fn read_acknowledged(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<ReplicaId, Acknowledgement>, DecodeError> {
    let mut acknowledged = BTreeMap::new();
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 3 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "acknowledgements of 3 items" });
    }
    for _ in 0..len / 3 {
        let member = tables.replica(reader)?;
        let version = tables.version(reader)?;
        let stable = tables.version(reader)?;
        if acknowledged.last_key_value().is_some_and(|(&last, _)| last >= member) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of members" });
        }
        acknowledged.insert(member, Acknowledgement { version, stable });
    }
    Ok(acknowledged)
}

fn write_container(container: &ContainerSnapshot, names: &mut Names, writer: &mut Writer) {
    match &container.body {
        BodySnapshot::Map(slots) => {
            writer.array(1 + 2 * slots.len());
            names.container(&container.id, writer);
            for (key, entries) in slots {
                writer.text(key);
                writer.array(4 * entries.len());
                for entry in entries {
                    names.op(entry.id, writer);
                    writer.uint(entry.lamport);
                    Names::content(&entry.content, writer);
                }
            }
        }
        BodySnapshot::Text { pieces, deletions } => {
            writer.array(4);
            names.container(&container.id, writer);
            let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            writer.text(&text);
            writer.array(pieces.len());
            pieces.iter().for_each(|piece| write_piece(piece, names, writer));
            writer.array(5 * deletions.len());
            for &(deletion, run) in deletions {
                names.op(deletion, writer);
                write_run(run, names, writer);
            }
        }
    }
}

fn read_container(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<ContainerSnapshot, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    let id = tables.container(reader)?;
    let misfit = DecodeError::Unexpected { offset, expected: "a container of this kind" };
    let body = match id.kind() {
        Kind::Map if len % 2 == 1 => {
            check_depth(offset, &id)?;
            let slots: Vec<_> =
                (0..len / 2).map(|_| read_slot(tables, reader)).collect::<Result<_, _>>()?;
            if !slots.is_sorted_by(|(a, _), (b, _)| a < b) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of keys" });
            }
            BodySnapshot::Map(slots)
        }
        Kind::Text if len == 4 => {
            let mut text = reader.text()?;
            let pieces: Vec<Piece> = (0..reader.array()?)
                .map(|_| read_piece(&mut text, tables, reader))
                .collect::<Result<_, _>>()?;
            if !is_joined(&pieces) {
                return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
            }
            if !text.is_empty() {
                return Reader::inconsistent(offset, "a text is longer than its runs");
            }
            let deletions = read_deletions(tables, reader)?;
            BodySnapshot::Text { pieces, deletions }
        }
        _ => return Err(misfit),
    };
    Ok(ContainerSnapshot { id, body })
}

fn read_slot(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<(String, Vec<Entry>), DecodeError> {
    let key = reader.text()?.to_owned();
    let offset = reader.offset();
    let len = reader.array()?;
    if len == 0 || len % 4 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "assignments of 4 items" });
    }
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..len / 4 {
        let id = tables.op(reader)?;
        let lamport = count(reader)?;
        entries.push(Entry { id, lamport, content: tables.content(reader)? });
    }
    if !entries.is_sorted_by(|a, b| a.rank() < b.rank()) {
        return Err(DecodeError::NotCanonical { offset, what: "the order of assignments" });
    }
    Ok((key, entries))
}

fn write_piece(piece: &Piece, names: &mut Names, writer: &mut Writer) {
    let status = match piece.status {
        Status::Live => 0,
        Status::Deleted | Status::Stable => 1,
        Status::Prunable => 2,
    };
    let (place, parent) = match piece.place {
        Place { parent: None, .. } => (place::AT_ROOT, None),
        Place { parent: Some(parent), side: Side::Right } if parent.plus(1) == piece.id => {
            (place::NEXT, None)
        }
        Place { parent, side: Side::Right } => (place::RIGHT, parent),
        Place { parent, side: Side::Left } => (place::LEFT, parent),
    };
    let key = (piece.key != piece.id).then_some(piece.key);
    let optional = [parent, key];
    writer.array(4 + 2 * optional.iter().flatten().count());
    writer.uint(status + 4 * place + 16 * u64::from(key.is_some()));
    names.span(IdSpan::new(piece.id, piece.len), writer);
    optional.into_iter().flatten().for_each(|id| names.op(id, writer));
}

fn read_piece(
    text: &mut &str,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Piece, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    let flags = reader.uint()?;
    let span = tables.span(reader)?;
    let id = span.start;
    let misfit = DecodeError::Unexpected { offset, expected: "a run of nodes" };
    let status = match flags % 4 {
        0 => Status::Live,
        1 => Status::Deleted,
        2 => Status::Prunable,
        _ => return Err(misfit),
    };
    let place = match flags / 4 % 4 {
        place::NEXT => {
            let previous = id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last));
            Place { parent: Some(previous.ok_or(misfit.clone())?), side: Side::Right }
        }
        place::RIGHT => Place { parent: Some(tables.op(reader)?), side: Side::Right },
        place::LEFT => Place { parent: Some(tables.op(reader)?), side: Side::Left },
        _ => Place { parent: None, side: Side::Right },
    };
    let has_key = flags / 16 == 1;
    let key = if has_key { tables.op(reader)? } else { id };
    let named_parent = matches!(flags / 4 % 4, place::RIGHT | place::LEFT);
    if flags >= 32 || len != 4 + 2 * (usize::from(named_parent) + usize::from(has_key)) {
        return Err(misfit);
    }
    let right_of_previous = Some(id) == place.parent.map(|parent| parent.plus(1));
    if key == id && has_key || flags / 4 % 4 == place::RIGHT && right_of_previous {
        return Err(DecodeError::NotCanonical { offset, what: "the place of a run" });
    }
    let text = match status {
        Status::Live => take_scalars(text, span.len).ok_or(misfit)?.to_owned(),
        _ => String::new(),
    };
    Ok(Piece { id, len: span.len, status, text, place, key })
}

/// Takes that many scalar values off the front; `None` if there are fewer.
fn take_scalars<'t>(text: &mut &'t str, scalars: u64) -> Option<&'t str> {
    let scalars = usize::try_from(scalars).ok()?;
    let end = match text.char_indices().nth(scalars) {
        Some((byte, _)) => byte,
        None if text.chars().count() == scalars => text.len(),
        None => return None,
    };
    let (taken, rest) = text.split_at(end);
    *text = rest;
    Some(taken)
}

fn read_deletions(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<(OpId, NodeRun)>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 5 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "deletions of 5 items" });
    }
    let mut deletions: Vec<(OpId, NodeRun)> = Vec::new();
    for _ in 0..len / 5 {
        let deletion = tables.op(reader)?;
        let run = read_run(tables, reader)?;
        if let Some((last, last_run)) = deletions.last() {
            let after_last = last.plus(last_run.len());
            if deletion < after_last || (deletion == after_last && last_run.joined(&run).is_some())
            {
                return Err(DecodeError::NotCanonical { offset, what: "the order of deletions" });
            }
        }
        deletions.push((deletion, run));
    }
    Ok(deletions)
}
