//! Rescuing edits that were made at random places of a long text, while others edited and pruned it.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{DocumentId, Replica, ReplicaId, Unit};
use libsync_bench::{Random, TEXT};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
/// How many characters the text has.
const LENGTH: usize = 100_000;
/// How many edits are rescued, and how many others make meanwhile.
const EDITS: usize = 1_000;

/// Makes the edits: each inserts a word, or, one in four, deletes some.
fn edit(replica: &mut Replica, random: &mut Random) {
    let mut len = replica.text_len(TEXT, Unit::Scalar).expect("the text is there");
    for nth in 0..EDITS {
        let place = random.below(len - 50);
        if nth % 4 == 3 {
            replica.delete_text(TEXT, Unit::Scalar, place, 50).expect("within the text");
            len -= 50;
        } else {
            replica.insert_text(TEXT, Unit::Scalar, place, "edited ").expect("within the text");
            len += 7;
        }
    }
}

fn rescue(criterion: &mut Criterion) {
    let mut random = Random::new(5);
    let mut server = Replica::new(DOCUMENT, ReplicaId::new(1));
    let text = "All happy families are alike. ".repeat(LENGTH / 30);
    server.insert_text(TEXT, Unit::Scalar, 0, &text).expect("an empty text");
    let mut late = Replica::load(&server.save(), ReplicaId::new(2)).expect("what was saved");
    edit(&mut late, &mut random);
    edit(&mut server, &mut random);
    server.prune();
    let id = ReplicaId::new(3);
    server.join(id).expect("it has not left");
    let snapshot = server.save();
    let report = late.rescue(&snapshot, id).expect("it is behind").report;
    println!("{} applied, {} moved, {} offered", report.applied, report.moved, report.offered);

    let mut group = criterion.benchmark_group("rescue");
    group.throughput(Throughput::Elements(EDITS as u64));
    group.bench_function("rescue", |bencher| {
        bencher.iter_batched(
            || late.clone(),
            |late| late.rescue(&snapshot, id),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("load the snapshot", |bencher| {
        bencher.iter(|| Replica::load(&snapshot, id));
    });
    group.finish();
}

criterion_group!(benches, rescue);
criterion_main!(benches);
