//! What happens in a run, and when: what a program decides before it starts.

use crate::network::Weather;

/// A time in which hosts of different groups can't reach each other.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) from: u64,
    pub(crate) until: u64,
    /// The group of each host.
    pub(crate) groups: Vec<usize>,
}

/// A crash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crash {
    pub(crate) at: u64,
    pub(crate) host: usize,
    pub(crate) down_for: u64,
}

/// How members let each other prune.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pruning {
    /// How many milliseconds pass between two acknowledgements of a host, at most.
    pub(crate) acknowledge_every: u64,
    /// How many pass between two prunings of a host, at most.
    pub(crate) prune_every: u64,
}

/// See the module. Times are virtual milliseconds.
#[derive(Clone, Default, Debug)]
pub(crate) struct Plan {
    /// How many hosts there are.
    pub(crate) hosts: usize,
    /// When which host edits.
    pub(crate) edits: Vec<(u64, usize)>,
    /// Of a hundred edits, how many are of a text near the root.
    pub(crate) texts: u8,
    pub(crate) weather: Weather,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) crashes: Vec<Crash>,
    /// When which host's wall clock jumps.
    pub(crate) jumps: Vec<(u64, usize)>,
    pub(crate) pruning: Option<Pruning>,
    /// When which host makes another one a member, and hands it what it has.
    pub(crate) newcomers: Vec<(u64, usize)>,
    /// When which host leaves.
    pub(crate) leaves: Vec<(u64, usize)>,
    /// Of a hundred pairs of hosts, how many talk in streams.
    pub(crate) streams: u8,
    /// Whether hosts send on what they got from others.
    pub(crate) forwards: bool,
    /// When each host, now and then, compares its version with another's: at least so often.
    pub(crate) compare_every: u64,
}

impl Plan {
    /// When the last thing planned happens.
    pub(crate) fn end(&self) -> u64 {
        let edits = self.edits.iter().map(|&(at, _)| at);
        let partitions = self.partitions.iter().map(|partition| partition.until);
        let crashes = self.crashes.iter().map(|crash| crash.at + crash.down_for);
        edits.chain(partitions).chain(crashes).max().unwrap_or(0)
    }
}
