//! What has changed in what is shown, for those who show it.
//!
//! An [`Event`] is one step from one state of the document to the next: all of a transaction, or all
//! of a frame, never the middle of one. It holds a [`Diff`] for each container that is shown and has
//! changed; who applies these in their order to a copy of what was shown has what is shown.

use crate::path::Path;
use crate::value::{Content, Value};

/// What a step came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// Edits made here.
    Local,
    /// Changes of others.
    Remote,
    /// Edits made here to take others back, or to make them again.
    Undo,
    /// Going from one version to another, which changes nothing in the document.
    Checkout,
}

/// A step from one state of the document to the next.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Event {
    /// What it came from.
    pub origin: Origin,
    /// What has changed. A container that was not shown before comes behind the diff that shows it,
    /// with all that is in it, as if it had been empty; one that is not shown any more has none.
    pub diffs: Vec<Diff>,
}

/// What has changed in one container, but not in those within it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Diff {
    /// Where the container is, once all of the event's diffs have been applied.
    pub path: Path,
    /// What has changed there.
    pub delta: Delta,
}

/// What has changed in a container of some kind.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Delta {
    /// In a text, from its start on.
    Text(Vec<TextDelta>),
    /// In a list, from its start on.
    List(Vec<ListDelta>),
    /// In a map, by key.
    Map(Vec<KeyDelta>),
    /// In a set of either kind, ascending.
    Set {
        /// Elements that were not there before.
        added: Vec<Value>,
        /// Elements that are not there any more.
        removed: Vec<Value>,
    },
    /// In a counter of either kind.
    Counter {
        /// What it shows less what it showed: wrapping, as the difference may exceed 64 bits.
        by: i64,
        /// What it shows.
        count: i64,
    },
}

/// A part of what has changed in a text. Lengths are in the unit that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextDelta {
    /// So much stays.
    Retain(usize),
    /// This is inserted here.
    Insert(String),
    /// So much goes.
    Delete(usize),
}

/// A part of what has changed in a list.
#[derive(Clone, PartialEq, Debug)]
pub enum ListDelta {
    /// So many items stay where they are.
    Retain(usize),
    /// These are inserted here.
    Insert(Vec<Content>),
    /// So many items go: for good, or to where a [`Move`](Self::Move) puts them.
    Delete(usize),
    /// The item that had this index before the event comes here, with all that is in it.
    Move {
        /// Its index before the event.
        from: usize,
    },
    /// The item here holds something else.
    Set {
        /// What it held.
        old: Content,
        /// What it holds.
        new: Content,
        /// Whether several contents are in conflict there now.
        in_conflict: bool,
    },
}

/// What has changed under a key of a map.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct KeyDelta {
    /// The key.
    pub key: String,
    /// What was shown; `None`: nothing.
    pub old: Option<Content>,
    /// What is shown; `None`: nothing. It may be the same, where a conflict appeared or was
    /// resolved.
    pub new: Option<Content>,
    /// Whether several contents were in conflict there.
    pub was_in_conflict: bool,
    /// Whether several contents are.
    pub in_conflict: bool,
}
