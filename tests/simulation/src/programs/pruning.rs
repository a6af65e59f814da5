//! The hostile network, with members that acknowledge what they have and prune what they may.

use crate::network::Weather;
use crate::plan::{Plan, Pruning};
use crate::random::Random;

use super::hostile_network;

pub(super) fn plan(random: &mut Random) -> Plan {
    let mut plan = hostile_network::plan(random);
    plan.pruning = Some(Pruning {
        acknowledge_every: random.within(500..4_000),
        prune_every: random.within(500..5_000),
    });
    plan.texts = *random.pick(&[0, 30, 90]);
    // Every other run is on a network that lets acknowledgements through, so that much is pruned.
    if random.chance(50) {
        plan.weather = Weather::default();
        plan.partitions.clear();
    }
    plan
}
