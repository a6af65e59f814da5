//! Following what the members have acknowledged, and removing what all know.
//!
//! The stable cut and the floor go on in slices: versions on the way to what the acknowledgements
//! allow, each of which has all that its changes depend on. A slice is followed whole, so that the
//! published stable cut is what is retired, and the floor what is removed; a call follows as many
//! as are done with a bounded amount of work.

use crate::log::Slices;
use crate::options::{PrunePolicy, Pruning};
use crate::report::{MemoryUse, PruneReport};
use crate::stability;
use crate::version::VersionVector;

use super::Replica;

/// What was removed since it was last reported.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Reclaimed {
    nodes: u64,
    spans: u64,
    changes: u64,
    bytes: u64,
}

/// How many bytes a span takes, beside what its nodes carry: in the arena, in the order and in the
/// index.
const SPAN_BYTES: u64 = 96;

impl Replica {
    /// Removes what no operation still to come can name: tombstones in texts and lists, items that
    /// are gone with their containers, the clocks of removed keys, and changes in the log, that
    /// all members know to be known to all. What is shown does not change.
    ///
    /// It is done [by itself](Pruning::Automatic), too, in bounded parts; this does all that is left,
    /// and packs the texts. The report counts what was removed since the last one.
    ///
    /// A replica that has seen less than the new floor can't be brought up to date with changes
    /// any more, and needs a [snapshot](Self::save). While a transaction is open, nothing is
    /// removed. O(n log n) in the spans held.
    pub fn prune(&mut self) -> PruneReport {
        if !self.in_transaction() {
            let before = self.memory();
            self.advance_stable(u64::MAX);
            let floor = self.prunable();
            self.advance_base(&floor, true);
            if floor != self.floor {
                (self.floor, self.pruned) = (floor, self.version.clone());
            }
            self.state.prune(&self.floor, &self.stable);
            self.entered = None;
            let (changes, _) = self.log.prune(&self.floor);
            self.expire_undo();
            self.finish_redactions();
            self.renew_base();
            let after = self.memory();
            let fewer = |of: fn(&MemoryUse) -> u64| of(&before).saturating_sub(of(&after));
            self.reclaimed.nodes += fewer(|memory| memory.nodes);
            self.reclaimed.spans += fewer(|memory| memory.spans);
            self.reclaimed.changes += changes;
            self.reclaimed.bytes += fewer(|memory| memory.total_bytes() as u64);
            self.fold_departed();
        }
        self.report_pruning()
    }

    /// Removes a bounded part of what no operation still to come can name, if there is as much as the
    /// policy asks for; `None` if not, or while a transaction is open. For hosts that prune
    /// [by hand](Pruning::Manual), or want to do more of it while they are idle.
    ///
    /// O(w log n) for w spans of work, as the policy bounds it, and O(containers).
    pub fn prune_if(&mut self, policy: PrunePolicy) -> Option<PruneReport> {
        if self.in_transaction() {
            return None;
        }
        self.advance_stable(policy.most_work);
        let prunable = self.prunable().ahead_of(&self.floor);
        if prunable < policy.least_operations.max(1) {
            return None;
        }
        let (mut nodes, mut live) = (0, 0);
        for size in self.state.sequence_sizes() {
            (nodes, live) = (nodes + size.nodes, live + size.live);
        }
        let tombstones = (nodes - live) as f64;
        if policy.least_tombstones > 0.0 && tombstones < policy.least_tombstones * nodes as f64 {
            return None;
        }
        self.prune_some(policy.most_work);
        Some(self.report_pruning())
    }

    /// As far as the floor may go: nothing pins what is redacted.
    fn prunable(&self) -> VersionVector {
        let cut = self.prune_cut();
        let redacts = self.has_redactions_within(&cut);
        let within = if redacts { cut } else { self.short_of_undo(&cut) };
        self.floor.join(&within)
    }

    fn prune_cut(&self) -> VersionVector {
        stability::prune_cut(&self.membership, self.id, &self.stable)
    }

    /// What was removed since this was last told, and what holds back the rest.
    fn report_pruning(&mut self) -> PruneReport {
        let report = self.report();
        self.reclaimed = Reclaimed::default();
        report
    }

