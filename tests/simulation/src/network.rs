//! The network between hosts: latency, loss, duplication, and partitions. Latency alone reorders.

use libsync::VersionVector;

use crate::random::Random;

/// The least and the greatest latency of a link, in milliseconds.
const LATENCY: std::ops::Range<u64> = 50..2_001;

/// What hosts send to each other.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// A frame of changes.
    Changes(Vec<u8>),
    /// What a host has, for another to send it the rest: as a frame, and as it can be compared.
    Version { from: usize, frame: Vec<u8>, version: VersionVector },
    /// A frame of a stream: the number of the connection, and its own there.
    Stream { from: usize, connection: u64, number: u64, frame: Vec<u8> },
    /// A frame of an acknowledgement.
    Acknowledgement(Vec<u8>),
}

/// How badly a network behaves.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Weather {
    /// Of a hundred messages, how many are lost.
    pub(crate) loss: u8,
    /// Of a hundred messages, how many arrive twice.
    pub(crate) duplication: u8,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) weather: Weather,
    /// The group of each host; only those of one group reach each other.
    pub(crate) groups: Vec<usize>,
}

impl Network {
    /// Whether a message can go from one host to another now.
    pub(crate) fn connects(&self, from: usize, to: usize) -> bool {
        self.groups[from] == self.groups[to]
    }

    /// After how many milliseconds each copy of a message arrives; none: it is lost.
    pub(crate) fn latencies(&self, random: &mut Random) -> Vec<u64> {
        if random.chance(self.weather.loss) {
            return Vec::new();
        }
        let copies = 1 + usize::from(random.chance(self.weather.duplication));
        (0..copies).map(|_| random.within(LATENCY)).collect()
    }
}
