//! The hostile network with pruning, where hosts come and go: members make others members and hand them
//! what they have, and some leave.

use crate::plan::Plan;
use crate::random::Random;

use super::pruning;

/// When the last one comes or goes, at the latest.
const SPAN: u64 = 16_000;

pub(super) fn plan(random: &mut Random) -> Plan {
    let mut plan = pruning::plan(random);
    let hosts = plan.hosts;
    let times = |random: &mut Random, count: usize| -> Vec<(u64, usize)> {
        (0..count).map(|_| (random.within(500..SPAN), random.below(hosts + 3))).collect()
    };
    let (newcomers, leaves) = (1 + random.below(4), random.below(4));
    plan.newcomers = times(random, newcomers);
    plan.leaves = times(random, leaves);
    plan
}
