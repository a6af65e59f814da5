//! Following what the members have acknowledged, and removing what all know.

use crate::report::{MemoryUse, PruneReport};
use crate::stability;

use super::Replica;

impl Replica {
    /// Removes what no operation still to come can name: tombstones in texts and lists, items that
    /// are gone with their containers, the clocks of removed keys, and changes in the log, that
    /// all members know to be known to all. What is shown does not change.
    ///
    /// A replica that has seen less than the new floor can't be brought up to date with changes
    /// any more, and needs a [snapshot](Self::save). While a transaction is open, nothing is
    /// removed. O(n log n) in the spans held.
    pub fn prune(&mut self) -> PruneReport {
        let before = self.memory();
        self.advance_stable();
        let (mut changes, mut held_back_by_undo) = (0, 0);
        if !self.in_transaction() {
            let cut = stability::prune_cut(&self.membership, self.id, &self.stable);
            let redacts = self.has_redactions_within(&cut);
            let within = if redacts { cut.clone() } else { self.short_of_undo(&cut) };
            let floor = self.floor.join(&within);
            self.advance_base(&floor);
            if floor != self.floor {
                (self.floor, self.pruned) = (floor, self.version.clone());
            }
            held_back_by_undo = cut.ahead_of(&self.floor);
            self.state.prune(&self.floor, &self.stable);
            self.entered = None;
            changes = self.log.prune(&self.floor);
            self.expire_undo();
            self.finish_redactions();
            self.renew_base();
        }
        let after = self.memory();
        let fewer = |of: fn(&MemoryUse) -> u64| of(&before).saturating_sub(of(&after));
        PruneReport {
            nodes: fewer(|memory| memory.nodes),
            spans: fewer(|memory| memory.spans),
            changes,
            bytes: fewer(|memory| memory.total_bytes() as u64),
            held_back_by_undo,
            ..self.report()
        }
    }

    /// Follows the members' acknowledgements, but not within a transaction.
    pub(super) fn advance_stable(&mut self) {
        if self.in_transaction() {
            return;
        }
        let cut = stability::stable_cut(&self.membership, self.id, &self.version);
        self.stable = self.stable.join(&cut);
        self.state.set_stable(&self.stable);
    }

    /// Follows the version: takes what waited for changes that have arrived.
    pub(super) fn follow_version(&mut self) {
        self.membership.take_held(&self.version);
        while let Some(first) = self.pending.first()
            && self.version.covers(&first.version)
        {
            self.stable = self.stable.join(&first.stable);
            self.pending.remove(0);
            self.state.set_stable(&self.stable);
        }
        self.follow_evictions();
    }
}
