//! History, compared with what was seen at the time, and with the naive oracle.

use crate::commit::Commit;
use crate::error::{EditError, ReadError};
use crate::event::Origin;
use crate::options::Options;
use crate::path::Path;
use crate::replica::{HistoryError, Past, Replica};
use crate::value::{Kind, Unit};
use crate::version::VersionVector;

use super::network::Network;
use super::oracle::Oracle;
use super::programs::{Mix, TEXTS, edit, for_seeds};
use super::view::View;

/// What a replica showed at a version.
struct Seen {
    version: VersionVector,
    json: String,
    texts: Vec<Result<String, ReadError>>,
}

impl Seen {
    fn by(replica: &Replica) -> Self {
        let texts = TEXTS.iter().map(|path| replica.text(path)).collect();
        Self { version: replica.version().clone(), json: replica.to_json(), texts }
    }
}

struct Program {
    network: Network,
    seen: Vec<Seen>,
    mix: Mix,
    /// Whether a replica may lack what history needs of what is pruned.
    may_lack: bool,
}

impl Program {
    fn step(&mut self) {
        let Self { network, mix, .. } = self;
        let at = network.random.below(network.peers.len());
        match network.random.below(22) {
            0..9 => {
                let Network { peers, random, .. } = network;
                edit(&mut peers[at].replica, random, mix);
                network.broadcast(at);
            }
            9..12 => network.acknowledge(at),
            12 if mix.prunes => drop(network.peers[at].replica.prune()),
            13 if !mix.prunes => network.restart(at),
            14 if network.peers.len() < 6 && !self.seen.is_empty() => {
                let version = network.random.pick(&self.seen).version.clone();
                if network.peers[at].replica.at(&version).is_ok() {
                    network.fork(at, &version);
                }
            }
            15..18 => self.seen.push(Seen::by(&network.peers[at].replica)),
            18 if mix.prunes => self.settle(),
            _ => network.deliver(),
        }
    }

    /// Lets the replicas learn what is stable, and some of them prune.
    fn settle(&mut self) {
        let Network { peers, .. } = &self.network;
        let peers = peers.len();
        for _ in 0..2 {
            (0..self.network.random.below(30)).for_each(|_| self.network.deliver());
            (0..peers).for_each(|at| self.network.acknowledge(at));
        }
        (0..self.network.random.below(60)).for_each(|_| self.network.deliver());
        let at = self.network.random.below(peers);
        self.network.peers[at].replica.prune();
    }

    /// Asks a replica for something that was seen.
    fn look_back(&mut self) {
        let at = self.network.random.below(self.network.peers.len());
        let (a, b) = (self.pick(), self.pick());
        let replica = &self.network.peers[at].replica;
        let seen = &self.seen[a];
        let Some(past) = self.past(replica, &seen.version) else { return };
        assert_eq!(past.to_json(), seen.json, "the past differs");
        for (path, text) in TEXTS.iter().zip(&seen.texts) {
            let found = match replica.text_at(*path, &seen.version) {
                Err(HistoryError::Read(error)) => Err(error),
                other => Ok(other.unwrap()),
            };
            assert_eq!(found, *text, "the text at {path} differs");
        }
        let other = &self.seen[b].version;
        if let Some(after) = self.past(replica, other) {
            let units = [Unit::Scalar, Unit::Utf8, Unit::Utf16];
            let unit = *self.network.random.pick(&units);
            let event = replica.diff(&seen.version, other, unit).unwrap();
            assert_eq!(event.origin, Origin::Checkout);
            let mut view = View::new(unit);
            let mut shown = past.replica().clone();
            let subscription = shown.subscribe(Path::root(), unit).unwrap();
            for event in [shown.restart(subscription).unwrap(), event] {
                if !event.diffs.is_empty() {
                    view.apply(&event);
                }
            }
            view.check(after.replica());
            assert_eq!(replica.diff(other, other, unit).unwrap().diffs, []);
        }
        let mut reverted = replica.clone();
        match reverted.revert_to(&seen.version, Commit::new().message("back")) {
            Ok(first) => {
                reverted.check();
                assert_eq!(reverted.to_json(), seen.json, "reverting shows something else");
                assert_eq!(first.is_some(), reverted.version() != replica.version());
                let mut other = replica.clone();
                other.apply(&reverted.export(replica.version()).unwrap()).unwrap();
                assert_eq!(other.to_json(), seen.json, "others see something else");
            }
            Err(error) => {
                let grows = matches!(error, HistoryError::Edit(EditError::GrowOnly { .. }));
                assert!(grows, "{error}");
                assert_eq!(reverted.save(), replica.save(), "a revert that failed left something");
            }
        }
    }

