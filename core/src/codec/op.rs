//! What rows say of operations that are neither insertions nor deletions.

use crate::MAX_DEPTH;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::op::Contribution;
use crate::value::{Content, Kind};

use super::reader::Reader;
use super::tables::Tables;

/// The kinds of containers that have keys.
pub(super) const WITH_KEYS: &[Kind] = &[Kind::Map, Kind::List, Kind::Set, Kind::GrowOnlySet];
pub(super) const COUNTERS: &[Kind] = &[Kind::Counter, Kind::GrowOnlyCounter];

/// What is in a container must not be deeper than paths go.
pub(super) fn check_depth(offset: usize, container: &ContainerId) -> Result<(), DecodeError> {
    if container.depth() >= MAX_DEPTH {
        let (what, limit) = ("keys deep", MAX_DEPTH as u64);
        return Err(DecodeError::Limit { offset, what, limit });
    }
    Ok(())
}

/// What takes something away must not be on a container that only grows.
pub(super) fn refuse_grow_only(offset: usize, kind: Kind) -> Result<(), DecodeError> {
    if kind.is_grow_only() {
        return Reader::inconsistent(offset, "something is taken away that only grows");
    }
    Ok(())
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

/// What is added to a counter of that kind.
pub(super) fn read_delta(kind: Kind, reader: &mut Reader<'_>) -> Result<i64, DecodeError> {
    let offset = reader.offset();
    let delta = reader.int()?;
    if delta == 0 {
        return Err(DecodeError::NotCanonical { offset, what: "an increment by 0" });
    }
    if delta < 0 {
        refuse_grow_only(offset, kind)?;
    }
    Ok(delta)
}

/// What is taken away of a counter: contributions, one or more, ascending by replica.
pub(super) fn read_contributions(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Contribution>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len == 0 || len % 3 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "contributions of 3 items" });
    }
    let mut observed: Vec<Contribution> = Vec::new();
    for _ in 0..len / 3 {
        let last = tables.op(reader)?;
        if observed.last().is_some_and(|before| before.last.replica >= last.replica) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of contributions" });
        }
        observed.push(Contribution { last, sum: reader.int()? });
    }
    Ok(observed)
}
