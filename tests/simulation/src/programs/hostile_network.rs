//! Messages are lost, doubled and reordered; hosts lose each other, and crash; their wall clocks jump.

use crate::network::Weather;
use crate::plan::{Crash, Partition, Plan};
use crate::random::Random;

use super::edits;

const SPAN: u64 = 20_000;

pub(super) fn plan(random: &mut Random) -> Plan {
    let hosts = 2 + random.below(4);
    let weather = Weather { loss: random.below(40) as u8, duplication: random.below(30) as u8 };
    let crashes = (0..random.below(5)).map(|_| Crash {
        at: random.within(0..SPAN),
        host: random.below(hosts),
        down_for: random.within(100..5_000),
    });
    let crashes = crashes.collect();
    let partitions = (0..random.below(3) as u64).map(|i| {
        let from = 2_000 + i * 8_000;
        let until = from + random.within(1_000..6_000);
        Partition { from, until, groups: (0..hosts).map(|_| random.below(2)).collect() }
    });
    let partitions = partitions.collect();
    Plan {
        hosts,
        edits: edits(random, 100, hosts, SPAN),
        texts: *random.pick(&[0, 20, 60]),
        weather,
        partitions,
        crashes,
        jumps: (0..random.below(8))
            .map(|_| (random.within(0..SPAN), random.below(hosts)))
            .collect(),
        forwards: random.chance(50),
        compare_every: random.within(1_000..6_000),
        ..Plan::default()
    }
}
