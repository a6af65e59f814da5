//! Who holds pruning back, since when, and whom to evict for what.

use crate::log::Share;
use crate::relief;
use crate::report::{Holdback, PruneReport, Relief};
use crate::stability::{self, Delay};
use crate::version::VersionVector;

use super::Replica;

impl Replica {
    /// What can't be pruned yet: who holds it back, since when, and whom to evict to free how much. And
    /// what was reclaimed since the last report, which this is none of: nothing is pruned, and the next
    /// report tells it again.
    ///
    /// O(n) in the deletions and blocks of the log held, for each of up to eight
    /// [reliefs](crate::PruneReport::reliefs).
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, Unit};
    /// const HOUR: i64 = 3_600_000_000;
    /// let [a, b, gone] = [1, 2, 3].map(ReplicaId::new);
    /// let mut here = Replica::new(DocumentId::from_bytes([7; 16]), a);
    /// here.join(b)?;
    /// here.join(gone)?;
    /// let mut there = Replica::load(&here.save(), b)?;
    /// // Hours go by, in which two of the three write.
    /// for hour in 0..5 {
    ///     here.set_time(Some(hour * HOUR));
    ///     here.insert_text("log", Unit::Scalar, 0, "All is well. ")?;
    ///     there.apply(&here.export(there.version())?)?;
    ///     there.delete_text("log", Unit::Scalar, 0, 13)?;
    ///     here.apply(&there.export(here.version())?)?;
    ///     here.apply_acknowledgement(&there.acknowledge())?;
    /// }
    /// let report = here.pruning();
    /// let slowest = &report.held_back_by[0];
    /// assert_eq!((slowest.member, slowest.lag), (gone, Some(4 * HOUR)));
    /// // Without it, the 65 characters that were typed and deleted could go.
    /// assert_eq!((report.reliefs[0].members.as_slice(), report.reliefs[0].nodes), (&[gone][..], 65));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pruning(&self) -> PruneReport {
        PruneReport { reliefs: self.reliefs(), ..self.report() }
    }

    pub(super) fn held_back_by(&self) -> Vec<Holdback> {
        let cut = stability::stable_cut(&self.membership, self.id, &self.version);
        let stable = self.stable.join(&cut);
        let delay = |known: &VersionVector| self.delay(known);
        stability::held_back_by(&self.membership, self.id, &self.version, &stable, delay)
    }

    /// The latest time that is known here.
    fn latest_time(&self) -> Option<i64> {
        self.log.latest_time().max(self.time)
    }

    /// How long one lags behind that knows of so much.
    pub(super) fn delay(&self, known: &VersionVector) -> Delay {
        let behind = self.version.beyond(known);
        let times = behind.filter_map(|(author, _)| self.log.time_after(author, known.get(author)));
        let since = times.min();
        let lag =
            since.zip(self.latest_time()).map(|(since, now)| now.saturating_sub(since).max(0));
        (since, lag)
    }

    fn reliefs(&self) -> Vec<Relief> {
        let (cut, steps) = relief::steps(&self.membership, self.id, &self.version);
        if steps.is_empty() {
            return Vec::new();
        }
        // What was stable stays so, also for those who have become members since.
        let cut = cut.join(&self.stable);
        let anyway = self.within(&cut);
        let reliefs = steps.into_iter().map(|step| {
            let all = self.within(&step.cut.join(&cut));
            Relief {
                members: step.evicted,
                waits_for: step.waits_for,
                operations: step.cut.ahead_of(&cut),
                changes: all.changes - anyway.changes,
                nodes: all.nodes - anyway.nodes,
                bytes: all.bytes - anyway.bytes,
            }
        });
        reliefs.collect()
    }

    /// What of log and state lies within a cut.
    fn within(&self, cut: &VersionVector) -> Within {
        let Share { changes, bytes } = self.log.within(cut);
        let remains = self.state.remains_within(cut);
        Within { changes, nodes: remains.nodes, bytes: bytes + remains.bytes }
    }
}

/// What could be pruned, if it were known to be.
struct Within {
    changes: u64,
    nodes: u64,
    bytes: u64,
}
