//! Exchanging changes with other replicas.
//!
//! Applying has two phases. The first follows causality and checks every change against the
//! document and against those before it, and touches nothing; the second commits. So a frame is
//! applied whole or not at all.

use crate::change::Change;
use crate::codec;
use crate::codec::change::Changes;
use crate::codec::frame::Lineage;
use crate::codec::version::Partial;
use crate::error::{ApplyError, DecodeError, ExportError};
use crate::event::Origin;
use crate::id::OpId;
use crate::membership::{Acknowledgement, MAX_PENDING};
use crate::op::Op;
use crate::options::ExportOptions;
use crate::report::Applied;
use crate::version::VersionVector;

use super::Replica;
use super::batch::Batch;
use super::plan::{Plan, Planned, Step};

/// From how many operations on those on blank texts are gathered: in tests from few on, so that they
/// gather often.
pub(super) const MIN_GATHERED: usize = if cfg!(test) { 3 } else { 64 };

impl Replica {
    /// All changes that are not in `since`, as one frame. With
    /// [`VersionVector::new()`](VersionVector::new): all.
    ///
    /// A replica that `since` names has written, and so is made a member if it was not known yet.
    /// One that has not written, and may, must be made one by [`join`](Self::join) first.
    ///
    /// # Errors
    /// [`ExportError::BelowPruneFloor`] if some of them have been pruned here;
    /// [`ExportError::Shallow`] if they never were here.
    pub fn export(&mut self, since: &VersionVector) -> Result<Vec<u8>, ExportError> {
        self.export_with(since, ExportOptions::new())
    }

