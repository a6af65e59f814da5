//! Typing: the sequence, through the public interface.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Replica, Unit};
use libsync_bench::{AUTHOR, DOCUMENT, Random, TEXT, Trace};

/// How many edits those have that are made up here.
const EDITS: usize = 50_000;

fn typing(criterion: &mut Criterion) {
    let trace = Trace::load();
    let author = trace.typed();
    assert_eq!(author.text(TEXT).as_deref(), Ok(trace.end_content.as_str()));

    let mut group = criterion.benchmark_group("typing");
    group.throughput(Throughput::Elements(trace.edits().count() as u64));
    group.bench_function("the trace", |bencher| bencher.iter_with_large_drop(|| trace.typed()));
    group.bench_function("read its text", |bencher| {
        bencher.iter_with_large_drop(|| black_box(&author).text(TEXT));
    });
    group.throughput(Throughput::Elements(EDITS as u64));
    group.bench_function("at the end", |bencher| bencher.iter_with_large_drop(|| typed(|end| end)));
    group.bench_function("at the start", |bencher| bencher.iter_with_large_drop(|| typed(|_| 0)));
    group.bench_function("anywhere", |bencher| {
        bencher.iter_with_large_drop(|| {
            let mut random = Random::new(1);
            typed(|end| random.below(end + 1))
        });
    });
    group.bench_function("delete anywhere", |bencher| {
        let full = typed(|end| end);
        bencher.iter_batched(
            || full.clone(),
            |mut replica| {
                let mut random = Random::new(2);
                for length in (1..=EDITS).rev() {
                    replica
                        .delete_text(TEXT, Unit::Scalar, random.below(length), 1)
                        .expect("within the text");
                }
                replica
            },
            criterion::BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A text of single characters, each typed where `place` says, given how many there are.
fn typed(mut place: impl FnMut(usize) -> usize) -> Replica {
    let mut replica = Replica::new(DOCUMENT, AUTHOR);
    for length in 0..EDITS {
        replica.insert_text(TEXT, Unit::Scalar, place(length), "a").expect("within the text");
    }
    replica
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = typing
}
criterion_main!(benches);
