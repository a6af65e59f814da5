//! What can go wrong, one enum for each thing a host does. Every variant says what was wrong,
//! where, and what to do; whatever returns one has changed nothing.

use thiserror::Error;

use crate::id::{DocumentId, OpId, ReplicaId};
use crate::membership::UnknownDepartures;
use crate::path::{Path, PathError};
use crate::value::{Kind, Unit};
use crate::version::VersionVector;

/// Bytes that are not a frame of this format, or not in its one canonical form.
///
/// Offsets count bytes from the start of the frame.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("the bytes end at {offset}, within an item: the frame was cut short; ask for it again")]
    Truncated {
        /// Where they end.
        offset: usize,
    },
    /// More bytes than one frame.
    #[error(
        "the frame ends at byte {offset}, and more bytes follow: hand in exactly one frame a call"
    )]
    TrailingBytes {
        /// Where the frame ends.
        offset: usize,
    },
    /// The checksum does not fit the bytes before it.
    #[error("the checksum does not fit: the frame was damaged on its way; ask for it again")]
    Checksum,
    /// Well-formed CBOR in another than the one deterministic form, or a value with two forms.
    #[error("byte {offset}: {what} is not in canonical form")]
    NotCanonical {
        /// Where.
        offset: usize,
        /// What.
        what: &'static str,
    },
    /// Something else than the format has in this place.
    #[error("byte {offset}: expected {expected}")]
    Unexpected {
        /// Where.
        offset: usize,
        /// What the format has here.
        expected: &'static str,
    },
    /// A frame of another kind than the call takes.
    #[error("this is a frame of kind {found}, and the call takes kind {expected}")]
    WrongFrame {
        /// The kind that the call takes.
        expected: u64,
        /// The frame's kind.
        found: u64,
    },
    /// A frame written in a later format.
    #[error(
        "the frame has format version {found}, and this build reads up to {supported}: update libsync"
    )]
    UnsupportedVersion {
        /// The frame's version.
        found: u64,
        /// The last version that can be read.
        supported: u64,
    },
    /// A field of a later format that may not be skipped.
    #[error("byte {offset}: mandatory field {field} is of a later format: update libsync")]
    UnknownField {
        /// Where.
        offset: usize,
        /// The field's number.
        field: u64,
    },
    /// More than a documented limit.
    #[error("byte {offset}: more than the limit of {limit} {what}")]
    Limit {
        /// Where.
        offset: usize,
        /// What is limited.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// Items that are well formed, each, and contradict each other.
    #[error("byte {offset}: {what}")]
    Inconsistent {
        /// Where.
        offset: usize,
        /// The contradiction.
        what: &'static str,
    },
}

/// A frame that is sound, and of another document or lineage.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum LineageError {
    /// Of another document.
    #[error("the bytes are of document {theirs}, and this is {ours}: nothing was merged")]
    OtherDocument {
        /// The document of this replica.
        ours: DocumentId,
        /// The document of the bytes.
        theirs: DocumentId,
    },
    /// Of the same document, which was seeded anew before the one or the other.
    #[error("{}", other_epoch(*.ours, *.theirs))]
    OtherEpoch {
        /// The epoch of this replica.
        ours: u64,
        /// The epoch of the bytes.
        theirs: u64,
    },
}

/// What happened, and what to do about it: which depends on who is behind.
fn other_epoch(ours: u64, theirs: u64) -> String {
    if theirs > ours {
        format!(
            "the document was seeded anew: the bytes are of epoch {theirs}, and this replica of epoch {ours}; load a snapshot of the later epoch, and `rescue` on it what was not sent"
        )
    } else {
        format!(
            "the bytes are of epoch {theirs} of this document, which was seeded anew since, and is of epoch {ours} here: their sender has to load a snapshot of this epoch, and `rescue` its edits on it"
        )
    }
}

