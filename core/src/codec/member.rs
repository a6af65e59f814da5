//! What a saved document says of those who are, or were, members.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::DecodeError;
use crate::id::ReplicaId;
use crate::membership::{Frozen, Mark, Record, Standing};
use crate::value::Value;
use crate::version::Baseline;

use super::document::{Document, Fields, field};
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

type Result<T> = std::result::Result<T, DecodeError>;
type Records = BTreeMap<ReplicaId, Record>;

/// What the number of a member is a sum of.
mod bit {
    /// It is waited for.
    pub(super) const MEMBER: u64 = 1;
    pub(super) const JOINED: u64 = 4;
    pub(super) const ROOT: u64 = 8;
    /// It is to be evicted, or was if it is not waited for.
    pub(super) const EVICTED: u64 = 16;
    pub(super) const ALL: u64 = MEMBER | JOINED | ROOT | EVICTED;
}

/// The standing of a member with what else is known of it, as one number.
pub(super) fn number(record: &Record) -> u64 {
    let standing = match record.standing {
        Standing::Left => 0,
        Standing::Member => bit::MEMBER,
        Standing::Evicting => bit::MEMBER | bit::EVICTED,
        Standing::Evicted => bit::EVICTED,
    };
    let joined = if record.joined { bit::JOINED } else { 0 };
    standing + joined + if record.root { bit::ROOT } else { 0 }
}

/// Writes what is known of members beside their numbers.
pub(super) fn write(
    members: &Records,
    frozen: &[(ReplicaId, &Frozen)],
    names: &mut Names,
    fields: &mut Fields,
) {
    let mut marks = |field: u64, mark: fn(&Record) -> Option<Mark>| {
        let marks = members.iter().filter_map(|(&member, record)| Some((member, mark(record)?)));
        let marks: Vec<(ReplicaId, Mark)> = marks.collect();
        fields.add(field, !marks.is_empty(), |w| {
            w.array(5 * marks.len());
            for (member, Mark { lamport, op, time }) in marks {
                names.replica(member, w);
                names.op(op, w);
                w.uint(lamport);
                write_time(time, w);
            }
        });
    };
    marks(field::SINCE, |record| record.since);
    marks(field::DEPARTURES, |record| record.departure);
    let frozen = frozen.iter().filter(|(_, frozen)| !frozen.strangers.is_empty());
    let frozen: Vec<(ReplicaId, &BTreeSet<ReplicaId>)> =
        frozen.map(|&(member, frozen)| (member, &frozen.strangers)).collect();
    fields.add(field::STRANGERS, !frozen.is_empty(), |w| {
        w.array(2 * frozen.len());
        for (member, strangers) in frozen {
            names.replica(member, w);
            w.array(strangers.len());
            strangers.iter().for_each(|&stranger| names.replica(stranger, w));
        }
    });
}

fn write_time(time: Option<i64>, w: &mut Writer) {
    match time {
        Some(time) => w.int(time),
        None => w.null(),
    }
}

fn read_time(reader: &mut Reader<'_>) -> Result<Option<i64>> {
    let offset = reader.offset();
    match reader.value()? {
        Value::Null => Ok(None),
        Value::Int(time) => Ok(Some(time)),
        _ => Err(DecodeError::Unexpected { offset, expected: "a time or null" }),
    }
}

/// How many entries of so many items there are in an array: one or more.
fn entries(reader: &mut Reader<'_>, items: usize, expected: &'static str) -> Result<usize> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len % items != 0 {
        return Err(DecodeError::Unexpected { offset, expected });
    }
    if len == 0 {
        return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
    }
    Ok(len / items)
}

/// Asserts that replicas ascend.
fn check_order(offset: usize, last: &mut Option<ReplicaId>, next: ReplicaId) -> Result<()> {
    if last.replace(next).is_some_and(|last| last >= next) {
        return Err(DecodeError::NotCanonical { offset, what: "the order of members" });
    }
    Ok(())
}

