//! Cursors in the trace's document, as it is edited and as it is loaded; and presence.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Cursor, Lean, LineColumn, Presence, PresenceOptions, PresenceState, Replica, Unit};
use libsync_bench::{AUTHOR, READER, Random, TEXT, Trace, reader};

/// How many cursors there are.
const CURSORS: usize = 10_000;

fn cursors(criterion: &mut Criterion) {
    let trace = Trace::load();
    let typed = trace.typed();
    let loaded = Replica::load(&typed.save(), AUTHOR).expect("what was saved loads");
    let len = typed.text_len(TEXT, Unit::Scalar).expect("the trace made a text");
    let mut random = Random::new(5);
    let places: Vec<(usize, Lean)> = (0..CURSORS)
        .map(|_| (random.below(len + 1), [Lean::Left, Lean::Right][random.below(2)]))
        .collect();
    let make = |replica: &Replica, (place, lean): (usize, Lean)| {
        replica.cursor(TEXT, Unit::Scalar, place, lean).expect("within the text")
    };
    let find = |replica: &Replica, cursor: &Cursor| {
        replica.resolve(cursor, Unit::Scalar).expect("all of it is here").position
    };
    let made: Vec<Cursor> = places.iter().map(|&at| make(&typed, at)).collect();
    for (cursor, &at) in made.iter().zip(&places) {
        assert_eq!((find(&typed, cursor), find(&loaded, cursor)), (at.0, at.0));
    }
    let bytes: Vec<usize> = made.iter().map(|cursor| cursor.to_bytes().len()).collect();
    let range = typed.cursor_range(TEXT, Unit::Scalar, 50_000..50_100).expect("within the text");
    println!(
        "bytes of a cursor in the text `{TEXT}`: {:.1} on the average, {} at most; of a range: {}",
        bytes.iter().sum::<usize>() as f64 / CURSORS as f64,
        bytes.iter().max().expect("there are some"),
        range.to_bytes().len()
    );

    let mut group = criterion.benchmark_group("cursors");
    group.throughput(Throughput::Elements(CURSORS as u64));
    group.bench_function("make, in an edited text", |bencher| {
        bencher.iter(|| places.iter().for_each(|&at| drop(black_box(make(&typed, at)))));
    });
    group.bench_function("resolve, in an edited text", |bencher| {
        bencher.iter(|| made.iter().map(|cursor| find(&typed, cursor)).sum::<usize>());
    });
    group.bench_function("write and read", |bencher| {
        bencher.iter(|| {
            for cursor in &made {
                let read = Cursor::from_bytes(&cursor.to_bytes()).expect("it was written so");
                black_box(read);
            }
        });
    });
    group.finish();

    // In a loaded text, the first question; and what making its tree would cost, which an edit does.
    let mut group = criterion.benchmark_group("cursors, in a loaded text");
    let mut at = 0;
    let mut next = || {
        at = (at + 1) % CURSORS;
        at
    };
    group.bench_function("make", |bencher| {
        bencher.iter_batched(
            || (loaded.clone(), places[next()]),
            |(replica, at)| (make(&replica, at), replica),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("resolve", |bencher| {
        bencher.iter_batched(
            || (loaded.clone(), &made[next()]),
            |(replica, cursor)| (find(&replica, cursor), replica),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("for comparison: its first edit", |bencher| {
        bencher.iter_batched(
            || loaded.clone(),
            |mut replica| {
                replica.insert_text(TEXT, Unit::Scalar, 0, "x").expect("within the text");
                replica
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("line and column of the end, in an edited text", |bencher| {
        bencher.iter(|| typed.line_column(TEXT, Unit::Scalar, len).expect("within the text"));
    });
    group.finish();
    presence(criterion, &typed);
}

/// A cursor that moves at every keystroke, said and heard.
fn presence(criterion: &mut Criterion, typed: &Replica) {
    let mut author = Presence::new(typed, 1, PresenceOptions::default());
    let mut other = Presence::new(&reader(), 1, PresenceOptions::default());
    let mut state = PresenceState::named("Ada");
    let mut place = 0;
    let mut said = || {
        place = (place + 1) % 1000;
        let cursor = typed.cursor(TEXT, Unit::Scalar, place, Lean::Left).expect("within the text");
        state.cursor = Some(cursor);
        state.at = Some(LineColumn::new(1, place as u64));
        state.clone()
    };
    let frame = author.set(said(), 0).expect("it is short");
    println!("bytes of a presence with name, cursor, line and column: {}", frame.len());
    criterion.bench_function("presence: a cursor that moves, said and heard", |bencher| {
        bencher.iter(|| {
            let frame = author.set(said(), 0).expect("it is short");
            other.apply(&frame, 0).expect("it is sound")
        });
    });
    assert_eq!(other.peers(0).count(), 1);
    assert!(other.peer(READER, 0).is_none());
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = cursors
}
criterion_main!(benches);