    fn pick(&mut self) -> usize {
        self.network.random.below(self.seen.len())
    }

    /// The past at a version that some replica had.
    fn past(&self, replica: &Replica, version: &VersionVector) -> Option<Past> {
        let is_known = replica.version().covers(version);
        let floor = &replica.floor;
        match replica.at(version) {
            Ok(past) => Some(past),
            Err(HistoryError::Unknown { id }) => {
                assert!(!is_known && version.contains(id) && !replica.version().contains(id));
                None
            }
            Err(HistoryError::BelowPruneFloor { .. }) => {
                assert!(is_known && !version.covers(floor));
                None
            }
            Err(HistoryError::NotKept { .. }) => {
                assert!(self.may_lack && !floor.is_empty(), "what is to be kept was not");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Asks a twin, which never prunes, for a version that maybe nobody ever had.
    fn look_anywhere(&mut self) {
        let Network { peers, random, history, .. } = &mut self.network;
        let twin = &random.pick(peers).twin;
        let version: VersionVector = twin
            .version()
            .iter()
            .map(|(replica, count)| (replica, random.below(count as usize + 1) as u64))
            .collect();
        let closed = match twin.at(&version) {
            Ok(_) => version,
            Err(HistoryError::NotClosed { id, needs }) => {
                assert!(version.contains(id) && !version.contains(needs));
                let heads =
                    version.iter().map(|(replica, count)| crate::id::OpId::new(replica, count - 1));
                let closed = twin.version_of(&heads.collect()).unwrap();
                assert!(closed.covers(&version) && closed.contains(needs));
                closed
            }
            Err(error) => panic!("{error}"),
        };
        let past = twin.at(&closed).unwrap();
        let within = history.iter().filter(|change| closed.contains(change.id));
        let within: Vec<_> =
            within.map(|change| change.upto(closed.get(change.id.replica))).collect();
        assert_eq!(past.to_json(), Oracle::of(&within).to_json(), "the oracle sees another past");
        for path in TEXTS {
            let found = twin.text_at(path, &closed);
            assert_eq!(found, past.text(path).map_err(HistoryError::from));
        }
    }
}

fn run(seed: u64, mix: Mix, options: Options) {
    let network = Network::with_options(seed, mix.peers, options);
    let steps = mix.steps;
    let may_lack = !options.keep_history;
    let mut program = Program { network, seen: Vec::new(), mix, may_lack };
    for step in 0..steps {
        program.step();
        if step % 8 == 7 && !program.seen.is_empty() {
            program.look_back();
            program.look_anywhere();
        }
    }
    program.network.deliver_all();
    program.network.check_converged();
}

#[test]
fn the_past_is_what_was_seen() {
    for_seeds(0..150, |seed| {
        let mix = Mix {
            peers: 3,
            steps: 150,
            texts: 35,
            lists: 35,
            batch: 12,
            prunes: false,
            kinds: &Kind::ALL,
        };
        run(seed, mix, Options::default());
    });
}

#[test]
fn the_past_is_kept_down_to_the_prune_floor() {
    for_seeds(0..150, |seed| {
        let peers = 2 + (seed % 3) as usize;
        let mix = Mix {
            peers,
            steps: 200,
            texts: 35,
            lists: 35,
            batch: 12,
            prunes: true,
            kinds: &Kind::ALL,
        };
        run(seed, mix, Options { keep_history: true, ..Options::default() });
    });
}

#[test]
fn the_past_is_refused_where_it_is_not_kept() {
    for_seeds(0..100, |seed| {
        let mix = Mix {
            peers: 3,
            steps: 150,
            texts: 60,
            lists: 20,
            batch: 12,
            prunes: true,
            kinds: &Kind::ALL,
        };
        run(seed, mix, Options::default());
    });
}
