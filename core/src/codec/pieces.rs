//! The runs of a saved sequence, and the deletions of their nodes.

use crate::error::DecodeError;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Place, Side};
use crate::state::sequence::piece::{Piece, is_joined};
use crate::state::sequence::{Items, Payload, Status};

use super::reader::Reader;
use super::runs::{read_run, write_run};
use super::tables::{Names, Tables};
use super::writer::Writer;

/// How a run's place is written.
mod place {
    /// To the right of the identity before its own.
    pub(super) const NEXT: u64 = 0;
    pub(super) const RIGHT: u64 = 1;
    pub(super) const LEFT: u64 = 2;
    pub(super) const AT_ROOT: u64 = 3;
}

pub(super) fn write_pieces<P>(pieces: &[Piece<P>], names: &mut Names, writer: &mut Writer) {
    writer.array(pieces.len());
    pieces.iter().for_each(|piece| write_piece(piece, names, writer));
}

/// Reads runs of characters, and the text that the live ones have.
pub(super) fn read_text_pieces(
    mut text: &str,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Piece<String>>, DecodeError> {
    let offset = reader.offset();
    let mut take = |len| take_scalars(&mut text, len).map(str::to_owned);
    let pieces = read_pieces(&mut take, tables, reader)?;
    if !text.is_empty() {
        return Reader::inconsistent(offset, "a text is longer than its runs");
    }
    Ok(pieces)
}

/// Reads runs of items.
pub(super) fn read_item_pieces(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Piece<Items>>, DecodeError> {
    read_pieces(&mut |len| u32::try_from(len).ok().map(Items), tables, reader)
}

fn read_pieces<P: Payload>(
    take: &mut impl FnMut(u64) -> Option<P>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Piece<P>>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    let pieces = (0..len).map(|_| read_piece(take, tables, reader));
    let pieces: Vec<Piece<P>> = pieces.collect::<Result<_, _>>()?;
    if !is_joined(&pieces) {
        return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
    }
    Ok(pieces)
}

fn write_piece<P>(piece: &Piece<P>, names: &mut Names, writer: &mut Writer) {
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

fn read_piece<P>(
    take: &mut impl FnMut(u64) -> Option<P>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Piece<P>, DecodeError>
where
    P: Payload,
{
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
    let payload = match status {
        Status::Live => take(span.len).ok_or(misfit)?,
        _ => P::default(),
    };
    Ok(Piece { id, len: span.len, status, payload, place, key })
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

pub(super) fn write_deletions(
    deletions: &[(OpId, NodeRun)],
    names: &mut Names,
    writer: &mut Writer,
) {
    writer.array(5 * deletions.len());
    for &(deletion, run) in deletions {
        names.op(deletion, writer);
        write_run(run, names, writer);
    }
}

pub(super) fn read_deletions(
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
