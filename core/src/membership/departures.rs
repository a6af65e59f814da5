//! Departed replicas, in the one order in which they become a baseline.

use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;

use crate::id::{OpId, ReplicaId};
use crate::version::{Baseline, LeftOut, VersionVector};

use super::{Acknowledgement, Membership, Record, Standing};

/// A version leaves out replicas that have departed, and which those are is not known here.
///
/// All members know of a departure before any of them leaves it out: so this replica is none, or
/// the bytes came to it before what they follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "the version leaves out {left_out} replicas that have departed, and of the first {left_out} to depart this replica knows {known}: it is behind the prune floor; bring it up to date first, with changes or a snapshot, on which `rescue` makes anew what it has not sent"
)]
#[non_exhaustive]
pub struct UnknownDepartures {
    /// How many are left out.
    pub left_out: u64,
    /// How many departures are known here; as many as are left out, or more, if some of them are
    /// others, or did more than is known here.
    pub known: u64,
}

/// A replica that has departed, or is about to, and is not in the baseline.
struct Departure {
    /// The least (Lamport time, identity) of what ends its membership, if that is known here.
    key: Option<(u64, OpId)>,
    replica: ReplicaId,
    /// Whether nothing of it can come any more.
    is_final: bool,
}

impl Membership {
    /// Those that depart and are not in the baseline, in the order of departure.
    fn departures(&self) -> Vec<Departure> {
        let gone = self.members.iter().filter(|(_, record)| record.standing != Standing::Member);
        let departure = |(&replica, record): (&ReplicaId, &Record)| {
            let key = record.departure.map(|mark| (mark.lamport, mark.op));
            Departure { key, replica, is_final: !record.is_member() }
        };
        let mut departures: Vec<Departure> = gone.map(departure).collect();
        departures.sort_unstable_by_key(|departure| (departure.key, departure.replica));
        departures
    }

    /// The departed replicas that versions leave out.
    pub(crate) fn baseline(&self) -> Option<&Arc<Baseline>> {
        self.baseline.as_ref()
    }

    /// Of those: who was evicted.
    pub(crate) fn evicted(&self) -> &BTreeSet<ReplicaId> {
        &self.evicted
    }

    /// Those that are left out, in the order of departure.
    pub(crate) fn folded(&self) -> &[(ReplicaId, u64)] {
        self.baseline.as_ref().map_or(&[], |baseline| baseline.order())
    }

    /// Folds departed replicas into the baseline: each once its departure and all that it did lie
    /// within the floor, and all departures of smaller keys are folded; gives whether there were any.
    /// O(n) in the members if not.
    pub(crate) fn fold(&mut self, floor: &VersionVector, version: &VersionVector) -> bool {
        let departures = self.departures();
        let folds = |departure: &&Departure| {
            let count = version.get(departure.replica);
            let is_known = departure.key.is_some_and(|(_, op)| floor.contains(op));
            departure.is_final && is_known && floor.get(departure.replica) == count
        };
        let new: Vec<ReplicaId> =
            departures.iter().take_while(folds).map(|departure| departure.replica).collect();
        if new.is_empty() {
            return false;
        }
        let counts = new.iter().map(|&replica| (replica, version.get(replica)));
        let order = self.folded().iter().copied().chain(counts).collect();
        let Some(baseline) = Baseline::new(order).map(Arc::new) else { return false };
        for replica in new {
            let record = self.members.remove(&replica);
            if record.is_some_and(|record| record.standing == Standing::Evicted) {
                self.evicted.insert(replica);
            }
        }
        let held = self.held.values_mut().flatten();
        for Acknowledgement { version, stable } in self.acknowledged.values_mut().chain(held) {
            version.rebase(&baseline);
            stable.rebase(&baseline);
        }
        self.baseline = Some(baseline);
        true
    }

    /// The first replicas to depart, with what they did as far as it is in `known`: what has been
    /// applied here.
    pub(crate) fn first_to_depart(
        &self,
        replicas: u64,
        known: &VersionVector,
    ) -> Result<Vec<(ReplicaId, u64)>, UnknownDepartures> {
        let folded = self.folded();
        let len = usize::try_from(replicas).unwrap_or(usize::MAX);
        let mut order = folded[..folded.len().min(len)].to_vec();
        if len > folded.len() {
            let later = self.departures().into_iter().take(len - folded.len());
            order.extend(later.map(|Departure { replica, .. }| (replica, known.get(replica))));
        }
        if order.len() < len {
            return Err(self.unknown(replicas));
        }
        Ok(order)
    }

    fn unknown(&self, left_out: u64) -> UnknownDepartures {
        let known = self.folded().len() + self.departures().len();
        UnknownDepartures { left_out, known: known as u64 }
    }

    /// A version that leaves out departed replicas, with all that these did. `known`: what has been
    /// applied here.
    pub(crate) fn complete(
        &self,
        version: VersionVector,
        left_out: Option<LeftOut>,
        known: &VersionVector,
    ) -> Result<VersionVector, UnknownDepartures> {
        let Some(left_out) = left_out else {
            let mut version = version;
            self.baseline.iter().for_each(|baseline| version.rebase(baseline));
            return Ok(version);
        };
        let unknown = || self.unknown(left_out.replicas);
        if let Some(baseline) = self.baseline.as_ref().filter(|one| left_out.is_all_of(one)) {
            return version.above(baseline).ok_or_else(unknown);
        }
        let order = self.first_to_depart(left_out.replicas, known)?;
        let departed = Baseline::new(order).map(Arc::new);
        let departed = departed.filter(|one| left_out.is_all_of(one)).ok_or_else(unknown)?;
        let mut version = version.above(&departed).ok_or_else(unknown)?;
        self.baseline.iter().for_each(|baseline| version.rebase(baseline));
        Ok(version)
    }

    /// The same of both versions of an acknowledgement.
    pub(crate) fn complete_both(
        &self,
        acknowledgement: Acknowledgement,
        left_out: Option<LeftOut>,
        known: &VersionVector,
    ) -> Result<Acknowledgement, UnknownDepartures> {
        let Acknowledgement { version, stable } = acknowledgement;
        Ok(Acknowledgement {
            version: self.complete(version, left_out, known)?,
            stable: self.complete(stable, left_out, known)?,
        })
    }
}
