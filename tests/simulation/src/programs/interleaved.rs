//! Three hosts on a good network make a hundred edits without waiting for each other.

use crate::plan::Plan;
use crate::random::Random;

use super::edits;

pub(super) fn plan(random: &mut Random) -> Plan {
    Plan {
        hosts: 3,
        edits: edits(random, 100, 3, 15_000),
        texts: *random.pick(&[0, 20, 60]),
        forwards: random.chance(30),
        compare_every: 5_000,
        ..Plan::default()
    }
}
