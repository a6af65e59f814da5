//! What a call found or did, for the host.

use crate::change::Change;
use crate::commit::Commit;
use crate::id::{OpId, ReplicaId};
use crate::redaction::PendingRedaction;
use crate::value::Content;
use crate::version::VersionVector;

/// What [`Replica::apply`](crate::Replica::apply) did.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Applied {
    /// Changes that are now part of the document, those that had waited for them included. (Edits
    /// of one replica that follow each other may travel as one change.)
    pub changes: usize,
    /// Changes that were known or held already.
    pub duplicates: usize,
    /// Changes that wait in the inbox now, those of earlier frames included, until what they
    /// depend on arrives: see [`Replica::missing`](crate::Replica::missing).
    pub held: usize,
    /// Changes that had waited, and turned out to be invalid once they could be checked.
    pub refused: Vec<OpId>,
}

/// One of the concurrent contents of a place, of which
/// [`Replica::conflicts`](crate::Replica::conflicts) lists all.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Conflict {
    /// What was assigned.
    pub content: Content,
    /// The assignment and so its author; `None` for a container that was deleted, and lives on
    /// through edits that the deleting replica had not seen.
    pub id: Option<OpId>,
    /// The wall-clock time of the change that made the assignment, in microseconds since
    /// 1970-01-01T00:00:00Z, if its author gave one.
    pub time: Option<i64>,
}

/// A node of a sequence (text or list), as [`Replica::nodes`](crate::Replica::nodes) lists them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Node {
    /// Its identity: of an item that was moved, that of the move.
    pub id: OpId,
    /// The node on its left that bounds its place in the tree; `None`: the start.
    pub origin_left: Option<OpId>,
    /// The node on its right that bounds its place in the tree; `None`: the end. One of the two is
    /// its parent.
    pub origin_right: Option<OpId>,
    /// The character, or what the item shows; `None` if it is deleted.
    pub content: Option<Content>,
    /// Whether it is a tombstone: deleted, or the place from which an item was moved.
    pub deleted: bool,
}

/// A retained change, as [`Replica::change`](crate::Replica::change) describes it.
///
/// Edits of one replica that follow each other are one change, unless what their commits say
/// differs.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ChangeInfo {
    /// The identity of its first operation.
    pub id: OpId,
    /// How many operations it has.
    pub len: u64,
    /// The Lamport time of its first operation; the others follow one by one.
    pub lamport: u64,
    /// The heads that it was made on, other than its author's own.
    pub dependencies: Vec<OpId>,
    /// What its author said of it.
    pub commit: Commit,
}

impl ChangeInfo {
    pub(crate) fn of(change: &Change) -> Self {
        Self {
            id: change.id,
            len: change.len(),
            lamport: change.lamport,
            dependencies: change.dependencies.clone(),
            commit: change.commit().cloned().unwrap_or_default(),
        }
    }
}

/// Whether an acknowledgement counts yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Acknowledged {
    /// It counts.
    Taken,
    /// It counts as soon as the changes that it acknowledges have arrived here too.
    Held,
    /// It, or a later one of the same member, is known.
    Stale,
    /// It says what has changed since one that did not arrive here. What is known of the member
    /// stays, until a whole one arrives: the next ones are, in time, or the host asks for one
    /// ([`Replica::acknowledge_whole`](crate::Replica::acknowledge_whole)).
    Incomplete,
}

/// A member of the document: a replica that pruning waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Member {
    /// Who.
    pub replica: ReplicaId,
    /// What it is known to have seen; `None` before its first acknowledgement.
    pub acknowledged: Option<VersionVector>,
    /// What it is known to know to be stable; `None` before its first acknowledgement.
    pub stable: Option<VersionVector>,
    /// The operation since which it is one: that made it one, or its own first; of several the least
    /// by (Lamport time, identity). [`Replica::version_of`](crate::Replica::version_of) gives the
    /// version while that is retained. `None` if the document that was loaded did not say.
    pub since: Option<OpId>,
    /// The wall-clock time of that change, in microseconds since 1970-01-01T00:00:00Z, if it says one.
    pub since_time: Option<i64>,
    /// Whether it is to be [evicted](crate::Replica::evict).
    pub evicting: bool,
    /// If so, the members that are not known to agree on that yet.
    pub eviction_awaits: Vec<ReplicaId>,
    /// Operations known here that it is not known to have seen.
    pub unacknowledged: u64,
    /// How far it lags behind in time, in microseconds: see [`Holdback::lag`].
    pub lag: Option<i64>,
}

