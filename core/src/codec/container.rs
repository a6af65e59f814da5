//! Containers of a saved document, with what is in them.

use std::collections::BTreeMap;

use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::state::assignments::Entry;
use crate::state::slots::clock_of;
use crate::state::snapshot::{BodySnapshot, ContainerSnapshot, SlotSnapshot};
use crate::state::{Rank, Share};
use crate::value::Kind;

use super::op::{check_depth, read_assigned};
use super::pieces::{
    read_deletions, read_item_pieces, read_text_pieces, write_deletions, write_pieces,
};
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

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
        if is_blank(&container) {
            return Err(DecodeError::NotCanonical { offset, what: "an empty container" });
        }
        containers.push(container);
    }
    Ok(containers)
}

/// Whether nothing is known of it but that it is there: such a container is not written.
pub(super) fn is_blank(container: &ContainerSnapshot) -> bool {
    container.clock.is_empty()
        && match &container.body {
            BodySnapshot::Slots(slots) => slots.is_empty(),
            BodySnapshot::Text { pieces, .. } => pieces.is_empty(),
            BodySnapshot::List { pieces, items, .. } => pieces.is_empty() && items.is_empty(),
            BodySnapshot::Counter(shares) => shares.is_empty(),
        }
}

/// Writes a container that is not blank.
pub(super) fn write_container(
    container: &ContainerSnapshot,
    names: &mut Names,
    writer: &mut Writer,
) {
    let parts = match &container.body {
        BodySnapshot::Slots(_) | BodySnapshot::Counter(_) => 1,
        BodySnapshot::Text { .. } | BodySnapshot::List { .. } => 3,
    };
    writer.array(2 + parts);
    names.container(&container.id, writer);
    names.version(&container.clock, writer);
    match &container.body {
        BodySnapshot::Slots(slots) => write_slots(slots, names, writer),
        BodySnapshot::Text { pieces, deletions } => {
            let text: String = pieces.iter().map(|piece| piece.payload.as_str()).collect();
            writer.text(&text);
            write_pieces(pieces, names, writer);
            write_deletions(deletions, names, writer);
        }
        BodySnapshot::List { pieces, items, moves } => {
            write_pieces(pieces, names, writer);
            write_slots(items, names, writer);
            write_moves(moves, names, writer);
        }
        BodySnapshot::Counter(shares) => {
            writer.array(5 * shares.len());
            for (&replica, share) in shares {
                names.replica(replica, writer);
                writer.uint(share.end);
                writer.int(share.sum);
                writer.uint(share.removed_end);
                writer.int(share.removed_sum);
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
    let clock = tables.version(reader)?;
    let kind = id.kind();
    let body = match (kind, len) {
        (Kind::Map | Kind::Set | Kind::GrowOnlySet, 3) => {
            if kind == Kind::Map {
                check_depth(offset, &id)?;
            }
            BodySnapshot::Slots(read_slots(kind, tables, reader)?)
        }
        (Kind::Text, 5) => {
            let text = reader.text()?;
            let pieces = read_text_pieces(text, tables, reader)?;
            let deletions = read_deletions(tables, reader)?;
            BodySnapshot::Text { pieces, deletions }
        }
        (Kind::List, 5) => {
            check_depth(offset, &id)?;
            let pieces = read_item_pieces(tables, reader)?;
            let items = read_slots(kind, tables, reader)?;
            let moves = read_moves(tables, reader)?;
            BodySnapshot::List { pieces, items, moves }
        }
        (Kind::Counter | Kind::GrowOnlyCounter, 3) => {
            BodySnapshot::Counter(read_shares(kind, tables, reader)?)
        }
        _ => {
            return Err(DecodeError::Unexpected { offset, expected: "a container of this kind" });
        }
    };
    Ok(ContainerSnapshot { id, clock, body })
}

fn write_slots(slots: &[SlotSnapshot], names: &mut Names, writer: &mut Writer) {
    writer.array(3 * slots.len());
    for SlotSnapshot { key, entries, clock } in slots {
        names.key(key, writer);
        writer.array(5 * entries.len());
        for entry in entries {
            names.op(entry.id, writer);
            writer.uint(entry.lamport);
            Names::content(entry.content.as_ref(), writer);
            match entry.time {
                Some(time) => writer.int(time),
                None => writer.null(),
            }
        }
        names.version(clock, writer);
    }
}

/// The places of a container of that kind.
fn read_slots(
    kind: Kind,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<SlotSnapshot>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 3 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "places of 3 items" });
    }
    let slots = (0..len / 3).map(|_| read_slot(kind, tables, reader));
    let slots: Vec<SlotSnapshot> = slots.collect::<Result<_, _>>()?;
    if !slots.is_sorted_by(|a, b| a.key < b.key) {
        return Err(DecodeError::NotCanonical { offset, what: "the order of keys" });
    }
    Ok(slots)
}

