//! Views that see events alone, beside random programs: they show what the document shows, always.

use crate::error::EditError;
use crate::event::{EventError, Origin, Subscription};
use crate::id::{DocumentId, ReplicaId};
use crate::options::Options;
use crate::path::{Path, ToPath};
use crate::replica::{Receiver, Replica, Sender};
use crate::value::{Content, Kind, Unit};

use super::programs::{Mix, PATHS, TEXTS, edit, for_seeds};
use super::random::Random;
use super::view::View;

const UNITS: [Unit; 3] = [Unit::Scalar, Unit::Utf8, Unit::Utf16];

/// A subscription, and the view that it keeps.
struct Watched {
    path: Path,
    unit: Unit,
    subscription: Subscription,
    view: View,
    lags: usize,
}

impl Watched {
    fn new(replica: &mut Replica, path: &str, unit: Unit) -> Self {
        let path = path.to_path().unwrap();
        let subscription = replica.subscribe(&path, unit).unwrap();
        let mut watched = Self { path, unit, subscription, view: View::new(unit), lags: 0 };
        watched.restart(replica);
        watched
    }

    fn restart(&mut self, replica: &mut Replica) {
        let event = replica.restart(self.subscription).unwrap();
        assert_eq!(event.origin, Origin::Checkout);
        self.view = View::new(self.unit);
        if !event.diffs.is_empty() {
            self.view.apply(&event);
        }
    }

    fn follow(&mut self, replica: &mut Replica) {
        loop {
            match replica.next_event(self.subscription) {
                Ok(Some(event)) => self.view.apply(&event),
                Ok(None) => return,
                Err(error) => {
                    assert_eq!(error, EventError::Lagged);
                    self.lags += 1;
                    self.restart(replica);
                }
            }
        }
    }
}

/// A replica with those who watch it.
struct Peer {
    replica: Replica,
    /// If any, the first ones watch all, in each unit.
    watched: Vec<Watched>,
    /// What others will get, and what they have got by streams.
    received: Vec<(Sender, Receiver)>,
}

impl Peer {
    fn new(replica: Replica, peers: usize, random: &mut Random) -> Self {
        let received = (0..peers).map(|_| connect(&replica)).collect();
        let mut peer = Self { replica, watched: Vec::new(), received };
        peer.watch(random);
        peer
    }

    fn watch(&mut self, random: &mut Random) {
        let wholes = UNITS.iter().map(|&unit| ("", unit));
        let paths = ["user.profile", "items", "a.b", "items.0.a", "notes"];
        let parts = paths.iter().map(|&path| (path, *random.pick(&UNITS)));
        let watched = wholes.chain(parts);
        let new = |(path, unit)| Watched::new(&mut self.replica, path, unit);
        self.watched = watched.map(new).collect();
    }

    fn unwatch(&mut self) {
        for Watched { subscription, .. } in self.watched.drain(..) {
            assert!(self.replica.unsubscribe(subscription));
        }
    }

    fn lags(&self) -> usize {
        self.watched.iter().map(|watched| watched.lags).sum()
    }

    fn check(&mut self) {
        if self.watched.is_empty() {
            return;
        }
        for watched in &mut self.watched {
            watched.follow(&mut self.replica);
        }
        let (whole, parts) = self.watched.split_at(UNITS.len());
        for Watched { view, .. } in whole {
            view.check(&self.replica);
        }
        for path in PATHS {
            whole[0].view.check_conflict_at(&path.to_path().unwrap(), &self.replica);
        }
        for Watched { view, path, .. } in parts {
            // Of what is in a list the whole list is watched; below it, indices are no keys.
            let path = path.segments().iter().take_while(|segment| **segment != "0".into());
            let path = Path::from_segments(path.cloned());
            assert_eq!(view.at(&path), whole[0].view.at(&path), "what is watched at {path}");
        }
    }
}

fn connect(to: &Replica) -> (Sender, Receiver) {
    (Sender::new(to.version().clone()), Receiver::new())
}

