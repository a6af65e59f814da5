//! Starting a document over: as it is, with none of its past.

use thiserror::Error;

use crate::id::ReplicaId;
use crate::inbox::Inbox;
use crate::log::Log;
use crate::membership::Membership;

use super::Replica;
use super::events::Subscriptions;

/// Why a document was not seeded anew. The replica is unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ReseedError {
    /// A transaction is open.
    #[error("a transaction is open on this replica: commit it or abort it first")]
    InTransaction,
    /// The replica id is not new.
    #[error("replica {id} has written to this document, or left it: take a new replica id")]
    ReplicaIdReused {
        /// The replica id.
        id: ReplicaId,
    },
    /// There are no more epochs.
    #[error("the document is of the last epoch: start a new one from its content")]
    LastEpoch,
}

impl Replica {
    /// The document seeded anew: as it is here, under the same document id and in the next
    /// [epoch](Self::epoch), with `id` as its only member and nothing of its past. It can be pruned
    /// at once, whoever held that back.
    ///
    /// For when members are lost for good, or their histories have forked. Whatever replicas of the
    /// older epoch exchange, they do among themselves: frames of the one epoch are refused in the
    /// other ([`LineageError::OtherEpoch`](crate::LineageError::OtherEpoch)). What they have that is
    /// not here they can [rescue](Self::rescue), on a snapshot of the new epoch.
    ///
    /// Two replicas that seed one document anew at the same time make two documents that bear one
    /// name: it is a decision of an authority. What waits here for other changes is not taken over,
    /// nor are subscriptions and what is noted for undo.
    ///
    /// # Errors
    /// [`ReseedError`].
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, Unit};
    /// let mut old = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// old.join(ReplicaId::new(2))?; // ... which is never heard of again
    /// old.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
    /// old.delete_text("notes", Unit::Scalar, 0, 4)?;
    /// assert_eq!(old.prune().nodes, 0);
    /// let new = old.reseed(ReplicaId::new(3))?;
    /// assert_eq!((new.epoch(), new.to_json()), (1, r#"{"notes":"!"}"#.to_owned()));
    /// assert_eq!(new.memory().nodes, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reseed(&self, id: ReplicaId) -> Result<Self, ReseedError> {
        if self.in_transaction() {
            return Err(ReseedError::InTransaction);
        }
        if id == self.id || self.version.get(id) > 0 || self.membership.has_departed(id) {
            return Err(ReseedError::ReplicaIdReused { id });
        }
        let epoch = self.lineage.epoch.checked_add(1).ok_or(ReseedError::LastEpoch)?;
        let mut seeded = self.clone();
        seeded.lineage.epoch = epoch;
        seeded.id = id;
        (seeded.log, seeded.inbox) = (Log::default(), Inbox::default());
        seeded.membership = Membership::seeded_by(id, &seeded.version);
        if let Some(departed) = seeded.membership.baseline() {
            seeded.version.rebase(departed);
            seeded.state.forget_departed(departed);
        }
        let version = seeded.version.clone();
        seeded.state.set_stable(&version);
        seeded.state.prune(&version, &version);
        (seeded.stable, seeded.floor, seeded.pruned) = (version.clone(), version.clone(), version);
        (seeded.log_start, seeded.told, seeded.announced) = (None, 0, None);
        (seeded.base, seeded.undo, seeded.entered) = (None, None, None);
        seeded.pending.clear();
        seeded.evicted.clear();
        seeded.redactions.clear();
        seeded.subscriptions = Subscriptions::default();
        seeded.renew_base();
        Ok(seeded)
    }

    /// How often the document was [seeded anew](Self::reseed) before it came to be this one; 0 at
    /// first.
    pub fn epoch(&self) -> u64 {
        self.lineage.epoch
    }
}
