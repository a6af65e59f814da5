//! Forks: replicas that go on from a version.

use crate::id::{OpId, ReplicaId};
use crate::replica::Replica;
use crate::version::{Frontier, VersionVector};

use super::HistoryError;

impl Replica {
    /// A replica of the same document that has seen a version of it and nothing else, to be edited
    /// as `replica` and merged later as any other. It has the options of this one.
    ///
    /// It is made a member by this replica ([`join`](Self::join)), so that nothing is pruned that it
    /// may name; others have to learn of that before they prune what it has not seen. So the version
    /// has to cover what this replica has told others it knows to be stable, and what was known here
    /// when it was last pruned; of what came before, others may let go already.
    ///
    /// # Errors
    /// As [`at`](Self::at); [`HistoryError::BelowStableCut`], [`HistoryError::ReplicaIdReused`];
    /// [`HistoryError::Edit`] if a transaction is open, or this replica has left.
    pub fn fork_at(
        &mut self,
        version: &VersionVector,
        replica: ReplicaId,
    ) -> Result<Self, HistoryError> {
        self.refuse_in_transaction()?;
        self.check_version(version)?;
        let has_written = replica == self.id || self.version.get(replica) > 0;
        if has_written || self.membership.has_departed(replica) {
            return Err(HistoryError::ReplicaIdReused { id: replica });
        }
        let since = self.stable.join(&self.pruned);
        if !version.covers(&since) {
            return Err(HistoryError::BelowStableCut { since });
        }
        let fork = self.replica_at(version, replica)?;
        self.join(replica)?;
        Ok(fork)
    }

    /// A replica that has seen a version, which is checked.
    fn replica_at(
        &self,
        version: &VersionVector,
        replica: ReplicaId,
    ) -> Result<Self, HistoryError> {
        let mut fork = Self::with_options(self.document(), replica, self.options);
        fork.lineage = self.lineage;
        fork.state = self.state_at(version)?.into_owned();
        if let Some(base) = &self.base {
            fork.lamport = base.lamport();
            fork.membership = base.membership().clone();
        } else if !self.log_start().is_empty() {
            // The version is the present one.
            fork.lamport = self.lamport;
            fork.membership = self.membership.unacknowledged();
        }
        // What lies below the floor may have fewer heads; to name more does no harm.
        let start = self.log_start();
        let heads = start.iter().map(|(replica, count)| OpId::new(replica, count - 1));
        fork.frontier = heads.collect::<Frontier>();
        for change in self.log.between(&start, version) {
            let change = change.into_owned();
            fork.membership.apply(&change);
            fork.frontier.advance(&change.dependencies, change.id.plus(change.len() - 1));
            fork.lamport = fork.lamport.max(change.lamport + change.len());
            fork.log.put(change);
        }
        // Of those who are to be evicted it takes no more than those who are known by then have taken.
        fork.membership.acknowledge_evictions();
        fork.version = version.clone();
        (fork.stable, fork.floor) = (self.stable.clone(), self.floor.clone());
        (fork.pruned, fork.base) = (self.pruned.clone(), self.base.clone());
        fork.log_start = self.log_start.clone();
        fork.state.set_stable(&fork.stable);
        if !fork.floor.is_empty() {
            fork.state.prune(&fork.floor, &fork.stable);
        }
        Ok(fork)
    }
}