/// Types a few characters, and takes some back, one at a time.
fn type_burst(replica: &mut Replica, random: &mut Random) {
    let path = *random.pick(&TEXTS);
    let mut at = match replica.get(path) {
        Ok(None) => 0,
        Ok(Some(Content::Container(Kind::Text))) => {
            random.below(replica.text_len(path, Unit::Scalar).unwrap() + 1)
        }
        _ => return,
    };
    for _ in 0..random.below(8) {
        let letter = *random.pick(&["x", "y", "ß", "𝄞"]);
        let typed = if at > 0 && random.chance(30) {
            at -= 1;
            replica.delete_text(path, Unit::Scalar, at, 1)
        } else {
            at += 1;
            replica.insert_text(path, Unit::Scalar, at - 1, letter)
        };
        assert!(matches!(typed, Ok(()) | Err(EditError::Read(_))), "{typed:?}");
    }
}

fn run(seed: u64, mix: &Mix) -> usize {
    let random = &mut Random::new(seed);
    let document = DocumentId::from_bytes([1; 16]);
    let ids: Vec<ReplicaId> = (0..mix.peers).map(|_| ReplicaId::new(random.next())).collect();
    let mut sponsor = Replica::new(document, ids[0]);
    ids[1..].iter().for_each(|&id| sponsor.join(id).unwrap());
    let first = sponsor.save();
    let mut options = Options::default();
    if random.chance(30) {
        options.max_pending_events = 1 + random.below(4);
    }
    let load = |saved: &[u8], id| Replica::load_with_options(saved, id, options).unwrap();
    let mut peers: Vec<Peer> =
        ids.iter().map(|&id| Peer::new(load(&first, id), mix.peers, random)).collect();
    let mut frames: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut lags = 0;
    for _ in 0..mix.steps {
        let at = random.below(mix.peers);
        let from = (at + 1 + random.below(mix.peers - 1)) % mix.peers;
        match random.below(24) {
            0..6 => edit(&mut peers[at].replica, random, mix),
            6..8 => type_burst(&mut peers[at].replica, random),
            8..11 => {
                let [peer, other] = peers.get_disjoint_mut([at, from]).unwrap();
                // What was pruned since can't be sent in the stream any more.
                if other.replica.send(&mut peer.received[from].0.clone()).is_err() {
                    peer.received[from] = connect(&peer.replica);
                }
                let (sender, receiver) = &mut peer.received[from];
                while let Some(frame) = other.replica.send(sender).unwrap() {
                    peer.replica.receive(receiver, &frame).unwrap();
                }
            }
            11..13 => {
                let version = peers[at].replica.version().clone();
                let frame = peers[from].replica.export(&version).unwrap();
                peers[at].replica.apply(&frame).unwrap();
            }
            // A frame that comes later, after others.
            13..15 => {
                let version = peers[at].replica.version().clone();
                frames.push((at, peers[from].replica.export(&version).unwrap()));
            }
            15..17 if !frames.is_empty() => {
                let (at, frame) = frames.swap_remove(random.below(frames.len()));
                peers[at].replica.apply(&frame).unwrap();
            }
            17..19 if mix.prunes => {
                let acknowledgement = peers[from].replica.acknowledge();
                for peer in &mut peers {
                    peer.replica.apply_acknowledgement(&acknowledgement).unwrap();
                }
            }
            19 if mix.prunes => drop(peers[at].replica.prune()),
            // Nobody watches for a while.
            20 => {
                peers[at].check();
                lags += peers[at].lags();
                peers[at].unwatch();
            }
            21 if peers[at].watched.is_empty() => peers[at].watch(random),
            22 => {
                peers[at].check();
                let saved = peers[at].replica.save();
                lags += peers[at].lags();
                peers[at] = Peer::new(load(&saved, ids[at]), mix.peers, random);
            }
            _ => {}
        }
        if random.chance(70) {
            peers.iter_mut().for_each(Peer::check);
            peers[at].replica.check();
        }
    }
    peers.iter_mut().for_each(Peer::check);
    lags + peers.iter().map(Peer::lags).sum::<usize>()
}

#[test]
fn views_show_what_the_document_shows() {
    let lags = std::cell::Cell::new(0);
    for_seeds(0..300, |seed| {
        let peers = 2 + (seed % 2) as usize;
        let prunes = seed % 3 != 0;
        let mix =
            Mix { peers, steps: 150, texts: 30, lists: 35, batch: 1, prunes, kinds: &Kind::ALL };
        lags.set(lags.get() + run(seed, &mix));
    });
    assert!(lags.get() > 100, "views lag now and then: {}", lags.get());
}
