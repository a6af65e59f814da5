//! Operations, and what goes with a change beside them.

use crate::MAX_DEPTH;
use crate::commit::Commit;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::id::OpId;
use crate::op::{Contribution, Elements, Op, Place, Side};
use crate::value::{Content, Kind};

use super::reader::Reader;
use super::runs::{read_runs, write_run};
use super::tables::{Names, Tables};
use super::writer::Writer;

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
    /// Not an operation: what goes with all of them, in front.
    pub(super) const COMMIT: u64 = 9;
    pub(super) const MOVE: u64 = 10;
    pub(super) const INCREMENT: u64 = 11;
    pub(super) const RESET: u64 = 12;
}

/// Where a move goes.
mod to {
    pub(super) const ROOT: u64 = 0;
    pub(super) const RIGHT: u64 = 1;
    pub(super) const LEFT: u64 = 2;
}

/// Writes what an author said of a change, which is not nothing.
pub(super) fn write_commit(commit: &Commit, writer: &mut Writer) {
    writer.array(4);
    writer.uint(tag::COMMIT);
    match commit.time {
        Some(time) => writer.int(time),
        None => writer.null(),
    }
    for text in [&commit.message, &commit.origin] {
        match text {
            Some(text) => writer.text(text),
            None => writer.null(),
        }
    }
}

/// Reads what an author said of a change, if the next item is that.
pub(super) fn read_commit(reader: &mut Reader<'_>) -> Result<Option<Commit>, DecodeError> {
    let offset = reader.offset();
    if !reader.at_tagged(4, tag::COMMIT as u8) {
        return Ok(None);
    }
    reader.array_of(4, "what goes with a change")?;
    reader.uint()?;
    let mut commit = Commit::new();
    if !reader.null() {
        commit.time = Some(reader.int()?);
    }
    for text in [&mut commit.message, &mut commit.origin] {
        if !reader.null() {
            *text = Some(reader.text()?.to_owned());
        }
    }
    if commit.is_empty() {
        return Err(DecodeError::NotCanonical { offset, what: "an empty commit" });
    }
    Ok(Some(commit))
}

