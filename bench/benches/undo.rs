//! Undoing: what was typed at random places of the text of the trace, edit by edit.

use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Replica, UndoOptions, Unit};
use libsync_bench::{Random, TEXT, Trace};

/// How many edits are made and undone.
const EDITS: usize = 1_000;
/// How often each is done to be timed.
const RUNS: usize = 5;

/// Makes the edits: each inserts a character or two, or, one in four, deletes some.
fn edit(replica: &mut Replica) {
    let mut random = Random::new(3);
    let mut len = replica.text_len(TEXT, Unit::Scalar).expect("the text is there");
    for nth in 0..EDITS {
        let place = random.below(len - 8);
        if nth % 4 == 3 {
            let count = 1 + random.below(8);
            replica.delete_text(TEXT, Unit::Scalar, place, count).expect("within the text");
            len -= count;
        } else {
            let typed = ["a", "be"][random.below(2)];
            replica.insert_text(TEXT, Unit::Scalar, place, typed).expect("within the text");
            len += typed.len();
        }
    }
}

/// A replica that has the text of the trace, and notes what is edited.
fn noting(trace: &Trace) -> Replica {
    let mut replica = trace.typed();
    replica.enable_undo(UndoOptions::default()).expect("no transaction is open");
    replica
}

/// How long each call takes until there is nothing left, on average and at most: of each, the
/// shortest of several times, as others use the machine, too. Gives what it leads to.
fn times(from: &Replica, what: &str, call: impl Fn(&mut Replica) -> bool) -> Replica {
    let mut shortest: Vec<Duration> = Vec::new();
    let mut replica = from.clone();
    for _ in 0..RUNS {
        replica = from.clone();
        for nth in 0.. {
            let start = Instant::now();
            let done = call(&mut replica);
            let took = start.elapsed();
            if !done {
                break;
            }
            match shortest.get_mut(nth) {
                Some(known) => *known = took.min(*known),
                None => shortest.push(took),
            }
        }
    }
    let mean = shortest.iter().sum::<Duration>() / shortest.len() as u32;
    let longest = shortest.iter().max().copied().unwrap_or_default();
    println!("each {what}: {mean:?} on average, {longest:?} at most");
    replica
}

fn undo(criterion: &mut Criterion) {
    let trace = Trace::load();
    let base = noting(&trace);
    let mut edited = base.clone();
    edit(&mut edited);
    let after = edited.text(TEXT);

    let undone = times(&edited, "undo", |replica| replica.undo().is_ok());
    assert_eq!(undone.text(TEXT).as_deref(), Ok(trace.end_content.as_str()));
    let redone = times(&undone, "redo", |replica| replica.redo().is_ok());
    assert_eq!(redone.text(TEXT), after);
    let bytes = edited.memory().undo_bytes;
    println!("{bytes} bytes are noted of {EDITS} edits");

    let mut group = criterion.benchmark_group("undo");
    group.throughput(Throughput::Elements(EDITS as u64));
    group.bench_function("edit, nothing noted", |bencher| {
        let plain = trace.typed();
        bencher.iter_batched(
            || plain.clone(),
            |mut replica| {
                edit(&mut replica);
                replica
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("edit, noted", |bencher| {
        bencher.iter_batched(
            || base.clone(),
            |mut replica| {
                edit(&mut replica);
                replica
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("undo all", |bencher| {
        bencher.iter_batched(
            || edited.clone(),
            |mut replica| {
                while replica.undo().is_ok() {}
                replica
            },
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(trace.edits().count() as u64));
    group.bench_function("type the trace, nothing noted", |bencher| {
        bencher.iter_with_large_drop(|| trace.typed());
    });
    group.bench_function("type the trace, noted", |bencher| {
        bencher.iter_with_large_drop(|| {
            let mut author = libsync_bench::reader();
            author.enable_undo(UndoOptions::default()).expect("no transaction is open");
            trace.edits().for_each(|edit| edit.make(&mut author));
            author
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = undo
}
criterion_main!(benches);