    /// [`export`](Self::export), in the form that the options say. [`apply`](Self::apply) takes
    /// every form.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub fn export_with(
        &mut self,
        since: &VersionVector,
        options: ExportOptions,
    ) -> Result<Vec<u8>, ExportError> {
        if self.in_transaction() {
            return Err(ExportError::InTransaction);
        }
        if !since.covers(&self.floor) {
            return Err(ExportError::BelowPruneFloor { floor: self.floor.clone() });
        }
        if !since.covers(&self.log_start()) {
            return Err(ExportError::Shallow { start: self.log_start().into_owned() });
        }
        self.hear(since.get(self.id));
        self.welcome(since)?;
        let changes = self.log.since(since);
        // Members learn of the stable cut by acknowledgements. Who has not seen it, or may become
        // a member by these changes, has to learn it with them, so as to name nothing that
        // members may prune.
        let joins = |change: &Change| change.ops().iter().any(|op| matches!(op, Op::Join(_)));
        let is_new = !since.covers(&self.stable) || changes.iter().any(|change| joins(change));
        let cut = (is_new && !self.stable.is_empty()).then(|| self.own_acknowledgement());
        let changes = changes.iter().map(AsRef::as_ref);
        Ok(codec::change::encode(options.form(), &self.lineage, changes, cut.as_ref()))
    }

    /// [`export`](Self::export), for a version that the other replica sent as
    /// [`encode_version`](Self::encode_version) gives it.
    ///
    /// # Errors
    /// [`ExportError`], also if the version can't be read or is of another document.
    pub fn export_since(&mut self, since: &[u8]) -> Result<Vec<u8>, ExportError> {
        let (since, left_out) = self.read_version(since)?;
        // One that knows nothing of the departed, as it wrote offline, hands over what it has.
        let is_whole = since.covers(&self.log_start());
        match self.complete((since.clone(), left_out)) {
            Err(_) if is_whole => self.export(&since),
            since => self.export(&since?),
        }
    }

    /// A version that a replica of this document sent as
    /// [`encode_version`](Self::encode_version) gives it.
    ///
    /// # Errors
    /// [`ExportError`]: it can't be read, or is of another document.
    pub fn decode_version(&self, bytes: &[u8]) -> Result<VersionVector, ExportError> {
        let version = self.read_version(bytes)?;
        Ok(self.complete(version)?)
    }

    fn read_version(&self, bytes: &[u8]) -> Result<Partial, ExportError> {
        self.options.check_frame(bytes)?;
        let (lineage, version) = codec::version::decode_version(bytes)?;
        self.lineage.check(&lineage)?;
        Ok(version)
    }

    /// Any version of this document, such as a [clock](Self::clock), as a frame.
    pub fn encode_version_of(&self, version: &VersionVector) -> Vec<u8> {
        codec::version::encode_version(&self.lineage, version)
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
        if self.in_transaction() {
            return Err(ApplyError::InTransaction);
        }
        self.options.check_frame(bytes)?;
        let (lineage, (batch, body)) = self.read_changes(bytes)?;
        self.lineage.check(&lineage)?;
        self.apply_body(batch, body)
    }

    /// Reads a frame of changes; a batch takes the place of the changes if that can be.
    pub(super) fn read_changes(
        &self,
        bytes: &[u8],
    ) -> Result<(Lineage, (Option<Batch>, Changes)), DecodeError> {
        let max_bytes = self.options.max_frame_bytes;
        codec::change::decode_or(bytes, max_bytes, |rows| self.read_batch(rows))
    }

    /// Applies what a frame brings.
    pub(super) fn apply_body(
        &mut self,
        batch: Option<Batch>,
        body: Changes,
    ) -> Result<Applied, ApplyError> {
        let cut =
            body.cut.map(|cut| self.membership.complete_both(cut, body.left_out, &self.version));
        let cut = cut.transpose()?;
        let Some(batch) = batch else { return self.apply_changes(body.changes, cut) };
        self.take_cut(cut);
        Ok(self.execute_batch(batch))
    }

    /// The operations that held changes wait for, and that are not held themselves.
    pub fn missing(&self) -> Vec<OpId> {
        self.inbox.missing(&self.version)
    }

    pub(super) fn apply_changes(
        &mut self,
        mut changes: Vec<Change>,
        cut: Option<Acknowledgement>,
    ) -> Result<Applied, ApplyError> {
        let is_single = changes.len() == 1;
        if let Some(change) = changes.pop_if(|_| cut.is_none() && is_single) {
            match self.apply_directly(change) {
                Ok(applied) => return Ok(applied),
                Err(change) => changes.push(change),
            }
        }
        let mut plan = Plan::new(self);
        for change in changes {
            plan.add(change)?;
        }
        let plan = plan.finish()?;
        self.take_cut(cut);
        Ok(self.execute(plan))
    }

    /// Takes the stable cut of another replica: it counts once all that it was taken at is here.
    fn take_cut(&mut self, cut: Option<Acknowledgement>) {
        if let Some(cut) = &cut {
            self.hear(cut.version.get(self.id));
        }
        let is_new =
            |cut: &Acknowledgement| !self.stable.covers(&cut.stable) && !self.pending.contains(cut);
        let cut = cut.filter(is_new);
        self.pending.extend(cut);
        if self.pending.len() > MAX_PENDING
            && let [.., before, last] = &mut self.pending[..]
        {
            before.version = before.version.join(&last.version);
            before.stable = before.stable.join(&last.stable);
            self.pending.pop();
        }
    }

    /// Follows an edit made here, of the operations from `id` to the counter `end`: changes that
    /// arrived may have waited for it.
    pub(super) fn follow_edit(&mut self, id: OpId, end: u64) {
        if self.inbox.len() > 0 {
            let mut plan = Plan::new(self);
            plan.wake_for(id.replica, id.counter, end);
            // Nothing of a frame is in this plan, and nothing else can fail.
            if let Ok(plan) = plan.finish() {
                self.execute(plan);
                return;
            }
        }
        self.follow_version();
    }

    pub(super) fn execute(&mut self, plan: Planned) -> Applied {
        let changes = plan.steps.iter().filter(|step| step.applies()).count();
        for &(waits_for, id) in &plan.refused {
            self.inbox.release(waits_for, id);
        }
        let gathers = plan.ops() >= MIN_GATHERED;
        if gathers {
            self.state.gather();
        }
        for step in plan.steps {
            match step {
                Step::Incoming(change) => self.integrate(change),
                Step::Released { waits_for, id, from, upto } => {
                    if let Some(change) = self.inbox.release(waits_for, id) {
                        self.integrate(change.from(from).upto(upto));
                    }
                }
                Step::Dropped { waits_for, id } => {
                    self.inbox.release(waits_for, id);
                }
            }
        }
        if gathers {
            self.state.settle();
        }
        self.emit(Origin::Remote);
        for (waited_for, waits_for, id) in plan.moved {
            self.inbox.wait_on(waited_for, waits_for, id);
        }
        for (waits_for, change) in plan.held {
            self.inbox.hold(waits_for, change);
        }
        self.follow_version();
        let refused = plan.refused.into_iter().map(|(_, id)| id).collect();
        let duplicates = plan.duplicates;
        Applied { changes, duplicates, held: self.inbox.len(), refused }
    }
}
