//! Changes: the body of what replicas exchange.

use crate::change::Change;
use crate::error::DecodeError;
use crate::membership::Acknowledgement;
use crate::op::Op;
use crate::version::VersionVector;

use super::frame::{self, Form, Frame, Lineage};
use super::op;
use super::reader::Reader;
use super::tables::{MAX_COUNT, Names, Tables, count};
use super::writer::Writer;

mod field {
    pub(super) const CHANGES: u64 = 4;
    pub(super) const STABLE: u64 = 6;
    pub(super) const VERSION: u64 = 8;
}

/// What a frame of changes brings.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Changes {
    pub(crate) changes: Vec<Change>,
    /// The sender's stable cut, for a receiver that may not know of it, and the sender's version.
    pub(crate) cut: Option<Acknowledgement>,
}

/// Encodes changes, in ascending order of (Lamport time, identity).
pub(crate) fn encode<'c>(
    form: Form,
    lineage: &Lineage,
    changes: impl IntoIterator<Item = &'c Change>,
    cut: Option<&Acknowledgement>,
) -> Vec<u8> {
    let mut names = Names::default();
    let mut list = Writer::default();
    let len = write_list(changes, &mut names, &mut list);
    let mut versions = Writer::default();
    if let Some(Acknowledgement { version, stable }) = cut {
        versions.uint(field::STABLE);
        names.version(stable, &mut versions);
        versions.uint(field::VERSION);
        names.version(version, &mut versions);
    }

    let mut body = Writer::default();
    body.map(names.fields() + usize::from(len > 0) + if cut.is_some() { 2 } else { 0 });
    names.write(&mut body);
    if len > 0 {
        body.uint(field::CHANGES);
        body.array(len);
        body.items(&list);
    }
    body.items(&versions);
    frame::write_as(form, Frame::Changes, lineage, &body)
}

/// Decodes what [`encode`] gives, with a body of no more than so many bytes.
pub(crate) fn decode(bytes: &[u8], max_bytes: usize) -> Result<(Lineage, Changes), DecodeError> {
    frame::read_either(Frame::Changes, bytes, max_bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let mut body = Changes::default();
        let (mut stable, mut version) = (None, None);
        reader.fields(|field, reader| {
            match field {
                field::CHANGES => body.changes = read_list(&mut tables, reader)?,
                field::STABLE => stable = Some(present_version(&mut tables, reader)?),
                field::VERSION => version = Some(present_version(&mut tables, reader)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        body.cut = match (version, stable) {
            (None, None) => None,
            (Some(version), Some(stable)) if version.covers(&stable) => {
                Some(Acknowledgement { version, stable })
            }
            _ => {
                let what = "a stable cut comes without a version that covers it";
                return Err(DecodeError::Inconsistent { offset, what });
            }
        };
        Ok(body)
    })
}

/// A version that is there because it is not empty.
fn present_version(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<VersionVector, DecodeError> {
    let offset = reader.offset();
    let version = tables.version(reader)?;
    if version.is_empty() {
        return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
    }
    Ok(version)
}

/// Writes changes one after the other; gives how many.
pub(super) fn write_list<'c>(
    changes: impl IntoIterator<Item = &'c Change>,
    names: &mut Names,
    writer: &mut Writer,
) -> usize {
    let mut lamport = 0;
    let mut len = 0;
    for change in changes {
        writer.array(4 + usize::from(change.commit().is_some()) + change.ops().len());
        names.op(change.id, writer);
        writer.uint(change.lamport - lamport);
        lamport = change.lamport;
        names.ops(&change.dependencies, writer);
        if let Some(commit) = change.commit() {
            op::write_commit(commit, writer);
        }
        for (id, _, op) in change.numbered() {
            op::write(id, op, names, writer);
        }
        len += 1;
    }
    len
}

/// Reads an array of changes, in the order in which they are written.
pub(super) fn read_list(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Change>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len == 0 {
        return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
    }
    let mut changes: Vec<Change> = Vec::new();
    for _ in 0..len {
        let offset = reader.offset();
        let before = changes.last().map_or((0, None), |last| (last.lamport, Some(last.id)));
        let change = read_change(before.0, tables, reader)?;
        if before.1.is_some_and(|id| (before.0, id) >= (change.lamport, change.id)) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of changes" });
        }
        changes.push(change);
    }
    Ok(changes)
}

fn read_change(
    lamport_before: u64,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Change, DecodeError> {
    let offset = reader.offset();
    let ops_len = reader.array()?.checked_sub(4).filter(|&len| len > 0);
    let ops_len = ops_len.ok_or(DecodeError::Unexpected {
        offset,
        expected: "a change: an array of 5 items or more",
    })?;
    let id = tables.op(reader)?;
    let lamport = lamport_before + count(reader)?;
    let dependencies = tables.ops(reader)?;
    let ascending = dependencies.windows(2).all(|pair| pair[0].replica < pair[1].replica);
    if !ascending || dependencies.iter().any(|head| head.replica == id.replica) {
        return Err(DecodeError::NotCanonical { offset, what: "the dependencies of a change" });
    }
    let commit = op::read_commit(reader)?;
    let ops_len = ops_len - usize::from(commit.is_some());
    if ops_len == 0 {
        return Err(DecodeError::Unexpected { offset, expected: "a change with operations" });
    }
    let mut ops = Vec::new();
    let mut next = id;
    for _ in 0..ops_len {
        let op = op::read(next, tables, reader)?;
        next = next.plus(op.len());
        if next.counter > MAX_COUNT || lamport > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
        }
        if ops.last() == Some(&Op::Leave) {
            return Reader::inconsistent(offset, "something comes after its author has left");
        }
        ops.push(op);
    }
    ops.shrink_to_fit();
    Ok(Change::new(id, lamport, dependencies, ops).with_commit(commit.unwrap_or_default()))
}
