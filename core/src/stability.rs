//! The cuts that pruning stands on.
//!
//! The *stable cut* is what all members have seen: every operation still to come is made by
//! someone who had seen it. The *prune cut* is what all members know to be stable.

use crate::id::{OpId, ReplicaId};
use crate::membership::{Acknowledgement, Membership};
use crate::report::Holdback;
use crate::version::VersionVector;

#[cfg(test)]
use crate::simulation::mutant::{self, Mutant};

/// The meet, over all members, of one of the two vectors of their acknowledgements. `own` stands
/// for the replica `me`, a member or about to be one.
fn meet(
    membership: &Membership,
    me: ReplicaId,
    own: &VersionVector,
    vector: impl Fn(&Acknowledgement) -> &VersionVector,
) -> VersionVector {
    let nothing = VersionVector::new();
    let waits_for = |member: ReplicaId| {
        #[cfg(test)]
        if mutant::is(Mutant::IgnoresTheSilent) {
            return membership.of(member).is_some();
        }
        member != me
    };
    membership
        .members()
        .filter(|&member| waits_for(member))
        .fold(own.clone(), |cut, member| cut.meet(membership.of(member).map_or(&nothing, &vector)))
}

/// What all members are known to have seen.
pub(crate) fn stable_cut(
    membership: &Membership,
    me: ReplicaId,
    version: &VersionVector,
) -> VersionVector {
    meet(membership, me, version, |acknowledgement| &acknowledgement.version)
}

/// What all members are known to know to be stable.
pub(crate) fn prune_cut(
    membership: &Membership,
    me: ReplicaId,
    stable: &VersionVector,
) -> VersionVector {
    #[cfg(test)]
    if mutant::is(Mutant::Eager) {
        return stable.clone();
    }
    meet(membership, me, stable, |acknowledgement| &acknowledgement.stable)
}

/// How far a member lags behind in time: since when, and how long that is.
pub(crate) type Delay = (Option<i64>, Option<i64>);

/// The members but `me` of whom it is not known that they have an operation in one of the two vectors
/// of their acknowledgements.
pub(crate) fn lacking(
    membership: &Membership,
    me: ReplicaId,
    op: OpId,
    vector: impl Fn(&Acknowledgement) -> &VersionVector,
) -> Vec<ReplicaId> {
    let has = |member| membership.of(member).is_some_and(|known| vector(known).contains(op));
    membership.members().filter(|&member| member != me && !has(member)).collect()
}

/// The members that pruning waits for, the one that lags farthest first; `delay` says how long one
/// has lagged that knows of so much.
pub(crate) fn held_back_by(
    membership: &Membership,
    me: ReplicaId,
    version: &VersionVector,
    stable: &VersionVector,
    delay: impl Fn(&VersionVector) -> Delay,
) -> Vec<Holdback> {
    let nothing = VersionVector::new();
    let mut holdbacks: Vec<Holdback> = membership
        .members()
        .map(|member| {
            let (seen, known) = match membership.of(member) {
                _ if member == me => (version, stable),
                Some(acknowledgement) => (&acknowledgement.version, &acknowledgement.stable),
                None => (&nothing, &nothing),
            };
            let (unacknowledged, unstable) = (version.ahead_of(seen), version.ahead_of(known));
            let (since, lag) = match (unacknowledged, unstable) {
                (_, 0) => (None, None),
                (0, _) => delay(known),
                _ => delay(seen),
            };
            Holdback { member, unacknowledged, unstable, since, lag }
        })
        .filter(|holdback| holdback.unstable > 0)
        .collect();
    // While somebody has not seen everything, nobody can know it to be stable: that one, not the
    // others, holds back.
    if holdbacks.iter().any(|holdback| holdback.unacknowledged > 0) {
        holdbacks.retain(|holdback| holdback.unacknowledged > 0);
    }
    holdbacks.sort_unstable_by_key(|holdback| {
        std::cmp::Reverse((holdback.unacknowledged, holdback.unstable, holdback.member))
    });
    holdbacks
}
