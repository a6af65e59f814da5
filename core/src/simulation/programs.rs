//! The programs: random edits, deliveries, acknowledgements, prunes and restarts.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::error::EditError;
use crate::replica::Replica;
use crate::value::{Content, Kind, Unit, Value};

use super::network::Network;
use super::random::Random;

const PATHS: [&str; 8] =
    ["user", "user.profile", "user.profile.bio", "user.profile.avatar", "a", "b", "a.b", "a.b.c"];
const TEXTS: [&str; 3] = ["notes", "user.notes", "a.text"];
const WORDS: [&str; 8] = ["a", "b", "xy", "hello ", "é", "𝄞", "日本", "0123456789"];

/// Runs a program for every seed, and names the one that fails.
fn for_seeds(seeds: std::ops::Range<u64>, program: impl Fn(u64)) {
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| program(seed))) {
            eprintln!("the failing seed is {seed}");
            resume_unwind(panic);
        }
    }
}

fn edit_map(replica: &mut Replica, random: &mut Random) {
    let path = *random.pick(&PATHS);
    let result = match random.below(6) {
        0 => replica.remove(path).map(drop),
        1 => replica.create(path, Kind::Map),
        2 => replica.create(path, Kind::Text),
        3 => replica.set(path, Value::Null),
        4 => replica.set(path, *random.pick(&WORDS)),
        _ => replica.set(path, random.below(100) as i64),
    };
    assert!(matches!(result, Ok(()) | Err(EditError::Read(_))), "{result:?}");
}

/// Edits a text as a naive string is edited, and compares the two.
fn edit_text(replica: &mut Replica, random: &mut Random, path: &str) {
    let before = match replica.get(path) {
        Ok(None) => String::new(),
        Ok(Some(Content::Container(Kind::Text))) => replica.text(path).unwrap(),
        _ => return,
    };
    let mut expected: Vec<char> = before.chars().collect();
    let unit = *random.pick(&[Unit::Scalar, Unit::Utf8, Unit::Utf16]);
    let offset = |scalars: usize| -> usize {
        before
            .chars()
            .take(scalars)
            .map(|character| match unit {
                Unit::Scalar => 1,
                Unit::Utf8 => character.len_utf8(),
                Unit::Utf16 => character.len_utf16(),
            })
            .sum()
    };
    // Often at the same few places, so that edits meet.
    let at = match random.below(3) {
        0 => random.below(expected.len() + 1),
        1 => expected.len(),
        _ => random.below(expected.len().min(3) + 1),
    };
    if random.chance(45) && !expected.is_empty() {
        let len = random.below((expected.len() - at).min(8) + 1);
        replica.delete_text(path, unit, offset(at), offset(at + len) - offset(at)).unwrap();
        expected.drain(at..at + len);
    } else {
        let word = *random.pick(&WORDS);
        replica.insert_text(path, unit, offset(at), word).unwrap();
        expected.splice(at..at, word.chars());
    }
    assert_eq!(replica.text(path).unwrap(), expected.into_iter().collect::<String>());
}

struct Mix {
    peers: usize,
    steps: usize,
    /// Of a hundred edits, how many are of texts.
    texts: usize,
    /// How many frames are delivered at once, at the most.
    batch: usize,
    prunes: bool,
}

fn run(seed: u64, mix: &Mix) {
    let mut network = Network::new(seed, mix.peers);
    let batch = 1 + network.random.below(mix.batch);
    for step in 0..mix.steps {
        let at = network.random.below(mix.peers);
        match network.random.below(20) {
            0..10 => {
                let Network { peers, random, .. } = &mut network;
                let replica = &mut peers[at].replica;
                if random.chance(mix.texts) {
                    let path = *random.pick(&TEXTS);
                    edit_text(replica, random, path);
                } else {
                    edit_map(replica, random);
                }
                network.broadcast(at);
            }
            10..14 => network.acknowledge(at),
            14..16 if mix.prunes => drop(network.peers[at].replica.prune()),
            16 => network.restart(at),
            _ => (0..network.random.below(batch)).for_each(|_| network.deliver()),
        }
        if step % 16 == 0 {
            network.check();
        }
    }
    network.deliver_all();
    network.check_converged();
    if mix.prunes {
        settle(&mut network);
    }
}

/// With everything known to all, everything that is deleted is pruned, but for what the bound
/// allows; the log is empty; and nobody holds anything back.
fn settle(network: &mut Network) {
    for _ in 0..3 {
        (0..network.peers.len()).for_each(|at| network.acknowledge(at));
        network.deliver_all();
    }
    for peer in &mut network.peers {
        let report = peer.replica.prune();
        assert_eq!(report.held_back_by, [], "nobody holds back");
        assert_eq!(&report.floor, peer.replica.version());
        let memory = peer.replica.memory();
        assert_eq!(memory.changes, 0, "the log is empty");
        let live = memory.nodes - memory.tombstones;
        assert!(memory.nodes <= (2 * live).saturating_sub(1), "{memory:?}");
    }
    network.check_converged();
}

#[test]
fn replicas_converge_on_what_the_oracle_shows() {
    for_seeds(0..800, |seed| {
        run(seed, &Mix { peers: 3, steps: 150, texts: 50, batch: 12, prunes: false });
    });
}

#[test]
fn pruning_changes_nothing_that_is_shown() {
    for_seeds(0..800, |seed| {
        let peers = 2 + (seed % 4) as usize;
        run(seed, &Mix { peers, steps: 300, texts: 70, batch: 40, prunes: true });
    });
}

#[test]
fn pruning_one_busy_text_changes_nothing_that_is_shown() {
    for_seeds(0..800, |seed| {
        run(seed, &Mix { peers: 3, steps: 250, texts: 100, batch: 60, prunes: true });
    });
}
