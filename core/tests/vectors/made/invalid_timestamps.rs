//! Frames of changes that are wrong in form: timestamps.

use super::{A, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    making(name, about, CHANGES, frame).fails(error)
}

pub fn vectors() -> Vec<Vector> {
    let assigned = |name: &str, about: &str, value: Item, error: &str| {
        let op = array([uint(5), uint(0), text("k"), value]);
        let head = [uint(0), uint(0), uint(0), array([])];
        let change = array(head.into_iter().chain([op]));
        fails(name, about, frame(CHANGES, map([(0, ids(&[A])), (4, columns([change]))])), error)
    };
    let great = raw(&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    let small = raw(&[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    vec![
        assigned("unknown-array", "A value of a later format.", uints(&[1, 0]), "Unexpected"),
        assigned("long-timestamp", "A timestamp of three items.", uints(&[0, 1, 2]), "Unexpected"),
        assigned(
            "timestamp-float",
            "A timestamp of 1.0.",
            array([uint(0), raw(&[0xf9, 0x3c, 0x00])]),
            "Unexpected",
        ),
        assigned("great-timestamp", "2^63 microseconds.", array([uint(0), great]), "Limit"),
        assigned("small-timestamp", "-2^63 - 1 microseconds.", array([uint(0), small]), "Limit"),
        assigned(
            "wide-timestamp",
            "1 in two bytes.",
            array([uint(0), raw(&[0x18, 0x01])]),
            "NotCanonical",
        ),
    ]
}
