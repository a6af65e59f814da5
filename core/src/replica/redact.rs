//! Redaction: what was deleted goes for ever, from wherever it is kept, as soon as it can.

use crate::error::EditError;
use crate::op::Op;
use crate::path::ToPath;
use crate::redaction::PendingRedaction;
use crate::stability;
use crate::value::Unit;
use crate::version::VersionVector;

use super::Replica;

impl Replica {
    /// Marks all that was deleted or overwritten, as far as is known here, to be forgotten for ever:
    /// characters, values, keys, and what commits said. Here and at every other replica it is gone
    /// once all members have acknowledged this twice and the replica prunes: from the document, the
    /// log, whatever is [kept](crate::Options::keep_history) of history, and what is noted for undo,
    /// which can't be taken back any more. [`prune`](Self::prune) says what is pending, and whom it
    /// waits for.
    ///
    /// What was saved or sent before is not reached: other copies are the host's to delete. Nor is
    /// memory wiped that was given back to the allocator.
    ///
    /// # Errors
    /// [`EditError`]: this replica has left or was evicted.
    pub fn redact(&mut self) -> Result<(), EditError> {
        self.record(vec![Op::Redact])
    }

    /// Deletes characters of the text at a path, and [redacts](Self::redact) them, in one change.
    ///
    /// # Errors
    /// As [`delete_text`](Self::delete_text).
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_text("notes", Unit::Scalar, 0, "My password is swordfish.")?;
    /// replica.redact_text("notes", Unit::Scalar, 15, 9)?;
    /// let holds = |bytes: Vec<u8>| bytes.windows(9).any(|bytes| bytes == b"swordfish");
    /// assert!(holds(replica.save()), "in the log, for those who have not seen it");
    /// let report = replica.prune();
    /// assert!(report.redactions_pending.is_empty() && !holds(replica.save()));
    /// # Ok::<(), libsync::EditError>(())
    /// ```
    pub fn redact_text(
        &mut self,
        path: impl ToPath,
        unit: Unit,
        position: usize,
        len: usize,
    ) -> Result<(), EditError> {
        let path = path.to_path()?;
        self.atomically(|replica| {
            replica.delete_text(&path, unit, position, len)?;
            replica.redact()
        })
    }

    /// Removes what is at a path, and [redacts](Self::redact) it, in one change. Gives whether anything
    /// was there; if not, nothing happens.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub fn redact_path(&mut self, path: impl ToPath) -> Result<bool, EditError> {
        let path = path.to_path()?;
        self.atomically(|replica| {
            let was_there = replica.remove(&path)?;
            if was_there {
                replica.redact()?;
            }
            Ok(was_there)
        })
    }

    /// Whether something is to be forgotten that lies within a cut.
    pub(super) fn has_redactions_within(&self, cut: &VersionVector) -> bool {
        self.redactions.iter().any(|&redaction| cut.contains(redaction))
    }

    /// Lets go of what is left, after pruning, of what was to be forgotten within the floor.
    pub(super) fn finish_redactions(&mut self) {
        if !self.has_redactions_within(&self.floor) {
            return;
        }
        self.redactions.retain(|&redaction| !self.floor.contains(redaction));
        if let Some(undo) = &mut self.undo {
            undo.drop_expired(&self.floor);
        }
        // What is kept of history holds what was deleted as well, for what retained changes may name.
        self.base = None;
    }

    /// The redactions that are not carried out yet.
    pub(super) fn pending_redactions(&self) -> Vec<PendingRedaction> {
        let pending = self.redactions.iter().map(|&id| {
            let (membership, me) = (&self.membership, self.id);
            let lacking = |of: fn(&crate::membership::Acknowledgement) -> &VersionVector| {
                stability::lacking(membership, me, id, of)
            };
            let mut held_back_by = lacking(|known| &known.version);
            if held_back_by.is_empty() {
                held_back_by = lacking(|known| &known.stable);
            }
            PendingRedaction { id, held_back_by }
        });
        pending.collect()
    }
}