/// How far a member holds pruning back.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Holdback {
    /// The member.
    pub member: ReplicaId,
    /// Operations known here that it has not acknowledged.
    pub unacknowledged: u64,
    /// Operations known here that it does not yet know to be stable; none of them, and of what
    /// they deleted, can be pruned.
    pub unstable: u64,
    /// The commit time of the oldest retained change known here that it has not acknowledged (or, if
    /// it has seen all, does not know to be stable), in microseconds since 1970-01-01T00:00:00Z. Of
    /// the changes of one author the first that has a time counts as the oldest, if it is one of the
    /// first 64. `None` if there is no such change.
    pub since: Option<i64>,
    /// How far it lags behind in time: microseconds between [`since`](Self::since) and the latest
    /// time known here, which is that of the last changes, or what this replica's host has
    /// [set](crate::Replica::set_time). Clocks of several hosts are compared, so take it for what
    /// these are worth; it is never negative. `None` where `since` is.
    pub lag: Option<i64>,
}

/// What evicting some members frees, as [`Replica::pruning`](crate::Replica::pruning) estimates it:
/// once all others have acknowledged what they are known to have seen, and know that to be stable;
/// and beyond what can be pruned then without evicting anybody but those who are being evicted already.
///
/// `operations` is exact for that. `changes`, of which edits that are merged are one, are counted in
/// proportion to the operations where some of a block of the log stay. `nodes` are deletions, so a
/// node that two members deleted counts twice, and one that stays as a fork of the tree counts, too.
/// `bytes` are those of the log, and of each text and list in proportion to its nodes; not those of
/// the empty places of maps. What [undo](crate::Replica::enable_undo) or
/// [kept history](crate::Options::keep_history) hold back besides is not taken off.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Relief {
    /// Whom to evict: all of them.
    pub members: Vec<ReplicaId>,
    /// Others that are behind, too, and have to come back before it can go: what a member knows to be
    /// stable is what it knew when it was last heard of. If they don't, they are to be evicted, too:
    /// see the steps that follow.
    pub waits_for: Vec<ReplicaId>,
    /// Operations that all others know of then.
    pub operations: u64,
    /// Changes that can go from the log.
    pub changes: u64,
    /// Nodes of texts and lists that can go.
    pub nodes: u64,
    /// Bytes of memory that can go.
    pub bytes: u64,
}

/// What was reclaimed since the last report, by [`Replica::prune`](crate::Replica::prune) or before it,
/// and what holds back the rest.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct PruneReport {
    /// Nodes (characters) of sequences that are gone, all of them tombstones.
    pub nodes: u64,
    /// Spans (runs of nodes) fewer than before.
    pub spans: u64,
    /// Changes that are gone from the log.
    pub changes: u64,
    /// Bytes of memory that the document takes less, as [`MemoryUse`] counts them; an estimate of
    /// what was removed in bounded steps.
    pub bytes: u64,
    /// The prune floor: a replica that has seen less must restart from a snapshot.
    pub floor: VersionVector,
    /// The members that hold back pruning, the one that holds back most first; empty when all
    /// that is known here is pruned, but for what undo needs.
    pub held_back_by: Vec<Holdback>,
    /// Operations that are kept for nothing but to undo or redo what was done before them.
    pub held_back_by_undo: u64,
    /// [Redactions](crate::Replica::redact) that are not carried out yet.
    pub redactions_pending: Vec<PendingRedaction>,
    /// Operations that can be pruned and are left for the calls that follow: 0 after
    /// [`Replica::prune`](crate::Replica::prune).
    pub backlog: u64,
    /// Whom to evict to free how much, at most eight steps: the member without whom the most
    /// operations can be pruned, that one and the next, and so on. From
    /// [`Replica::pruning`](crate::Replica::pruning) alone; else empty.
    pub reliefs: Vec<Relief>,
}

/// What a replica holds in memory, but for what an open transaction needs to be undone.
///
/// Counted from lengths and capacities, without the allocator's own overhead: an estimate from
/// below, the same on every machine with pointers of one width.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct MemoryUse {
    /// Bytes of the document as it stands, tombstones included.
    pub state_bytes: usize,
    /// Bytes of the retained changes.
    pub log_bytes: usize,
    /// Bytes of changes that wait for what they depend on.
    pub inbox_bytes: usize,
    /// Bytes of what is [kept](crate::Options::keep_history) of the document at the prune floor.
    pub history_bytes: usize,
    /// Bytes of what is noted of edits, for them to be undone.
    pub undo_bytes: usize,
    /// Nodes of sequences, tombstones included.
    pub nodes: u64,
    /// Nodes of sequences that are tombstones.
    pub tombstones: u64,
    /// Spans of sequences.
    pub spans: u64,
    /// Retained changes; edits of one replica that follow each other are one.
    pub changes: u64,
}

impl MemoryUse {
    /// All bytes together.
    pub fn total_bytes(&self) -> usize {
        self.state_bytes + self.log_bytes + self.inbox_bytes + self.history_bytes + self.undo_bytes
    }
}
