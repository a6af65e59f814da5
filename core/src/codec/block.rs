//! Blocks: changes of one author that follow each other, as the log keeps them.
//!
//! A block is the part of a body that a list of changes needs: the tables, and the columns.

use crate::change::Change;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::op::{NodeRun, Op, Place};

use super::columns::{self, ChangeHead, Columns, Rows, Scratch};
use super::reader::Reader;
use super::tables::{Names, Tables};
use super::writer::Writer;

mod field {
    pub(super) const CHANGES: u64 = 4;
}

/// Encodes changes of one author, one or more.
pub(crate) fn seal<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Box<[u8]> {
    let mut filling = Filling::default();
    let Filling { names, columns, .. } = &mut filling;
    changes.into_iter().for_each(|change| columns.change(change, names));
    filling.seal()
}

/// A block in the making, of changes: each a head, then its rows.
#[derive(Default)]
pub(crate) struct Filling {
    names: Names,
    columns: Columns,
    /// Where the last block was written.
    written: Writer,
}

impl Filling {
    pub(crate) fn change(&mut self, head: &ChangeHead) {
        let ChangeHead { id, lamport, ref dependencies, ref commit } = *head;
        self.columns.head(id, lamport, dependencies, commit.as_ref(), &mut self.names);
    }

    /// Adds an insertion of so many characters to the change.
    pub(crate) fn insert(&mut self, container: &ContainerId, place: Place, text: &str, len: u64) {
        self.columns.insert_text(container, place, text, len, &mut self.names);
    }

    /// Adds a deletion to the change, or a run to the deletion before.
    pub(crate) fn delete(&mut self, container: &ContainerId, run: NodeRun, more: bool) {
        self.columns.delete(container, run, more, &mut self.names);
    }

    /// Adds an operation on what is no text to the change.
    pub(crate) fn other(&mut self, op: &Op) {
        self.columns.op(op, &mut self.names);
    }

    /// The block, which has a change at least; what comes next is of another one.
    pub(crate) fn seal(&mut self) -> Box<[u8]> {
        let Self { names, columns, written } = self;
        written.clear();
        written.map(names.fields() + 1);
        names.write(written);
        written.uint(field::CHANGES);
        columns.write(written);
        names.clear();
        written.as_bytes().into()
    }
}

/// What a block is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    pub(crate) author: ReplicaId,
    /// The counters of its operations.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Behind its first change.
    pub(crate) first_end: u64,
    /// The Lamport times of its first operation, and behind its last.
    pub(crate) lamport: u64,
    pub(crate) lamport_end: u64,
    /// How many changes it has.
    pub(crate) count: usize,
}

/// Checks a foreign block: that [`open`] can read it, and that each of its changes follows the one
/// before.
pub(super) fn check(block: Reader<'_>, scratch: &mut Scratch) -> Result<Extent, DecodeError> {
    match plain(block, scratch) {
        Some(extent) => Ok(extent),
        None => walked(block),
    }
}

/// What a block is of, if it is plain to see that it is valid.
pub(super) fn plain(mut block: Reader<'_>, scratch: &mut Scratch) -> Option<Extent> {
    let offset = block.offset();
    let mut tables = Tables::default();
    let mut extent = None;
    let read = block.fields(|field, reader| {
        if field != field::CHANGES {
            return tables.read_field(field, reader);
        }
        extent = columns::check(scratch, &mut tables, reader);
        Ok(true)
    });
    let ends = read.and_then(|()| tables.end(offset)).and_then(|()| block.end());
    extent.filter(|_| ends.is_ok())
}

/// What a block is of, row by row; or else what is wrong with it.
pub(super) fn walked(block: Reader<'_>) -> Result<Extent, DecodeError> {
    let offset = block.offset();
    walk(block, |rows| {
        let mut extent: Option<Extent> = None;
        while let Some(head) = rows.next_change()? {
            let mut end = head.id.counter;
            while let Some(row) = rows.next_row()? {
                end = row.id.counter + row.op.len();
            }
            let mut next = Extent {
                author: head.id.replica,
                start: head.id.counter,
                end,
                first_end: end,
                lamport: head.lamport,
                lamport_end: head.lamport + (end - head.id.counter),
                count: 1,
            };
            if let Some(before) = extent {
                if !before.is_followed_by(&next) {
                    return Reader::inconsistent(offset, "the changes of a block are not in a row");
                }
                next = Extent {
                    end,
                    lamport_end: next.lamport_end,
                    count: before.count + 1,
                    ..before
                };
            }
            extent = Some(next);
        }
        extent.ok_or(DecodeError::Unexpected { offset, expected: "a block of changes" })
    })
}

impl Extent {
    /// Whether `next` may come right behind it.
    pub(crate) fn is_followed_by(&self, next: &Self) -> bool {
        (next.author, next.start) == (self.author, self.end) && next.lamport >= self.lamport_end
    }
}

/// Decodes what [`seal`] gives.
pub(crate) fn open(block: &[u8]) -> Result<Vec<Change>, DecodeError> {
    walk(Reader::new(block), |rows| rows.changes())
}

/// The Lamport time of an operation of the block's author; `None` if it is not in the block.
pub(crate) fn lamport_of(block: &[u8], op: OpId) -> Result<Option<u64>, DecodeError> {
    walk(Reader::new(block), |rows| {
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

/// Calls `each` with the first operation of each change of a block, and what it depends on.
pub(crate) fn dependencies(
    block: &[u8],
    mut each: impl FnMut(OpId, &[OpId]),
) -> Result<(), DecodeError> {
    walk(Reader::new(block), |rows| {
        while let Some(head) = rows.next_change()? {
            each(head.id, &head.dependencies);
            while rows.next_row()?.is_some() {}
        }
        Ok(())
    })
}

/// Calls `each` with the counter and the Lamport time of the first operation of each change of a
/// block, and how many it has.
pub(crate) fn times(
    block: &[u8],
    mut each: impl FnMut((u64, u64, u64)),
) -> Result<(), DecodeError> {
    walk(Reader::new(block), |rows| {
        while let Some(head) = rows.next_change()? {
            let mut len = 0;
            while let Some(row) = rows.next_row()? {
                len += row.op.len();
            }
            each((head.id.counter, head.lamport, len));
        }
        Ok(())
    })
}

/// Reads a block, whose changes `read` has to read to the last.
fn walk<T>(
    mut reader: Reader<'_>,
    read: impl FnOnce(&mut Rows<'_, '_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let offset = reader.offset();
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
    tables.end(offset)?;
    reader.end()?;
    result.ok_or(DecodeError::Unexpected { offset, expected: "a block of changes" })
}
