//! Who is no member any more, for the host.

use crate::id::{OpId, ReplicaId};

/// One who was a member and has left, or was evicted, as
/// [`Replica::departed`](crate::Replica::departed) lists them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Departed {
    /// Who.
    pub replica: ReplicaId,
    /// How many operations of it count: all that there ever will be.
    pub operations: u64,
    /// Whether it was evicted; else it left.
    pub evicted: bool,
    /// Its leave, or the eviction of it; of several the least by (Lamport time, identity). `None`
    /// once that is pruned with all that the replica did, or if the document that was loaded did not say.
    pub departure: Option<OpId>,
    /// The wall-clock time of that change, in microseconds since 1970-01-01T00:00:00Z, if it says one.
    pub time: Option<i64>,
}

/// An eviction that has taken effect, as [`Replica::next_evicted`](crate::Replica::next_evicted) gives
/// it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Evicted {
    /// Who is no member any more.
    pub replica: ReplicaId,
    /// How many operations of it count: here, and wherever the eviction takes effect.
    pub operations: u64,
    /// Changes that were held here, and do not count: further ones of those who were evicted, and those
    /// of others that were made on them. They are gone from the inbox.
    pub refused: Vec<OpId>,
    /// The same changes, as a frame; `None` if there are none. No replica takes it for which the
    /// eviction has taken effect.
    pub frame: Option<Vec<u8>>,
}
