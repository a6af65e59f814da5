//! Replicas and the frames between them, which arrive in any order, late and repeatedly.

use crate::change::Change;
use crate::codec;
use crate::id::{DocumentId, ReplicaId};
use crate::options::{Options, Pruning};
use crate::replica::Replica;
use crate::report::Acknowledged;
use crate::version::VersionVector;

use super::oracle::Oracle;
use super::random::Random;

/// A frame on its way.
#[derive(Clone)]
pub(crate) enum Message {
    Changes(Vec<u8>),
    /// With whose it is.
    Acknowledgement(usize, Vec<u8>),
}

/// A replica, and a twin that gets the same changes and never prunes.
pub(crate) struct Peer {
    pub(crate) replica: Replica,
    pub(super) twin: Replica,
    /// What was broadcast so far.
    sent: VersionVector,
}

/// See the module.
pub(crate) struct Network {
    pub(crate) peers: Vec<Peer>,
    pub(crate) random: Random,
    in_flight: Vec<(usize, Message)>,
    pub(crate) history: Vec<Change>,
}

impl Network {
    /// A document that `peers` replicas are members of, the first of which sponsors the others.
    pub(crate) fn new(seed: u64, peers: usize) -> Self {
        Self::with_options(seed, peers, Options::default())
    }

    /// The same, with these options for all of them.
    pub(crate) fn with_options(seed: u64, peers: usize, options: Options) -> Self {
        let mut random = Random::new(seed);
        let document = DocumentId::from_bytes([1; 16]);
        let ids: Vec<ReplicaId> = (0..peers).map(|_| ReplicaId::new(random.next())).collect();
        let mut sponsor = Replica::new(document, ids[0]);
        ids[1..].iter().for_each(|&id| sponsor.join(id).unwrap());
        let first = sponsor.save();
        let peers = ids.into_iter().map(|id| {
            // Some prune by themselves, if that is wanted, some by hand; no twin ever does.
            let pruning = if id.get() % 2 == 0 { Pruning::Manual } else { options.pruning };
            let options = Options { pruning, ..options };
            let replica = Replica::load_with_options(&first, id, options).unwrap();
            let options = Options { pruning: Pruning::Manual, ..options };
            let twin = Replica::load_with_options(&first, id, options).unwrap();
            Peer { twin, sent: replica.version().clone(), replica }
        });
        let history =
            codec::change::decode(&sponsor.export(&VersionVector::new()).unwrap(), usize::MAX);
        Self {
            peers: peers.collect(),
            random,
            in_flight: Vec::new(),
            history: history.unwrap().1.changes,
        }
    }

    /// Forks a peer at a version; gives whether that was possible. The fork gets what the peer
    /// has, and will get.
    pub(crate) fn fork(&mut self, from: usize, version: &VersionVector) -> bool {
        let id = ReplicaId::new(self.random.next());
        let peer = &mut self.peers[from];
        if peer.replica.memory().inbox_bytes > 0 {
            // What is held came to the peer, and is nowhere on its way to the fork.
            return false;
        }
        let Ok(replica) = peer.replica.fork_at(version, id) else { return false };
        let twin = peer.twin.clone().fork_at(version, id).unwrap();
        assert_eq!(replica.to_json(), twin.to_json(), "a fork differs");
        let frame = peer.replica.export(version).unwrap();
        let to = self.peers.len();
        let coming = self.in_flight.iter().filter(|(to, _)| *to == from);
        let coming: Vec<_> = coming.map(|(_, message)| (to, message.clone())).collect();
        self.in_flight.extend(coming);
        self.in_flight.push((to, Message::Changes(frame)));
        self.peers.push(Peer { replica, twin, sent: version.clone() });
        self.broadcast(from);
        true
    }

    /// Sends what a peer has newly written to all others, some of it twice.
    pub(crate) fn broadcast(&mut self, from: usize) {
        let peer = &mut self.peers[from];
        if peer.replica.version() == &peer.sent {
            return;
        }
        let frame = peer.replica.export(&peer.sent).unwrap();
        peer.sent = peer.replica.version().clone();
        peer.twin.apply(&frame).unwrap();
        self.history.extend(codec::change::decode(&frame, usize::MAX).unwrap().1.changes);
        self.send(from, &Message::Changes(frame));
    }

    fn send(&mut self, from: usize, message: &Message) {
        for to in (0..self.peers.len()).filter(|&to| to != from) {
            let copies = 1 + usize::from(self.random.chance(10));
            self.in_flight.extend((0..copies).map(|_| (to, message.clone())));
        }
    }

    pub(crate) fn acknowledge(&mut self, from: usize) {
        let frame = self.peers[from].replica.acknowledge();
        self.send(from, &Message::Acknowledgement(from, frame));
    }

    /// Delivers one frame, whichever.
    pub(crate) fn deliver(&mut self) {
        if self.in_flight.is_empty() {
            return;
        }
        let at = self.random.below(self.in_flight.len());
        let (to, message) = self.in_flight.swap_remove(at);
        let peer = &mut self.peers[to];
        match message {
            Message::Changes(frame) => {
                let applied = peer.replica.apply(&frame).unwrap();
                assert_eq!(applied.refused, []);
                peer.twin.apply(&frame).unwrap();
                // What came from others is not this peer's to send.
                peer.sent = peer.replica.version().clone();
            }
            Message::Acknowledgement(from, frame) => {
                let taken = peer.replica.apply_acknowledgement(&frame).unwrap();
                if taken == Acknowledged::Incomplete {
                    let whole = self.peers[from].replica.acknowledge_whole();
                    self.in_flight.push((to, Message::Acknowledgement(from, whole)));
                }
            }
        }
    }

    pub(crate) fn deliver_all(&mut self) {
        while !self.in_flight.is_empty() {
            self.deliver();
        }
    }

    /// Saves a peer and loads it again.
    pub(crate) fn restart(&mut self, at: usize) {
        let replica = &mut self.peers[at].replica;
        let saved = replica.save();
        let options = replica.options();
        let loaded = Replica::load_with_options(&saved, replica.id(), options).unwrap();
        assert_eq!(loaded.save(), saved, "what is loaded is saved as it was");
        *replica = loaded;
    }

    /// Asserts what holds at any time.
    pub(crate) fn check(&self) {
        for peer in &self.peers {
            peer.replica.check();
            assert_eq!(peer.replica.to_json(), peer.twin.to_json(), "a pruned twin differs");
        }
    }

    /// Asserts what holds once everything is delivered.
    pub(crate) fn check_converged(&self) {
        self.check();
        let expected = Oracle::of(&self.history).to_json();
        for peer in &self.peers {
            assert_eq!(peer.replica.missing(), []);
            assert_eq!(peer.replica.to_json(), expected, "a replica differs from the oracle");
        }
    }
}