/// Writes the replicas that departed long ago, in the order of departure.
pub(super) fn write_departed(
    baseline: &Baseline,
    evicted: &BTreeSet<ReplicaId>,
    names: &mut Names,
    w: &mut Writer,
) {
    w.array(2 * baseline.order().len());
    for &(replica, _) in baseline.order() {
        names.replica(replica, w);
        w.uint(evicted.contains(&replica).into());
    }
}

/// Reads them; what they did is in the version.
fn read_departed(
    document: &mut Document,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<()> {
    let offset = reader.offset();
    let mut order = Vec::new();
    for _ in 0..entries(reader, 2, "departed replicas of 2 items")? {
        let replica = tables.replica(reader)?;
        match reader.uint()? {
            0 => {}
            1 => drop(document.evicted.insert(replica)),
            _ => return Err(DecodeError::Unexpected { offset, expected: "replicas and 0 or 1" }),
        }
        order.push((replica, document.version.get(replica)));
    }
    let what = "the list of the departed";
    let baseline = Baseline::new(order).ok_or(DecodeError::NotCanonical { offset, what })?;
    document.baseline = Some(Arc::new(baseline));
    Ok(())
}

/// Reads the members, with the numbers that [`number`] gives.
pub(super) fn read(
    document: &mut Document,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<()> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len == 0 {
        return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
    }
    if len % 2 != 0 {
        read_departed(document, tables, reader)?;
    }
    let mut last = None;
    for _ in 0..len / 2 {
        let member = tables.replica(reader)?;
        check_order(offset, &mut last, member)?;
        let number = reader.uint()?;
        if number & !bit::ALL != 0 {
            return Err(DecodeError::Unexpected { offset, expected: "a standing of a member" });
        }
        let has = |bit| number & bit != 0;
        let standing = match (has(bit::MEMBER), has(bit::EVICTED)) {
            (false, false) => Standing::Left,
            (true, false) => Standing::Member,
            (true, true) => Standing::Evicting,
            (false, true) => Standing::Evicted,
        };
        let (joined, root) = (has(bit::JOINED), has(bit::ROOT));
        if document.baseline.as_ref().is_some_and(|departed| departed.contains(member)) {
            return Reader::inconsistent(offset, "a member departed long ago");
        }
        document.members.insert(member, Record { standing, joined, root, ..Record::new() });
    }
    Ok(())
}

/// Reads since when replicas are members.
pub(super) fn read_since(
    members: &mut Records,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<()> {
    read_marks(members, |record| &mut record.since, tables, reader)
}

/// Reads by what they departed.
pub(super) fn read_departures(
    members: &mut Records,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<()> {
    read_marks(members, |record| &mut record.departure, tables, reader)
}

fn read_marks(
    members: &mut Records,
    of: fn(&mut Record) -> &mut Option<Mark>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<()> {
    let offset = reader.offset();
    let mut last = None;
    for _ in 0..entries(reader, 5, "marks of 5 items")? {
        let member = tables.replica(reader)?;
        check_order(offset, &mut last, member)?;
        let op = tables.op(reader)?;
        let (lamport, time) = (count(reader)?, read_time(reader)?);
        match members.get_mut(&member) {
            Some(record) => *of(record) = Some(Mark { lamport, op, time }),
            None => return Reader::inconsistent(offset, "a mark of one who was never a member"),
        }
    }
    Ok(())
}

/// Reads, of members that are to be evicted, who are strangers to that.
pub(super) fn read_strangers(
    document: &mut Document,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<()> {
    let offset = reader.offset();
    let mut last = None;
    for _ in 0..entries(reader, 2, "strangers of 2 items")? {
        let member = tables.replica(reader)?;
        check_order(offset, &mut last, member)?;
        let (mut strangers, mut last) = (BTreeSet::new(), None);
        for _ in 0..entries(reader, 1, "strangers")? {
            let stranger = tables.replica(reader)?;
            check_order(offset, &mut last, stranger)?;
            strangers.insert(stranger);
        }
        document.frozen.insert(member, Frozen::saved(strangers));
    }
    Ok(())
}