pub(super) fn write(id: OpId, op: &Op, names: &mut Names, writer: &mut Writer) {
    match op {
        Op::Insert { container, place, elements } => {
            write_insert(id, container, *place, elements, names, writer);
        }
        Op::Delete { container, nodes } => {
            writer.array(2 + 3 * nodes.len());
            writer.uint(tag::DELETE);
            names.container(container, writer);
            nodes.iter().for_each(|&run| write_run(run, names, writer));
        }
        Op::Move { container, item, place } => {
            writer.array(if place.parent.is_some() { 7 } else { 5 });
            writer.uint(tag::MOVE);
            names.container(container, writer);
            names.op(*item, writer);
            writer.uint(match place {
                Place { parent: None, .. } => to::ROOT,
                Place { side: Side::Right, .. } => to::RIGHT,
                Place { side: Side::Left, .. } => to::LEFT,
            });
            place.parent.into_iter().for_each(|parent| names.op(parent, writer));
        }
        Op::Assign { container, key, content, supersedes } => {
            writer.array(4 + 2 * supersedes.len());
            writer.uint(tag::ASSIGN);
            names.container(container, writer);
            names.key(key, writer);
            Names::content(content.as_ref(), writer);
            supersedes.iter().for_each(|&id| names.op(id, writer));
        }
        Op::Remove { container, key, supersedes } => {
            writer.array(3 + 2 * supersedes.len());
            writer.uint(tag::REMOVE);
            names.container(container, writer);
            names.key(key, writer);
            supersedes.iter().for_each(|&id| names.op(id, writer));
        }
        Op::Increment { container, delta } => {
            writer.array(3);
            writer.uint(tag::INCREMENT);
            names.container(container, writer);
            writer.int(*delta);
        }
        Op::Reset { container, observed } => {
            writer.array(2 + 3 * observed.len());
            writer.uint(tag::RESET);
            names.container(container, writer);
            for &Contribution { last, sum } in observed {
                names.op(last, writer);
                writer.int(sum);
            }
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
    elements: &Elements,
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
    match elements {
        Elements::Text(text) => writer.text(text),
        Elements::Items(items) => {
            writer.array(items.len());
            items.iter().for_each(|item| Names::content(Some(item), writer));
        }
    }
}

/// Reads the operation `id`.
pub(super) fn read(
    id: OpId,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Op, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    let tag = reader.uint()?;
    let misfit = DecodeError::Unexpected { offset, expected: "an operation of this length" };
    let groups_after = |fixed: usize, size: usize| {
        let rest = len.checked_sub(fixed).filter(|rest| rest % size == 0);
        rest.map(|rest| rest / size).ok_or(misfit.clone())
    };
    let exactly = |fixed| if len == fixed { Ok(()) } else { Err(misfit.clone()) };
    let some = |groups: usize| if groups > 0 { Ok(groups) } else { Err(misfit.clone()) };
    match tag {
        tag::INSERT_NEXT | tag::INSERT_AT_ROOT => {
            exactly(3)?;
            let container = sequence(tables, reader)?;
            let previous = id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last));
            let parent = if tag == tag::INSERT_NEXT { Some(previous.ok_or(misfit)?) } else { None };
            let place = Place { parent, side: Side::Right };
            let elements = read_elements(container.kind(), reader)?;
            Ok(Op::Insert { container, place, elements })
        }
        tag::INSERT_RIGHT | tag::INSERT_LEFT => {
            exactly(5)?;
            let container = sequence(tables, reader)?;
            let parent = tables.op(reader)?;
            let side = if tag == tag::INSERT_RIGHT { Side::Right } else { Side::Left };
            if side == Side::Right && parent.plus(1) == id {
                return Err(DecodeError::NotCanonical { offset, what: "an insertion's place" });
            }
            let place = Place { parent: Some(parent), side };
            let elements = read_elements(container.kind(), reader)?;
            Ok(Op::Insert { container, place, elements })
        }
        tag::DELETE => {
            let runs = some(groups_after(2, 3)?)?;
            let container = sequence(tables, reader)?;
            let nodes = read_runs(runs, tables, reader)?;
            Ok(Op::Delete { container, nodes })
        }
        tag::MOVE => {
            let container = of_kinds(&[Kind::List], tables, reader)?;
            let item = tables.op(reader)?;
            let side = match (reader.uint()?, len) {
                (to::ROOT, 5) => None,
                (to::RIGHT, 7) => Some(Side::Right),
                (to::LEFT, 7) => Some(Side::Left),
                _ => return Err(misfit),
            };
            let parent = side.map(|_| tables.op(reader)).transpose()?;
            let place = Place { parent, side: side.unwrap_or(Side::Right) };
            Ok(Op::Move { container, item, place })
        }
        tag::ASSIGN => {
            let pairs = groups_after(4, 2)?;
            let container = of_kinds(WITH_KEYS, tables, reader)?;
            let key = tables.key(container.kind(), reader)?;
            let content = read_assigned(container.kind(), reader)?;
            let supersedes = read_observed(pairs, tables, reader)?;
            Ok(Op::Assign { container, key, content, supersedes })
        }
        tag::REMOVE => {
            let pairs = some(groups_after(3, 2)?)?;
            let container = of_kinds(WITH_KEYS, tables, reader)?;
            refuse_grow_only(offset, &container)?;
            let key = tables.key(container.kind(), reader)?;
            let supersedes = read_observed(pairs, tables, reader)?;
            Ok(Op::Remove { container, key, supersedes })
        }
        tag::INCREMENT => {
            exactly(3)?;
            let container = of_kinds(COUNTERS, tables, reader)?;
            let delta = reader.int()?;
            if delta == 0 {
                return Err(DecodeError::NotCanonical { offset, what: "an increment by 0" });
            }
            if delta < 0 {
                refuse_grow_only(offset, &container)?;
            }
            Ok(Op::Increment { container, delta })
        }
        tag::RESET => {
            let shares = some(groups_after(2, 3)?)?;
            let container = of_kinds(COUNTERS, tables, reader)?;
            refuse_grow_only(offset, &container)?;
            let observed = read_contributions(shares, tables, reader)?;
            Ok(Op::Reset { container, observed })
        }
        tag::JOIN => exactly(2).and_then(|()| tables.replica(reader)).map(Op::Join),
        tag::LEAVE => exactly(1).map(|()| Op::Leave),
        _ => Err(DecodeError::Unexpected { offset, expected: "an operation of this format" }),
    }
}