/// Why bytes were not loaded as a document.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// They can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Why bytes were not applied. The replica is unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// They can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// They are of another document or lineage.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// The stable cut that comes with them leaves out departed replicas that are not known here.
    #[error(transparent)]
    Departures(#[from] UnknownDepartures),
    /// A transaction is open here.
    #[error("a transaction is open on this replica: commit it or abort it first")]
    InTransaction,
    /// Two different changes bear one identity.
    #[error(
        "the change {id} is not the one known by this identity: two hosts write as replica {}, or one went back to a backup; give one of them a new replica id", id.replica
    )]
    ReplicaIdReused {
        /// The identity.
        id: OpId,
    },
    /// A change that its author made without having seen what all others had agreed to prune.
    #[error(
        "the change {id} names what was pruned: its author was away for too long; it has to take a snapshot, and `rescue` its edits on that"
    )]
    BelowPruneFloor {
        /// The change.
        id: OpId,
        /// What its author would have to have seen.
        floor: VersionVector,
    },
    /// A change that contradicts the document.
    #[error("the change {id} is refused: {reason}")]
    InvalidChange {
        /// The change.
        id: OpId,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The author had left the document.
    #[error("the change {id} is refused: its author had left the document before")]
    AuthorLeft {
        /// The change.
        id: OpId,
    },
    /// The author was evicted, and this is not among what was agreed on of its changes.
    #[error(
        "the change {id} is refused: its author was evicted, and this is not among what counts of its changes; it has to take a snapshot under a new replica id, and `rescue` its edits on that"
    )]
    AuthorEvicted {
        /// The change.
        id: OpId,
    },
    /// A change that was made on, or names, an operation of an evicted replica that does not count.
    #[error(
        "the change {id} is refused: it was made on {named}, of a replica that was evicted, which is not among what counts of its changes; its author has to take a snapshot under a new replica id, and `rescue` its edits on that"
    )]
    NamesEvicted {
        /// The change.
        id: OpId,
        /// What it was made on.
        named: OpId,
    },
    /// A frame that does not follow what a stream brought before.
    #[error(
        "the frame does not continue this stream: one before it was lost, repeated or overtaken, it was damaged, or it is of another document; start a new stream, from the version that this replica has"
    )]
    StreamBroken,
    /// Too much waits for what is missing.
    #[error(
        "the inbox would hold {changes} changes of {bytes} bytes, and may hold {max_changes} of {max_bytes}: deliver what is missing first, or raise the limits"
    )]
    InboxFull {
        /// The changes it would hold.
        changes: usize,
        /// The bytes it would hold.
        bytes: usize,
        /// The changes it may hold.
        max_changes: usize,
        /// The bytes it may hold.
        max_bytes: usize,
    },
}

/// Why changes were not exported.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The version can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The version is of another document or lineage.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// The version leaves out departed replicas that are not known here.
    #[error(transparent)]
    Departures(#[from] UnknownDepartures),
    /// A transaction is open here.
    #[error("a transaction is open on this replica: commit it or abort it first")]
    InTransaction,
    /// The receiver has to be made a member first, and this replica can't do that.
    #[error(
        "{replica} is to be made a member before it is handed changes, and this replica has left, is evicted, or can't write: let another member send them"
    )]
    CannotSponsor {
        /// Who has to be made a member.
        replica: ReplicaId,
    },
    /// Changes since then have been pruned here.
    #[error(
        "changes since that version have been pruned: its replica was away for too long; send it a snapshot, on which it can `rescue` what it has not sent"
    )]
    BelowPruneFloor {
        /// What a version has to cover for changes since then to be had here.
        floor: VersionVector,
    },
    /// Changes since then were never here.
    #[error(
        "this replica was loaded from a shallow snapshot, and has no changes before {start:?}: ask another one, or send a snapshot"
    )]
    Shallow {
        /// What a version has to cover for changes since then to be had here.
        start: VersionVector,
    },
}

/// Why something was not read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The path can't be read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Nothing is there.
    #[error("there is nothing at `{path}`")]
    NotFound {
        /// Where.
        path: Path,
    },
    /// Something else is there.
    #[error("`{path}` is {found}, not a {expected}")]
    WrongKind {
        /// Where.
        path: Path,
        /// What the call is for.
        expected: Kind,
        /// What is there.
        found: Found,
    },
    /// An item of a list is named by something else than its index.
    #[error(
        "`{path}` is in a list: name its items by their index, as in `/list/0` (and `/list/-`, where writing, for one behind the last)"
    )]
    NotAnIndex {
        /// Where.
        path: Path,
    },
}

/// What is in a place where something else was expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Found {
    /// A register with a value.
    Value,
    /// A container.
    Container(Kind),
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value => f.write_str("a value"),
            Self::Container(kind) => write!(f, "a {kind}"),
        }
    }
}

