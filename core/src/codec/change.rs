//! Changes: the body of what replicas exchange.

use crate::change::Change;
use crate::error::DecodeError;
use crate::membership::Acknowledgement;
use crate::version::{LeftOut, VersionVector};

use super::columns::{self, Columns, Rows};
use super::frame::{self, Form, Frame, Lineage};
use super::reader::Reader;
use super::tables::{Names, Tables};
use super::version::{read_left_out, write_left_out};
use super::writer::Writer;

mod field {
    pub(super) const CHANGES: u64 = 4;
    pub(super) const STABLE: u64 = 6;
    pub(super) const VERSION: u64 = 8;
    pub(super) const LEFT_OUT: u64 = 12;
}

/// What a frame of changes brings.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Changes {
    pub(crate) changes: Vec<Change>,
    /// The sender's stable cut, for a receiver that may not know of it, and the sender's version.
    pub(crate) cut: Option<Acknowledgement>,
    /// What both of its versions leave out.
    pub(crate) left_out: Option<LeftOut>,
}

/// Encodes changes, in ascending order of (Lamport time, identity).
pub(crate) fn encode<'c>(
    form: Form,
    lineage: &Lineage,
    changes: impl IntoIterator<Item = &'c Change>,
    cut: Option<&Acknowledgement>,
) -> Vec<u8> {
    let mut names = Names::default();
    let mut columns = Columns::default();
    changes.into_iter().for_each(|change| columns.change(change, &mut names));
    let mut versions = Writer::default();
    let left_out = cut.and_then(|cut| LeftOut::of_both(&cut.version, &cut.stable));
    if let Some(Acknowledgement { version, stable }) = cut {
        versions.uint(field::STABLE);
        names.version_but(left_out, stable, &mut versions);
        versions.uint(field::VERSION);
        names.version_but(left_out, version, &mut versions);
        write_left_out(field::LEFT_OUT, left_out, &mut versions);
    }

    let mut body = Writer::default();
    let has_changes = !columns.is_empty();
    let cut_fields = if cut.is_some() { 2 + usize::from(left_out.is_some()) } else { 0 };
    body.map(names.fields() + usize::from(has_changes) + cut_fields);
    names.write(&mut body);
    if has_changes {
        body.uint(field::CHANGES);
        columns.write(&mut body);
    }
    body.items(&versions);
    frame::write_as(form, Frame::Changes, lineage, &[&body])
}

/// Decodes what [`encode`] gives, with a body of no more than so many bytes.
#[cfg(test)]
pub(crate) fn decode(bytes: &[u8], max_bytes: usize) -> Result<(Lineage, Changes), DecodeError> {
    let (lineage, (_, body)) = decode_or(bytes, max_bytes, |_| Ok(None::<()>))?;
    Ok((lineage, body))
}

/// Decodes what [`encode`] gives, with a body of no more than so many bytes. What `take` makes of the
/// rows, if anything, comes in place of the changes; it has to read them to the last then.
pub(crate) fn decode_or<T>(
    bytes: &[u8],
    max_bytes: usize,
    take: impl FnOnce(&mut Rows<'_, '_>) -> Result<Option<T>, DecodeError>,
) -> Result<(Lineage, (Option<T>, Changes)), DecodeError> {
    frame::read_either(Frame::Changes, bytes, max_bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let mut body = Changes::default();
        let (mut take, mut taken) = (Some(take), None);
        let (mut stable, mut version) = (None, None);
        reader.fields(|field, reader| {
            match field {
                field::CHANGES => {
                    let mut again = *reader;
                    let mut rows = columns::read(&mut tables, reader)?;
                    taken = take.take().map(|take| take(&mut rows)).transpose()?.flatten();
                    if taken.is_none() {
                        body.changes = columns::read(&mut tables, &mut again)?.changes()?;
                    }
                }
                field::STABLE => stable = Some(read_version(&mut tables, reader)?),
                field::VERSION => version = Some(read_version(&mut tables, reader)?),
                field::LEFT_OUT => body.left_out = Some(read_left_out(reader)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        let is_empty = |(_, version): &&(usize, VersionVector)| version.is_empty();
        let empty = [&stable, &version].into_iter().flatten().find(is_empty);
        if let Some(&(offset, _)) = empty.filter(|_| body.left_out.is_none()) {
            return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
        }
        body.cut = match (version, stable) {
            (None, None) if body.left_out.is_none() => None,
            (Some((_, version)), Some((_, stable))) if version.covers(&stable) => {
                Some(Acknowledgement { version, stable })
            }
            _ => {
                let what = "a stable cut comes without a version that covers it";
                return Err(DecodeError::Inconsistent { offset, what });
            }
        };
        Ok((taken, body))
    })
}

/// A version, and where it is.
fn read_version(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<(usize, VersionVector), DecodeError> {
    let offset = reader.offset();
    Ok((offset, tables.version(reader)?))
}
