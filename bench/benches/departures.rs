//! What replicas that came and went leave behind: the bytes of a version, of an acknowledgement and of a
//! saved document with 10 members, without anybody who has left and with 1,000, and the time of what
//! members do with versions.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use libsync::{DocumentId, Replica, ReplicaId, Unit, VersionVector};

const DOCUMENT: DocumentId = DocumentId::from_bytes([8; 16]);
const MEMBERS: u64 = 10;

fn id(nth: u64) -> ReplicaId {
    // As wide as ids that are drawn.
    ReplicaId::new(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn exchange(members: &mut [Replica]) {
    for _ in 0..2 {
        for from in 0..members.len() {
            for to in 0..members.len() {
                let since = members[to].version().clone();
                let frame = members[from].export(&since).expect("nothing is missing");
                members[to].apply(&frame).expect("it is sound");
            }
        }
    }
}

/// All acknowledge all, and prune.
fn settle(members: &mut [Replica]) {
    for _ in 0..3 {
        for from in 0..members.len() {
            let frame = members[from].acknowledge_whole();
            for to in members.iter_mut() {
                to.apply_acknowledgement(&frame).expect("it is sound");
            }
        }
    }
    members.iter_mut().for_each(|member| drop(member.prune()));
}

/// Members of a document in which so many others wrote and left.
fn members(past: u64) -> Vec<Replica> {
    let mut first = Replica::new(DOCUMENT, id(1));
    (2..=MEMBERS).for_each(|nth| first.join(id(nth)).expect("a member"));
    let saved = first.save();
    let load = |nth| Replica::load(&saved, id(nth)).expect("it was saved");
    let mut members: Vec<Replica> = (1..=MEMBERS).map(load).collect();
    for member in &mut members {
        member.insert_text("text", Unit::Scalar, 0, "some text").expect("there is room");
    }
    exchange(&mut members);
    for nth in 0..past {
        let guest = id(1_000 + nth);
        members[0].join(guest).expect("a member");
        let mut guest = Replica::load(&members[0].save(), guest).expect("it was saved");
        guest.set("last", nth as i64).expect("there is room");
        guest.leave().expect("a member");
        let frame = guest.export(members[0].version()).expect("nothing is missing");
        members[0].apply(&frame).expect("it is sound");
    }
    exchange(&mut members);
    settle(&mut members);
    members
}

fn departures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("departures");
    let mut sizes = Vec::new();
    for past in [0, 1_000] {
        let mut members = members(past);
        let version = members[0].encode_version();
        let all: VersionVector = members[0].version().iter().collect();
        let whole = members[0].acknowledge_whole();
        for writer in [2, 5] {
            members[writer].insert_text("text", Unit::Scalar, 3, "more").expect("there is room");
        }
        exchange(&mut members);
        let delta = members[0].acknowledge();
        println!(
            "{MEMBERS} members, {past} departed: a version {} bytes ({} with all), an acknowledgement \
             {}, what has changed by two {}, saved {}",
            version.len(),
            members[0].encode_version_of(&all).len(),
            whole.len(),
            delta.len(),
            members[0].save().len()
        );
        sizes.push(version.len());
        group.bench_function(format!("write and read a version, {past} departed"), |bencher| {
            bencher.iter(|| {
                let frame = black_box(&members[0]).encode_version();
                members[1].decode_version(&frame).expect("it is sound")
            });
        });
        group.bench_function(format!("acknowledge, {past} departed"), |bencher| {
            let mut member = members[0].clone();
            bencher.iter(|| black_box(&mut member).acknowledge());
        });
        group.bench_function(format!("compare versions, {past} departed"), |bencher| {
            bencher
                .iter(|| black_box(members[0].version()).covers(black_box(members[1].version())));
        });
    }
    println!("a version of 10 members with 1,000 departed, to one with none: {:.2}", {
        sizes[1] as f64 / sizes[0] as f64
    });
    group.finish();
}

criterion_group!(benches, departures);
criterion_main!(benches);
