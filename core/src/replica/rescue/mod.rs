//! Rescue: a replica that can't send its edits any more, as others have pruned beyond it, as it went
//! back to a backup, or as the document was seeded anew, goes on under a new id on a snapshot. What
//! it had not sent is made anew there.
//!
//! [`translate`]: operation by operation; [`sequences`]: those on texts and lists; [`places`]: where
//! these belong; [`identities`]: what stands for what; [`report`]: what became of each.

mod identities;
mod places;
mod report;
mod sequences;
#[cfg(test)]
pub(super) mod tests;
mod translate;

use crate::change::Change;
use crate::error::LineageError;
use crate::id::{OpId, ReplicaId};

use super::Replica;
pub use report::{
    Offer, RescueError, RescueOutcome, RescueReport, Rescued, RescuedEdit, UnknownChanges,
};
use translate::Translation;

/// How edits are [rescued](Replica::rescue_with).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct RescueOptions {
    written_since: Option<u64>,
}

impl RescueOptions {
    /// As [`Replica::rescue`] does it: what the snapshot lacks.
    pub const fn new() -> Self {
        Self { written_since: None }
    }

    /// What the replica has written from the operation of this counter on, whatever the snapshot
    /// counts of it: for a replica that was restored from a backup, how many operations it had in
    /// that ([`version`](Replica::version), its own).
    #[must_use]
    pub const fn written_since(mut self, counter: u64) -> Self {
        self.written_since = Some(counter);
        self
    }
}

