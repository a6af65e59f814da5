//! Who takes part in the document, and what they have acknowledged.

use crate::codec;
use crate::codec::acknowledgement::Said;
use crate::codec::frame::Form;
use crate::departed::{Departed, Evicted};
use crate::error::{AcknowledgeError, EditError, ExportError};
use crate::id::{OpId, ReplicaId};
use crate::membership::{Acknowledgement, MAX_HELD, Resolved, Standing};
use crate::op::Op;
use crate::options::PrunePolicy;
use crate::report::{Acknowledged, Member};
use crate::version::VersionVector;

use super::Replica;
use super::plan::Plan;

impl Replica {
    /// Makes a replica a member: nothing is pruned from now on that it has not seen. To be called
    /// by a member, before it hands its first state to a replica that may ever write. (Replicas
    /// that have written are members by that; but until it is known, what they were handed may be
    /// pruned, and then their edits of it are refused with
    /// [`BelowPruneFloor`](crate::ApplyError::BelowPruneFloor).) Nothing happens if it was made one
    /// before, or is none any more.
    ///
    /// # Errors
    /// [`EditError::Left`] if this replica has left, [`EditError::Evicted`] if it was evicted;
    /// [`EditError::InTransaction`].
    pub fn join(&mut self, member: ReplicaId) -> Result<(), EditError> {
        self.refuse_in_transaction()?;
        if member == self.id || !self.membership.needs_joining(member, self.id) {
            return self.record(Vec::new());
        }
        self.record(vec![Op::Join(member)])
    }

    /// Makes members of the replicas that have written, as their version says, unless all who can know
    /// what is handed to them know them.
    ///
    /// # Errors
    /// [`ExportError::CannotSponsor`] if this replica may not write (any more), and the version is of
    /// none but such.
    pub(super) fn welcome(&mut self, version: &VersionVector) -> Result<(), ExportError> {
        let others = version.iter().map(|(replica, _)| replica).filter(|&other| other != self.id);
        let (new, known): (Vec<ReplicaId>, Vec<ReplicaId>) =
            others.partition(|&other| self.membership.needs_joining(other, self.id));
        let Some(&replica) = new.first() else { return Ok(()) };
        let joins = new.into_iter().map(Op::Join).collect();
        match self.record(joins) {
            // Whoever has something of a member was made one with that.
            Err(_) if known.is_empty() => Err(ExportError::CannotSponsor { replica }),
            _ => Ok(()),
        }
    }

    /// Ends this replica's membership: others no longer wait for it, and it can't write any more.
    /// For good: to come back, load the document under a new replica id.
    ///
    /// Those to whom it may hand this last change are made members with it, as later it can't.
    ///
    /// # Errors
    /// [`EditError::Left`] if it has left already, [`EditError::Evicted`] if it was evicted;
    /// [`EditError::InTransaction`].
    pub fn leave(&mut self) -> Result<(), EditError> {
        self.refuse_in_transaction()?;
        let others = self.membership.members().filter(|&member| member != self.id);
        let unjoined = others.filter(|&member| self.membership.needs_joining(member, self.id));
        let ops = unjoined.map(Op::Join).chain([Op::Leave]).collect();
        self.record(ops)
    }

    /// Evicts a member: one that is lost, or is to write no more. It takes effect once every other
    /// member has acknowledged it, and all of them have the same of what the evicted one wrote; from
    /// then on it is not waited for, and later changes of it are refused
    /// ([`AuthorEvicted`](crate::ApplyError::AuthorEvicted)). [`next_evicted`](Self::next_evicted) says
    /// when that is, and [`members`](Self::members) who is awaited.
    ///
    /// An eviction is the decision of an authority, such as a server, or the majority of several. Two
    /// members that evict each other part the document: each goes on with those who know of its
    /// eviction first. The core does not decide between them.
    ///
    /// Nothing happens if it is being evicted already.
    ///
    /// # Errors
    /// [`EditError::NotEvictable`] for this replica itself, for one that is no member, and for one that
    /// has left or was evicted; [`EditError::Left`], [`EditError::Evicted`],
    /// [`EditError::InTransaction`].
    pub fn evict(&mut self, member: ReplicaId) -> Result<(), EditError> {
        self.refuse_in_transaction()?;
        let refused = |reason| EditError::NotEvictable { replica: member, reason };
        if member == self.id {
            return Err(refused("it is this replica itself; let it leave"));
        }
        match self.membership.standing(member) {
            None => Err(refused("it is not known here as a member")),
            Some(Standing::Left) => Err(refused("it has left already")),
            Some(Standing::Evicted) => Err(refused("it was evicted already")),
            Some(Standing::Evicting) => self.record(Vec::new()),
            Some(Standing::Member) => self.record(vec![Op::Evict(member)]),
        }
    }

