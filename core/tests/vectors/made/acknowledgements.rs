//! Frames of acknowledgements.

use libsync::Unit;

use super::peers::{everything, exchange, joined, replica};
use super::{A, B, making};
use crate::vector::{Kind, Vector};

const ACKNOWLEDGEMENT: Kind = Kind::Acknowledgement;

pub fn vectors() -> Vec<Vector> {
    let mut a = replica(A);
    let nothing = a.acknowledge();
    a.insert_text("text", Unit::Scalar, 0, "abc").expect("the start of a text");
    let mut b = joined(&mut a, B);
    let known = b.save();
    let first = b.acknowledge();
    b.delete_text("text", Unit::Scalar, 0, 1).expect("within the text");
    exchange(&mut [&mut a, &mut b]);
    let seen = b.acknowledge();
    b.apply_acknowledgement(&a.acknowledge()).expect("of the same document");
    let stable = b.acknowledge();
    let settled = b.save();
    vec![
        making("nothing", "Of a replica that has seen nothing.", ACKNOWLEDGEMENT, nothing).valid(),
        making("first", "What a new member has seen.", ACKNOWLEDGEMENT, first.clone())
            .received_by(A)
            .after(Kind::Document, known.clone())
            .valid(),
        making("stable", "What a member has seen and knows to be stable.", ACKNOWLEDGEMENT, stable)
            .received_by(A)
            .after(Kind::Document, settled.clone())
            .valid(),
        making("held", "It counts once its changes have arrived.", ACKNOWLEDGEMENT, seen.clone())
            .received_by(A)
            .after(Kind::Document, known)
            .valid(),
        making("stale", "A later one is known.", ACKNOWLEDGEMENT, first)
            .received_by(A)
            .after(Kind::Document, settled)
            .after(ACKNOWLEDGEMENT, seen)
            .valid(),
        making("from-changes", "Of one that is a member by its changes.", ACKNOWLEDGEMENT, {
            let mut author = replica(A);
            author.set("k", 1).expect("a key of the root");
            author.acknowledge()
        })
        .after(Kind::Changes, {
            let mut author = replica(A);
            author.set("k", 1).expect("a key of the root");
            everything(&mut author)
        })
        .valid(),
    ]
}
