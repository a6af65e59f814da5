//! The programs: what is planned for the hosts of a run.

mod hostile_network;
mod interleaved;
mod members;
mod partition;
mod pruning;
mod streams;

use crate::plan::Plan;
use crate::random::Random;

/// A family of runs, one for each seed.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// How the command line names it.
    pub name: &'static str,
    pub(crate) plan: fn(&mut Random) -> Plan,
}

/// All programs.
pub const PROGRAMS: [Program; 6] = [
    Program { name: "interleaved", plan: interleaved::plan },
    Program { name: "partition", plan: partition::plan },
    Program { name: "hostile_network", plan: hostile_network::plan },
    Program { name: "pruning", plan: pruning::plan },
    Program { name: "members", plan: members::plan },
    Program { name: "streams", plan: streams::plan },
];

impl Program {
    /// The program of that name.
    pub fn named(name: &str) -> Option<Self> {
        PROGRAMS.into_iter().find(|program| program.name == name)
    }
}

/// So many edits, each of any host, at any time in a span of virtual milliseconds.
fn edits(random: &mut Random, count: usize, hosts: usize, span: u64) -> Vec<(u64, usize)> {
    (0..count).map(|_| (random.within(0..span), random.below(hosts))).collect()
}
