//! Stable positions: a place in a text or a list that stays where it is while others edit.
//!
//! A cursor stands between two characters or items, and leans to one of them: it names that one, and
//! not a number. Of the text `ab|cd`, leaning left, it names `b`, and stays right behind it. What it
//! leans to may be deleted: then it stands where that was, for as long as the tombstone is there.
//! Once that is pruned, what else the cursor knows leads to a place nearby.
//!
//! Cursors are no part of the document. Hosts keep them, or send them, as [bytes](Cursor::to_bytes).

use std::fmt;

use thiserror::Error;

use crate::codec;
use crate::container::ContainerId;
use crate::error::{DecodeError, ReadError};
use crate::id::OpId;
use crate::path::{Path, PathError};
use crate::value::Unit;

/// To which side a [`Cursor`] leans: what stands there is what it stays with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lean {
    /// To what is before it. What others insert at its place comes behind it.
    Left,
    /// To what is behind it. What others insert at its place comes before it.
    Right,
}

/// A stable position in a text or a list; see [`Replica::cursor`](crate::Replica::cursor).
///
/// ```
/// use libsync::{Cursor, DocumentId, Lean, Replica, ReplicaId, Unit};
/// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
/// replica.insert_text("notes", Unit::Scalar, 0, "milk, eggs")?;
/// let cursor = replica.cursor("notes", Unit::Scalar, 6, Lean::Right)?; // before "eggs"
/// let bytes = cursor.to_bytes();
/// assert_eq!(bytes.len(), 18);
///
/// replica.insert_text("notes", Unit::Scalar, 0, "old ")?;
/// let resolved = replica.resolve(&Cursor::from_bytes(&bytes)?, Unit::Scalar)?;
/// assert_eq!((resolved.position, resolved.exact), (10, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    pub(crate) container: ContainerId,
    pub(crate) lean: Lean,
    /// `None`: the end of the text or list that it leans to.
    pub(crate) anchor: Option<Anchor>,
}

/// What a cursor knows of its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Anchor {
    /// What it leans to: a character's node, or an item.
    pub(crate) node: OpId,
    /// What is on the other side of it, should that node be pruned.
    pub(crate) beside: Option<OpId>,
    /// Its position when it was made, in scalar values or items, should both be.
    pub(crate) hint: u64,
}

impl Cursor {
    /// To which side it leans.
    pub fn lean(&self) -> Lean {
        self.lean
    }

    /// The cursor in a few bytes, in one form: 8 for who typed what it leans to, and some 10 more for
    /// a text right below the root; others where the two sides were typed by two replicas, and for
    /// each step of a longer path. `docs/wire-format.md` has the form.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::cursor::encode(self)
    }

    /// The cursor that [`to_bytes`](Self::to_bytes) gave these bytes.
    ///
    /// # Errors
    /// [`DecodeError`], if they are of none. Whether it fits a document shows when it is
    /// [resolved](crate::Replica::resolve).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::cursor::decode(bytes)
    }
}

/// A range of a text or a list between two cursors; see
/// [`Replica::cursor_range`](crate::Replica::cursor_range).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorRange {
    pub(crate) start: Cursor,
    pub(crate) end: Cursor,
}

impl CursorRange {
    /// The range between two cursors, however they lean; `None` if they are not in one text or list.
    pub fn new(start: Cursor, end: Cursor) -> Option<Self> {
        (start.container == end.container).then_some(Self { start, end })
    }

    /// Where it starts.
    pub fn start(&self) -> &Cursor {
        &self.start
    }

    /// Where it ends.
    pub fn end(&self) -> &Cursor {
        &self.end
    }

    /// The range in a few bytes, in one form: those of a cursor, and some 8 more.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::cursor::encode_range(self)
    }

    /// The range that [`to_bytes`](Self::to_bytes) gave these bytes.
    ///
    /// # Errors
    /// [`DecodeError`], if they are of none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::cursor::decode_range(bytes)
    }
}

/// Where a cursor stands at present.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Resolved {
    /// The text or list that it is in.
    pub path: Path,
    /// Its position there, in the unit that was asked for; in a list, an index.
    pub position: usize,
    /// Whether this is its place. If not, that has been pruned, and this is the nearest one known.
    pub exact: bool,
    /// Whether what it leans to is deleted: [refresh](crate::Replica::refresh) it while the place
    /// is known.
    pub deleted: bool,
}

/// Where a range is at present.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ResolvedRange {
    /// The text or list that it is in.
    pub path: Path,
    /// Where it starts, in the unit that was asked for.
    pub start: usize,
    /// Where it ends: not before its start.
    pub end: usize,
    /// Whether these are the places of its two cursors; see [`Resolved::exact`].
    pub exact: bool,
}

/// A position as people say it: both numbers start at 1.
///
/// ```
/// use libsync::LineColumn;
/// assert_eq!(LineColumn::new(10, 5).to_string(), "line 10, column 5");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineColumn {
    /// The line: 1, and one more for each line feed (U+000A) before the position.
    pub line: u64,
    /// The column: 1, and how much of the line is before the position.
    pub column: u64,
}

impl LineColumn {
    /// This line and this column.
    pub const fn new(line: u64, column: u64) -> Self {
        Self { line, column }
    }
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a cursor was not made or not resolved.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum CursorError {
    /// No text and no list is at the path.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A position beyond the end.
    #[error("position {position} is out of bounds: there are {len} {unit}, or items of a list")]
    OutOfBounds {
        /// The position.
        position: usize,
        /// How long the text or the list is.
        len: usize,
        /// What is counted in a text.
        unit: Unit,
    },
    /// A range that ends before it starts.
    #[error("a range can't start at {start} and end at {end}: swap the two")]
    Backwards {
        /// Where it starts.
        start: usize,
        /// Where it ends.
        end: usize,
    },
    /// A position within a character.
    #[error("position {position}, in {unit}, is within a character")]
    SplitsCharacter {
        /// The position.
        position: usize,
        /// What is counted.
        unit: Unit,
    },
    /// The cursor names an operation that has not arrived here.
    #[error("the cursor names {missing}, which has not arrived yet: resolve it again once it has")]
    Unseen {
        /// The operation.
        missing: OpId,
    },
    /// The text or list that it is in is not shown.
    #[error(
        "the text or list that the cursor is in is not shown: it, or what it is in, was removed or replaced"
    )]
    Gone,
}

impl From<PathError> for CursorError {
    fn from(error: PathError) -> Self {
        Self::Read(error.into())
    }
}
