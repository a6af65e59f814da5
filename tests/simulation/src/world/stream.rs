//! Streams: hosts that talk through connections which keep the order. A connection may lose a frame
//! unseen: then the receiver finds out, and waits for the next connection, which starts from the version
//! that it says it has.

use std::collections::{BTreeMap, BTreeSet};

use libsync::{ApplyError, ExportError, Receiver, Replica, Sender, VersionVector};

use crate::network::Message;
use crate::random::Random;
use crate::step::Field;

use super::{Event, World};

/// Where a frame says its kind, and the kind of those that only streams have.
const KIND_AT: usize = 1;
const COMPACT: u8 = 5;

/// A connection at the end of the host that sends.
struct Outgoing {
    connection: u64,
    sender: Sender,
    /// How many frames were sent.
    frames: u64,
    /// When the last one arrives.
    arrives: u64,
}

/// A connection at the end of the host that receives.
struct Incoming {
    connection: u64,
    receiver: Receiver,
    /// How many frames came.
    frames: u64,
    /// Whether these were all.
    is_whole: bool,
}

/// All connections, by who sends and who receives.
#[derive(Default)]
pub(super) struct Streams {
    /// Who talks so.
    pairs: BTreeSet<(usize, usize)>,
    outgoing: BTreeMap<(usize, usize), Outgoing>,
    incoming: BTreeMap<(usize, usize), Incoming>,
    /// How many connections there were.
    connections: u64,
}

impl Streams {
    /// For each pair of hosts, streams with so many percent.
    pub(super) fn new(hosts: usize, percent: u8, random: &mut Random) -> Self {
        let mut streams = Self::default();
        if percent > 0 {
            let pairs = (0..hosts).flat_map(|from| (0..hosts).map(move |to| (from, to)));
            streams.pairs = pairs.filter(|_| random.chance(percent)).collect();
        }
        streams
    }

    /// Whether one host sends to another in streams.
    pub(super) fn connect(&self, from: usize, to: usize) -> bool {
        self.pairs.contains(&(from, to))
    }

    /// A host has crashed.
    pub(super) fn forget(&mut self, host: usize) {
        self.outgoing.retain(|&(from, _), _| from != host);
        self.incoming.retain(|&(_, to), _| to != host);
    }
}

impl World {
    /// Starts a new connection to a host that has that version.
    pub(super) fn open_stream(&mut self, from: usize, to: usize, known: VersionVector) {
        self.streams.connections += 1;
        let outgoing = Outgoing {
            connection: self.streams.connections,
            sender: Sender::new(known),
            frames: 0,
            arrives: 0,
        };
        self.streams.outgoing.insert((from, to), outgoing);
        self.stream(from, to);
    }

    /// Sends what is new, if there is a connection. All of it is saved, and known to the oracle.
    pub(super) fn stream(&mut self, from: usize, to: usize) {
        let Some(outgoing) = self.streams.outgoing.get_mut(&(from, to)) else { return };
        if let Some(incoming) = self.streams.incoming.get(&(to, from))
            && self.random.chance(50)
        {
            outgoing.sender.skip_received(&incoming.receiver);
        }
        let frame = match self.hosts[from].replica_mut().send(&mut outgoing.sender) {
            Ok(Some(frame)) => frame,
            Ok(None) => return,
            // An old version, which took long on its way.
            Err(ExportError::BelowPruneFloor { .. }) if self.plan.pruning.is_some() => {
                self.streams.outgoing.remove(&(from, to));
                return;
            }
            Err(error) => panic!("host {from} can't send: {error}"),
        };
        let (connection, number) = (outgoing.connection, outgoing.frames);
        outgoing.frames += 1;
        let latencies = self.network.latencies(&mut self.random);
        let is_lost = !self.network.connects(from, to);
        let now = self.queue.now();
        let arrives = match latencies.first() {
            Some(latency) if !is_lost => (now + latency).max(outgoing.arrives + 1),
            _ => {
                self.keep_joins(from);
                return self.note(to, "lost-in-a-stream");
            }
        };
        outgoing.arrives = arrives;
        self.keep_joins(from);
        self.record(from, "send", vec![("frame", Field::Bytes(frame.clone()))]);
        let message = Message::Stream { from, connection, number, frame };
        self.queue.after(arrives - now, Event::Arrive(to, message));
    }

    /// Who hands changes to one that had only written makes it a member: that is saved, and known to
    /// the oracle, too.
    fn keep_joins(&mut self, host: usize) {
        let replica = self.hosts[host].replica();
        let mut known = replica.version().clone();
        known.set(replica.id(), self.history.count(replica.id()));
        if replica.version() != &known {
            let joins = replica.clone().export(&known);
            self.learn(&joins.expect("what was just written is not pruned"));
            self.store(host);
        }
    }

    /// Takes a frame of a stream, and asserts that this is refused just when one before it is missing.
    pub(super) fn receive(&mut self, to: usize, from: usize, at: (u64, u64), frame: &[u8]) {
        let (connection, number) = at;
        let fresh =
            || Incoming { connection, receiver: Receiver::new(), frames: 0, is_whole: true };
        let incoming = self.streams.incoming.entry((from, to)).or_insert_with(fresh);
        if incoming.connection < connection {
            *incoming = fresh();
        }
        if incoming.connection > connection {
            return self.note(to, "of-an-old-connection");
        }
        incoming.is_whole &= incoming.frames == number;
        incoming.frames += 1;
        let all_sent = self.hosts[to].replica().encode_version() == self.hosts[to].sent;
        let received = self.hosts[to].replica_mut().receive(&mut incoming.receiver, frame);
        if !incoming.is_whole && frame[KIND_AT] == COMPACT {
            assert_eq!(received, Err(ApplyError::StreamBroken), "a frame before it is missing");
            return self.note(to, "broken-stream");
        }
        let applied = received.expect("what is sent in a stream can be received");
        assert_eq!(applied.refused, [], "what waited can be applied");
        self.record(to, "receive", vec![("frame", Field::Bytes(frame.to_vec()))]);
        self.hosts[to].catch_up();
        self.pass_on(to, all_sent);
    }

    /// Asserts that nothing of a stream is taken while a transaction is open.
    pub(super) fn refuse_early(replica: &mut Replica, frame: &[u8]) {
        let received = replica.receive(&mut Receiver::new(), frame);
        assert_eq!(received, Err(ApplyError::InTransaction));
    }
}