    /// An eviction that has taken effect here, one after the other; `None` if all were asked for. Not
    /// saved: an eviction that took effect before the document was loaded is among the
    /// [departed](Self::departed).
    pub fn next_evicted(&mut self) -> Option<Evicted> {
        self.evicted.pop_front()
    }

    /// Who was a member, and is none any more, by replica.
    pub fn departed(&self) -> Vec<Departed> {
        let all = self.membership.all().iter();
        let departed = all.filter(|(_, record)| !record.is_member());
        let departed = departed.map(|(&replica, record)| Departed {
            replica,
            operations: self.version.get(replica),
            evicted: record.standing == Standing::Evicted,
            departure: record.departure.map(|mark| mark.op),
            time: record.departure.and_then(|mark| mark.time),
        });
        let folded = self.membership.folded().iter();
        let folded = folded.map(|&(replica, operations)| Departed {
            replica,
            operations,
            evicted: self.membership.evicted().contains(&replica),
            departure: None,
            time: None,
        });
        folded.chain(departed).collect()
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
            let record = self.membership.all().get(&replica);
            let since = record.and_then(|record| record.since);
            let evicting = self.membership.standing(replica) == Some(Standing::Evicting);
            let awaited =
                || self.membership.awaited_for(replica, self.id, &self.version, &self.floor);
            let nothing = VersionVector::new();
            let seen = acknowledged.unwrap_or(&nothing);
            Member {
                replica,
                acknowledged: acknowledged.cloned(),
                stable: stable.cloned(),
                since: since.map(|mark| mark.op),
                since_time: since.and_then(|mark| mark.time),
                evicting,
                eviction_awaits: if evicting { awaited() } else { Vec::new() },
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
    /// is deleted can be pruned. What an open transaction did is not in it. Of a replica that has
    /// left, it says nothing: it promises nothing any more.
    ///
    /// The frame has all of it at first, and at least each 16th time; else what has changed since
    /// then, which takes few bytes however many members there are.
    pub fn acknowledge(&mut self) -> Vec<u8> {
        self.advance_stable(PrunePolicy::WORK);
        self.membership.acknowledge_evictions();
        self.encode_acknowledgement()
    }

    /// [`acknowledge`](Self::acknowledge), with all that has been seen: for members that could not
    /// make anything of what they got ([`Acknowledged::Incomplete`]).
    pub fn acknowledge_whole(&mut self) -> Vec<u8> {
        self.advance_stable(PrunePolicy::WORK);
        self.membership.acknowledge_evictions();
        self.encode_whole_acknowledgement()
    }

    /// What this replica has seen, and knows to be stable.
    pub(super) fn own_acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { version: self.version.clone(), stable: self.stable.clone() }
    }

    /// Takes another member's acknowledgement. It counts once all that it acknowledges is here. Then
    /// a bounded part of what it allows to remove is [removed](Self::prune), unless that is to be done
    /// [by hand](crate::Pruning::Manual).
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
        let (lineage, (member, said)) = codec::acknowledgement::decode(bytes)?;
        self.lineage.check(&lineage)?;
        if self.membership.has_departed(member) {
            return Ok(Acknowledged::Stale);
        }
        let acknowledgement = match said {
            Said::Whole(pair, left_out) => {
                self.membership.complete_both(pair, left_out, &self.version)?
            }
            Said::Delta(_) if member == self.id => return Ok(Acknowledged::Stale),
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
        self.follow_evictions();
        if taken == Acknowledged::Taken {
            self.follow_acknowledgements();
        }
        Ok(taken)
    }

    /// Takes what may be taken by now of those who are to be evicted, and carries out the evictions
    /// that all others agree on.
    pub(super) fn follow_evictions(&mut self) {
        if !self.membership.is_evicting() {
            return;
        }
        let permitted = self.membership.frozen().find_map(|(target, _)| {
            let count = self.version.get(target);
            let bound = self.membership.bound(target, count)?;
            let waits = self.inbox.waits_for_itself(OpId::new(target, count));
            (waits && count < bound).then_some(OpId::new(target, count))
        });
        if let Some(id) = permitted {
            let mut plan = Plan::new(self);
            plan.wake_permitted(id);
            // Nothing of a frame is in this plan, and nothing else can fail.
            if let Ok(plan) = plan.finish() {
                // Which follows what is left in turn.
                self.execute(plan);
                return;
            }
        }
        let evicted = self.membership.carry_out(self.id, &self.version, &self.floor);
        for replica in evicted {
            let operations = self.version.get(replica);
            let dropped = self.inbox.drop_of(replica, operations);
            let frame = (!dropped.is_empty())
                .then(|| codec::change::encode(Form::Plain, &self.lineage, &dropped, None));
            let refused = dropped.iter().map(|change| change.id).collect();
            self.evicted.push_back(Evicted { replica, operations, refused, frame });
        }
    }
}
