//! What a host says and hears of undoing.

use crate::id::OpId;

/// What is noted of edits, for them to be undone.
///
/// ```
/// let mut options = libsync::UndoOptions::default();
/// options.group_within = 300_000;
/// options.max_items = 200;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct UndoOptions {
    /// How many operations, of whichever replica, may come after an item until pruning no longer
    /// waits for it; by default 100,000. What these deleted, and the changes that they are, stay
    /// in memory for it, whoever else has agreed to their going.
    pub depth: u64,
    /// Within how many microseconds of the last edit another one becomes part of the same item; by
    /// default half a second. Edits of which the time is not known are items of their own.
    pub group_within: i64,
    /// How many items are kept, one at least; by default 1,000.
    pub max_items: usize,
}

impl Default for UndoOptions {
    fn default() -> Self {
        Self { depth: 100_000, group_within: 500_000, max_items: 1_000 }
    }
}

/// An item of what can be undone or redone: edits that are taken back together.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct UndoItem {
    /// The first of its operations; no other item has the same.
    pub id: OpId,
    /// The wall-clock time of its last edit, in microseconds since 1970-01-01T00:00:00Z, if the host
    /// gave one.
    pub time: Option<i64>,
    /// The message of the first of its transactions that had one.
    pub message: Option<String>,
    /// What the host has [attached](crate::Replica::set_undo_metadata) to it.
    pub metadata: Vec<u8>,
    /// Whether what it would need to be taken back has been pruned.
    pub is_expired: bool,
}

/// What [`Replica::undo`](crate::Replica::undo) or [`redo`](crate::Replica::redo) did.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Undone {
    /// The item that was taken back.
    pub item: UndoItem,
    /// The first operation of the change that takes it back; `None` if there was nothing left to
    /// take back.
    pub change: Option<OpId>,
    /// How much was taken back: characters, items, assignments, and so on.
    pub taken_back: u64,
    /// How much was not, because others have deleted or replaced it in the meantime, or because it
    /// only grows.
    pub passed_over: u64,
}
