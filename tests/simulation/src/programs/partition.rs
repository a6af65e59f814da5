//! Hosts can't reach each other for ten seconds and more, and go on editing: one alone, which drifts
//! far; two against one; each for itself.

use crate::plan::{Partition, Plan};
use crate::random::Random;

use super::edits;

const BEGINS: u64 = 3_000;
const ENDS: u64 = 14_000;

pub(super) fn plan(random: &mut Random) -> Plan {
    let alone = random.below(3);
    let mut groups = vec![0; 3];
    let mut all = edits(random, 60, 3, 17_000);
    match random.below(3) {
        // One drifts far.
        0 => {
            groups[alone] = 1;
            all.extend((0..90).map(|_| (random.within(BEGINS..ENDS), alone)));
        }
        // Two against one.
        1 => groups[alone] = 1,
        _ => groups = vec![0, 1, 2],
    }
    Plan {
        hosts: 3,
        edits: all,
        texts: *random.pick(&[0, 20, 60]),
        partitions: vec![Partition { from: BEGINS, until: ENDS, groups }],
        forwards: random.chance(50),
        compare_every: 4_000,
        ..Plan::default()
    }
}
