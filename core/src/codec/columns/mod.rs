//! Lists of changes, column by column: of what comes one after the other in a history, each part
//! is near to what it was before, and parts of one sort are near to each other. (As in columnar
//! stores; Kleppmann 2019 for operations of a CRDT.)
//!
//! - [`varint`](super::varint), [`repeated`]: columns of numbers.
//! - [`expected`]: what counts are written as differences to.
//! - [`keys`]: keys that were named before, and what was last assigned there.
//! - [`row`]: what an operation is made of, borrowed.
//! - [`commits`]: what is said of changes.
//! - [`write`], [`read`] with [`read_row`]: the columns of a list, filled and walked in its order.
//! - [`check`]: the same walk, of what is only to be checked.

mod check;
mod commits;
mod expected;
mod keys;
mod read;
mod read_row;
mod repeated;
mod row;
#[cfg(test)]
mod tests;
mod write;

pub(super) use check::{Scratch, check};
pub(crate) use read::Rows;
pub(super) use read::read;
pub(crate) use row::{ChangeHead, OpRef, Row};
pub(super) use write::Columns;

/// The columns' numbers in the format.
mod column {
    // One for each change.
    /// An unsigned integer: how many changes, less 1.
    pub(super) const CHANGES: u64 = 0;
    pub(super) const AUTHORS: u64 = 1;
    pub(super) const COUNTERS: u64 = 2;
    pub(super) const DEPENDENCIES: u64 = 3;
    pub(super) const LAMPORTS: u64 = 4;
    pub(super) const COMMITS: u64 = 5;
    pub(super) const ROWS: u64 = 6;
    // One for each row.
    pub(super) const TAGS: u64 = 7;
    pub(super) const CONTAINERS: u64 = 8;
    pub(super) const LENGTHS: u64 = 9;
    pub(super) const REPLICAS: u64 = 10;
    pub(super) const PLACES: u64 = 11;
    pub(super) const KEYS: u64 = 12;
    pub(super) const SUPERSEDED: u64 = 13;
    /// CBOR items.
    pub(super) const VALUES: u64 = 14;
    /// A text string.
    pub(super) const TEXT: u64 = 15;
}

/// The low bits of a tag: what a row is.
mod kind {
    /// Inserts to the right of the identity before its own.
    pub(super) const INSERT_NEXT: u8 = 0;
    pub(super) const INSERT_RIGHT: u8 = 1;
    pub(super) const INSERT_LEFT: u8 = 2;
    /// The high bits are a number of [`other`](super::other).
    pub(super) const OTHER: u8 = 3;
    pub(super) const DELETE: u8 = 4;
    pub(super) const DELETE_BACKWARDS: u8 = 5;
    /// Deletions of the operation that the row before is of.
    pub(super) const MORE: u8 = 6;
    pub(super) const MORE_BACKWARDS: u8 = 7;
}

/// How many low bits of a tag are the kind.
const KIND_BITS: u8 = 3;

/// The high bits of a tag are a length less 1; from this one on, what it is more is in a column.
const LONG: u64 = 31;

/// The numbers of rows that are neither insertions below a node nor deletions.
mod other {
    pub(super) const INSERT_AT_ROOT: u8 = 0;
    pub(super) const ASSIGN: u8 = 1;
    pub(super) const REMOVE: u8 = 2;
    pub(super) const JOIN: u8 = 3;
    pub(super) const LEAVE: u8 = 4;
    pub(super) const MOVE: u8 = 5;
    pub(super) const INCREMENT: u8 = 6;
    pub(super) const RESET: u8 = 7;
    pub(super) const EVICT: u8 = 9;
    pub(super) const REDACT: u8 = 10;
}

/// How the column of what is superseded says: the last assignment under the key, if one is listed.
const SUPERSEDES_LAST: u64 = 0;

/// What is said of a commit.
mod said {
    pub(super) const TIME: u64 = 1;
    pub(super) const MESSAGE: u64 = 2;
    pub(super) const ORIGIN: u64 = 4;
    /// The origin of the commit before, which has one.
    pub(super) const SAME_ORIGIN: u64 = 8;
}
