//! The retained changes, one by one, and when they were made.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::id::ReplicaId;
use crate::replica::Replica;
use crate::report::ChangeInfo;
use crate::version::VersionVector;

use super::HistoryError;

/// Of an author's retained changes: the counter behind each, and when it was made.
type Times = Vec<(u64, i64)>;

impl Replica {
    /// The retained changes, each after all that it depends on, by (Lamport time, identity). They
    /// are read as they are asked for.
    ///
    /// ```
    /// use libsync::{Commit, DocumentId, EditError, Replica, ReplicaId};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// let named = Commit::new().message("Name it");
    /// replica.transact(named, |replica| replica.set("title", "Ahoy"))?;
    /// replica.set("title", "Ahoy!")?;
    /// let messages: Vec<_> = replica.changes().map(|change| change.commit.message).collect();
    /// assert_eq!(messages, [Some("Name it".to_owned()), None]);
    /// # Ok::<(), EditError>(())
    /// ```
    pub fn changes(&self) -> impl Iterator<Item = ChangeInfo> {
        self.log.changes().map(|change| ChangeInfo::of(&change))
    }

    /// The changes that are not in a version, in the same order; of one that is in part, the rest.
    ///
    /// # Errors
    /// [`HistoryError::BelowPruneFloor`] if some of them have been pruned,
    /// [`HistoryError::Shallow`] if they never were here.
    pub fn changes_since(
        &self,
        version: &VersionVector,
    ) -> Result<impl Iterator<Item = ChangeInfo>, HistoryError> {
        if !version.covers(&self.floor) {
            return Err(HistoryError::BelowPruneFloor { floor: self.floor.clone() });
        }
        self.check_logged(version)?;
        let changes = self.log.between(version, &self.version);
        Ok(changes.map(|change| ChangeInfo::of(&change)))
    }

    /// The version at a wall-clock time, in microseconds since 1970-01-01T00:00:00Z: all retained
    /// changes whose time is not later, and all that these depend on, whatever the clocks of their
    /// authors said.
    ///
    /// A change without a time counts as made right after the last of those that it was made on;
    /// if these have no time either, before all others. What has been pruned is part of every
    /// version that is left. O(n log n) in the retained changes.
    pub fn version_at_time(&self, microseconds: i64) -> VersionVector {
        let mut times: BTreeMap<ReplicaId, Times> = BTreeMap::new();
        let mut version = self.log_start().into_owned();
        for change in self.log.changes() {
            let time = change.time().unwrap_or_else(|| latest(&change, &times));
            let of_author = times.entry(change.id.replica).or_default();
            of_author.push((change.end(), time));
            if time <= microseconds {
                let known = version.get(change.id.replica);
                version.set(change.id.replica, known.max(change.end()));
            }
        }
        self.log.dependencies().closure(version)
    }
}

/// When the last of those changes was made that a change was made on.
fn latest(change: &Change, times: &BTreeMap<ReplicaId, Times>) -> i64 {
    let own = times.get(&change.id.replica).and_then(|own| own.last()).map(|&(_, time)| time);
    let others = change.dependencies.iter().filter_map(|head| {
        let of_other = times.get(&head.replica)?;
        let at = of_other.partition_point(|&(end, _)| end <= head.counter);
        of_other.get(at).map(|&(_, time)| time)
    });
    others.chain(own).max().unwrap_or(i64::MIN)
}
