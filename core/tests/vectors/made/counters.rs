//! Valid frames of changes: counters.

use libsync::{Kind, Replica};

use super::peers::{edited, everything, exchange, replica, since};
use super::{A, B, C, frame, making};
use crate::cbor::{array, ids, map, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = sums();
    vectors.extend(removals());
    vectors.extend(together());
    vectors
}

fn add(replica: &mut Replica, delta: i64) {
    replica.increment("n", delta).expect("there is room");
}

fn remove(replica: &mut Replica) {
    assert!(replica.remove("n").expect("a counter"), "it is there");
}

fn sums() -> Vec<Vector> {
    let mut a = replica(A);
    for delta in [1, 23, 24, 256, 65_536, 4_294_967_296, -1, -25, -257, -65_537] {
        add(&mut a, delta);
    }
    let mut ends = replica(A);
    add(&mut ends, i64::MAX);
    add(&mut ends, i64::MIN);
    let mut grow_only = replica(A);
    grow_only.create("n", Kind::GrowOnlyCounter).expect("the key is free");
    add(&mut grow_only, 3);
    add(&mut grow_only, 4);
    vec![
        making("counter", "Adds and subtracts.", CHANGES, everything(&mut a))
            .shows(r#"{"n":4294967316}"#),
        making("counter-ends", "The greatest and the least increment.", CHANGES, {
            everything(&mut ends)
        })
        .shows(r#"{"n":-1}"#),
        making("grow-only-counter", "Only adds.", CHANGES, everything(&mut grow_only))
            .shows(r#"{"n":7}"#),
    ]
}

fn removals() -> Vec<Vector> {
    let mut a = replica(A);
    let made = edited(&mut a, |a| add(a, 5));
    let removed = edited(&mut a, remove);
    let counted = edited(&mut a, |a| add(a, 2));

    // What each has contributed stays known, and goes round at 2^64.
    let mut b = replica(A);
    let twice = edited(&mut b, |b| {
        add(b, i64::MAX);
        remove(b);
        add(b, i64::MAX);
    });
    let wrapped = edited(&mut b, remove);
    vec![
        making("counter-removed", "Takes away what was added.", CHANGES, removed.clone())
            .after(CHANGES, made.clone())
            .shows("{}"),
        making("counter-again", "Adds after what was taken away.", CHANGES, counted)
            .after(CHANGES, made)
            .after(CHANGES, removed)
            .shows(r#"{"n":2}"#),
        making("counter-wraps", "All contributions sum to 2^64 - 2.", CHANGES, twice.clone())
            .shows(r#"{"n":9223372036854775807}"#),
        making("counter-wrapped-removed", "They are taken away as -2.", CHANGES, wrapped)
            .after(CHANGES, twice)
            .shows("{}"),
    ]
}

fn together() -> Vec<Vector> {
    let (mut a, mut b, mut c) = (replica(A), replica(B), replica(C));
    add(&mut a, 1);
    add(&mut b, 20);
    exchange(&mut [&mut a, &mut b, &mut c]);
    let made = everything(&mut a);
    // C removes what it sees; A removes it with what it adds before; B adds without seeing either.
    let known = c.version().clone();
    remove(&mut c);
    add(&mut a, 300);
    remove(&mut a);
    add(&mut b, 4_000);
    add(&mut b, -4_000);
    exchange(&mut [&mut a, &mut b, &mut c]);
    let parted = since(&mut a, &known);
    let last = edited(&mut b, |b| add(b, 7));

    let (mut d, mut e) = (replica(A), replica(B));
    let [high, higher] = [&mut d, &mut e].map(|high| edited(high, |high| add(high, i64::MAX)));
    d.apply(&higher).expect("it applies");
    let lower = edited(&mut d, |d| add(d, -5));
    vec![
        making(
            "counter-removed-at-once",
            "Two resets, of which one had seen more; and a sum of 0 that neither had.",
            CHANGES,
            parted.clone(),
        )
        .after(CHANGES, made.clone())
        .conflicts_at("/n")
        .shows(r#"{"n":0}"#),
        making("counter-lives-on", "Adds to what survived.", CHANGES, last)
            .after(CHANGES, made)
            .after(CHANGES, parted)
            .conflicts_at("/n")
            .shows(r#"{"n":7}"#),
        making("held-reset", "Waits for the increment that it names.", CHANGES, {
            let reset = uints(&[12, 1, 1, 0, 5]);
            let change = array([uint(0), uint(0), uint(0), array([]), reset]);
            let containers = array([uint(0), text("n"), uint(3)]);
            frame(CHANGES, map([(0, ids(&[A, B])), (2, containers), (4, columns([change]))]))
        })
        .shows("{}"),
        making("counter-beyond", "A sum beyond 64 bits: the greatest is shown.", CHANGES, {
            higher.clone()
        })
        .after(CHANGES, high.clone())
        .shows(r#"{"n":9223372036854775807}"#),
        making("counter-nearer", "Still beyond, and nearer.", CHANGES, lower)
            .after(CHANGES, high)
            .after(CHANGES, higher)
            .shows(r#"{"n":9223372036854775807}"#),
    ]
}
