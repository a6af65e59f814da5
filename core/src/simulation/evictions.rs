//! Random evictions by one authority, while all edit, are cut off, come back, hand each other what they
//! have, acknowledge and prune. All who are not evicted have to agree on what the evicted ones wrote.

use std::collections::BTreeMap;

use crate::error::{ApplyError, ExportError};
use crate::id::{DocumentId, ReplicaId};
use crate::options::{Options, PrunePolicy, Pruning};
use crate::replica::Replica;
use crate::report::Acknowledged;
use crate::value::Kind;
use crate::version::VersionVector;

use super::oracle::Oracle;
use super::programs::{Mix, edit, for_seeds};
use super::random::Random;

const DOCUMENT: DocumentId = DocumentId::from_bytes([1; 16]);
const MAX_PEERS: usize = 7;

const MIX: Mix = Mix {
    peers: 0,
    steps: 0,
    texts: 60,
    lists: 25,
    batch: 0,
    prunes: true,
    kinds: &[Kind::Map, Kind::Text, Kind::List, Kind::Counter, Kind::Set],
};

/// Nothing is pruned in the call that brings it, when the twin has not seen it yet.
fn by_hand() -> Options {
    Options { pruning: Pruning::Manual, ..Options::default() }
}

struct Peer {
    replica: Replica,
    /// It takes the same changes, asks nobody, and never prunes.
    twin: Replica,
    /// Whether nothing reaches it, and nothing of it anybody.
    is_cut_off: bool,
    /// Whether it wrote before it had seen anything: others may have pruned before they knew of it, and
    /// it before it knew of them.
    came_late: bool,
}

enum Message {
    Changes(Vec<u8>),
    Acknowledgement(Vec<u8>),
}

