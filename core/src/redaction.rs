//! Redactions that are not carried out yet, for the host.

use crate::id::{OpId, ReplicaId};

/// A [redaction](crate::Replica::redact) of which not all is gone yet here.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PendingRedaction {
    /// Which.
    pub id: OpId,
    /// The members who are not known to have seen it; or, once all have, those who are not known to
    /// know that. If empty, the next [`prune`](crate::Replica::prune) carries it out.
    pub held_back_by: Vec<ReplicaId>,
}
