//! Frames of versions.

use libsync::Unit;

use super::peers::{edited, everything, exchange, replica};
use super::{A, B, C, making};
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut a = replica(A);
    let first = edited(&mut a, |a| {
        a.insert_text("text", Unit::Scalar, 0, &"x".repeat(300)).expect("the start of a text");
    });
    let one = a.encode_version();
    let next = edited(&mut a, |a| a.set("k", 1).expect("a key of the root"));

    // Whoever wrote first is not listed first: a version is in the order of the replica ids.
    let (mut c, mut b) = (replica(C), replica(B));
    c.set("c", 1).expect("a key of the root");
    b.set("b", 2).expect("a key of the root");
    exchange(&mut [&mut a, &mut c, &mut b]);
    let three = a.encode_version();
    let before = everything(&mut a);
    let answer = edited(&mut b, |b| drop(b.remove("b")));
    vec![
        making("nothing", "The version in which nothing has happened.", Kind::Version, {
            replica(B).encode_version()
        })
        .answered_by(first.clone())
        .valid(),
        making("one-replica", "What one replica has written.", Kind::Version, one)
            .after(Kind::Changes, first)
            .answered_by(next)
            .valid(),
        making("three-replicas", "What three replicas have written.", Kind::Version, three)
            .after(Kind::Changes, before)
            .answered_by(answer)
            .valid(),
    ]
}
