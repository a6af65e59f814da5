//! A version, and an acknowledgement, as frames of their own.

use crate::error::DecodeError;
use crate::id::ReplicaId;
use crate::membership::Acknowledgement;
use crate::version::VersionVector;

use super::frame::{self, Frame, Lineage};
use super::tables::{Names, Tables};
use super::writer::Writer;

mod field {
    pub(super) const VERSION: u64 = 4;
    pub(super) const STABLE: u64 = 6;
    pub(super) const MEMBER: u64 = 8;
}

pub(crate) fn encode_version(lineage: &Lineage, version: &VersionVector) -> Vec<u8> {
    let mut names = Names::default();
    let mut counts = Writer::default();
    names.version(version, &mut counts);
    let mut body = Writer::default();
    body.map(names.fields() + 1);
    names.write(&mut body);
    body.uint(field::VERSION);
    body.items(&counts);
    frame::write(Frame::Version, lineage, &[&body])
}

pub(crate) fn decode_version(bytes: &[u8]) -> Result<(Lineage, VersionVector), DecodeError> {
    frame::read(Frame::Version, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let mut version = None;
        reader.fields(|field, reader| {
            match field {
                field::VERSION => version = Some(tables.version(reader)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        version.ok_or(DecodeError::Unexpected { offset, expected: "a version" })
    })
}

pub(crate) fn encode_acknowledgement(
    lineage: &Lineage,
    member: ReplicaId,
    acknowledgement: &Acknowledgement,
) -> Vec<u8> {
    let mut names = Names::default();
    let mut rest = Writer::default();
    rest.uint(field::VERSION);
    names.version(&acknowledgement.version, &mut rest);
    rest.uint(field::STABLE);
    names.version(&acknowledgement.stable, &mut rest);
    rest.uint(field::MEMBER);
    names.replica(member, &mut rest);
    let mut body = Writer::default();
    body.map(names.fields() + 3);
    names.write(&mut body);
    body.items(&rest);
    frame::write(Frame::Acknowledgement, lineage, &[&body])
}

pub(crate) fn decode_acknowledgement(
    bytes: &[u8],
) -> Result<(Lineage, (ReplicaId, Acknowledgement)), DecodeError> {
    frame::read(Frame::Acknowledgement, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let (mut version, mut stable, mut member) = (None, None, None);
        reader.fields(|field, reader| {
            match field {
                field::VERSION => version = Some(tables.version(reader)?),
                field::STABLE => stable = Some(tables.version(reader)?),
                field::MEMBER => member = Some(tables.replica(reader)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        let (Some(version), Some(stable), Some(member)) = (version, stable, member) else {
            return Err(DecodeError::Unexpected { offset, expected: "an acknowledgement" });
        };
        if !version.covers(&stable) {
            let what = "an acknowledgement knows to be stable what it has not seen";
            return Err(DecodeError::Inconsistent { offset, what });
        }
        Ok((member, Acknowledgement { version, stable }))
    })
}