fn read_slot(
    kind: Kind,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<SlotSnapshot, DecodeError> {
    let key = tables.key(kind, reader)?;
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 5 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "assignments of 5 items" });
    }
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..len / 5 {
        let id = tables.op(reader)?;
        let lamport = count(reader)?;
        let content = read_assigned(kind, reader)?;
        let time = if reader.null() { None } else { Some(reader.int()?) };
        entries.push(Entry { id, lamport, time, content });
    }
    if !entries.is_sorted_by(|a, b| a.rank() < b.rank()) {
        return Err(DecodeError::NotCanonical { offset, what: "the order of assignments" });
    }
    let clock = tables.version(reader)?;
    if entries.is_empty() && clock.is_empty() {
        return Err(DecodeError::NotCanonical { offset, what: "an empty place" });
    }
    if !clock.is_empty() && clock == clock_of(entries.iter()).version() {
        return Err(DecodeError::NotCanonical { offset, what: "the clock of a place" });
    }
    Ok(SlotSnapshot { key, entries, clock })
}

fn write_moves(moves: &BTreeMap<OpId, Vec<Rank>>, names: &mut Names, writer: &mut Writer) {
    writer.array(3 * moves.len());
    for (&item, ranks) in moves {
        names.op(item, writer);
        writer.array(3 * ranks.len());
        for &(lamport, id) in ranks {
            writer.uint(lamport);
            names.op(id, writer);
        }
    }
}

fn read_moves(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<OpId, Vec<Rank>>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 3 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "moved items of 3 items" });
    }
    let mut moves: BTreeMap<OpId, Vec<Rank>> = BTreeMap::new();
    for _ in 0..len / 3 {
        let offset = reader.offset();
        let item = tables.op(reader)?;
        if moves.last_key_value().is_some_and(|(&last, _)| last >= item) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of moved items" });
        }
        let len = reader.array()?;
        if len == 0 || len % 3 != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "moves of 3 items" });
        }
        let ranks = (0..len / 3).map(|_| Ok((count(reader)?, tables.op(reader)?)));
        moves.insert(item, ranks.collect::<Result<_, DecodeError>>()?);
    }
    Ok(moves)
}

fn read_shares(
    kind: Kind,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<ReplicaId, Share>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 5 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "contributions of 5 items" });
    }
    let mut shares: BTreeMap<ReplicaId, Share> = BTreeMap::new();
    for _ in 0..len / 5 {
        let offset = reader.offset();
        let replica = tables.replica(reader)?;
        if shares.last_key_value().is_some_and(|(&last, _)| last >= replica) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of contributions" });
        }
        let (end, sum) = (count(reader)?, reader.int()?);
        let (removed_end, removed_sum) = (count(reader)?, reader.int()?);
        let is_blank = (end, removed_end) == (0, 0);
        let sums_of_none = (end == 0 && sum != 0) || (removed_end == 0 && removed_sum != 0);
        if is_blank || sums_of_none || (kind.is_grow_only() && removed_end > 0) {
            return Reader::inconsistent(offset, "a contribution of no increment, or removed");
        }
        shares.insert(replica, Share { end, sum, removed_end, removed_sum });
    }
    Ok(shares)
}
