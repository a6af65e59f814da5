//! What has changed in what is shown, for those who show it.
//!
//! An [`Event`] is one step from one state of the document to the next: all of a transaction, or all
//! of a frame, never the middle of one. It holds a [`Diff`] for each container that is shown and has
//! changed; who applies these in their order to a copy of what was shown has what is shown.

mod parts;

use thiserror::Error;

use crate::path::{Path, PathError};
use crate::value::{Content, Value};
pub(crate) use parts::{ListParts, TextParts};

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
    /// What has changed, by path: in a container before what is in it. A container that was not shown
    /// before comes behind the diff that shows it, with all that is in it, as if it had been empty;
    /// one that is not shown any more has none. A list can come twice: where items stand has changed
    /// then, and, behind that, what they hold.
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

impl Delta {
    /// Whether it says that nothing has changed.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(parts) => parts.is_empty(),
            Self::List(parts) => parts.is_empty(),
            Self::Map(keys) => keys.is_empty(),
            Self::Set { added, removed } => added.is_empty() && removed.is_empty(),
            Self::Counter { by, .. } => *by == 0,
        }
    }
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
    /// These are inserted here. Of one that is in conflict a [`Set`](Self::Set) tells, which comes
    /// behind.
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

/// A subscription to what changes in a document: see [`Replica::subscribe`](crate::Replica::subscribe).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Subscription(pub(crate) u64);

/// Why there is no event.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum EventError {
    /// The path can't be read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A transaction is open: what is shown now may be undone.
    #[error("a transaction is open on this replica: commit it or abort it first")]
    InTransaction,
    /// The subscription has been ended, or is of another replica.
    #[error("there is no such subscription on this replica: subscribe again")]
    NoSubscription,
    /// More waited than the options allow, and has been dropped.
    #[error(
        "more events waited than the limits allow, and were dropped: start the view anew from `restart`, and take events more often"
    )]
    Lagged,
}

impl Diff {
    /// How many bytes of memory it takes, but for the path.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.delta.heap_bytes()
    }
}

impl Delta {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(parts) => parts.iter().map(TextDelta::memory_bytes).sum(),
            Self::List(parts) => parts.iter().map(ListDelta::memory_bytes).sum(),
            Self::Map(keys) => keys.iter().map(KeyDelta::memory_bytes).sum(),
            Self::Set { added, removed } => {
                let values = added.iter().chain(removed);
                values.map(|value| size_of::<Value>() + value.heap_bytes()).sum()
            }
            Self::Counter { .. } => 0,
        }
    }
}

impl TextDelta {
    fn memory_bytes(&self) -> usize {
        let inserted = if let Self::Insert(text) = self { text.len() } else { 0 };
        size_of::<Self>() + inserted
    }
}

impl ListDelta {
    fn memory_bytes(&self) -> usize {
        let contents = match self {
            Self::Insert(contents) => {
                contents.iter().map(|content| size_of::<Content>() + content.heap_bytes()).sum()
            }
            Self::Set { old, new, .. } => old.heap_bytes() + new.heap_bytes(),
            Self::Retain(_) | Self::Delete(_) | Self::Move { .. } => 0,
        };
        size_of::<Self>() + contents
    }
}

impl KeyDelta {
    fn memory_bytes(&self) -> usize {
        let contents = self.old.iter().chain(&self.new).map(Content::heap_bytes);
        size_of::<Self>() + self.key.len() + contents.sum::<usize>()
    }
}
