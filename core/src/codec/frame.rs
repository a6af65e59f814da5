//! What is around every body: `[kind, format version, document, epoch, body, checksum]`.
//!
//! The checksum (CRC-32, IEEE 802.3) covers every byte before it, the header too. It finds
//! damage, not malice: what a body says is checked all the same.

use crate::error::{DecodeError, LineageError};
use crate::id::DocumentId;

use super::compressed;
use super::reader::Reader;
use super::writer::Writer;

/// The format that is written, and the last one that is read.
const FORMAT: u64 = 1;

/// What a frame carries. The numbers are of the format, and stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Frame {
    Changes = 1,
    Document = 2,
    Version = 3,
    Acknowledgement = 4,
    Compact = 5,
    Presence = 6,
}

/// Which lineage a frame is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lineage {
    pub(crate) document: DocumentId,
    pub(crate) epoch: u64,
}

impl Lineage {
    /// Refuses the bytes of another document or epoch.
    pub(crate) fn check(&self, theirs: &Self) -> Result<(), LineageError> {
        if self.document != theirs.document {
            let (ours, theirs) = (self.document, theirs.document);
            return Err(LineageError::OtherDocument { ours, theirs });
        }
        if self.epoch != theirs.epoch {
            let (ours, theirs) = (self.epoch, theirs.epoch);
            return Err(LineageError::OtherEpoch { ours, theirs });
        }
        Ok(())
    }
}

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Form {
    #[default]
    Plain,
    /// A byte string in place of a map; plain after all where that would be refused.
    Compressed,
}

/// Puts the frame around the parts of a body, in either form.
pub(super) fn write_as(form: Form, frame: Frame, lineage: &Lineage, body: &[&Writer]) -> Vec<u8> {
    if form == Form::Compressed {
        let mut whole = Writer::with_capacity(body.iter().map(|part| part.as_bytes().len()).sum());
        body.iter().for_each(|part| whole.items(part));
        if let Some(compressed) = compressed::deflate(whole.as_bytes()) {
            let mut item = Writer::default();
            item.bytes(&compressed);
            return write(frame, lineage, &[&item]);
        }
    }
    write(frame, lineage, body)
}

/// Puts the frame around the parts of a body.
pub(super) fn write(frame: Frame, lineage: &Lineage, body: &[&Writer]) -> Vec<u8> {
    /// The most that is around a body.
    const ENVELOPE: usize = 40;
    let len: usize = body.iter().map(|part| part.as_bytes().len()).sum();
    let mut writer = Writer::with_capacity(ENVELOPE + len);
    writer.array(6);
    writer.uint(frame as u64);
    writer.uint(FORMAT);
    writer.bytes(lineage.document.as_bytes());
    writer.uint(lineage.epoch);
    body.iter().for_each(|part| writer.items(part));
    let checksum = crc32fast::hash(writer.as_bytes());
    writer.bytes(&checksum.to_be_bytes());
    writer.into_bytes()
}

/// Checks the frame, and reads its body with `read`, whether it is compressed or not: of no more
/// than so many bytes. In a compressed one offsets count from the start of the body.
pub(super) fn read_either<T>(
    expected: Frame,
    bytes: &[u8],
    max_bytes: usize,
    read_body: impl FnOnce(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<(Lineage, T), DecodeError> {
    read(expected, bytes, |reader| {
        if !reader.at_bytes() {
            return read_body(reader);
        }
        let offset = reader.offset();
        let body = compressed::inflate(reader.bytes()?, max_bytes, offset)?;
        let mut reader = Reader::new(&body);
        let read = read_body(&mut reader)?;
        reader.end()?;
        Ok(read)
    })
}

/// Checks the frame, and reads its body with `read`.
pub(super) fn read<'a, T>(
    expected: Frame,
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<(Lineage, T), DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.array_of(6, "a frame: an array of 6 items")?;
    let found = reader.uint()?;
    let format = reader.uint()?;
    // In all formats, so that damage is not taken for a later one.
    check_sum(bytes)?;
    if format != FORMAT {
        return Err(DecodeError::UnsupportedVersion { found: format, supported: FORMAT });
    }
    if found != expected as u64 {
        return Err(DecodeError::WrongFrame { expected: expected as u64, found });
    }
    let document = DocumentId::from_bytes(reader.byte_array("a document id of 16 bytes")?);
    let epoch = reader.uint()?;
    let body = read(&mut reader)?;
    reader.byte_array::<4>("a checksum of 4 bytes")?;
    reader.end()?;
    Ok((Lineage { document, epoch }, body))
}

/// Checks the last 4 bytes, before anything else is believed.
fn check_sum(bytes: &[u8]) -> Result<(), DecodeError> {
    /// A byte string's head of one byte, and 4 bytes.
    const TRAILER: usize = 5;
    let Some((covered, [_, checksum @ ..])) =
        bytes.len().checked_sub(TRAILER).map(|at| bytes.split_at(at))
    else {
        return Err(DecodeError::Truncated { offset: bytes.len() });
    };
    if crc32fast::hash(covered).to_be_bytes() == *checksum {
        return Ok(());
    }
    Err(DecodeError::Checksum)
}
