//! Why nothing was taken back.

use thiserror::Error;

use crate::error::EditError;
use crate::id::OpId;

/// Why nothing was undone or redone. The replica is unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum UndoError {
    /// Edits are not noted here.
    #[error(
        "edits are not noted on this replica: call enable_undo before making those that are to be undone"
    )]
    Disabled,
    /// There is no item to be taken back.
    #[error("there is nothing left to take back")]
    Nothing,
    /// What the item needs is pruned.
    #[error(
        "the edits from {item} on can't be taken back any more: more has happened since than pruning waits for; raise the depth in the options, or prune less often"
    )]
    Expired {
        /// The first operation of the item.
        item: OpId,
    },
    /// A transaction is open.
    #[error("a transaction is open: commit it or abort it first")]
    InTransaction,
    /// A group is open.
    #[error("a group of edits is open: end it first")]
    InGroup,
    /// No group is open.
    #[error("no group of edits is open: begin one first")]
    NoGroup,
    /// The edits that would take it back can't be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}
