//! What can go wrong with history.

use thiserror::Error;

use crate::error::{EditError, ReadError};
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

/// Why a version of the document was not read, compared, forked or brought back. The replica is
/// unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A version that this replica has not seen.
    #[error("this replica has not seen {id}, which is in the version: apply it first")]
    Unknown {
        /// An operation of the version that is not known here.
        id: OpId,
    },
    /// A version that lacks something that its changes were made on: no replica was ever there.
    #[error(
        "the version has {id}, and lacks {needs}, which that was made on: take it with all that it depends on, as `version_of` gives it"
    )]
    NotClosed {
        /// An operation of the version.
        id: OpId,
        /// An operation that it depends on.
        needs: OpId,
    },
    /// A version that lacks something of what has been pruned.
    #[error("the version is below the prune floor: history reaches down to {floor:?}")]
    BelowPruneFloor {
        /// The first version that can be had.
        floor: VersionVector,
    },
    /// Something has been pruned, and this replica does not have what the past needs of it.
    #[error(
        "what was pruned is not kept for history here: set `Options::keep_history` before the first prune, or prune once everything is stable, from when on it is kept"
    )]
    NotKept {
        /// The prune floor.
        floor: VersionVector,
    },
    /// Something that is not in the log, as the replica was loaded without.
    #[error(
        "this replica was loaded from a shallow snapshot at {start:?}, and has no history before that; ask another one"
    )]
    Shallow {
        /// Where its log starts.
        start: VersionVector,
    },
    /// A version to fork at that lacks something that others may prune, or have pruned.
    #[error(
        "the version lacks what members have acknowledged and may prune, so that its edits could not be merged: fork at one that covers {since:?}, or revert to it"
    )]
    BelowStableCut {
        /// What a version has to cover to be forked at.
        since: VersionVector,
    },
    /// A replica id for a fork under which somebody has written, or has left the document.
    #[error(
        "replica {id} has written to this document, or left it: give the fork a new replica id"
    )]
    ReplicaIdReused {
        /// The replica id.
        id: ReplicaId,
    },
    /// Something was not there to be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An edit that it takes can't be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}
