//! What pruning costs: in time per operation, and in one call at most.

use std::time::Duration;

use ::libsync::{DocumentId, Options, Pruning, Replica, ReplicaId, Unit};
use cpu_time::ProcessTime;

use crate::engines;
use crate::random::Random;

use super::line::Lines;

const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"libsync-bench-03");
const TEXT: &str = "text";

/// When the members prune.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prunes {
    Never,
    ByItself,
    /// All that can be, after every exchange.
    ByHand,
}

/// How often two members replace how many characters, of so many.
const EDITS: usize = 20_000;
const REPLACED: usize = 10;
const LENGTH: usize = 20_000;
/// After so many edits they exchange what is new, and acknowledge it.
const EXCHANGE: usize = 50;

fn pair(length: usize, pruning: Pruning) -> [Replica; 2] {
    let [here, there] = [1, 2].map(ReplicaId::new);
    let mut options = Options::default();
    options.pruning = pruning;
    let mut first = Replica::with_options(DOCUMENT, here, options);
    first.join(there).expect("the first member");
    let mut random = Random::new(20);
    let text: String = (0..length).map(|_| random.typed()).collect();
    first.insert_text(TEXT, Unit::Scalar, 0, &text).expect("an empty document");
    let second =
        Replica::load_with_options(&first.save(), there, options).expect("a sound document");
    [first, second]
}

fn replace(replica: &mut Replica, random: &mut Random, count: usize) {
    let length = replica.text_len(TEXT, Unit::Scalar).expect("there is a text");
    let position = random.below(length - count);
    let inserted: String = (0..count).map(|_| random.typed()).collect();
    replica.delete_text(TEXT, Unit::Scalar, position, count).expect("within the text");
    replica.insert_text(TEXT, Unit::Scalar, position, &inserted).expect("within the text");
}

fn send(from: &mut Replica, to: &mut Replica) {
    let sent = from.export(to.version()).expect("nothing newer is pruned");
    to.apply(&sent).expect("a sound frame");
}

/// The CPU time of a session, and the spans held in the end.
fn session(prunes: Prunes) -> (Duration, u64) {
    let [mut first, mut second] =
        pair(LENGTH, if prunes == Prunes::ByItself { Pruning::Automatic } else { Pruning::Manual });
    let mut random = Random::new(21);
    let start = ProcessTime::now();
    for round in 0..EDITS {
        let writer = if round % 2 == 0 { &mut first } else { &mut second };
        replace(writer, &mut random, REPLACED);
        if round % EXCHANGE == 0 {
            send(&mut first, &mut second);
            send(&mut second, &mut first);
            pause_of_taking(&mut second, &pause_of_giving(&mut first));
            pause_of_taking(&mut first, &pause_of_giving(&mut second));
            if prunes == Prunes::ByHand {
                first.prune();
                second.prune();
            }
        }
    }
    (start.elapsed(), first.memory().spans)
}

/// Gives an acknowledgement, for which what all know is followed; by this name the tools find it.
#[inline(never)]
fn pause_of_giving(replica: &mut Replica) -> Vec<u8> {
    replica.acknowledge()
}

/// Takes an acknowledgement, and what pruning comes of it.
#[inline(never)]
fn pause_of_taking(replica: &mut Replica, bytes: &[u8]) {
    replica.apply_acknowledgement(bytes).expect("a sound frame");
}

/// The cost of an operation with pruning and without, as medians of runs in turns.
pub(crate) fn cost() -> bool {
    let version = engines::version("libsync");
    let lines = Lines { workload: "cost", engine: "libsync", version };
    let ways = [
        ("never pruned", Prunes::Never),
        ("pruned by itself", Prunes::ByItself),
        ("pruned by hand", Prunes::ByHand),
    ];
    let mut times = ways.map(|_| Vec::new());
    let mut spans = ways.map(|_| 0);
    for _ in 0..5 {
        for (place, (_, prunes)) in ways.iter().enumerate() {
            let (time, held) = session(*prunes);
            times[place].push(time);
            spans[place] = held;
        }
    }
    // Each edit deletes and inserts, and both members apply it.
    let operations = (EDITS * REPLACED * 2 * 2) as f64;
    for (place, (name, _)) in ways.iter().enumerate() {
        times[place].sort_unstable();
        let median = times[place][times[place].len() / 2];
        lines.put(name, median.as_secs_f64() * 1e9 / operations, "ns/operation");
        lines.put(&format!("{name}, spans held"), spans[place] as f64, "");
    }
    true
}

/// Operations that become stable at once, in a text of so many bytes.
const AT_ONCE: usize = 1_000_000;
const PIECE: usize = 50;
const LARGE: usize = 1_000_000;

/// The longest pause of one call when much becomes stable at once, since a member was away.
pub(crate) fn pause() -> bool {
    let version = engines::version("libsync");
    let lines = Lines { workload: "pause", engine: "libsync", version };
    let [mut first, mut second] = pair(LARGE, Pruning::Automatic);
    let mut random = Random::new(22);
    for _ in 0..AT_ONCE / (2 * PIECE) {
        replace(&mut first, &mut random, PIECE);
    }
    send(&mut first, &mut second);
    let (mut longest, mut calls) = (Duration::ZERO, 0);
    let until = first.version().clone();
    // Each goes on by a character a time, as people do, until all of it is pruned.
    while calls < 100_000 {
        first.insert_text(TEXT, Unit::Scalar, 0, "x").expect("within the text");
        send(&mut first, &mut second);
        let start = ProcessTime::now();
        let given = pause_of_giving(&mut first);
        longest = longest.max(start.elapsed());
        pause_of_taking(&mut second, &given);
        let given = second.acknowledge();
        let start = ProcessTime::now();
        pause_of_taking(&mut first, &given);
        longest = longest.max(start.elapsed());
        calls += 1;
        if first.pruning().floor.covers(&until) {
            break;
        }
    }
    lines.put("longest call", longest.as_secs_f64() * 1e3, "ms");
    lines.put("calls until all is pruned", f64::from(calls), "");
    first.to_json() == second.to_json()
}

/// The same, where the host prunes by hand, all at once.
pub(crate) fn pause_by_hand() -> bool {
    let version = engines::version("libsync");
    let lines = Lines { workload: "pause", engine: "libsync", version };
    let [mut first, mut second] = pair(LARGE, Pruning::Manual);
    let mut random = Random::new(22);
    for _ in 0..AT_ONCE / (2 * PIECE) {
        replace(&mut first, &mut random, PIECE);
    }
    send(&mut first, &mut second);
    for _ in 0..2 {
        pause_of_taking(&mut second, &pause_of_giving(&mut first));
        pause_of_taking(&mut first, &pause_of_giving(&mut second));
    }
    let start = ProcessTime::now();
    first.prune();
    lines.put("pruned by hand, all at once", start.elapsed().as_secs_f64() * 1e3, "ms");
    first.to_json() == second.to_json()
}
