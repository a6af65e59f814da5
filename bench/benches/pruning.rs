//! Pruning by itself: a text of a megabyte, of which a million operations become stable at once. How
//! long the longest call takes, in which they are followed part by part, and how much that is for each
//! operation; beside them, what pruning all at once takes.

use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use libsync::{DocumentId, Options, Pruning, Replica, ReplicaId, Unit};
use libsync_bench::{Random, TEXT};

const LIVE: usize = 1 << 20;
const OPERATIONS: usize = 1_000_000;
/// How many times each is done to be timed.
const RUNS: usize = 3;

/// Two members. The second has seen the same, and never prunes by itself.
fn members() -> [Replica; 2] {
    let document = DocumentId::from_bytes([7; 16]);
    let mut options = Options::default();
    let mut first = Replica::with_options(document, ReplicaId::new(1), options);
    first.join(ReplicaId::new(2)).expect("it has not left");
    options.pruning = Pruning::Manual;
    let second = Replica::load_with_options(&first.save(), ReplicaId::new(2), options);
    [first, second.expect("what is saved is loaded")]
}

/// A text of a megabyte, then characters typed and others deleted, in runs of so many at random places:
/// as many as there are operations. Neither knows that the other has seen them.
fn edited(run: usize) -> [Replica; 2] {
    let [mut first, mut second] = members();
    let mut random = Random::new(5);
    first.insert_text(TEXT, Unit::Scalar, 0, &"x".repeat(LIVE)).expect("it is within the text");
    let typed = "y".repeat(run);
    for _ in 0..OPERATIONS / run / 2 {
        let place = random.below(LIVE);
        first.insert_text(TEXT, Unit::Scalar, place, &typed).expect("it is within the text");
        let place = random.below(LIVE - run);
        first.delete_text(TEXT, Unit::Scalar, place, run).expect("it is within the text");
    }
    let frame = first.export(second.version()).expect("nothing is pruned");
    second.apply(&frame).expect("it is of this document");
    [first, second]
}

/// How long the calls take in which the first follows what the second acknowledges, until nothing is
/// left to prune: those of `apply_acknowledgement`, and of `acknowledge`.
fn follow(first: &mut Replica, second: &mut Replica) -> Vec<Duration> {
    let mut times = Vec::new();
    while first.memory().changes > 0 {
        let start = Instant::now();
        let frame = first.acknowledge();
        times.push(start.elapsed());
        second.apply_acknowledgement(&frame).expect("it is of a member");
        second.prune();
        let frame = second.acknowledge();
        let start = Instant::now();
        first.apply_acknowledgement(&frame).expect("it is of a member");
        times.push(start.elapsed());
    }
    times
}

fn pruning(criterion: &mut Criterion) {
    for run in [1, 50] {
        let [first, second] = edited(run);
        let mut longest = Vec::new();
        let mut total = Vec::new();
        for _ in 0..RUNS {
            let times = follow(&mut first.clone(), &mut second.clone());
            longest.push(times.iter().max().copied().unwrap_or_default());
            total.push(times.iter().sum::<Duration>());
        }
        let (longest, total) = (middle(longest), middle(total));
        println!(
            "a million operations in runs of {run}, stable at once: the longest call {longest:?}, \
             {:?} for each operation",
            total / OPERATIONS as u32
        );
        let mut group = criterion.benchmark_group("pruning");
        group.sample_size(10);
        group.bench_function(format!("a million operations at once, runs of {run}"), |bencher| {
            bencher.iter_batched(
                || known(first.clone(), second.clone()),
                |mut replica| replica.prune(),
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

/// The first, where it knows that all is known to both, and has not pruned.
fn known(mut first: Replica, mut second: Replica) -> Replica {
    for _ in 0..2 {
        let frame = first.acknowledge();
        second.apply_acknowledgement(&frame).expect("it is of a member");
        second.prune();
    }
    let frame = second.acknowledge();
    first.apply_acknowledgement(&frame).expect("it is of a member");
    first
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = pruning
}
criterion_main!(benches);
