//! What became of the edits that were rescued, and why a rescue was not made.

use thiserror::Error;

use crate::error::{EditError, LineageError, LoadError};
use crate::id::{OpId, ReplicaId};
use crate::path::Path;
use crate::replica::Replica;
use crate::value::{Content, Value};
use crate::version::VersionVector;

/// A replica that goes on where another one can't any more: see [`Replica::rescue`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rescued {
    /// The replica of the new id, with the edits.
    pub replica: Replica,
    /// What became of each edit.
    pub report: RescueReport,
}

/// What became of the edits that a replica had not sent: see [`Replica::rescue`].
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct RescueReport {
    /// The edits in the order in which they were made. What was typed in one go is one edit.
    pub edits: Vec<RescuedEdit>,
    /// How many are as they were meant.
    pub applied: usize,
    /// How many are beside the place where they were meant.
    pub moved: usize,
    /// How many are not in the document, and are here to be shown and made again.
    pub offered: usize,
    /// What the old replica had of others that the snapshot lacks, by author: it is for these to
    /// send it, or was refused.
    pub unknown: Vec<UnknownChanges>,
    /// The replicas that the old one made members, and that the snapshot does not know: what they
    /// wrote builds on what was not sent, so they have to be rescued, too.
    pub sponsored: Vec<ReplicaId>,
}

/// An edit that was not sent, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RescuedEdit {
    /// Its first operation in the old replica, where [`Replica::change`] tells when and why it was
    /// made.
    pub id: OpId,
    /// How many operations it has.
    pub len: u64,
    /// Where it is in the old replica as that stands: the text or the list that was edited, the
    /// counter, the set, or the place that was assigned to. An item that is not shown any more has
    /// the index at which it would be.
    pub path: Path,
    /// What became of it.
    pub outcome: RescueOutcome,
}

/// What became of an edit.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RescueOutcome {
    /// As it was meant.
    Applied {
        /// Its first operation now; `None` if nothing was left to do, as what it takes away is
        /// gone already, or it was taken back later.
        id: Option<OpId>,
    },
    /// What it was made beside is gone: it is beside the nearest that was left.
    Moved {
        /// Its first operation now.
        id: OpId,
    },
    /// What it was made in, or made to, was deleted meanwhile. It is not in the document.
    Offered(Offer),
}

/// What an edit would have brought, to be shown and made again.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Offer {
    /// Characters that were typed.
    Text {
        /// Where they are in the text of the old replica as it stands, in Unicode scalar values.
        position: usize,
        /// The characters, but for those that were deleted again.
        text: String,
    },
    /// Items that were inserted, but for those that were deleted again. What was put into
    /// containers among them has offers of its own.
    Items {
        /// Where they are in the list of the old replica as it stands.
        index: usize,
        /// What they hold there.
        items: Vec<Content>,
    },
    /// What was assigned to a place.
    Value(Content),
    /// What was added to a set.
    Element(Value),
    /// What was added to a counter.
    Count(i64),
    /// An item that was moved, and that others deleted.
    Move {
        /// What it holds.
        item: Content,
        /// The index that it was moved to, in the list of the old replica as it stands.
        index: usize,
    },
}

/// Operations of one replica that a snapshot lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct UnknownChanges {
    /// Who wrote them.
    pub replica: ReplicaId,
    /// The first one's counter.
    pub from: u64,
    /// The counter behind the last one.
    pub to: u64,
}

impl RescueReport {
    pub(super) fn push(&mut self, edit: RescuedEdit) {
        match edit.outcome {
            RescueOutcome::Applied { .. } => self.applied += 1,
            RescueOutcome::Moved { .. } => self.moved += 1,
            RescueOutcome::Offered(_) => self.offered += 1,
        }
        self.edits.push(edit);
    }
}

/// Why no replica was made. The old one is as it was.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum RescueError {
    /// The snapshot can't be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The snapshot is of another document, or of an older epoch.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// A transaction is open on the old replica.
    #[error("a transaction is open on this replica: commit it or abort it first")]
    InTransaction,
    /// The new replica id is not new.
    #[error("replica {id} has written to this document, or left it: take a new replica id")]
    ReplicaIdReused {
        /// The replica id.
        id: ReplicaId,
    },
    /// The new replica is not a member in the snapshot, so that what it names may be pruned.
    #[error(
        "replica {id} is not a member in the snapshot: who gives the snapshot has to `join` it before saving"
    )]
    NotAMember {
        /// The replica id.
        id: ReplicaId,
    },
    /// The snapshot lacks what is pruned from the old replica, or was never in its log.
    #[error(
        "the snapshot lacks changes that this replica does not hold one by one any more: take a snapshot that covers {since:?}"
    )]
    SnapshotBehind {
        /// What it has to cover.
        since: VersionVector,
    },
    /// The snapshot counts more operations of the old replica than that has, so it was restored
    /// from a backup; and from where on it wrote others is not in the snapshot's log any more.
    #[error(
        "this replica went back to a backup, and the snapshot does not tell what it has written since: say so by `RescueOptions::written_since`, with its version right after it was restored"
    )]
    Undecided {
        /// How many of its operations the snapshot counts.
        known: u64,
        /// How many it has itself.
        here: u64,
    },
    /// An edit can't be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}
