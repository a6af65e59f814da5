//! Blocks: changes of one author that follow each other, as the log keeps them.
//!
//! A block is the part of a body that a list of changes needs: the tables, and the columns.

use crate::change::Change;
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};

use super::columns::{self, ChangeHead, Columns, Rows};
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

/// What a block holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    /// Whose changes, and how many.
    pub(crate) author: ReplicaId,
    pub(crate) changes: u64,
    /// The counters of their operations.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The Lamport times of the first operation, and behind the last.
    pub(crate) lamport: u64,
    pub(crate) lamport_end: u64,
}

impl Extent {
    /// Of both, of which `next` comes right behind.
    pub(crate) fn joined(&self, next: &Self) -> Self {
        let changes = self.changes + next.changes;
        Self { changes, end: next.end, lamport_end: next.lamport_end, ..*self }
    }
}

/// Checks a block, without building its changes: they are of one author, and each follows the one
/// before.
pub(crate) fn check(block: &[u8]) -> Result<Extent, DecodeError> {
    walk(block, |rows| {
        let mut extent: Option<Extent> = None;
        while let Some(ChangeHead { id, lamport, .. }) = rows.next_change()? {
            let mut end = id.counter;
            while let Some(row) = rows.next_row()? {
                end = row.id.counter + row.op.len();
            }
            let Extent { author, changes, start, lamport: first, .. } = match extent {
                None => Extent {
                    author: id.replica,
                    changes: 0,
                    start: id.counter,
                    end,
                    lamport,
                    lamport_end: lamport,
                },
                Some(before) => before,
            };
            let follows = extent.is_none_or(|before| {
                id == OpId::new(author, before.end) && lamport >= before.lamport_end
            });
            if !follows {
                return Reader::inconsistent(0, "a block's changes do not follow each other");
            }
            let lamport_end = lamport + (end - id.counter);
            let changes = changes + 1;
            extent = Some(Extent { author, changes, start, end, lamport: first, lamport_end });
        }
        extent.ok_or(DecodeError::Unexpected { offset: 0, expected: "a block of changes" })
    })
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
