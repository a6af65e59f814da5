//! Random programs of replicas that are connected by streams, each with a twin that gets the same
//! by frames of changes.

use std::cell::Cell;
use std::collections::VecDeque;

use crate::error::ApplyError;
use crate::id::{DocumentId, ReplicaId};
use crate::replica::{Receiver, Replica, Sender};
use crate::value::Kind;

use super::programs::{Mix, edit, for_seeds};
use super::random::Random;

/// A connection in one direction.
struct Connection {
    sender: Sender,
    receiver: Receiver,
    /// The frames on their way, each with one that brings the same to the twin.
    in_flight: VecDeque<(Vec<u8>, Vec<u8>)>,
    /// Whether one was lost, and none arrived since.
    is_broken: bool,
}

impl Connection {
    fn new(to: &Replica) -> Self {
        Self {
            sender: Sender::new(to.version().clone()),
            receiver: Receiver::new(),
            in_flight: VecDeque::new(),
            is_broken: false,
        }
    }
}

struct Network {
    replicas: Vec<Replica>,
    twins: Vec<Replica>,
    connections: Vec<Vec<Connection>>,
    compact: usize,
    frames: usize,
}

impl Network {
    fn new(random: &mut Random, peers: usize) -> Self {
        let document = DocumentId::from_bytes([1; 16]);
        let ids: Vec<ReplicaId> = (0..peers).map(|_| ReplicaId::new(random.next())).collect();
        let mut sponsor = Replica::new(document, ids[0]);
        ids[1..].iter().for_each(|&id| sponsor.join(id).unwrap());
        let first = sponsor.save();
        let replicas: Vec<Replica> =
            ids.iter().map(|&id| Replica::load(&first, id).unwrap()).collect();
        let connect = |_| replicas.iter().map(Connection::new).collect();
        Self {
            connections: (0..peers).map(connect).collect(),
            twins: replicas.clone(),
            replicas,
            compact: 0,
            frames: 0,
        }
    }

    fn send(&mut self, from: usize, to: usize, random: &mut Random) {
        if random.chance(50) {
            let back = self.connections[to][from].receiver.clone();
            self.connections[from][to].sender.skip_received(&back);
        }
        let connection = &mut self.connections[from][to];
        let known = connection.sender.known().clone();
        let Some(frame) = self.replicas[from].send(&mut connection.sender).unwrap() else {
            let version = self.replicas[from].version();
            assert!(connection.sender.known().covers(version), "all is sent");
            return;
        };
        let ordinary = self.replicas[from].export(&known).unwrap();
        self.frames += 1;
        self.compact += usize::from(frame[0] == 0x82);
        assert!(frame[0] != 0x82 || frame.len() < ordinary.len(), "a compact frame is shorter");
        connection.in_flight.push_back((frame, ordinary));
    }

    fn deliver(&mut self, from: usize, to: usize, random: &mut Random, loses: bool) {
        let connection = &mut self.connections[from][to];
        if loses && random.chance(5) {
            connection.is_broken |= connection.in_flight.pop_front().is_some();
        }
        let Some((frame, ordinary)) = connection.in_flight.pop_front() else { return };
        let replica = &mut self.replicas[to];
        let before = (replica.version().clone(), replica.missing());
        match replica.receive(&mut connection.receiver, &frame) {
            Ok(applied) => {
                assert_eq!(applied.refused, []);
                let twin = self.twins[to].apply(&ordinary).unwrap();
                assert_eq!(applied.held > 0, twin.held > 0);
                assert!(!connection.is_broken || frame[0] != 0x82, "a frame passes over a gap");
                if loses && random.chance(5) {
                    let again = replica.receive(&mut connection.receiver, &frame);
                    let is_ordinary = frame[0] != 0x82;
                    assert!(is_ordinary || again == Err(ApplyError::StreamBroken), "{again:?}");
                    if is_ordinary {
                        *connection = Connection::new(replica);
                    }
                }
            }
            Err(error) => {
                assert_eq!(error, ApplyError::StreamBroken);
                assert!(connection.is_broken);
                assert_eq!(before, (replica.version().clone(), replica.missing()));
                *connection = Connection::new(replica);
            }
        }
    }

