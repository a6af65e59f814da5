//! Changes: the body of what replicas exchange.

use crate::MAX_DEPTH;
use crate::change::Change;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Op, Place, Side};
use crate::value::Kind;
use crate::version::VersionVector;

use super::frame::{self, Frame, Lineage};
use super::reader::Reader;
use super::tables::{MAX_COUNT, Names, Tables, check_span, count};
use super::writer::Writer;

mod field {
    pub(super) const CHANGES: u64 = 4;
    pub(super) const STABLE: u64 = 6;
}

/// The operations' numbers in the format.
mod tag {
    /// An insertion to the right of the identity before its own.
    pub(super) const INSERT_NEXT: u64 = 0;
    pub(super) const INSERT_RIGHT: u64 = 1;
    pub(super) const INSERT_LEFT: u64 = 2;
    pub(super) const INSERT_AT_ROOT: u64 = 3;
    pub(super) const DELETE: u64 = 4;
    pub(super) const ASSIGN: u64 = 5;
    pub(super) const REMOVE: u64 = 6;
    pub(super) const JOIN: u64 = 7;
    pub(super) const LEAVE: u64 = 8;
}

/// What a frame of changes brings.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Changes {
    pub(crate) changes: Vec<Change>,
    /// The sender's stable cut, for a receiver that may not know of it.
    pub(crate) stable: VersionVector,
}

/// Encodes changes, in ascending order of (Lamport time, identity).
pub(crate) fn encode<'c>(
    lineage: &Lineage,
    changes: impl IntoIterator<Item = &'c Change>,
    stable: &VersionVector,
) -> Vec<u8> {
    let mut names = Names::default();
    let mut list = Writer::default();
    let len = write_list(changes, &mut names, &mut list);
    let mut cut = Writer::default();
    names.version(stable, &mut cut);

    let mut body = Writer::default();
    let fields = [len > 0, !stable.is_empty()].into_iter().filter(|present| *present).count();
    body.map(names.fields() + fields);
    names.write(&mut body);
    if len > 0 {
        body.uint(field::CHANGES);
        body.array(len);
        body.items(&list);
    }
    if !stable.is_empty() {
        body.uint(field::STABLE);
        body.items(&cut);
    }
    frame::write(Frame::Changes, lineage, &body)
}

