//! Exchanging changes with other replicas.
//!
//! Applying has two phases. The first follows causality and checks every change against the
//! document and against those before it, and touches nothing; the second commits. So a frame is
//! applied whole or not at all.

use crate::change::Change;
use crate::codec;
use crate::error::{ApplyError, ExportError};
use crate::id::OpId;
use crate::report::Applied;
use crate::version::VersionVector;

use super::Replica;
use super::plan::{Plan, Step};

impl Replica {
    /// All changes that are not in `since`, as one frame. With
    /// [`VersionVector::new()`](VersionVector::new): all.
    ///
    /// # Errors
    /// [`ExportError::BelowPruneFloor`] if some of them have been pruned here.
    pub fn export(&self, since: &VersionVector) -> Result<Vec<u8>, ExportError> {
        if !since.covers(&self.floor) {
            return Err(ExportError::BelowPruneFloor { floor: self.floor.clone() });
        }
        // Who has seen the stable cut can be a member; anyone else has to learn it with the
        // changes, so as to name nothing that members may prune.
        let nothing = VersionVector::new();
        let stable = if since.covers(&self.stable) { &nothing } else { &self.stable };
        Ok(codec::change::encode(&self.lineage, self.log.since(since), stable))
    }

    /// [`export`](Self::export), for a version that the other replica sent as
    /// [`encode_version`](Self::encode_version) gives it.
    ///
    /// # Errors
    /// [`ExportError`], also if the version can't be read or is of another document.
    pub fn export_since(&self, since: &[u8]) -> Result<Vec<u8>, ExportError> {
        let (lineage, since) = codec::version::decode_version(since)?;
        self.lineage.check(&lineage)?;
        self.export(&since)
    }

    /// The [version](Self::version) as a frame, to be sent to another replica.
    pub fn encode_version(&self) -> Vec<u8> {
        codec::version::encode_version(&self.lineage, &self.version)
    }

    /// Applies a frame of changes: whole, or not at all. What is known already is passed over;
    /// what depends on something missing is held back until that arrives.
    ///
    /// # Errors
    /// [`ApplyError`]; the replica is unchanged then.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<Applied, ApplyError> {
        let (lineage, body) = codec::change::decode(bytes)?;
        self.lineage.check(&lineage)?;
        self.apply_changes(body.changes, &body.stable)
    }

    /// The operations that held changes wait for, and that are not held themselves.
    pub fn missing(&self) -> Vec<OpId> {
        self.inbox.missing(&self.version)
    }

    pub(super) fn apply_changes(
        &mut self,
        changes: Vec<Change>,
        stable: &VersionVector,
    ) -> Result<Applied, ApplyError> {
        let mut plan = Plan::new(self);
        for change in changes {
            plan.add(change)?;
        }
        let plan = plan.finish()?;
        let changes = plan.steps.len();
        for &(waits_for, id) in &plan.refused {
            self.inbox.release(waits_for, id);
        }
        for step in plan.steps {
            match step {
                Step::Incoming(change) => self.commit(change),
                Step::Released { waits_for, id } => {
                    if let Some(change) = self.inbox.release(waits_for, id) {
                        self.commit(change);
                    }
                }
            }
        }
        for (waited_for, waits_for, id) in plan.moved {
            self.inbox.wait_on(waited_for, waits_for, id);
        }
        for (waits_for, change) in plan.held {
            self.inbox.hold(waits_for, change);
        }
        self.pending_stable = self.pending_stable.join(stable);
        self.follow_version();
        let refused = plan.refused.into_iter().map(|(_, id)| id).collect();
        let duplicates = plan.duplicates;
        Ok(Applied { changes, duplicates, held: self.inbox.len(), refused })
    }
}
