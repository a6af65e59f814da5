//! The programs: random edits, deliveries, acknowledgements, prunes and restarts.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::commit::Commit;
use crate::error::EditError;
use crate::options::{Options, Pruning};
use crate::path::Path;
use crate::replica::Replica;
use crate::value::{Content, Kind, Unit, Value};

use super::network::Network;
use super::random::Random;

pub(super) const PATHS: [&str; 8] =
    ["user", "user.profile", "user.profile.bio", "user.profile.avatar", "a", "b", "a.b", "a.b.c"];
const LISTS: [&str; 3] = ["items", "user.items", "a.b"];
pub(crate) const TEXTS: [&str; 3] = ["notes", "user.notes", "a.text"];
const WORDS: [&str; 8] = ["a", "b", "xy", "hello ", "é", "𝄞", "日本", "0123456789"];

/// Runs a program for every seed, and names the one that fails.
pub(crate) fn for_seeds(seeds: std::ops::Range<u64>, program: impl Fn(u64)) {
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| program(seed))) {
            eprintln!("the failing seed is {seed}");
            resume_unwind(panic);
        }
    }
}

fn value(random: &mut Random) -> Value {
    match random.below(5) {
        0 => Value::Null,
        1 => Value::Timestamp(random.below(9) as i64 - 4),
        2 => Value::from(*random.pick(&WORDS)),
        _ => Value::from(random.below(5) as i64),
    }
}

fn edit_map(replica: &mut Replica, random: &mut Random, kinds: &[Kind]) {
    let path = *random.pick(&PATHS);
    let result = match random.below(8) {
        0 => replica.remove(path).map(drop),
        1 => replica.create(path, Kind::Map),
        2 => replica.create(path, *random.pick(kinds)),
        3 => replica.remove_wins(path).map(drop),
        4 => replica.increment(path, random.below(9) as i64 - 4),
        5 if random.chance(70) => replica.add(path, value(random)).map(drop),
        5 => replica.discard(path, &value(random)).map(drop),
        _ => replica.set(path, value(random)),
    };
    let expected = matches!(result, Ok(()) | Err(EditError::Read(_) | EditError::GrowOnly { .. }));
    assert!(expected, "{result:?}");
}

/// Edits a list as a naive one is edited, and compares the two.
fn edit_list(replica: &mut Replica, random: &mut Random, kinds: &[Kind]) {
    let path = *random.pick(&LISTS);
    let mut expected = match replica.get(path) {
        Ok(None) => Vec::new(),
        Ok(Some(Content::Container(Kind::List))) => replica.items(path).unwrap(),
        _ => return,
    };
    let len = expected.len();
    match random.below(8) {
        0..3 => {
            let at = random.below(len + 1);
            let contents: Vec<Content> = (0..random.below(3))
                .map(|_| match random.below(3) {
                    0 => Content::from(*random.pick(kinds)),
                    _ => Content::from(value(random)),
                })
                .collect();
            replica.insert_items(path, at, contents.clone()).unwrap();
            expected.splice(at..at, contents);
        }
        3 if len > 0 => {
            let at = random.below(len);
            let count = random.below((len - at).min(4) + 1);
            match replica.delete_items(path, at, count) {
                Ok(()) => drop(expected.drain(at..at + count)),
                Err(error) => assert!(matches!(error, EditError::GrowOnly { .. }), "{error}"),
            }
        }
        4..6 if len > 0 => {
            let (from, to) = (random.below(len), random.below(len));
            replica.move_item(path, from, to).unwrap();
            let moved = expected.remove(from);
            expected.insert(to, moved);
        }
        6 if len > 0 => {
            let (at, value) = (random.below(len), value(random));
            match replica.set(Path::parse(path).unwrap().child(at), value.clone()) {
                Ok(()) => expected[at] = value.into(),
                Err(error) => assert!(matches!(error, EditError::GrowOnly { .. }), "{error}"),
            }
        }
        7 if len > 0 => return edit_item(replica, random, kinds, (path, len)),
        _ => return,
    }
    if !expected.is_empty() {
        let items = replica.items(path).unwrap();
        // A list that is made anew may hold what can't go.
        match len {
            0 => assert!(expected.iter().all(|item| items.contains(item))),
            _ => assert_eq!(items, expected),
        }
    }
}

