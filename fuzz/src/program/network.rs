//! The replicas of a program, and the frames on their way between them.

use libsync::{Replica, ReplicaId, VersionVector};

use crate::bases;
use crate::random::Random;

use super::peer::Peer;

/// How many replicas there may be.
const MAX_PEERS: usize = 5;
/// Who reads alone.
const ARCHIVE: ReplicaId = ReplicaId::new(0xa0);

#[derive(Clone)]
enum Message {
    Changes(Vec<u8>),
    Acknowledgement(Vec<u8>),
}

/// See the module.
pub(super) struct Network {
    peers: Vec<Peer>,
    in_flight: Vec<(usize, Message)>,
    /// Every frame of changes, in the order in which they were sent.
    frames: Vec<Vec<u8>>,
    /// Receives them in that order, and never prunes.
    archive: Replica,
}

impl Network {
    /// A document of `peers` members, the first of which has made the others members.
    pub(super) fn new(peers: usize) -> Self {
        let mut sponsor = bases::empty(id(0));
        (1..peers).for_each(|at| sponsor.join(id(at)).expect("a member may join others"));
        bases::first_edits(&mut sponsor).expect("the edits fit an empty document");
        let first = sponsor.export(&VersionVector::new()).expect("it is not pruned");
        let mut archive = bases::empty(ARCHIVE);
        archive.apply(&first).expect("a peer's frame is sound");
        let saved = sponsor.save();
        let peers = (0..peers).map(|at| Peer::loaded(&saved, id(at))).collect();
        Self { peers, in_flight: Vec::new(), frames: vec![first], archive }
    }

    /// The replica of that number, modulo how many there are.
    pub(super) fn peer(&mut self, at: u8) -> &mut Peer {
        let count = self.peers.len();
        &mut self.peers[usize::from(at) % count]
    }

    /// Sends what a peer has newly written to all others; with `again`, one more time at once.
    pub(super) fn send(&mut self, at: u8, again: bool) {
        let from = usize::from(at) % self.peers.len();
        let peer = &mut self.peers[from];
        if peer.is_open() || peer.replica.version() == &peer.sent {
            return;
        }
        let frame = peer.replica.export(&peer.sent).expect("what was not sent is not pruned");
        peer.sent = peer.replica.version().clone();
        let applied = self.archive.apply(&frame).expect("a peer's frame is sound");
        assert_eq!(applied.held, 0, "frames are made in causal order");
        for _ in 0..=usize::from(again) {
            self.broadcast(from, &Message::Changes(frame.clone()));
        }
        self.frames.push(frame);
    }

    fn broadcast(&mut self, from: usize, message: &Message) {
        let others = (0..self.peers.len()).filter(|&to| to != from);
        self.in_flight.extend(others.map(|to| (to, message.clone())));
    }

    pub(super) fn acknowledge(&mut self, at: u8) {
        let from = usize::from(at) % self.peers.len();
        let frame = self.peers[from].replica.acknowledge();
        self.broadcast(from, &Message::Acknowledgement(frame));
    }

    /// Delivers one of the frames. One to a replica with an open transaction stays on its way.
    pub(super) fn deliver(&mut self, which: usize) {
        if self.in_flight.is_empty() {
            return;
        }
        let which = which % self.in_flight.len();
        let (to, message) = &self.in_flight[which];
        let peer = &mut self.peers[*to];
        match message {
            Message::Changes(frame) if peer.is_open() => return peer.check_open(frame),
            Message::Acknowledgement(_) if peer.is_open() => return,
            Message::Changes(frame) => {
                let applied = peer.replica.apply(frame).expect("a peer's frame is sound");
                assert_eq!(applied.refused, [], "a peer's changes are sound");
                // What came from others is not this peer's to send.
                let own = peer.sent.get(peer.replica.id());
                peer.sent = peer.replica.version().clone();
                peer.sent.set(peer.replica.id(), own);
            }
            Message::Acknowledgement(frame) => {
                let taken = peer.replica.apply_acknowledgement(frame);
                taken.expect("a peer's acknowledgement is sound");
            }
        }
        self.in_flight.swap_remove(which);
    }

    pub(super) fn deliver_many(&mut self, count: usize, seed: u64) {
        let mut random = Random::new(seed);
        (0..count).for_each(|_| self.deliver(random.next() as usize));
    }

    /// What all others have left behind needs nobody's acknowledgement: so it is sent first.
    pub(super) fn prune(&mut self, at: u8) {
        self.send(at, false);
        self.peer(at).prune();
    }

    /// A replica that gets what the sponsor has, and what is on its way to it.
    pub(super) fn join(&mut self, sponsor: u8) {
        let (sponsor, new) = (usize::from(sponsor) % self.peers.len(), self.peers.len());
        let peer = &mut self.peers[sponsor];
        if new == MAX_PEERS || peer.has_left || peer.is_open() {
            return;
        }
        peer.replica.join(id(new)).expect("a member may join others");
        let newcomer = Peer::loaded(&peer.replica.save(), id(new));
        self.peers.push(newcomer);
        let copies: Vec<_> =
            self.in_flight.iter().filter(|(to, _)| *to == sponsor).cloned().collect();
        self.in_flight.extend(copies.into_iter().map(|(_, message)| (new, message)));
        self.send(sponsor as u8, false);
    }

    /// Delivers everything. All show the same, what a replica shows that gets it in one go or in
    /// the wrong order, and what they have shown before once all is pruned.
    pub(super) fn finish(mut self) {
        self.peers.iter_mut().for_each(Peer::abort);
        self.settle();
        let json = self.archive.to_json();
        for Peer { replica, .. } in &self.peers {
            assert_eq!(replica.missing(), []);
            assert_eq!(replica.version(), self.archive.version());
            assert_eq!(replica.frontier(), self.archive.frontier());
            assert_eq!(replica.to_json(), json, "all replicas show the same");
        }
        let all = self.archive.export(&VersionVector::new()).expect("nothing is pruned there");
        let mut at_once = bases::empty(ARCHIVE);
        at_once.apply(&all).expect("a peer's frame is sound");
        assert_eq!(at_once.to_json(), json, "all changes in one frame show the same");
        let mut backwards = bases::empty(ARCHIVE);
        for frame in self.frames.iter().rev() {
            let applied = backwards.apply(frame).expect("a peer's frame is sound");
            assert_eq!(applied.refused, []);
        }
        assert_eq!(backwards.missing(), []);
        assert_eq!(backwards.to_json(), json, "the order of arrival does not matter");
        for _ in 0..2 {
            (0..self.peers.len()).for_each(|at| self.acknowledge(at as u8));
            self.settle();
        }
        for peer in &mut self.peers {
            peer.prune();
            peer.restart();
            assert_eq!(peer.replica.to_json(), json);
        }
    }

    fn settle(&mut self) {
        (0..self.peers.len()).for_each(|at| self.send(at as u8, false));
        while !self.in_flight.is_empty() {
            self.deliver(0);
        }
    }
}

/// The replica number `at`: the order of the numbers is not that of the identities.
const fn id(at: usize) -> ReplicaId {
    ReplicaId::new(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(at as u64 + 1))
}