impl Replica {
    /// A replica of a new id on a snapshot, in which the edits that this one had not sent are made
    /// anew: each as it was meant if what it names is there, beside the nearest of its old
    /// neighbours if that is gone, and offered in the report if it was made in something that was
    /// deleted. This replica stays as it is.
    ///
    /// For a replica that others have pruned beyond
    /// ([`BelowPruneFloor`](crate::ApplyError::BelowPruneFloor)), one that went back to a backup
    /// ([`WrittenElsewhere`](crate::EditError::WrittenElsewhere)), and one of an older epoch
    /// ([`reseed`](Self::reseed)).
    ///
    /// The snapshot is what a member [saves](Self::save) after it has made `id` a member
    /// ([`join`](Self::join)). It should have all that any member has of this replica: what is sent
    /// and has not reached it yet is taken for not sent, and would be there twice. Once the edits
    /// are rescued, nobody has to wait for the old id any more.
    ///
    /// Edits are made in their order, those of one change as one change, with what was said of it.
    /// A value that is assigned anew is the one that is shown; what others assigned meanwhile is a
    /// conflict. Characters and items of concurrent edits at one place stand in the order of the
    /// replicas' ids, as always.
    ///
    /// O(n log n) in the operations made anew, and what lies between a place and what is left of
    /// its neighbours; besides, the snapshot is loaded.
    ///
    /// # Errors
    /// [`RescueError`]: the snapshot can't be read, is of another document or an older epoch, or
    /// lacks what is pruned here; the id is not new, or no member in it; a transaction is open; or it
    /// can't be told what was not sent.
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, RescueOutcome, Unit};
    /// let document = DocumentId::from_bytes([7; 16]);
    /// let mut server = Replica::new(document, ReplicaId::new(1));
    /// server.insert_text("notes", Unit::Scalar, 0, "bread, milk")?;
    /// // A copy that the server does not know of goes offline and is edited:
    /// let mut late = Replica::load(&server.save(), ReplicaId::new(2))?;
    /// late.insert_text("notes", Unit::Scalar, 5, " rolls")?;
    /// // The server deletes what that was typed behind, and prunes:
    /// server.delete_text("notes", Unit::Scalar, 0, 7)?;
    /// server.prune();
    /// assert!(server.apply(&late.export(server.version())?).is_err());
    /// // It hands over a snapshot, for a new id:
    /// server.join(ReplicaId::new(3))?;
    /// let rescued = late.rescue(&server.save(), ReplicaId::new(3))?;
    /// assert_eq!(rescued.replica.text("notes")?, " rollsmilk");
    /// assert!(matches!(rescued.report.edits[0].outcome, RescueOutcome::Moved { .. }));
    /// # let mut rescued = rescued.replica;
    /// # server.apply(&rescued.export(server.version())?)?;
    /// # assert_eq!(server.to_json(), rescued.to_json());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rescue(&self, snapshot: &[u8], id: ReplicaId) -> Result<Rescued, RescueError> {
        self.rescue_with(snapshot, id, RescueOptions::new())
    }

    /// [`rescue`](Self::rescue), as the options say.
    ///
    /// # Errors
    /// As [`rescue`](Self::rescue).
    pub fn rescue_with(
        &self,
        snapshot: &[u8],
        id: ReplicaId,
        options: RescueOptions,
    ) -> Result<Rescued, RescueError> {
        if self.in_transaction() {
            return Err(RescueError::InTransaction);
        }
        let new = Self::load_with_options(snapshot, id, self.options)?;
        self.check_snapshot(&new)?;
        let here = self.version.get(self.id);
        let first = match options.written_since {
            Some(since) => since.min(here),
            None => self.first_unsent(&new)?,
        };
        let log_start = self.log_start();
        if first < log_start.get(self.id) {
            return Err(RescueError::SnapshotBehind { since: log_start.into_owned() });
        }
        let mut translation = Translation::new(self, new, OpId::new(self.id, first));
        for change in self.log.overlapping(self.id, first, here) {
            let change = change.from(first.max(change.id.counter));
            translation.follow_change(&change)?;
        }
        let Translation { new: replica, mut report, .. } = translation;
        let others = self.version.iter().filter(|&(author, _)| author != self.id);
        report.unknown = others
            .map(|(author, to)| (author, replica.version.get(author), to))
            .filter(|&(_, from, to)| from < to)
            .map(|(replica, from, to)| UnknownChanges { replica, from, to })
            .collect();
        Ok(Rescued { replica, report })
    }

    /// Checks that a replica that was loaded from a snapshot can go on for this one.
    fn check_snapshot(&self, new: &Self) -> Result<(), RescueError> {
        let (ours, theirs) = (self.lineage, new.lineage);
        if ours.document != theirs.document {
            ours.check(&theirs)?;
        }
        if theirs.epoch < ours.epoch {
            let (ours, theirs) = (ours.epoch, theirs.epoch);
            return Err(LineageError::OtherEpoch { ours, theirs }.into());
        }
        let id = new.id;
        if id == self.id || new.version.get(id) > 0 || new.membership.has_departed(id) {
            return Err(RescueError::ReplicaIdReused { id });
        }
        if !new.membership.is_member(id) {
            return Err(RescueError::NotAMember { id });
        }
        if theirs.epoch == ours.epoch && !new.version.covers(&self.floor) {
            return Err(RescueError::SnapshotBehind { since: self.floor.clone() });
        }
        Ok(())
    }

    /// The counter of the first operation of this replica that a snapshot lacks: from where on it
    /// has others under their identities, if its log tells that.
    fn first_unsent(&self, new: &Self) -> Result<u64, RescueError> {
        let (known, here) = (new.version.get(self.id), self.version.get(self.id));
        if let Some(first) = self.first_disagreement(new, known.min(here)) {
            return Ok(first);
        }
        let (ours, theirs) = (self.log_start(), new.log_start());
        let is_compared = theirs.get(self.id) < here || ours.get(self.id) == here;
        if known > here && !is_compared {
            return Err(RescueError::Undecided { known, here });
        }
        Ok(known.min(here))
    }

    /// The counter of the first own operation before `end` that is another one in the other
    /// replica's log, as far as both logs reach.
    fn first_disagreement(&self, other: &Self, end: u64) -> Option<u64> {
        let from = self.log_start().get(self.id).max(other.log_start().get(self.id));
        self.log.overlapping(self.id, from, end).find_map(|own| {
            let (start, end) = (own.id.counter.max(from), own.end().min(end));
            let others = other.log.overlapping(self.id, start, end);
            others.into_iter().find_map(|theirs| disagreement(&own, &theirs, from))
        })
    }
}

/// The first counter from one on at which two changes of one author that overlap say different
/// things.
fn disagreement(own: &Change, theirs: &Change, from: u64) -> Option<u64> {
    let start = own.id.counter.max(theirs.id.counter).max(from);
    let end = own.end().min(theirs.end());
    let agree_before =
        |end: u64| end == start || own.from(start).upto(end).agrees_with(&theirs.from(start));
    if start >= end || agree_before(end) {
        return None;
    }
    // What agrees up to a counter agrees up to all before it.
    let (mut agreed, mut disagreed) = (start, end);
    while agreed + 1 < disagreed {
        let middle = agreed + (disagreed - agreed) / 2;
        if agree_before(middle) { agreed = middle } else { disagreed = middle }
    }
    Some(agreed)
}
