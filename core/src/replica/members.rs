//! Who takes part in the document, and what they have acknowledged.

use crate::codec::acknowledgement::{self, Said};
use crate::error::{AcknowledgeError, EditError};
use crate::id::ReplicaId;
use crate::membership::{Acknowledgement, MAX_HELD, Resolved};
use crate::op::Op;
use crate::report::{Acknowledged, Member};
use crate::version::VersionVector;

use super::Replica;

impl Replica {
    /// Makes a replica a member: nothing is pruned from now on that it has not seen. To be called
    /// by a member, before it hands its first state to a replica that may ever write. (Replicas
    /// that have written are members by that; but until it is known, what they were handed may be
    /// pruned, and then their edits of it are refused with
    /// [`BelowPruneFloor`](crate::ApplyError::BelowPruneFloor).) Nothing happens if it is, or was,
    /// a member already.
    ///
    /// # Errors
    /// [`EditError::Left`] if this replica has left; [`EditError::InTransaction`].
    pub fn join(&mut self, member: ReplicaId) -> Result<(), EditError> {
        self.refuse_in_transaction()?;
        if self.membership.knows(member) {
            return self.record(Vec::new());
        }
        self.record(vec![Op::Join(member)])
    }

    /// Makes members of the replicas that have written, as their version says, and that are not
    /// known yet.
    pub(super) fn welcome(&mut self, version: &VersionVector) {
        let new = version.iter().map(|(replica, _)| replica);
        let new: Vec<Op> = new
            .filter(|replica| *replica != self.id && !self.membership.knows(*replica))
            .map(Op::Join)
            .collect();
        if !new.is_empty() {
            // Who may not write (any more), can't sponsor either.
            let _ = self.record(new);
        }
    }

    /// Ends this replica's membership: others no longer wait for it, and it can't write any more.
    /// For good: to come back, load the document under a new replica id.
    ///
    /// # Errors
    /// [`EditError::Left`] if it has left already; [`EditError::InTransaction`].
    pub fn leave(&mut self) -> Result<(), EditError> {
        self.refuse_in_transaction()?;
        self.record(vec![Op::Leave])
    }

    /// The members, by replica. This replica is one of them once it has written or was made one.
    ///
    /// O(members x authors), and a look into the log for each author whose changes a member has not
    /// seen.
    pub fn members(&self) -> Vec<Member> {
        let members = self.membership.members().map(|replica| {
            let of = self.membership.of(replica);
            let (acknowledged, stable) = match of {
                _ if replica == self.id => (Some(&self.version), Some(&self.stable)),
                Some(of) => (Some(&of.version), Some(&of.stable)),
                None => (None, None),
            };
            let nothing = VersionVector::new();
            let seen = acknowledged.unwrap_or(&nothing);
            Member {
                replica,
                acknowledged: acknowledged.cloned(),
                stable: stable.cloned(),
                unacknowledged: self.version.ahead_of(seen),
                lag: self.delay(seen).1,
            }
        });
        members.collect()
    }

    /// What this replica has seen and knows to be stable, as a frame for every other member's
    /// [`apply_acknowledgement`](Self::apply_acknowledgement).
    ///
    /// It is a promise, on which others prune: a replica must not go back behind it. A host that
    /// keeps its replica in storage [saves](Self::save) it before it sends the frame.
    ///
    /// Once all members have exchanged acknowledgements twice without edits in between, all that
    /// is deleted can be pruned. What an open transaction did is not in it.
    ///
    /// The frame has all of it at first, and at least each 16th time; else what has changed since
    /// then, which takes few bytes however many members there are.
    pub fn acknowledge(&mut self) -> Vec<u8> {
        self.advance_stable();
        self.encode_acknowledgement()
    }

    /// [`acknowledge`](Self::acknowledge), with all that has been seen: for members that could not
    /// make anything of what they got ([`Acknowledged::Incomplete`]).
    pub fn acknowledge_whole(&mut self) -> Vec<u8> {
        self.announced = None;
        self.acknowledge()
    }

    /// What this replica has seen, and knows to be stable.
    pub(super) fn own_acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { version: self.version.clone(), stable: self.stable.clone() }
    }

    /// Takes another member's acknowledgement. It counts once all that it acknowledges is here.
    ///
    /// # Errors
    /// [`AcknowledgeError`]; the replica is unchanged then.
    pub fn apply_acknowledgement(
        &mut self,
        bytes: &[u8],
    ) -> Result<Acknowledged, AcknowledgeError> {
        if self.in_transaction() {
            return Err(AcknowledgeError::InTransaction);
        }
        self.options.check_frame(bytes)?;
        let (lineage, (member, said)) = acknowledgement::decode(bytes)?;
        self.lineage.check(&lineage)?;
        if self.membership.has_left(member) {
            return Ok(Acknowledged::Stale);
        }
        let acknowledgement = match said {
            Said::Whole(pair, left_out) => {
                self.membership.complete_both(pair, left_out, &self.version)?
            }
            Said::Delta(delta) => match self.membership.resolve(member, &delta, &self.version)? {
                Resolved::Pair(pair) => pair,
                Resolved::Stale => return Ok(Acknowledged::Stale),
                Resolved::Incomplete => return Ok(Acknowledged::Incomplete),
            },
        };
        let told = acknowledgement.version.get(self.id);
        let taken = match member {
            own if own == self.id => Some(Acknowledged::Stale),
            _ => self.membership.take(member, acknowledgement, &self.version),
        };
        let taken = taken.ok_or(AcknowledgeError::TooManyHeld { member, limit: MAX_HELD })?;
        self.hear(told);
        Ok(taken)
    }
}