/// Edits something within an item of a list.
fn edit_item(
    replica: &mut Replica,
    random: &mut Random,
    kinds: &[Kind],
    (path, len): (&str, usize),
) {
    let item = Path::parse(path).unwrap().child(random.below(len));
    let result = match replica.get(&item).unwrap() {
        Some(Content::Container(Kind::Map)) => match random.below(4) {
            0 => replica.remove(item.child("a")).map(drop),
            1 => replica.insert_items(item.child("b"), 0, [value(random)]),
            _ => replica.set(item.child("a"), value(random)),
        },
        Some(Content::Container(Kind::Text)) => {
            edit_text(replica, random, &item.to_string());
            Ok(())
        }
        Some(Content::Container(Kind::List)) => match random.below(3) {
            0 => replica.delete_items(&item, 0, replica.len(&item).unwrap().min(1)),
            _ => replica.insert_items(&item, 0, [value(random)]),
        },
        Some(Content::Container(Kind::Counter | Kind::GrowOnlyCounter)) => {
            replica.increment(&item, random.below(3) as i64)
        }
        Some(Content::Container(_)) => replica.add(&item, value(random)).map(drop),
        _ => replica.create(&item, *random.pick(kinds)),
    };
    let expected = matches!(result, Ok(()) | Err(EditError::Read(_) | EditError::GrowOnly { .. }));
    assert!(expected, "{result:?}");
}

/// Makes an edit, or several in a transaction, which may be aborted.
pub(crate) fn edit(replica: &mut Replica, random: &mut Random, mix: &Mix) {
    if random.chance(85) {
        return edit_once(replica, random, mix);
    }
    let before = (replica.save(), replica.to_json());
    replica.begin().unwrap();
    (0..random.below(5)).for_each(|_| edit_once(replica, random, mix));
    if random.chance(50) {
        replica.abort();
        replica.check();
        assert_eq!(replica.to_json(), before.1, "an aborted transaction shows");
        assert_eq!(replica.save(), before.0, "an aborted transaction leaves something");
    } else {
        replica.commit(Commit::new().message(*random.pick(&WORDS))).unwrap();
    }
}

fn edit_once(replica: &mut Replica, random: &mut Random, mix: &Mix) {
    match random.below(100) {
        kind if kind < mix.texts => {
            let path = *random.pick(&TEXTS);
            edit_text(replica, random, path);
        }
        kind if kind < mix.texts + mix.lists => edit_list(replica, random, mix.kinds),
        _ => edit_map(replica, random, mix.kinds),
    }
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

pub(crate) struct Mix {
    pub(crate) peers: usize,
    pub(crate) steps: usize,
    /// Of a hundred edits, how many are of texts.
    pub(crate) texts: usize,
    /// And of lists.
    pub(crate) lists: usize,
    /// How many frames are delivered at once, at the most.
    pub(crate) batch: usize,
    pub(crate) prunes: bool,
    /// What is created.
    pub(crate) kinds: &'static [Kind],
}

pub(super) fn run(seed: u64, mix: &Mix) {
    let pruning = if mix.prunes { Pruning::Automatic } else { Pruning::Manual };
    let options = Options { pruning, ..Options::default() };
    let mut network = Network::with_options(seed, mix.peers, options);
    let batch = 1 + network.random.below(mix.batch);
    for step in 0..mix.steps {
        let at = network.random.below(mix.peers);
        match network.random.below(20) {
            0..10 => {
                let Network { peers, random, .. } = &mut network;
                edit(&mut peers[at].replica, random, mix);
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
        run(
            seed,
            &Mix {
                peers: 3,
                steps: 150,
                texts: 30,
                lists: 30,
                batch: 12,
                prunes: false,
                kinds: &Kind::ALL,
            },
        );
    });
}

#[test]
fn pruning_changes_nothing_that_is_shown() {
    for_seeds(0..800, |seed| {
        let peers = 2 + (seed % 4) as usize;
        run(
            seed,
            &Mix {
                peers,
                steps: 300,
                texts: 35,
                lists: 35,
                batch: 40,
                prunes: true,
                kinds: &Kind::ALL,
            },
        );
    });
}

#[test]
fn pruning_one_busy_text_changes_nothing_that_is_shown() {
    for_seeds(0..800, |seed| {
        run(
            seed,
            &Mix {
                peers: 3,
                steps: 250,
                texts: 100,
                lists: 0,
                batch: 60,
                prunes: true,
                kinds: &Kind::ALL,
            },
        );
    });
}

#[test]
fn pruning_busy_lists_changes_nothing_that_is_shown() {
    for_seeds(0..800, |seed| {
        let mix = Mix {
            peers: 3,
            steps: 250,
            texts: 0,
            lists: 90,
            batch: 60,
            prunes: true,
            kinds: &Kind::ALL,
        };
        run(seed, &mix);
    });
}