    /// The same, to be told again.
    pub(super) fn report(&self) -> PruneReport {
        let Reclaimed { nodes, spans, changes, bytes } = self.reclaimed;
        let prunable = self.prunable();
        PruneReport {
            nodes,
            spans,
            changes,
            bytes,
            floor: self.floor.clone(),
            held_back_by: self.held_back_by(),
            held_back_by_undo: self.prune_cut().ahead_of(&prunable),
            backlog: prunable.ahead_of(&self.floor),
            redactions_pending: self.pending_redactions(),
            ..PruneReport::default()
        }
    }

    /// Does a bounded part of what acknowledgements allow, if it is to be done by itself. But one that
    /// knows of no other member would only prune what it has handed to nobody yet.
    pub(super) fn follow_acknowledgements(&mut self) {
        let has_others = self.membership.members().any(|member| member != self.id);
        let by_itself = self.options.pruning == Pruning::Automatic && has_others;
        if by_itself && !self.in_transaction() {
            self.advance_stable(PrunePolicy::WORK);
            self.prune_some(PrunePolicy::WORK);
        }
    }

    /// Removes what may be removed, slice by slice, until that was so much work.
    fn prune_some(&mut self, most_work: u64) {
        let prunable = self.prunable();
        if prunable == self.floor {
            return;
        }
        self.state.follow_texts(&self.stable);
        let mut slices = Slices::default();
        let mut work = 0;
        while work < most_work && prunable != self.floor {
            let floor = self.log.slice(&self.floor, &prunable, &mut slices);
            self.advance_base(&floor, false);
            work += self.state.expire(&floor) + work_of(&floor, &mut slices);
            self.floor = floor;
        }
        self.pruned = self.version.clone();
        self.entered = None;
        let (changes, bytes) = self.log.prune(&self.floor);
        let removed = self.state.take_removed();
        self.reclaimed.nodes += removed.nodes;
        self.reclaimed.spans += removed.spans;
        self.reclaimed.changes += changes;
        self.reclaimed.bytes += bytes + removed.bytes + removed.spans * SPAN_BYTES;
        self.expire_undo();
        if self.has_redactions_within(&self.floor) {
            // All at once: removing text in parts leaves its bytes where they are for a while.
            self.state.prune(&self.floor, &self.stable);
            self.finish_redactions();
        }
        if self.base.is_none() {
            self.renew_base();
        }
        self.fold_departed();
    }

    /// Follows the members' acknowledgements, slice by slice, until that was so much work; but not
    /// within a transaction.
    pub(super) fn advance_stable(&mut self, most_work: u64) {
        if self.in_transaction() {
            return;
        }
        let cut = stability::stable_cut(&self.membership, self.id, &self.version);
        let stable = self.stable.join(&cut);
        if stable == self.stable {
            return;
        }
        if most_work == u64::MAX {
            self.stable = stable;
        } else {
            self.state.follow_texts(&self.stable);
            let mut slices = Slices::default();
            let mut work = 0;
            while work < most_work && stable != self.stable {
                self.stable = self.log.slice(&self.stable, &stable, &mut slices);
                work += self.state.retire(&self.stable) + work_of(&self.stable, &mut slices);
            }
        }
        self.state.set_stable(&self.stable);
    }

    /// Follows the version: takes what waited for changes that have arrived.
    pub(super) fn follow_version(&mut self) {
        let has_taken = self.membership.take_held(&self.version);
        while let Some(first) = self.pending.first()
            && self.version.covers(&first.version)
        {
            // All at once: who becomes a member has to know what its sponsor has promised before it
            // edits.
            self.stable = self.stable.join(&first.stable);
            self.pending.remove(0);
            self.state.set_stable(&self.stable);
        }
        self.follow_evictions();
        if has_taken {
            self.follow_acknowledgements();
        }
    }
}

/// What it takes to tell where a slice ends, in spans touched.
fn work_of(cut: &VersionVector, slices: &mut Slices) -> u64 {
    const BLOCK: u64 = 32;
    8 + cut.own().len() as u64 / 8 + BLOCK * std::mem::take(&mut slices.blocks)
}
