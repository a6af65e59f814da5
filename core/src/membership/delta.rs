//! Acknowledgements as what has changed since an earlier one of the same author.
//!
//! The pairs of one author form a chain, as both versions only grow. A delta lists what has changed
//! since one of them, `W`, with the counts as they are now; it is given only where both are of the
//! same replicas. Put onto any pair from `W` on, up to the present one, it gives the present one. Put
//! onto an earlier one of the same replicas it gives a pair below the present one, and so, by the sums
//! of the counts, another.

use crate::id::ReplicaId;
use crate::version::{VersionVector, total};

use super::departures::UnknownDepartures;
use super::{Acknowledgement, Membership};

/// See the module. The replicas are those of the author's version, but for the first ones to depart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Delta {
    /// How many departed replicas are not among the replicas.
    pub(crate) left_out: u64,
    /// How many there are.
    pub(crate) replicas: u64,
    /// How many operations of them are seen.
    pub(crate) seen: u64,
    /// How many of those are not known to be stable.
    pub(crate) lag: u64,
    /// Ascending.
    pub(crate) rows: Vec<DeltaRow>,
}

/// A replica of which something has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DeltaRow {
    /// Which one of the replicas, by their ids.
    pub(crate) at: u64,
    /// How many operations of it are seen.
    pub(crate) count: u64,
    /// How many of those are not known to be stable.
    pub(crate) lag: u64,
}

/// A replica, how many of its operations are seen, and how many are stable.
type Row = (ReplicaId, u64, u64);

fn rows(acknowledgement: &Acknowledgement) -> impl Iterator<Item = Row> {
    let Acknowledgement { version, stable } = acknowledgement;
    version.own().map(|(replica, count)| (replica, count, stable.get(replica)))
}

/// How many operations are seen, and how many of those are not stable.
fn sums(rows: impl Iterator<Item = Row>) -> (u64, u64) {
    rows.fold((0, 0), |(seen, lag), (_, count, stable)| {
        (seen.saturating_add(count), lag.saturating_add(count.saturating_sub(stable)))
    })
}

impl Delta {
    /// What has changed from one pair to another of the same author; `None` if they are not of the
    /// same replicas.
    pub(crate) fn between(from: &Acknowledgement, to: &Acknowledgement) -> Option<Self> {
        let pairs = [&from.version, &from.stable, &to.stable];
        if !pairs.into_iter().all(|version| version.is_beside(&to.version)) {
            return None;
        }
        let replicas = to.version.own().len();
        let same = from.version.own().map(|(replica, _)| replica);
        if !same.eq(to.version.own().map(|(replica, _)| replica)) {
            return None;
        }
        let changed = (0..).zip(rows(from).zip(rows(to))).filter(|(_, (from, to))| from != to);
        let changed = changed.map(|(at, (_, (_, count, stable)))| {
            let lag = count.saturating_sub(stable);
            DeltaRow { at, count, lag }
        });
        let left_out = to.version.baseline().map_or(0, |departed| departed.order().len() as u64);
        let (seen, lag) = sums(rows(to));
        Some(Self { left_out, replicas: replicas as u64, seen, lag, rows: changed.collect() })
    }

    /// The pair that it stands for, given an earlier one; `None` if that is too early, or a later
    /// one. `departed`: the replicas that are not among those of the delta.
    fn onto(&self, known: &Acknowledgement, departed: &[ReplicaId]) -> Option<Acknowledgement> {
        let Acknowledgement { version, stable } = known;
        let own: Vec<ReplicaId> = match version.baseline() {
            Some(baseline) if baseline.order().len() == departed.len() => {
                version.own().map(|(replica, _)| replica).collect()
            }
            _ => {
                let others = version.iter().map(|(replica, _)| replica);
                others.filter(|replica| departed.binary_search(replica).is_err()).collect()
            }
        };
        if own.len() as u64 != self.replicas {
            return None;
        }
        let (mut version, mut stable) = (version.clone(), stable.clone());
        for &DeltaRow { at, count, lag } in &self.rows {
            let replica = *own.get(usize::try_from(at).ok()?)?;
            version.set(replica, count);
            stable.set(replica, count - lag);
        }
        let made = own.iter().map(|&replica| (replica, version.get(replica), stable.get(replica)));
        let fits = sums(made) == (self.seen, self.lag) && version.covers(&stable);
        fits.then_some(Acknowledgement { version, stable })
    }

    /// Whether a pair of the same author is this one or a later one.
    fn is_within(&self, known: &Acknowledgement, operations: u64) -> bool {
        let seen = self.seen.saturating_add(operations);
        known.version.operations() >= seen
            && known.stable.operations() >= seen.saturating_sub(self.lag)
    }
}

/// What a delta comes to.
pub(crate) enum Resolved {
    /// This pair.
    Pair(Acknowledgement),
    /// One that is known, or an earlier one.
    Stale,
    /// A pair that it can't be told from.
    Incomplete,
}

impl Membership {
    /// The pair of a member that a delta stands for. `known`: what has been applied here.
    pub(crate) fn resolve(
        &self,
        member: ReplicaId,
        delta: &Delta,
        known: &VersionVector,
    ) -> Result<Resolved, UnknownDepartures> {
        let departed = self.first_to_depart(delta.left_out, known)?;
        let operations = total(&departed);
        let taken = self.acknowledged.get(&member);
        if taken.is_some_and(|taken| delta.is_within(taken, operations)) {
            return Ok(Resolved::Stale);
        }
        let mut departed: Vec<ReplicaId> =
            departed.into_iter().map(|(replica, _)| replica).collect();
        departed.sort_unstable();
        let held = self.held.get(&member).into_iter().flatten();
        let pair = held.chain(taken).find_map(|pair| delta.onto(pair, &departed));
        Ok(pair.map_or(Resolved::Incomplete, Resolved::Pair))
    }
}