/// The first peer is the authority.
struct World {
    peers: Vec<Peer>,
    random: Random,
    in_flight: Vec<(usize, usize, Message)>,
    /// On how many operations each eviction has taken effect.
    agreed: BTreeMap<ReplicaId, u64>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut authority =
            Replica::with_options(DOCUMENT, ReplicaId::new(random.next()), by_hand());
        edit(&mut authority, &mut random, &MIX);
        let mut world =
            Self { peers: Vec::new(), random, in_flight: Vec::new(), agreed: BTreeMap::new() };
        world.add(authority);
        (0..3).for_each(|_| world.sponsor(0));
        world
    }

    fn add(&mut self, replica: Replica) {
        let mut twin = Replica::new(DOCUMENT, replica.id());
        twin.take_all();
        let came_late = !self.peers.is_empty();
        self.peers.push(Peer { replica, twin, is_cut_off: false, came_late });
        self.follow(self.peers.len() - 1);
    }

    /// A newcomer with what a peer has.
    fn sponsor(&mut self, at: usize) {
        if self.peers.len() >= MAX_PEERS {
            return;
        }
        let id = ReplicaId::new(self.random.next());
        if self.peers[at].replica.join(id).is_err() {
            return;
        }
        self.follow(at);
        let saved = self.peers[at].replica.save();
        let replica = Replica::load_with_options(&saved, id, by_hand()).unwrap();
        let twin = self.peers[at].twin.clone();
        let is_cut_off = self.peers[at].is_cut_off;
        self.peers.push(Peer { replica, twin, is_cut_off, came_late: false });
    }

    /// A newcomer that has written before it has seen anything.
    fn start_offline(&mut self) {
        if self.peers.len() < MAX_PEERS {
            let id = ReplicaId::new(self.random.next());
            let mut replica = Replica::with_options(DOCUMENT, id, by_hand());
            edit(&mut replica, &mut self.random, &MIX);
            self.add(replica);
        }
    }

    /// Brings a twin up to what its peer has taken, and looks at what has taken effect there.
    fn follow(&mut self, at: usize) {
        let Peer { replica, twin, .. } = &mut self.peers[at];
        twin.take_over(replica);
        replica.check();
        assert_eq!(replica.to_json(), twin.to_json(), "a pruned twin differs");
        while let Some(evicted) = replica.next_evicted() {
            let agreed = *self.agreed.entry(evicted.replica).or_insert(evicted.operations);
            assert_eq!(agreed, evicted.operations, "not the same of {}", evicted.replica);
        }
    }

    /// Whether a peer was evicted, or has more of one who was than what counts.
    fn is_lost(&self, at: usize) -> bool {
        let Peer { replica, .. } = &self.peers[at];
        self.agreed.iter().any(|(&evicted, &count)| {
            evicted == replica.id() || replica.version().get(evicted) > count
        })
    }

    fn send_changes(&mut self, from: usize, to: usize) {
        let known = self.peers[to].replica.version().clone();
        match self.peers[from].replica.export(&known) {
            Ok(frame) => self.in_flight.push((from, to, Message::Changes(frame))),
            Err(ExportError::CannotSponsor { .. }) => {}
            Err(ExportError::BelowPruneFloor { .. }) => {
                // Nothing is pruned that a member lacks, which is not lost.
                let is_unknown =
                    !self.peers[from].replica.is_waited_for(self.peers[to].replica.id());
                let came_late = self.peers[to].came_late || self.peers[from].came_late;
                assert!(
                    came_late || is_unknown || self.is_lost(to) || self.is_lost(from),
                    "a member is behind"
                );
            }
            Err(error) => panic!("{error}"),
        }
        self.follow(from);
    }

    fn acknowledge(&mut self, from: usize) {
        let frame = self.peers[from].replica.acknowledge();
        for to in (0..self.peers.len()).filter(|&to| to != from) {
            self.in_flight.push((from, to, Message::Acknowledgement(frame.clone())));
        }
    }

    /// Delivers a frame, unless one of the two is cut off.
    fn deliver(&mut self, nth: usize) {
        let (from, to, _) = self.in_flight[nth];
        if self.peers[from].is_cut_off != self.peers[to].is_cut_off {
            return;
        }
        let (_, _, message) = self.in_flight.swap_remove(nth);
        let replica = &mut self.peers[to].replica;
        match message {
            Message::Changes(frame) => {
                if let Err(error) = replica.apply(&frame) {
                    if matches!(error, ApplyError::Departures(_)) {
                        assert!(self.may_be_apart(from, to), "{error}");
                        return;
                    }
                    let of_lost = matches!(
                        error,
                        ApplyError::AuthorEvicted { .. }
                            | ApplyError::NamesEvicted { .. }
                            | ApplyError::BelowPruneFloor { .. }
                            | ApplyError::Departures(_)
                    );
                    assert!(of_lost, "{error}");
                    let (from, to) = (self.is_lost(from), self.is_lost(to));
                    assert!(from || to, "a change of one who is not lost: {error}");
                }
            }
            Message::Acknowledgement(frame) => match replica.apply_acknowledgement(&frame) {
                Ok(Acknowledged::Incomplete) => {
                    let whole = self.peers[from].replica.acknowledge_whole();
                    self.in_flight.push((from, to, Message::Acknowledgement(whole)));
                }
                Ok(_) => {}
                Err(error) => assert!(self.may_be_apart(from, to), "{error}"),
            },
        }
        self.follow(to);
    }

    /// Whether one may leave out departed replicas that the other does not know as such.
    fn may_be_apart(&self, from: usize, to: usize) -> bool {
        let is_behind = !self.peers[to].replica.version().covers(&self.peers[from].replica.floor);
        is_behind || self.is_lost(from) || self.is_lost(to)
    }

    fn deliver_some(&mut self, count: usize) {
        for _ in 0..count {
            if !self.in_flight.is_empty() {
                let nth = self.random.below(self.in_flight.len());
                self.deliver(nth);
            }
        }
    }

    fn step(&mut self) {
        let at = self.random.below(self.peers.len());
        let other = self.random.below(self.peers.len());
        match self.random.below(100) {
            0..30 => {
                let Self { peers, random, .. } = self;
                let replica = &mut peers[at].replica;
                // Which is nothing, if it may write.
                if replica.join(replica.id()).is_ok() {
                    edit(replica, random, &MIX);
                }
                self.follow(at);
            }
            30..50 if at != other => self.send_changes(at, other),
            50..62 => self.acknowledge(at),
            62..66 => {
                let replica = &mut self.peers[at].replica;
                // What it has handed to nobody would be lost to all others.
                let is_alone = replica.members().len() < 2;
                if !is_alone {
                    match self.random.chance(50) {
                        true => drop(replica.prune()),
                        false => drop(replica.prune_if(PrunePolicy::default())),
                    }
                    self.follow(at);
                }
            }
            66..70 => {
                let saved = self.peers[at].replica.save();
                let id = self.peers[at].replica.id();
                let loaded = Replica::load_with_options(&saved, id, by_hand()).unwrap();
                assert_eq!(loaded.save(), saved, "what is loaded is saved as it was");
                self.peers[at].replica = loaded;
            }
            70..72 => self.sponsor(at),
            72 => self.start_offline(),
            73..76 if at > 0 => self.evict(at),
            76..80 => self.peers[at].is_cut_off ^= true,
            _ => {
                let count = self.random.below(12);
                self.deliver_some(count);
            }
        }
    }

    /// The authority evicts a peer, if it knows it and there would be others.
    fn evict(&mut self, at: usize) {
        let id = self.peers[at].replica.id();
        let authority = &mut self.peers[0].replica;
        if authority.is_waited_for(id) {
            authority.evict(id).unwrap();
        }
        self.follow(0);
    }

    /// All come back; and the authority evicts whoever has more of one who was evicted than counts.
    fn settle(&mut self) {
        self.peers.iter_mut().for_each(|peer| peer.is_cut_off = false);
        for round in 0..12 {
            for from in 0..self.peers.len() {
                for to in (0..self.peers.len()).filter(|&to| to != from) {
                    self.send_changes(from, to);
                }
                self.deliver_all();
            }
            (0..self.peers.len()).for_each(|at| self.acknowledge(at));
            self.deliver_all();
            let members = self.peers[0].replica.members();
            if round >= 4 {
                // One that holds an eviction back, or that came too late to.
                let stray = |at: &usize| {
                    let replica = &self.peers[*at].replica;
                    self.is_lost(*at)
                        || members.iter().any(|member| {
                            let of =
                                |at: usize| self.peers[at].replica.version().get(member.replica);
                            member.evicting
                                && of(*at) > of(0)
                                && member.eviction_awaits.contains(&replica.id())
                        })
                };
                let strays: Vec<usize> = (1..self.peers.len()).filter(stray).collect();
                strays.into_iter().for_each(|at| self.evict(at));
            }
        }
    }

    fn deliver_all(&mut self) {
        while !self.in_flight.is_empty() {
            self.deliver(0);
        }
    }

    /// Those who are left show the same, and nothing is held back.
    fn check_settled(&mut self) {
        let expected: VersionVector = self.peers[0].replica.version().clone();
        let json = Oracle::of(&self.peers[0].twin.all_changes()).to_json();
        for at in 0..self.peers.len() {
            let is_member = self.peers[0].replica.is_waited_for(self.peers[at].replica.id());
            if at > 0 && !is_member {
                continue;
            }
            let (id, agreed) = (self.peers[at].replica.id(), &self.agreed);
            let version = self.peers[at].replica.version();
            assert!(!self.is_lost(at), "{id} is a member, and has {version:?}: {agreed:?}");
            let replica = &mut self.peers[at].replica;
            assert_eq!(replica.version(), &expected, "versions differ");
            assert_eq!(replica.to_json(), json, "a replica differs from the oracle");
            assert!(replica.members().iter().all(|member| !member.evicting), "an eviction hangs");
            assert_eq!(replica.missing(), []);
        }
    }
}

pub(super) fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..220 {
        world.step();
    }
    world.settle();
    world.check_settled();
}

#[test]
fn all_who_are_left_agree_on_what_the_evicted_wrote() {
    let (mut evicted, mut partly) = (0, 0);
    for_seeds(0..250, run);
    for seed in 0..20 {
        let mut world = World::new(seed);
        (0..220).for_each(|_| world.step());
        evicted += world.agreed.len();
        let has_more = |peer: &&Peer| {
            let known = world.agreed.get(&peer.replica.id());
            known.is_some_and(|&count| peer.replica.version().get(peer.replica.id()) > count)
        };
        partly += world.peers.iter().filter(has_more).count();
    }
    assert!(evicted > 5 && partly > 0, "{evicted} evictions took effect, {partly} with a loss");
}