const WITH_KEYS: &[Kind] = &[Kind::Map, Kind::List, Kind::Set, Kind::GrowOnlySet];
const COUNTERS: &[Kind] = &[Kind::Counter, Kind::GrowOnlyCounter];

fn sequence(tables: &mut Tables, reader: &mut Reader<'_>) -> Result<ContainerId, DecodeError> {
    of_kinds(&[Kind::Text, Kind::List], tables, reader)
}

/// A container of one of these kinds.
fn of_kinds(
    kinds: &[Kind],
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<ContainerId, DecodeError> {
    let offset = reader.offset();
    let container = tables.container(reader)?;
    if !kinds.contains(&container.kind()) {
        return Reader::inconsistent(offset, "an operation is on a container of another kind");
    }
    if matches!(container.kind(), Kind::Map | Kind::List) {
        check_depth(offset, &container)?;
    }
    Ok(container)
}

/// What is in a container must not be deeper than paths go.
pub(super) fn check_depth(offset: usize, container: &ContainerId) -> Result<(), DecodeError> {
    if container.depth() >= MAX_DEPTH {
        let (what, limit) = ("keys deep", MAX_DEPTH as u64);
        return Err(DecodeError::Limit { offset, what, limit });
    }
    Ok(())
}

fn refuse_grow_only(offset: usize, container: &ContainerId) -> Result<(), DecodeError> {
    if container.kind().is_grow_only() {
        return Reader::inconsistent(offset, "something is taken away that only grows");
    }
    Ok(())
}

fn read_elements(kind: Kind, reader: &mut Reader<'_>) -> Result<Elements, DecodeError> {
    let offset = reader.offset();
    let elements = match kind {
        Kind::List => {
            let len = reader.array()?;
            let items = (0..len).map(|_| Tables::content(reader));
            Elements::Items(items.collect::<Result<_, _>>()?)
        }
        _ => Elements::Text(reader.text()?.to_owned()),
    };
    match &elements {
        Elements::Text(text) if text.is_empty() => {}
        Elements::Items(items) if items.is_empty() => {}
        _ => return Ok(elements),
    }
    Err(DecodeError::NotCanonical { offset, what: "an empty insertion" })
}

/// What is assigned under a key of a container of that kind.
pub(super) fn read_assigned(
    kind: Kind,
    reader: &mut Reader<'_>,
) -> Result<Option<Content>, DecodeError> {
    let offset = reader.offset();
    let content = Tables::assigned(reader)?;
    match (kind, &content) {
        (Kind::Map, _) | (Kind::List, Some(_)) => Ok(content),
        (Kind::List, None) => Reader::inconsistent(offset, "an item is assigned nothing"),
        (_, Some(Content::Value(value))) if value.is_null() => Ok(content),
        _ => Reader::inconsistent(offset, "an element of a set is assigned something"),
    }
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

/// That many contributions, ascending by replica.
fn read_contributions(
    len: usize,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Contribution>, DecodeError> {
    let offset = reader.offset();
    let mut observed: Vec<Contribution> = Vec::new();
    for _ in 0..len {
        let last = tables.op(reader)?;
        if observed.last().is_some_and(|before| before.last.replica >= last.replica) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of contributions" });
        }
        observed.push(Contribution { last, sum: reader.int()? });
    }
    Ok(observed)
}
