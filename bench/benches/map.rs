//! Assignments to the keys of a map.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Replica, VersionVector};
use libsync_bench::{AUTHOR, DOCUMENT, READER, Random, deliver, export, reader};

const KEYS: usize = 1_000;
const SETS: usize = 50_000;

fn map(criterion: &mut Criterion) {
    let mut random = Random::new(4);
    let program: Vec<(String, i64)> =
        (0..SETS as i64).map(|value| (format!("key{}", random.below(KEYS)), value)).collect();
    let (mut author, frames) = set_with_frames(&program);
    let whole = export(&mut author, &VersionVector::new());
    let saved = author.save();
    for frames in [&frames, &vec![whole.clone()]] {
        let mut reader = reader();
        deliver(&mut reader, frames);
        assert_eq!(reader.to_json(), author.to_json());
    }

    let mut group = criterion.benchmark_group("map");
    group.throughput(Throughput::Elements(SETS as u64));
    group.bench_function("set", |bencher| bencher.iter_with_large_drop(|| set(&program)));
    group.bench_function("set, exporting every change", |bencher| {
        bencher.iter_with_large_drop(|| set_with_frames(&program));
    });
    group.bench_function("apply a frame per set", |bencher| {
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
    group.bench_function("save", |bencher| bencher.iter_with_large_drop(|| author.save()));
    group.bench_function("load", |bencher| {
        bencher.iter_with_large_drop(|| Replica::load(&saved, READER).expect("it was saved"));
    });
    group.finish();
}

fn set(program: &[(String, i64)]) -> Replica {
    let mut replica = Replica::new(DOCUMENT, AUTHOR);
    for (key, value) in program {
        replica.set(key.as_str(), *value).expect("a key of the root");
    }
    replica
}

fn set_with_frames(program: &[(String, i64)]) -> (Replica, Vec<Vec<u8>>) {
    let mut replica = Replica::new(DOCUMENT, AUTHOR);
    let mut frames = Vec::new();
    for (key, value) in program {
        let before = replica.version().clone();
        replica.set(key.as_str(), *value).expect("a key of the root");
        frames.push(export(&mut replica, &before));
    }
    (replica, frames)
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = map
}
criterion_main!(benches);
