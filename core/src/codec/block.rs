//! Blocks: changes of one author that follow each other, as the log keeps them.
//!
//! A block is the part of a body that a list of changes needs: the tables, and the columns.

use crate::change::Change;
use crate::error::DecodeError;
use crate::id::OpId;

use super::columns::{self, Columns, Rows};
use super::reader::Reader;
use super::tables::{Names, Tables};
use super::writer::Writer;

mod field {
    pub(super) const CHANGES: u64 = 4;
}

/// Encodes changes of one author, one or more.
pub(crate) fn seal<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Box<[u8]> {
    let mut names = Names::default();
    let mut columns = Columns::default();
    changes.into_iter().for_each(|change| columns.change(change, &mut names));
    let mut block = Writer::default();
    block.map(names.fields() + 1);
    names.write(&mut block);
    block.uint(field::CHANGES);
    columns.write(&mut block);
    block.into_bytes().into_boxed_slice()
}

/// Decodes what [`seal`] gives.
pub(crate) fn open(block: &[u8]) -> Result<Vec<Change>, DecodeError> {
    walk(block, |rows| rows.changes())
}

/// The Lamport time of an operation of the block's author; `None` if it is not in the block.
pub(crate) fn lamport_of(block: &[u8], op: OpId) -> Result<Option<u64>, DecodeError> {
    walk(block, |rows| {
        let mut lamport = None;
        while let Some(head) = rows.next_change()? {
            while let Some(row) = rows.next_row()? {
                if let Some(after) = op.counter.checked_sub(row.id.counter)
                    && after < row.op.len()
                {
                    lamport = Some(head.lamport + (op.counter - head.id.counter));
                }
            }
        }
        Ok(lamport)
    })
}

/// Reads a block, whose changes `read` has to read to the last.
fn walk<T>(
    block: &[u8],
    read: impl FnOnce(&mut Rows<'_, '_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut reader = Reader::new(block);
    let mut tables = Tables::default();
    let (mut read, mut result) = (Some(read), None);
    reader.fields(|field, reader| {
        if field != field::CHANGES {
            return tables.read_field(field, reader);
        }
        let mut rows = columns::read(&mut tables, reader)?;
        result = read.take().map(|read| read(&mut rows)).transpose()?;
        Ok(true)
    })?;
    tables.end(0)?;
    reader.end()?;
    result.ok_or(DecodeError::Unexpected { offset: 0, expected: "a block of changes" })
}
