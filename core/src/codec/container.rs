//! Containers of a saved document, with what is in them.

use std::collections::BTreeMap;

use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::state::sequence::packed::{Bounds, Packed};
use crate::state::snapshot::{BodySnapshot, BodyView, ContainerSnapshot, ContainerView};
use crate::state::{Clock, Rank, Share};
use crate::value::Kind;

use super::op::check_depth;
use super::places::{read_places, write_places};
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

/// Containers in the order in which they are written, none of them blank, and all within the bounds.
pub(super) fn read_containers(
    bounds: &Bounds<'_>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<ContainerSnapshot>, DecodeError> {
    let mut containers: Vec<ContainerSnapshot> = Vec::new();
    for _ in 0..reader.array()? {
        let offset = reader.offset();
        let container = read_container(bounds, tables, reader)?;
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
fn is_blank(container: &ContainerSnapshot) -> bool {
    container.clock.is_empty()
        && match &container.body {
            BodySnapshot::Slots(slots) => slots.is_empty(),
            BodySnapshot::Text(text) => text.is_blank(),
            BodySnapshot::List { nodes, items, .. } => nodes.is_blank() && items.is_empty(),
            BodySnapshot::Counter(shares) => shares.is_empty(),
        }
}

pub(super) fn write_container(
    container: &ContainerView<'_>,
    names: &mut Names,
    writer: &mut Writer,
) {
    let parts = match &container.body {
        BodyView::Slots(_) | BodyView::Counter(_) => 1,
        BodyView::Text(_) => 2,
        BodyView::List { .. } => 3,
    };
    writer.array(2 + parts);
    names.container(container.id, writer);
    names.version(&container.clock.version(), writer);
    match &container.body {
        BodyView::Slots(slots) => write_places(slots, names, writer),
        BodyView::Text(packed) => {
            writer.text(packed.text());
            writer.bytes(packed.columns());
        }
        BodyView::List { nodes, items, moves } => {
            writer.bytes(nodes.columns());
            write_places(items, names, writer);
            write_moves(moves, names, writer);
        }
        BodyView::Counter(counter) => {
            let shares = counter.shares();
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
    bounds: &Bounds<'_>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<ContainerSnapshot, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    let id = tables.container(reader)?;
    let clock = Clock::new(&tables.version(reader)?);
    let kind = id.kind();
    let body = match (kind, len) {
        (Kind::Map | Kind::Set | Kind::GrowOnlySet, 3) => {
            if kind == Kind::Map {
                check_depth(offset, &id)?;
            }
            BodySnapshot::Slots(read_places(kind, tables, reader)?)
        }
        (Kind::Text, 4) => {
            let text = reader.text()?;
            let offset = reader.offset();
            BodySnapshot::Text(Packed::of_text(reader.bytes()?, text, bounds, offset)?)
        }
        (Kind::List, 5) => {
            check_depth(offset, &id)?;
            let offset = reader.offset();
            let nodes = Packed::of_items(reader.bytes()?, bounds, offset)?;
            let items = read_places(kind, tables, reader)?;
            let moves = read_moves(tables, reader)?;
            BodySnapshot::List { nodes, items, moves }
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