    fn check(&self) {
        for (replica, twin) in self.replicas.iter().zip(&self.twins) {
            replica.check();
            assert_eq!(replica.to_json(), twin.to_json(), "a twin differs");
            assert_eq!(replica.version(), twin.version());
            assert_eq!(replica.frontier(), twin.frontier());
            assert_eq!(replica.missing(), twin.missing());
        }
    }
}

fn run(seed: u64, mix: &Mix, loses: bool) -> (usize, usize) {
    let mut random = Random::new(seed);
    let random = &mut random;
    let mut network = Network::new(random, mix.peers);
    for step in 0..mix.steps {
        let at = random.below(mix.peers);
        let to = (at + 1 + random.below(mix.peers - 1)) % mix.peers;
        match random.below(20) {
            0..8 => {
                let before = network.replicas[at].version().clone();
                edit(&mut network.replicas[at], random, mix);
                let ordinary = network.replicas[at].export(&before).unwrap();
                network.twins[at].apply(&ordinary).unwrap();
                for to in (0..mix.peers).filter(|&to| to != at) {
                    if random.chance(60) {
                        network.send(at, to, random);
                    }
                }
            }
            8 if mix.prunes => {
                let acknowledgement = network.replicas[at].acknowledge();
                for replica in &mut network.replicas {
                    replica.apply_acknowledgement(&acknowledgement).unwrap();
                }
            }
            9 if mix.prunes => drop(network.replicas[at].prune()),
            10..12 => network.send(at, to, random),
            12 => {
                let saved = network.replicas[at].save();
                let id = network.replicas[at].id();
                network.replicas[at] = Replica::load(&saved, id).unwrap();
            }
            _ => (0..=random.below(mix.batch)).for_each(|_| network.deliver(at, to, random, loses)),
        }
        if step % 16 == 0 {
            network.check();
        }
    }
    for _ in 0..mix.peers {
        for from in 0..mix.peers {
            for to in (0..mix.peers).filter(|&to| to != from) {
                network.connections[from][to] = Connection::new(&network.replicas[to]);
                network.send(from, to, random);
                network.deliver(from, to, random, false);
            }
        }
    }
    network.check();
    for replica in &network.replicas {
        assert_eq!(replica.to_json(), network.replicas[0].to_json());
        assert_eq!(replica.missing(), []);
    }
    (network.compact, network.frames)
}

#[test]
fn streams_bring_what_frames_of_changes_bring() {
    let all = Cell::new((0, 0));
    for_seeds(0..400, |seed| {
        let peers = 2 + (seed % 3) as usize;
        let mix = Mix {
            peers,
            steps: 200,
            texts: 40,
            lists: 15,
            batch: 4,
            prunes: false,
            kinds: &Kind::ALL,
        };
        let (compact, frames) = run(seed, &mix, false);
        all.set((all.get().0 + compact, all.get().1 + frames));
    });
    let (compact, frames) = all.get();
    assert!(2 * compact > frames, "of {frames} frames only {compact} are compact");
}

#[test]
fn a_lost_frame_breaks_a_stream_and_nothing_else() {
    for_seeds(0..400, |seed| {
        let mix = Mix {
            peers: 3,
            steps: 200,
            texts: 60,
            lists: 10,
            batch: 4,
            prunes: false,
            kinds: &Kind::ALL,
        };
        run(seed, &mix, true);
    });
}

#[test]
fn streams_go_on_while_replicas_prune() {
    for_seeds(0..400, |seed| {
        let mix = Mix {
            peers: 3,
            steps: 250,
            texts: 50,
            lists: 20,
            batch: 6,
            prunes: true,
            kinds: &Kind::ALL,
        };
        run(seed, &mix, seed % 2 == 0);
    });
}
