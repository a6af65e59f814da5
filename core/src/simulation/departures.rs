//! Hundreds of replicas that come, write, and leave or are evicted, while others acknowledge and prune
//! when it suits them, lose acknowledgements and are restarted. Versions, frames of versions, and saved
//! documents must stay as small as if the departed had never been there; all that is shown, and every
//! version, must be what twins have that never prune.

use crate::codec;
use crate::id::{DocumentId, ReplicaId};
use crate::options::SaveOptions;
use crate::replica::Replica;
use crate::report::Acknowledged;
use crate::value::Kind;
use crate::version::VersionVector;

use super::programs::{Mix, edit, for_seeds};
use super::random::Random;

const DOCUMENT: DocumentId = DocumentId::from_bytes([3; 16]);
const RESIDENTS: usize = 3;

const MIX: Mix =
    Mix { peers: 0, steps: 0, texts: 40, lists: 30, batch: 0, prunes: true, kinds: &Kind::ALL };

struct World {
    /// The first ones stay.
    peers: Vec<Replica>,
    /// It takes all changes, and never acknowledges or prunes.
    twin: Replica,
    departed: Vec<ReplicaId>,
    random: Random,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut first = Replica::new(DOCUMENT, ReplicaId::new(random.next()));
        let ids: Vec<ReplicaId> = (1..RESIDENTS).map(|_| ReplicaId::new(random.next())).collect();
        ids.iter().for_each(|&id| first.join(id).unwrap());
        let saved = first.save();
        let others = ids.into_iter().map(|id| Replica::load(&saved, id).unwrap());
        let mut twin = Replica::new(DOCUMENT, ReplicaId::new(random.next()));
        twin.take_all();
        twin.apply(&first.export(&VersionVector::new()).unwrap()).unwrap();
        let peers = std::iter::once(first.clone()).chain(others).collect();
        Self { peers, twin, departed: Vec::new(), random }
    }

    /// What one has reaches another, which says what it has.
    fn sync(&mut self, from: usize, to: usize) {
        let version = self.peers[to].encode_version();
        let frame = self.peers[from].export_since(&version).unwrap();
        self.peers[to].apply(&frame).unwrap();
        self.follow();
        let known = self.peers[from].decode_version(&self.peers[to].encode_version());
        let known = known.unwrap_or_else(|error| {
            let (to, from) = (&self.peers[to], &self.peers[from]);
            let departed = (to.departed_in_order(), from.departures_in_order());
            panic!("{error}: {from:?} of {to:?}: {departed:#?}", from = from.id(), to = to.id())
        });
        assert_eq!(&known, self.peers[to].version(), "a version is another one elsewhere");
    }

    /// The twin follows the first one: of those who are evicted, others may have more than counts.
    fn follow(&mut self) {
        let version = self.twin.version().clone();
        // Pruned changes have reached the twin before.
        self.twin.apply(&self.peers[0].export(&version).unwrap()).unwrap();
        let known = self.twin.decode_version(&self.peers[0].encode_version()).unwrap();
        assert_eq!(&known, self.peers[0].version(), "a version is another one at the twin");
    }

    fn sync_all(&mut self) {
        for _ in 0..2 {
            for from in 0..self.peers.len() {
                (0..self.peers.len()).filter(|&to| to != from).for_each(|to| self.sync(from, to));
            }
        }
    }

    fn acknowledge(&mut self, from: usize, loss: usize) {
        let frame = self.peers[from].acknowledge();
        for to in (0..self.peers.len()).filter(|&to| to != from) {
            if self.random.chance(loss) {
                continue;
            }
            if self.peers[to].apply_acknowledgement(&frame).unwrap() == Acknowledged::Incomplete
                && self.random.chance(50)
            {
                let whole = self.peers[from].acknowledge_whole();
                let taken = self.peers[to].apply_acknowledgement(&whole).unwrap();
                assert_ne!(taken, Acknowledged::Incomplete);
            }
        }
    }

    fn come(&mut self) {
        let sponsor = self.random.below(RESIDENTS);
        let id = ReplicaId::new(self.random.next());
        self.peers[sponsor].join(id).unwrap();
        let guest = Replica::load(&self.peers[sponsor].save(), id).unwrap();
        self.peers.push(guest);
    }

    fn go(&mut self, at: usize) {
        let id = self.peers[at].id();
        if self.random.chance(30) && self.peers[0].evict(id).is_ok() {
            // It has gone without a word; what it did not hand on is lost.
        } else {
            self.peers[at].leave().unwrap();
            let to = self.random.below(RESIDENTS);
            self.sync(at, to);
        }
        self.departed.push(id);
        self.peers.remove(at);
    }

    fn restart(&mut self, at: usize) {
        let saved = self.peers[at].save();
        let loaded = Replica::load(&saved, self.peers[at].id()).unwrap();
        assert_eq!(loaded.save(), saved, "what is loaded is saved as it was");
        assert_eq!(loaded.version(), self.peers[at].version());
        self.peers[at] = loaded;
    }

    fn step(&mut self) {
        let guests = self.peers.len() - RESIDENTS;
        let at = self.random.below(self.peers.len());
        let other = self.random.below(self.peers.len());
        match self.random.below(20) {
            0..6 => edit(&mut self.peers[at], &mut self.random, &MIX),
            6..11 if at != other => self.sync(other, at),
            11..14 => self.acknowledge(at, 20),
            14..16 => drop(self.peers[at].prune()),
            16 if guests < 4 => self.come(),
            17 if guests > 0 => {
                let guest = RESIDENTS + self.random.below(guests);
                self.go(guest);
            }
            18 => self.restart(at),
            _ => {}
        }
        self.peers[at.min(self.peers.len() - 1)].check();
        self.follow();
    }

    /// Until all know of all, and nothing is left to be pruned.
    fn settle(&mut self) {
        for _ in 0..60 {
            self.sync_all();
            (0..self.peers.len()).for_each(|from| self.acknowledge(from, 0));
            for from in 0..self.peers.len() {
                let whole = self.peers[from].acknowledge_whole();
                let others = self.peers.iter_mut();
                others.for_each(|to| _ = to.apply_acknowledgement(&whole).unwrap());
                // The twin takes what was let in by that, before it is pruned.
                self.follow();
            }
            self.peers.iter_mut().for_each(|peer| drop(peer.prune()));
            if self.peers.iter().all(|peer| peer.version() == &peer.floor) {
                break;
            }
        }
    }

    fn check_settled(&self) {
        let shallow = SaveOptions::new().shallow();
        let saved = self.peers[0].save_with(shallow);
        for peer in &self.peers {
            assert_eq!(peer.to_json(), self.twin.to_json(), "a pruned twin differs");
            assert_eq!(peer.version(), self.twin.version());
            assert_eq!(peer.version(), &peer.floor, "something is left to be pruned");
            let own: Vec<ReplicaId> = peer.version().own().map(|(replica, _)| replica).collect();
            assert!(own.len() <= self.peers.len(), "departed replicas are listed: {own:?}");
            assert!(self.departed.iter().all(|&id| peer.membership_knows_departed(id)));
            let same = peer.save_with(shallow) == saved;
            assert!(same, "replicas at one version and cuts save other bytes");
        }
        let first = self.peers[0].departed_in_order();
        assert!(self.peers.iter().all(|peer| peer.departed_in_order() == first));
        assert_eq!(first.len(), self.departed.len());
        self.check_size();
    }

    /// A version takes as many bytes as those who are there ask for.
    fn check_size(&self) {
        let lineage = self.peers[0].lineage();
        let own: VersionVector = self.peers[0].version().own().collect();
        let alone = codec::version::encode_version(&lineage, &own).len();
        assert!(self.peers[0].encode_version().len() <= alone + 16);
    }
}

fn run(seed: u64, steps: usize) -> usize {
    let mut world = World::new(seed);
    for _ in 0..steps {
        world.step();
    }
    while world.peers.len() > RESIDENTS {
        world.sync_all();
        world.go(RESIDENTS);
    }
    world.settle();
    world.check_settled();
    world.departed.len()
}

#[test]
fn departed_replicas_leave_nothing_but_one_list() {
    for_seeds(0..60, |seed| _ = run(seed, 150));
}

#[test]
fn hundreds_come_and_go() {
    for_seeds(0..2, |seed| {
        let departed = run(1000 + seed, 5_000);
        assert!(departed > 150, "only {departed} departed");
    });
}
