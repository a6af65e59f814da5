//! Frames of changes that are wrong in form: commits and timestamps.

use super::{A, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = commits();
    vectors.extend(timestamps());
    vectors
}

fn null() -> Item {
    raw(&[0xf6])
}

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    making(name, about, CHANGES, frame).fails(error)
}

fn commits() -> Vec<Vector> {
    let change = |items: Vec<Item>| {
        let head = [uint(0), uint(0), uint(0), array([])];
        let change = array(head.into_iter().chain(items));
        frame(CHANGES, map([(0, ids(&[A])), (4, array([change]))]))
    };
    let assign = || array([uint(5), uint(0), text("k"), uint(1)]);
    let commit = |time: Item, message: Item, origin: Item| array([uint(9), time, message, origin]);
    let said = |name: &str, about: &str, said: Item, error: &str| {
        fails(name, about, change(vec![said, assign()]), error)
    };
    let great = raw(&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    let timed = || commit(uint(1), null(), null());
    vec![
        said("empty-commit", "Nothing is said.", commit(null(), null(), null()), "NotCanonical"),
        said("cut-commit", "No origin.", array([uint(9), uint(1), null()]), "Unexpected"),
        said(
            "long-commit",
            "An item too many.",
            array([uint(9), uint(1), null(), null(), null()]),
            "Unexpected",
        ),
        said(
            "commit-time-text",
            "A time that is a text.",
            commit(text("now"), null(), null()),
            "Unexpected",
        ),
        said("commit-great-time", "2^63 microseconds.", commit(great, null(), null()), "Limit"),
        said(
            "commit-message-number",
            "A message that is no text.",
            commit(null(), uint(1), null()),
            "Unexpected",
        ),
        said(
            "commit-origin-bytes",
            "An origin of bytes.",
            commit(null(), null(), raw(&[0x41, 0x61])),
            "Unexpected",
        ),
        fails("commit-alone", "A commit of nothing.", change(vec![timed()]), "Unexpected"),
        fails(
            "commit-twice",
            "Two commits.",
            change(vec![timed(), timed(), assign()]),
            "Unexpected",
        ),
        fails(
            "commit-behind",
            "Behind an operation.",
            change(vec![assign(), timed()]),
            "Unexpected",
        ),
    ]
}

fn timestamps() -> Vec<Vector> {
    let assigned = |name: &str, about: &str, value: Item, error: &str| {
        let op = array([uint(5), uint(0), text("k"), value]);
        let head = [uint(0), uint(0), uint(0), array([])];
        let change = array(head.into_iter().chain([op]));
        fails(name, about, frame(CHANGES, map([(0, ids(&[A])), (4, array([change]))])), error)
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
