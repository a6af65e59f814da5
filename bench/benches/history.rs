//! History: the text of the trace at random versions, beside reading it as it is now; and what else
//! asks for the past.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use libsync::{Replica, Unit, VersionVector};
use libsync_bench::{AUTHOR, READER, Random, TEXT, Trace, reader, stream};

/// How often each is done for the ratio.
const ROUNDS: usize = 300;

fn history(criterion: &mut Criterion) {
    let trace = Trace::load();
    let (author, frames) = trace.typed_with_stream();
    let mut received = reader();
    stream(&mut received, &frames);
    let loaded = Replica::load(&author.save(), READER).expect("what was saved");

    let mut group = criterion.benchmark_group("history");
    for (name, replica) in [("typed", &author), ("received", &received), ("loaded", &loaded)] {
        let mut random = Random::new(5);
        group.bench_function(format!("text now, {name}"), |bencher| {
            bencher.iter(|| replica.text(TEXT).expect("the text"));
        });
        group.bench_function(format!("text at a random version, {name}"), |bencher| {
            bencher.iter(|| replica.text_at(TEXT, &version(replica, &mut random)).expect("known"));
        });
        println!("text at a random version / text now, {name}: {:.2}", ratio(replica));
    }
    let mut random = Random::new(6);
    group.bench_function("document at a random version", |bencher| {
        bencher.iter(|| author.at(&version(&author, &mut random)).expect("known"));
    });
    group.bench_function("diff of random versions", |bencher| {
        bencher.iter(|| {
            let (from, to) = (version(&author, &mut random), version(&author, &mut random));
            author.diff(&from, &to, Unit::Utf16).expect("known")
        });
    });
    group.bench_function("all changes", |bencher| {
        bencher.iter(|| author.changes().map(|change| change.len).sum::<u64>());
    });
    group.finish();
}

/// A random version of the trace.
fn version(replica: &Replica, random: &mut Random) -> VersionVector {
    let operations = replica.version().get(AUTHOR) as usize;
    // The text is there from the first operation on.
    [(AUTHOR, 1 + random.below(operations) as u64)].into_iter().collect()
}

/// The median time of a text at a random version by that of the text now, taken in turns.
fn ratio(replica: &Replica) -> f64 {
    let mut random = Random::new(7);
    let (mut now, mut then) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        now.push(timed(|| replica.text(TEXT).expect("the text")));
        let version = version(replica, &mut random);
        then.push(timed(|| replica.text_at(TEXT, &version).expect("known")));
    }
    then.sort_unstable();
    now.sort_unstable();
    then[ROUNDS / 2].as_secs_f64() / now[ROUNDS / 2].as_secs_f64()
}

fn timed<T>(what: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(what());
    start.elapsed()
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = history
}
criterion_main!(benches);
