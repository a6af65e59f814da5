//! What events cost: the trace arrives one edit at a time, and a subscriber takes the event of each;
//! beside that, the same without a subscriber. Prints the ratio, of medians of interleaved runs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Delta, Receiver, Replica, Subscription, TextDelta, Unit};
use libsync_bench::{TEXT, Trace, reader};

/// How often each is run for the ratio.
const RUNS: usize = 11;

/// How the trace arrives.
#[derive(Clone, Copy)]
enum Way {
    Frames,
    Stream,
    Typed,
}

fn events(criterion: &mut Criterion) {
    let trace = Trace::load();
    let (_, frames) = trace.typed_with_frames();
    let (_, stream) = trace.typed_with_stream();
    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Elements(trace.edits().count() as u64));
    let ways = [
        ("frames", Way::Frames, &frames),
        ("stream", Way::Stream, &stream),
        ("typed", Way::Typed, &stream),
    ];
    for (name, way, frames) in ways {
        assert_mirrored(&trace, way, frames);
        for is_watched in [false, true] {
            let name = format!("{name}, {}", if is_watched { "watched" } else { "unwatched" });
            group.bench_function(name, |bencher| {
                bencher.iter_batched(
                    || start(is_watched),
                    |(mut reader, watch)| {
                        run(&trace, way, frames, &mut reader, |reader| take(reader, watch));
                        reader
                    },
                    BatchSize::PerIteration,
                );
            });
        }
        let ratio = ratio(&trace, way, frames);
        println!("events, {name}: {ratio:.3} times the time without a subscriber");
    }
    group.finish();
}

/// A replica, and a subscription to the text.
fn start(is_watched: bool) -> (Replica, Option<Subscription>) {
    let mut reader = reader();
    let watch =
        is_watched.then(|| reader.subscribe(TEXT, Unit::Scalar).expect("a path that can be read"));
    (reader, watch)
}

/// Takes what waits.
fn take(reader: &mut Replica, watch: Option<Subscription>) {
    let Some(watch) = watch else { return };
    while let Some(event) = reader.next_event(watch).expect("it is there, and does not lag") {
        black_box(event);
    }
}

/// Lets the trace arrive; `then` is called after each edit.
fn run(
    trace: &Trace,
    way: Way,
    frames: &[Vec<u8>],
    reader: &mut Replica,
    mut then: impl FnMut(&mut Replica),
) {
    let mut receiver = Receiver::new();
    match way {
        Way::Frames => frames.iter().for_each(|frame| {
            reader.apply(frame).expect("the frame is sound");
            then(reader);
        }),
        Way::Stream => frames.iter().for_each(|frame| {
            reader.receive(&mut receiver, frame).expect("the frame is sound");
            then(reader);
        }),
        Way::Typed => trace.edits().for_each(|edit| {
            edit.make(reader);
            then(reader);
        }),
    }
}

fn ratio(trace: &Trace, way: Way, frames: &[Vec<u8>]) -> f64 {
    let timed = |is_watched| {
        let (mut reader, watch) = start(is_watched);
        let started = Instant::now();
        run(trace, way, frames, &mut reader, |reader| take(reader, watch));
        started.elapsed()
    };
    let (mut without, mut with): (Vec<Duration>, Vec<Duration>) =
        (0..RUNS).map(|_| (timed(false), timed(true))).unzip();
    without.sort_unstable();
    with.sort_unstable();
    with[RUNS / 2].as_secs_f64() / without[RUNS / 2].as_secs_f64()
}

/// What is measured has to be right first: a text made of events alone is the trace's.
fn assert_mirrored(trace: &Trace, way: Way, frames: &[Vec<u8>]) {
    let (mut reader, watch) = start(true);
    let watch = watch.expect("it is watched");
    let mut mirror: Vec<char> = Vec::new();
    run(trace, way, frames, &mut reader, |reader| {
        while let Some(event) = reader.next_event(watch).expect("it is there, and does not lag") {
            for diff in event.diffs {
                if let Delta::Text(parts) = diff.delta {
                    apply(&mut mirror, &parts);
                }
            }
        }
    });
    assert!(mirror.into_iter().eq(trace.end_content.chars()));
}

fn apply(mirror: &mut Vec<char>, parts: &[TextDelta]) {
    let mut at = 0;
    for part in parts {
        match part {
            TextDelta::Retain(len) => at += len,
            TextDelta::Delete(len) => drop(mirror.drain(at..at + len)),
            TextDelta::Insert(text) => {
                mirror.splice(at..at, text.chars());
                at += text.chars().count();
            }
        }
    }
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = events
}
criterion_main!(benches);
