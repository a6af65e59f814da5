//! The protocol with one thing wrong. Each has to be found out.

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mutant {
    /// Removes what the tree reduced at the *stable* cut does not have.
    Eager,
    /// Picks any tombstone as a parent.
    NoRetire,
    /// Splices when it prunes, but picks parents as if nobody did.
    NoSplice,
    /// What is spliced in keeps its own key.
    OwnKey,
    /// Uses an acknowledgement before it has all that is acknowledged.
    EarlyAcknowledgement,
    /// Does not wait for members that have never acknowledged anything.
    IgnoresTheSilent,
    /// A newcomer starts without the stable cut of the one who hands it its state.
    NewcomerWithoutCut,
    /// Hands over its state without a `join`, which comes later.
    LateJoin,
    /// An eviction takes effect at once.
    EvictsAtOnce,
    /// An eviction takes effect once all have acknowledged it, whatever they hold of the evicted.
    /// This one is harmless: an acknowledgement is used once all that it acknowledges is here, so
    /// nobody has more of the evicted than the one for whom it takes effect.
    EvictsAtAnyCount,
    /// Nobody waits for a member any more once its eviction is known.
    EvictedLeavesCutsEarly,
    /// Goes on taking whatever comes of a member that is being evicted.
    NoFreeze,
    /// Believes those that are being evicted as to what is there of another one.
    EvidenceOfTargets,
    /// Believes anybody who is a member by now as to what is there of a member that is being evicted.
    EvidenceOfNewcomers,
    /// Believes only acknowledgements that it can use.
    NoEvidenceHeld,
    /// Goes on acknowledging once it has left.
    LeaversAcknowledge,
    /// Hands its state to a replica that has written, without a `join`.
    WritingIsJoining,
    /// Folds departed replicas as they come to lie within the floor, in no order.
    FoldsUnordered,
    /// Lets a replica leave that has seen nothing of others.
    LeavesUnseen,
}
