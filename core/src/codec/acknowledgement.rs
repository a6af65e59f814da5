//! An acknowledgement as a frame: whole, or as what has changed since the last whole one.

use crate::error::DecodeError;
use crate::id::ReplicaId;
use crate::membership::{Acknowledgement, Delta, DeltaRow};
use crate::version::LeftOut;

use super::frame::{self, Frame, Lineage};
use super::reader::Reader;
use super::tables::{Names, Tables, check_count};
use super::varint;
use super::version::{read_left_out, write_left_out};
use super::writer::Writer;

mod field {
    pub(super) const VERSION: u64 = 4;
    pub(super) const STABLE: u64 = 6;
    pub(super) const MEMBER: u64 = 8;
    pub(super) const LEFT_OUT: u64 = 10;
    pub(super) const DELTA: u64 = 12;
}

/// What a frame says.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// Both versions, but for what they leave out.
    Whole(Acknowledgement, Option<LeftOut>),
    Delta(Delta),
}

pub(crate) fn encode(
    lineage: &Lineage,
    member: ReplicaId,
    acknowledgement: &Acknowledgement,
) -> Vec<u8> {
    let Acknowledgement { version, stable } = acknowledgement;
    let left_out = LeftOut::of_both(version, stable);
    let mut names = Names::default();
    let mut rest = Writer::default();
    rest.uint(field::VERSION);
    names.version_but(left_out, version, &mut rest);
    rest.uint(field::STABLE);
    names.version_but(left_out, stable, &mut rest);
    rest.uint(field::MEMBER);
    names.replica(member, &mut rest);
    write_left_out(field::LEFT_OUT, left_out, &mut rest);
    let mut body = Writer::default();
    body.map(names.fields() + 3 + usize::from(left_out.is_some()));
    names.write(&mut body);
    body.items(&rest);
    frame::write(Frame::Acknowledgement, lineage, &[&body])
}

pub(crate) fn encode_delta(lineage: &Lineage, member: ReplicaId, delta: &Delta) -> Vec<u8> {
    let mut numbers = Vec::new();
    let head = [delta.left_out, delta.replicas, delta.seen, delta.lag];
    head.into_iter().for_each(|number| varint::write(number, &mut numbers));
    let mut next = 0;
    for &DeltaRow { at, count, lag } in &delta.rows {
        for number in [at - next, count, lag] {
            varint::write(number, &mut numbers);
        }
        next = at + 1;
    }
    let mut names = Names::default();
    let mut rest = Writer::default();
    rest.uint(field::MEMBER);
    names.replica(member, &mut rest);
    rest.uint(field::DELTA);
    rest.bytes(&numbers);
    let mut body = Writer::default();
    body.map(names.fields() + 2);
    names.write(&mut body);
    body.items(&rest);
    frame::write(Frame::Acknowledgement, lineage, &[&body])
}

pub(crate) fn decode(bytes: &[u8]) -> Result<(Lineage, (ReplicaId, Said)), DecodeError> {
    frame::read(Frame::Acknowledgement, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let (mut version, mut stable, mut member) = (None, None, None);
        let (mut left_out, mut delta) = (None, None);
        reader.fields(|field, reader| {
            match field {
                field::VERSION => version = Some(tables.version(reader)?),
                field::STABLE => stable = Some(tables.version(reader)?),
                field::MEMBER => member = Some(tables.replica(reader)?),
                field::LEFT_OUT => left_out = Some(read_left_out(reader)?),
                field::DELTA => delta = Some(read_delta(&mut reader.items()?)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        match (member, version, stable, delta) {
            (Some(member), Some(version), Some(stable), None) => {
                if !version.covers(&stable) {
                    let what = "an acknowledgement knows to be stable what it has not seen";
                    return Err(DecodeError::Inconsistent { offset, what });
                }
                Ok((member, Said::Whole(Acknowledgement { version, stable }, left_out)))
            }
            (Some(member), None, None, Some(delta)) if left_out.is_none() => {
                Ok((member, Said::Delta(delta)))
            }
            _ => Err(DecodeError::Unexpected { offset, expected: "an acknowledgement" }),
        }
    })
}

fn read_delta(numbers: &mut Reader<'_>) -> Result<Delta, DecodeError> {
    let mut next = || {
        let offset = numbers.offset();
        check_count(offset, numbers.number()?)
    };
    let (left_out, replicas, seen, lag) = (next()?, next()?, next()?, next()?);
    let mut delta = Delta { left_out, replicas, seen, lag, rows: Vec::new() };
    let mut behind = 0;
    while !numbers.is_at_end() {
        let offset = numbers.offset();
        let [gap, count, lag] = [numbers.number()?, numbers.number()?, numbers.number()?];
        let at = check_count(offset, gap)? + behind;
        if at >= replicas || count == 0 {
            let expected = "the place of a replica, and how many operations are seen of it";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        if lag > check_count(offset, count)? {
            let what = "an acknowledgement knows to be stable what it has not seen";
            return Err(DecodeError::Inconsistent { offset, what });
        }
        behind = at + 1;
        delta.rows.push(DeltaRow { at, count, lag });
    }
    Ok(delta)
}