/// Why an edit was not made. The replica is unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum EditError {
    /// The place is not there, or something else is.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The root map is always there, and can't be set or removed.
    #[error("the root map can't be set or removed: name a key in it")]
    Root,
    /// A position or range beyond the end.
    #[error("{start}..{end} is out of bounds: the text has {len} {unit}")]
    OutOfBounds {
        /// Where the range starts.
        start: usize,
        /// Where it ends.
        end: usize,
        /// How long the text is.
        len: usize,
        /// What is counted.
        unit: Unit,
    },
    /// A position within a character.
    #[error("position {position}, in {unit}, is within a character")]
    SplitsCharacter {
        /// The position.
        position: usize,
        /// What is counted.
        unit: Unit,
    },
    /// An index or a range of items beyond the end of a list.
    #[error("{index} is out of bounds: the list `{path}` has {len} items")]
    IndexOutOfBounds {
        /// The list.
        path: Path,
        /// The index, or the end of the range.
        index: usize,
        /// How many items the list has.
        len: usize,
    },
    /// Something grow-only would be taken away from.
    #[error(
        "`{path}` is, or holds, a counter or set that only grows: what is in it can't be taken away, removed or replaced"
    )]
    GrowOnly {
        /// What the edit names.
        path: Path,
    },
    /// A counter would leave the range of 64-bit integers.
    #[error("the counter `{path}` would exceed 64 bits")]
    Overflow {
        /// The counter.
        path: Path,
    },
    /// A key or a value longer than the host allows.
    #[error("a {what} of {len} bytes is longer than the limit of {limit}: raise it in the options")]
    TooLong {
        /// What is too long: a key or a value.
        what: &'static str,
        /// How long it is, in bytes.
        len: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A transaction is open.
    #[error("a transaction is open: commit it or abort it first")]
    InTransaction,
    /// No transaction is open.
    #[error("no transaction is open: begin one first")]
    NoTransaction,
    /// Nested deeper than [`Options::max_depth`](crate::Options::max_depth).
    #[error("the path is deeper than {limit} keys")]
    TooDeep {
        /// The depth that is allowed.
        limit: usize,
    },
    /// More operations than can be counted, or more characters or items, tombstones included, than
    /// a text or a list holds.
    #[error(
        "no more than {limit} can be held: start a new document from this one's content, or, for a text or a list, prune"
    )]
    TooManyOperations {
        /// How many are allowed.
        limit: u64,
    },
    /// This replica has left the document.
    #[error("this replica has left the document: load it under a new replica id to write again")]
    Left,
    /// This replica was evicted, or is about to be.
    #[error(
        "this replica was evicted from the document: to write again, take a snapshot of another member under a new replica id, and `rescue` on it what nobody has"
    )]
    Evicted,
    /// A replica that can't be evicted.
    #[error("replica {replica} can't be evicted: {reason}")]
    NotEvictable {
        /// Who.
        replica: ReplicaId,
        /// Why not, and what to do.
        reason: &'static str,
    },
    /// Changes of this replica that it does not know have arrived, and wait for others in between;
    /// or others have told that they know more of it.
    #[error(
        "this replica has written {id} elsewhere and does not know it: it was restored from a backup, or another host writes under its id; wait for what it has written, or `rescue` its edits under a new replica id"
    )]
    WrittenElsewhere {
        /// The first of these changes that has arrived; or, if none has, the last operation that
        /// others know.
        id: OpId,
    },
}

impl From<PathError> for EditError {
    fn from(error: PathError) -> Self {
        Self::Read(error.into())
    }
}

/// Why an acknowledgement was not taken. The replica is unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum AcknowledgeError {
    /// It can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It is of another document or lineage.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// It leaves out departed replicas that are not known here.
    #[error(transparent)]
    Departures(#[from] UnknownDepartures),
    /// A transaction is open here.
    #[error("a transaction is open on this replica: commit it or abort it first")]
    InTransaction,
    /// Too many acknowledgements wait for changes that are missing.
    #[error(
        "acknowledgements of {limit} replicas already wait for changes: deliver the changes first; then take this one of {member} again"
    )]
    TooManyHeld {
        /// Whose it is.
        member: ReplicaId,
        /// How many may wait.
        limit: usize,
    },
}
