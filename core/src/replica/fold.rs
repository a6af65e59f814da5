//! What becomes of replicas that have departed: they are folded into a baseline that all versions
//! share, and that versions on the wire leave out.

use crate::codec;
use crate::codec::version::Partial;
use crate::id::ReplicaId;
use crate::membership::{Acknowledgement, Delta, Standing, UnknownDepartures};
use crate::version::VersionVector;

use super::Replica;

/// An acknowledgement is whole at least each so many times.
const WHOLE_EVERY: usize = 16;

/// What this replica has told others to have seen.
#[derive(Clone, Debug)]
pub(super) struct Announced {
    /// Its last whole acknowledgement.
    whole: Acknowledgement,
    /// How many came since.
    deltas: usize,
    /// Who was to get it.
    members: Vec<ReplicaId>,
}

impl Replica {
    /// Follows the floor: folds the replicas whose departure and operations all lie within it. What is
    /// known of them is no part of versions and clocks any more, but for what they share.
    pub(super) fn fold_departed(&mut self) {
        let folded = self.membership.fold(&self.floor, &self.version);
        let Some(baseline) = self.membership.baseline().cloned() else { return };
        self.floor.rebase(&baseline);
        if !folded {
            return;
        }
        let of_pending =
            self.pending.iter_mut().flat_map(|pair| [&mut pair.version, &mut pair.stable]);
        [&mut self.version, &mut self.stable, &mut self.pruned]
            .into_iter()
            .chain(of_pending)
            .for_each(|version| version.rebase(&baseline));
        self.log_start.iter_mut().for_each(|start| start.rebase(&baseline));
        if let Some(undo) = &mut self.undo {
            undo.rebase(&baseline);
        }
        self.state.forget_departed(&baseline);
    }

    /// A version as it came, with all that it leaves out.
    pub(super) fn complete(
        &self,
        (version, left_out): Partial,
    ) -> Result<VersionVector, UnknownDepartures> {
        self.membership.complete(version, left_out, &self.version)
    }

    /// What has been seen here as a frame, as a delta if others can be expected to know an earlier
    /// one that it follows.
    pub(super) fn encode_acknowledgement(&mut self) -> Vec<u8> {
        let acknowledgement = self.promised();
        let members: Vec<ReplicaId> = self.membership.members().collect();
        let follows =
            |before: &&mut Announced| before.deltas + 1 < WHOLE_EVERY && before.members == members;
        if let Some(announced) = self.announced.as_mut().filter(follows)
            && let Some(delta) = Delta::between(&announced.whole, &acknowledgement)
        {
            announced.deltas += 1;
            return codec::acknowledgement::encode_delta(&self.lineage, self.id, &delta);
        }
        let frame = codec::acknowledgement::encode(&self.lineage, self.id, &acknowledgement);
        self.announced = Some(Announced { whole: acknowledgement, deltas: 0, members });
        frame
    }

    /// All that has been seen here as a frame. Deltas still follow the last one that went to all: they
    /// can be put onto any later one.
    pub(super) fn encode_whole_acknowledgement(&self) -> Vec<u8> {
        codec::acknowledgement::encode(&self.lineage, self.id, &self.promised())
    }

    /// What others are told to have been seen here.
    fn promised(&self) -> Acknowledgement {
        // Others may not know yet that it has left, and take what it got since for what they may
        // take of one who is evicted, while those who know do not ask it.
        match self.membership.standing(self.id) {
            Some(Standing::Left) => Acknowledgement::default(),
            _ => self.own_acknowledgement(),
        }
    }

    #[cfg(test)]
    pub(crate) fn departed_in_order(&self) -> Vec<(ReplicaId, u64)> {
        self.membership.folded().to_vec()
    }

    #[cfg(test)]
    pub(crate) fn membership_knows_departed(&self, replica: ReplicaId) -> bool {
        self.membership.has_departed(replica)
    }
}