/// Decodes what [`encode`] gives.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Lineage, Changes), DecodeError> {
    frame::read(Frame::Changes, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let mut body = Changes::default();
        reader.fields(|field, reader| {
            match field {
                field::CHANGES => body.changes = read_list(&mut tables, reader)?,
                field::STABLE => body.stable = present_version(&mut tables, reader)?,
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
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
        writer.array(4 + change.ops().len());
        names.op(change.id, writer);
        writer.uint(change.lamport - lamport);
        lamport = change.lamport;
        names.ops(&change.dependencies, writer);
        for (id, _, op) in change.numbered() {
            write_op(id, op, names, writer);
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
    let mut ops = Vec::new();
    let mut next = id;
    for _ in 0..ops_len {
        let op = read_op(next, tables, reader)?;
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
    Ok(Change::new(id, lamport, dependencies, ops))
}

fn write_op(id: OpId, op: &Op, names: &mut Names, writer: &mut Writer) {
    match op {
        Op::Insert { container, place, text } => {
            write_insert(id, container, *place, text, names, writer);
        }
        Op::Delete { container, nodes } => {
            writer.array(2 + 3 * nodes.len());
            writer.uint(tag::DELETE);
            names.container(container, writer);
            nodes.iter().for_each(|&run| write_run(run, names, writer));
        }
        Op::Assign { container, key, content, supersedes } => {
            writer.array(4 + 2 * supersedes.len());
            writer.uint(tag::ASSIGN);
            names.container(container, writer);
            writer.text(key);
            Names::content(content, writer);
            supersedes.iter().for_each(|&id| names.op(id, writer));
        }
        Op::Remove { container, key, supersedes } => {
            writer.array(3 + 2 * supersedes.len());
            writer.uint(tag::REMOVE);
            names.container(container, writer);
            writer.text(key);
            supersedes.iter().for_each(|&id| names.op(id, writer));
        }
        Op::Join(member) => {
            writer.array(2);
            writer.uint(tag::JOIN);
            names.replica(*member, writer);
        }
        Op::Leave => {
            writer.array(1);
            writer.uint(tag::LEAVE);
        }
    }
}

fn write_insert(
    id: OpId,
    container: &ContainerId,
    place: Place,
    text: &str,
    names: &mut Names,
    writer: &mut Writer,
) {
    let (tag, parent) = match place {
        Place { parent: None, .. } => (tag::INSERT_AT_ROOT, None),
        Place { parent: Some(parent), side: Side::Right } if parent.plus(1) == id => {
            (tag::INSERT_NEXT, None)
        }
        Place { parent, side: Side::Right } => (tag::INSERT_RIGHT, parent),
        Place { parent, side: Side::Left } => (tag::INSERT_LEFT, parent),
    };
    writer.array(3 + if parent.is_some() { 2 } else { 0 });
    writer.uint(tag);
    names.container(container, writer);
    if let Some(parent) = parent {
        names.op(parent, writer);
    }
    writer.text(text);
}

fn read_op(id: OpId, tables: &mut Tables, reader: &mut Reader<'_>) -> Result<Op, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    let tag = reader.uint()?;
    let misfit = DecodeError::Unexpected { offset, expected: "an operation of this length" };
    let pairs_after = |fixed: usize| {
        let rest = len.checked_sub(fixed).filter(|rest| rest % 2 == 0);
        rest.map(|rest| rest / 2).ok_or(misfit.clone())
    };
    let exactly = |fixed| if len == fixed { Ok(()) } else { Err(misfit.clone()) };
    match tag {
        tag::INSERT_NEXT | tag::INSERT_AT_ROOT => {
            exactly(3)?;
            let container = read_container(Kind::Text, tables, reader)?;
            let previous = id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last));
            let parent = if tag == tag::INSERT_NEXT { Some(previous.ok_or(misfit)?) } else { None };
            let place = Place { parent, side: Side::Right };
            Ok(Op::Insert { container, place, text: read_text(reader)? })
        }
        tag::INSERT_RIGHT | tag::INSERT_LEFT => {
            exactly(5)?;
            let container = read_container(Kind::Text, tables, reader)?;
            let parent = tables.op(reader)?;
            let side = if tag == tag::INSERT_RIGHT { Side::Right } else { Side::Left };
            if side == Side::Right && parent.plus(1) == id {
                return Err(DecodeError::NotCanonical { offset, what: "an insertion's place" });
            }
            let place = Place { parent: Some(parent), side };
            Ok(Op::Insert { container, place, text: read_text(reader)? })
        }
        tag::DELETE => {
            let spans = len.checked_sub(2).filter(|rest| *rest > 0 && rest % 3 == 0);
            let spans = spans.ok_or(misfit)? / 3;
            let container = read_container(Kind::Text, tables, reader)?;
            let nodes = read_runs(spans, tables, reader)?;
            Ok(Op::Delete { container, nodes })
        }
        tag::ASSIGN => {
            let pairs = pairs_after(4)?;
            let container = read_container(Kind::Map, tables, reader)?;
            let key = reader.text()?.to_owned();
            let content = tables.content(reader)?;
            let supersedes = read_observed(pairs, tables, reader)?;
            Ok(Op::Assign { container, key, content, supersedes })
        }
        tag::REMOVE => {
            let pairs = pairs_after(3).ok().filter(|&pairs| pairs > 0).ok_or(misfit)?;
            let container = read_container(Kind::Map, tables, reader)?;
            let key = reader.text()?.to_owned();
            let supersedes = read_observed(pairs, tables, reader)?;
            Ok(Op::Remove { container, key, supersedes })
        }
        tag::JOIN => exactly(2).and_then(|()| tables.replica(reader)).map(Op::Join),
        tag::LEAVE => exactly(1).map(|()| Op::Leave),
        _ => Err(DecodeError::Unexpected { offset, expected: "an operation of this format" }),
    }
}

/// Runs that are as few and as long as can be, and name no node twice.
fn read_runs(
    len: usize,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<NodeRun>, DecodeError> {
    let offset = reader.offset();
    let mut runs: Vec<NodeRun> = Vec::new();
    let mut nodes = 0;
    for _ in 0..len {
        let run = read_run(tables, reader)?;
        nodes += run.len();
        if nodes > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
        }
        if runs.last().is_some_and(|last| last.joined(&run).is_some()) {
            return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
        }
        runs.push(run);
    }
    let mut spans: Vec<IdSpan> = runs.iter().map(|run| run.nodes).collect();
    spans.sort_unstable();
    let overlap = |pair: &[IdSpan]| {
        pair[0].start.replica == pair[1].start.replica && pair[0].end() > pair[1].start.counter
    };
    if spans.windows(2).any(overlap) {
        return Err(DecodeError::NotCanonical { offset, what: "a node named twice" });
    }
    Ok(runs)
}

/// What an assignment or a removal supersedes: that many identities, ascending.
fn read_observed(
    len: usize,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<OpId>, DecodeError> {
    let offset = reader.offset();
    let observed: Vec<OpId> = (0..len).map(|_| tables.op(reader)).collect::<Result<_, _>>()?;
    if !observed.is_sorted_by(|a, b| a < b) {
        return Err(DecodeError::NotCanonical { offset, what: "the order of identities" });
    }
    Ok(observed)
}

/// A key must not be deeper than paths go.
pub(super) fn check_depth(offset: usize, map: &ContainerId) -> Result<(), DecodeError> {
    if map.depth() >= MAX_DEPTH {
        let (what, limit) = ("keys deep", MAX_DEPTH as u64);
        return Err(DecodeError::Limit { offset, what, limit });
    }
    Ok(())
}

pub(super) fn write_run(run: NodeRun, names: &mut Names, writer: &mut Writer) {
    names.op(run.nodes.start, writer);
    writer.uint(2 * run.nodes.len + u64::from(run.backwards));
}

pub(super) fn read_run(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<NodeRun, DecodeError> {
    let offset = reader.offset();
    let start = tables.op(reader)?;
    let number = count(reader)?;
    let (nodes, backwards) = (IdSpan::new(start, number / 2), number % 2 == 1);
    check_span(offset, nodes)?;
    if backwards && nodes.len == 1 {
        return Err(DecodeError::NotCanonical { offset, what: "the direction of a single node" });
    }
    Ok(NodeRun { nodes, backwards })
}

fn read_container(
    kind: Kind,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<ContainerId, DecodeError> {
    let offset = reader.offset();
    let container = tables.container(reader)?;
    if container.kind() != kind {
        return Reader::inconsistent(offset, "an operation is on a container of another kind");
    }
    if kind == Kind::Map {
        check_depth(offset, &container)?;
    }
    Ok(container)
}

fn read_text(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let offset = reader.offset();
    let text = reader.text()?;
    if text.is_empty() {
        return Err(DecodeError::NotCanonical { offset, what: "an empty insertion" });
    }
    Ok(text.to_owned())
}
