//! A version as a frame of its own, and what a version on the wire leaves out.

use crate::error::DecodeError;
use crate::version::{LeftOut, VersionVector};

use super::frame::{self, Frame, Lineage};
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

mod field {
    pub(super) const VERSION: u64 = 4;
    pub(super) const LEFT_OUT: u64 = 10;
}

/// A version as it was read, to be [completed](crate::membership::Membership::complete) by the
/// departed replicas that it leaves out.
pub(crate) type Partial = (VersionVector, Option<LeftOut>);

pub(crate) fn encode_version(lineage: &Lineage, version: &VersionVector) -> Vec<u8> {
    let left_out = LeftOut::of(version);
    let mut names = Names::default();
    let mut rest = Writer::default();
    rest.uint(field::VERSION);
    names.version_but(left_out, version, &mut rest);
    let mut body = Writer::default();
    body.map(names.fields() + 1 + usize::from(left_out.is_some()));
    names.write(&mut body);
    write_left_out(field::LEFT_OUT, left_out, &mut rest);
    body.items(&rest);
    frame::write(Frame::Version, lineage, &[&body])
}

pub(crate) fn decode_version(bytes: &[u8]) -> Result<(Lineage, Partial), DecodeError> {
    frame::read(Frame::Version, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let (mut version, mut left_out) = (None, None);
        reader.fields(|field, reader| {
            match field {
                field::VERSION => version = Some(tables.version(reader)?),
                field::LEFT_OUT => left_out = Some(read_left_out(reader)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        let version = version.ok_or(DecodeError::Unexpected { offset, expected: "a version" })?;
        Ok((version, left_out))
    })
}

/// The field that says what the versions of a body leave out, if they do.
pub(super) fn write_left_out(field: u64, left_out: Option<LeftOut>, writer: &mut Writer) {
    if let Some(LeftOut { replicas, operations }) = left_out {
        writer.uint(field);
        writer.array(2);
        writer.uint(replicas);
        writer.uint(operations);
    }
}

pub(super) fn read_left_out(reader: &mut Reader<'_>) -> Result<LeftOut, DecodeError> {
    reader.array_of(2, "how many replicas are left out, and their operations")?;
    let offset = reader.offset();
    let (replicas, operations) = (count(reader)?, count(reader)?);
    if replicas == 0 {
        return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
    }
    Ok(LeftOut { replicas, operations })
}
