//! Hosts of which some talk in streams: each keystroke is sent at once, in a few bytes. On a network
//! that loses what is in them, or on one that does not; with pruning, or without.

use crate::network::Weather;
use crate::plan::Plan;
use crate::random::Random;

use super::{hostile_network, pruning};

pub(super) fn plan(random: &mut Random) -> Plan {
    let prunes = random.chance(50);
    let mut plan = if prunes { pruning::plan(random) } else { hostile_network::plan(random) };
    plan.streams = *random.pick(&[40, 80, 100]);
    plan.texts = *random.pick(&[0, 50, 90]);
    // Changes that say when they were made are in no compact frame.
    if random.chance(70) {
        plan.jumps.clear();
    }
    if random.chance(50) {
        plan.weather = Weather::default();
        plan.partitions.clear();
    }
    plan
}
