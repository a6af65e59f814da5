//! Why a call failed: what the boundary itself refuses, and what the core does.

use libsync::{
    AcknowledgeError, ApplyError, EditError, ExportError, LineageError, LoadError, ReadError,
    RescueError, ReseedError,
};
use thiserror::Error;

use crate::status::sync_status;

/// Why a call failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("`{argument}` is NULL")]
    Null { argument: &'static str },
    #[error(
        "`{argument}` is not a live handle: it was freed, is of another kind, or was never handed out here"
    )]
    Handle { argument: &'static str },
    #[error("`{argument}` {reason}")]
    Argument { argument: &'static str, reason: &'static str },
    #[error("`{argument}`, which says that it has {size} bytes, {reason}")]
    StructSize { argument: &'static str, size: usize, reason: &'static str },
    #[error("`{argument}` is not UTF-8 from byte {at} on")]
    Utf8 { argument: &'static str, at: usize },
    /// One of several values that C hands in at once.
    #[error("of the values, the one at {index}: {failure}")]
    Value { index: usize, failure: Box<Failure> },
    #[error("a defect of libsync, please report it: {message}")]
    Panic { message: String },
    #[error("a call on this `{argument}` failed by a defect of libsync: {remedy}")]
    Barred { argument: &'static str, remedy: &'static str },
    #[error("the operating system has no randomness to give: {0}")]
    Random(#[from] getrandom::Error),
    #[error("no handle is left: free replicas, ends of streams and errors that are no longer used")]
    Exhausted,
    /// A variant that the core has grown, and this interface has no name for yet.
    #[error("the call found {what} that this interface has no name for: update libsync")]
    Unnamed { what: &'static str },
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Acknowledge(#[from] AcknowledgeError),
    #[error(transparent)]
    Rescue(#[from] RescueError),
    #[error(transparent)]
    Reseed(#[from] ReseedError),
}

use sync_status::*;

impl Failure {
    /// The status that a caller gets for it.
    pub(crate) fn status(&self) -> sync_status {
        match self {
            Self::Null { .. } => SYNC_ERR_NULL,
            Self::Handle { .. } => SYNC_ERR_HANDLE,
            Self::Argument { .. } => SYNC_ERR_ARGUMENT,
            Self::StructSize { .. } => SYNC_ERR_STRUCT_SIZE,
            Self::Utf8 { .. } => SYNC_ERR_UTF8,
            Self::Value { failure, .. } => failure.status(),
            Self::Panic { .. } | Self::Barred { .. } => SYNC_ERR_PANIC,
            Self::Random(_) => SYNC_ERR_RANDOM,
            Self::Exhausted => SYNC_ERR_EXHAUSTED,
            Self::Unnamed { .. } => SYNC_ERR_OTHER,
            Self::Load(error) => load(error),
            Self::Apply(error) => apply(error),
            Self::Export(error) => export(error),
            Self::Read(error) => read(error),
            Self::Edit(error) => edit(error),
            Self::Acknowledge(error) => acknowledge(error),
            Self::Rescue(error) => rescue(error),
            Self::Reseed(error) => reseed(error),
        }
    }
}

// The core may grow variants that have no status yet; they are SYNC_ERR_OTHER until they get one.

fn lineage(error: &LineageError) -> sync_status {
    match error {
        LineageError::OtherDocument { .. } => SYNC_ERR_OTHER_DOCUMENT,
        LineageError::OtherEpoch { .. } => SYNC_ERR_OTHER_EPOCH,
        _ => SYNC_ERR_OTHER,
    }
}

fn load(error: &LoadError) -> sync_status {
    match error {
        LoadError::Decode(_) => SYNC_ERR_DECODE,
        _ => SYNC_ERR_OTHER,
    }
}

fn apply(error: &ApplyError) -> sync_status {
    match error {
        ApplyError::Decode(_) => SYNC_ERR_DECODE,
        ApplyError::Lineage(error) => lineage(error),
        ApplyError::Departures(_) => SYNC_ERR_UNKNOWN_DEPARTURES,
        ApplyError::InTransaction => SYNC_ERR_IN_TRANSACTION,
        ApplyError::ReplicaIdReused { .. } => SYNC_ERR_REPLICA_ID_REUSED,
        ApplyError::BelowPruneFloor { .. } => SYNC_ERR_BELOW_PRUNE_FLOOR,
        ApplyError::InvalidChange { .. } => SYNC_ERR_INVALID_CHANGE,
        ApplyError::AuthorLeft { .. } => SYNC_ERR_AUTHOR_LEFT,
        ApplyError::AuthorEvicted { .. } => SYNC_ERR_AUTHOR_EVICTED,
        ApplyError::NamesEvicted { .. } => SYNC_ERR_NAMES_EVICTED,
        ApplyError::StreamBroken => SYNC_ERR_STREAM_BROKEN,
        ApplyError::InboxFull { .. } => SYNC_ERR_INBOX_FULL,
        _ => SYNC_ERR_OTHER,
    }
}

fn export(error: &ExportError) -> sync_status {
    match error {
        ExportError::Decode(_) => SYNC_ERR_DECODE,
        ExportError::Lineage(error) => lineage(error),
        ExportError::Departures(_) => SYNC_ERR_UNKNOWN_DEPARTURES,
        ExportError::InTransaction => SYNC_ERR_IN_TRANSACTION,
        ExportError::CannotSponsor { .. } => SYNC_ERR_CANNOT_SPONSOR,
        ExportError::BelowPruneFloor { .. } => SYNC_ERR_BELOW_PRUNE_FLOOR,
        ExportError::Shallow { .. } => SYNC_ERR_SHALLOW,
        _ => SYNC_ERR_OTHER,
    }
}

fn read(error: &ReadError) -> sync_status {
    match error {
        ReadError::Path(_) => SYNC_ERR_PATH,
        ReadError::NotFound { .. } => SYNC_ERR_NOT_FOUND,
        ReadError::WrongKind { .. } => SYNC_ERR_WRONG_KIND,
        ReadError::NotAnIndex { .. } => SYNC_ERR_NOT_AN_INDEX,
        _ => SYNC_ERR_OTHER,
    }
}

fn edit(error: &EditError) -> sync_status {
    match error {
        EditError::Read(error) => read(error),
        EditError::Root => SYNC_ERR_ROOT,
        EditError::OutOfBounds { .. } => SYNC_ERR_OUT_OF_BOUNDS,
        EditError::SplitsCharacter { .. } => SYNC_ERR_SPLITS_CHARACTER,
        EditError::IndexOutOfBounds { .. } => SYNC_ERR_INDEX_OUT_OF_BOUNDS,
        EditError::GrowOnly { .. } => SYNC_ERR_GROW_ONLY,
        EditError::Overflow { .. } => SYNC_ERR_OVERFLOW,
        EditError::TooLong { .. } => SYNC_ERR_TOO_LONG,
        EditError::InTransaction => SYNC_ERR_IN_TRANSACTION,
        EditError::NoTransaction => SYNC_ERR_NO_TRANSACTION,
        EditError::TooDeep { .. } => SYNC_ERR_TOO_DEEP,
        EditError::Left => SYNC_ERR_LEFT,
        EditError::Evicted => SYNC_ERR_EVICTED,
        EditError::NotEvictable { .. } => SYNC_ERR_NOT_EVICTABLE,
        EditError::WrittenElsewhere { .. } => SYNC_ERR_WRITTEN_ELSEWHERE,
        EditError::TooManyOperations { .. } => SYNC_ERR_TOO_MANY_OPERATIONS,
        _ => SYNC_ERR_OTHER,
    }
}

fn acknowledge(error: &AcknowledgeError) -> sync_status {
    match error {
        AcknowledgeError::Decode(_) => SYNC_ERR_DECODE,
        AcknowledgeError::Lineage(error) => lineage(error),
        AcknowledgeError::Departures(_) => SYNC_ERR_UNKNOWN_DEPARTURES,
        AcknowledgeError::InTransaction => SYNC_ERR_IN_TRANSACTION,
        AcknowledgeError::TooManyHeld { .. } => SYNC_ERR_TOO_MANY_HELD,
        _ => SYNC_ERR_OTHER,
    }
}

fn rescue(error: &RescueError) -> sync_status {
    match error {
        RescueError::Load(error) => load(error),
        RescueError::Lineage(error) => lineage(error),
        RescueError::InTransaction => SYNC_ERR_IN_TRANSACTION,
        RescueError::ReplicaIdReused { .. } => SYNC_ERR_REPLICA_ID_REUSED,
        RescueError::NotAMember { .. } => SYNC_ERR_NOT_A_MEMBER,
        RescueError::SnapshotBehind { .. } => SYNC_ERR_SNAPSHOT_BEHIND,
        RescueError::Undecided { .. } => SYNC_ERR_UNDECIDED,
        RescueError::Edit(error) => edit(error),
        _ => SYNC_ERR_OTHER,
    }
}

fn reseed(error: &ReseedError) -> sync_status {
    match error {
        ReseedError::InTransaction => SYNC_ERR_IN_TRANSACTION,
        ReseedError::ReplicaIdReused { .. } => SYNC_ERR_REPLICA_ID_REUSED,
        ReseedError::LastEpoch => SYNC_ERR_LAST_EPOCH,
        _ => SYNC_ERR_OTHER,
    }
}
