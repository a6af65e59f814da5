//! Containers of a saved document, with what is in them.

use crate::error::DecodeError;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Place, Side};
use crate::state::map::Entry;
use crate::state::sequence::Status;
use crate::state::sequence::piece::{Piece, is_joined};
use crate::state::snapshot::{BodySnapshot, ContainerSnapshot};
use crate::value::Kind;

use super::change::{check_depth, read_run, write_run};
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

/// How a run's place is written.
mod place {
    /// To the right of the identity before its own.
    pub(super) const NEXT: u64 = 0;
    pub(super) const RIGHT: u64 = 1;
    pub(super) const LEFT: u64 = 2;
    pub(super) const AT_ROOT: u64 = 3;
}

/// Containers in the order in which they are written, none of them blank.
pub(super) fn read_containers(
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

/// Whether nothing is in it: such a container is not written.
pub(super) fn is_blank(body: &BodySnapshot) -> bool {
    match body {
        BodySnapshot::Map(slots) => slots.is_empty(),
        BodySnapshot::Text { pieces, .. } => pieces.is_empty(),
    }
}

/// Writes a container that is not blank.
pub(super) fn write_container(
    container: &ContainerSnapshot,
    names: &mut Names,
    writer: &mut Writer,
) {
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
