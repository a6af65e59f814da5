//! What a replica makes of its changes, and a replica of what it gets: frames and saved documents,
//! of the whole trace.
//!
//! A throughput reads "edits of the trace per second".

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Replica, SaveOptions, Unit, VersionVector};
use libsync_bench::{READER, TEXT, Trace, deliver, export, reader, stream};

fn codec(criterion: &mut Criterion) {
    let trace = Trace::load();
    let (mut author, frames) = trace.typed_with_frames();
    assert_eq!(author.text(TEXT).as_deref(), Ok(trace.end_content.as_str()));
    let (_, streamed) = trace.typed_with_stream();
    let whole = export(&mut author, &VersionVector::new());
    let (saved, compressed) = (author.save(), author.save_with(SaveOptions::new().compressed()));
    assert_received(&trace, |reader| stream(reader, &streamed));
    assert_received(&trace, |reader| deliver(reader, &frames));
    assert_received(&trace, |reader| deliver(reader, std::slice::from_ref(&whole)));

    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(trace.edits().count() as u64));
    group.bench_function("type, sending every edit", |bencher| {
        bencher.iter_with_large_drop(|| trace.typed_with_stream());
    });
    group.bench_function("receive a stream", |bencher| {
        bencher.iter_batched(
            reader,
            |mut reader| {
                stream(&mut reader, &streamed);
                reader
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("type, exporting every edit", |bencher| {
        bencher.iter_with_large_drop(|| trace.typed_with_frames());
    });
    group.bench_function("apply a frame per edit", |bencher| {
        bencher.iter_batched(
            reader,
            |mut reader| {
                deliver(&mut reader, &frames);
                reader
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("apply one frame", |bencher| {
        bencher.iter_batched(
            reader,
            |mut reader| {
                deliver(&mut reader, std::slice::from_ref(&whole));
                reader
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("export all as one frame", |bencher| {
        bencher.iter_with_large_drop(|| export(black_box(&mut author), &VersionVector::new()));
    });
    group.bench_function("save", |bencher| {
        bencher.iter_with_large_drop(|| black_box(&author).save());
    });
    group.bench_function("load", |bencher| {
        bencher.iter_with_large_drop(|| {
            Replica::load(black_box(&saved), READER).expect("what was saved loads")
        });
    });
    group.bench_function("load, and type a character", |bencher| {
        bencher.iter_with_large_drop(|| {
            let mut reader =
                Replica::load(black_box(&saved), READER).expect("what was saved loads");
            reader.insert_text(TEXT, Unit::Scalar, 0, "x").expect("at the start");
            reader
        });
    });
    group.bench_function("save compressed", |bencher| {
        bencher
            .iter_with_large_drop(|| black_box(&author).save_with(SaveOptions::new().compressed()));
    });
    group.bench_function("load compressed", |bencher| {
        bencher.iter_with_large_drop(|| {
            Replica::load(black_box(&compressed), READER).expect("what was saved loads")
        });
    });
    group.finish();
}

/// What is measured has to be right first.
fn assert_received(trace: &Trace, receive: impl FnOnce(&mut Replica)) {
    let mut reader = reader();
    receive(&mut reader);
    assert_eq!(reader.text(TEXT).as_deref(), Ok(trace.end_content.as_str()));
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = codec
}
criterion_main!(benches);
