//! Saved documents that are valid: containers of each kind, what touched them, and what is pruned.

use libsync::{Commit, EditError, Kind, Replica, Unit, Value};

use super::peers::{everything, exchange, joined, replica, set, settle};
use super::{A, B, C, making};
use crate::vector::{self, Vector};

const DOCUMENT: vector::Kind = vector::Kind::Document;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = contents();
    vectors.extend(lists());
    vectors.extend(pruned_lists());
    vectors.extend(sets_and_counters());
    vectors.extend(hidden());
    vectors
}

fn insert<C: Into<libsync::Content>>(
    replica: &mut Replica,
    index: usize,
    contents: impl IntoIterator<Item = C>,
) {
    replica.insert_items("list", index, contents).expect("within the list");
}

fn delete(replica: &mut Replica, index: usize, len: usize) {
    replica.delete_items("list", index, len).expect("within the list");
}

fn shift(replica: &mut Replica, from: usize, to: usize) {
    replica.move_item("list", from, to).expect("within the list");
}

fn contents() -> Vec<Vector> {
    let mut a = replica(A);
    for kind in Kind::ALL {
        a.create(format!("/{kind}"), kind).expect("the key is free");
    }
    let empty = a.save();
    set(&mut a, "/map/k", Value::Timestamp(-1));
    a.insert_text("/text", Unit::Scalar, 0, "t").expect("the start of a text");
    a.insert_items("/list", 0, [1]).expect("the start of a list");
    a.increment("/counter", -2).expect("there is room");
    a.increment("/grow-only counter", 3).expect("there is room");
    a.add("/set", 4).expect("a set");
    a.add("/grow-only set", 5).expect("a set");
    let mut timed = replica(A);
    timed.set_time(Some(1_732_194_000_000_000));
    set(&mut timed, "k", 1);
    let commit = Commit::new().at(-1).message("Go").origin("phone");
    let committed = timed.transact(commit, |timed| {
        timed.insert_items("list", 0, [2])?;
        Ok::<_, EditError>(())
    });
    committed.expect("no other transaction is open");
    vec![
        making("empty-kinds", "A container of each kind, all empty.", DOCUMENT, empty).shows(
            concat!(
                r#"{"counter":0,"grow-only counter":0,"grow-only set":[],"list":[],"map":{},"#,
                r#""set":[],"text":""}"#
            ),
        ),
        making("kinds", "A container of each kind.", DOCUMENT, a.save()).shows(concat!(
            r#"{"counter":-2,"grow-only counter":3,"grow-only set":[5],"list":[1],"#,
            r#""map":{"k":{"$timestamp":-1}},"set":[4],"text":"t"}"#
        )),
        making("times", "Assignments with wall-clock times.", DOCUMENT, timed.save())
            .shows(r#"{"k":1,"list":[2]}"#),
    ]
}

fn lists() -> Vec<Vector> {
    let mut a = replica(A);
    insert(&mut a, 0, ["a", "b", "c"]);
    let mut b = joined(&mut a, B);
    shift(&mut a, 0, 2);
    shift(&mut b, 0, 1);
    set(&mut b, "list.0", "B");
    delete(&mut a, 1, 1);
    exchange(&mut [&mut a, &mut b]);
    let moved = a.save();
    let mut nested = replica(A);
    nested.insert_items("list", 0, [Kind::Map, Kind::List]).expect("the start of a list");
    set(&mut nested, "list.0.k", 1);
    nested.insert_items("list.1", 0, [Kind::Counter]).expect("the start of a list");
    nested.increment("list.1.0", 2).expect("there is room");
    vec![
        making(
            "moved-items",
            "An item that two moved, one assigned, one deleted.",
            DOCUMENT,
            moved,
        )
        .shows(r#"{"list":["B","a"]}"#),
        making("nested-items", "Containers in items.", DOCUMENT, nested.save())
            .shows(r#"{"list":[{"k":1},[2]]}"#),
    ]
}

fn pruned_lists() -> Vec<Vector> {
    let mut a = replica(A);
    insert(&mut a, 0, ["a", "b", "c", "d"]);
    let mut b = joined(&mut a, B);
    delete(&mut a, 1, 2);
    shift(&mut a, 0, 1);
    settle(&mut [&mut a, &mut b]);
    let stable = a.save();
    a.prune();
    let pruned = a.save();
    shift(&mut a, 1, 0);
    delete(&mut a, 1, 1);
    let after = a.save();
    // The root of the tree is deleted, and what two hung on it keeps its place.
    let (mut d, mut e, mut f) = (replica(A), replica(B), replica(C));
    insert(&mut e, 0, ["-"]);
    f.apply(&everything(&mut e)).expect("it applies");
    insert(&mut f, 1, ["b"]);
    insert(&mut d, 0, ["a"]);
    let mut g = replica(0x0d0d_0d0d_0d0d_0d0d);
    insert(&mut g, 0, ["c"]);
    exchange(&mut [&mut d, &mut e, &mut f, &mut g]);
    delete(&mut d, 1, 1);
    settle(&mut [&mut d, &mut e, &mut f, &mut g]);
    d.prune();
    vec![
        making("stable-list", "Nothing of it is pruned yet.", DOCUMENT, stable)
            .shows(r#"{"list":["d","a"]}"#),
        making(
            "pruned-list",
            "Deleted items and places that were left are gone.",
            DOCUMENT,
            pruned,
        )
        .shows(r#"{"list":["d","a"]}"#),
        making("list-after-pruning", "A move and a deletion above the floor.", DOCUMENT, after)
            .shows(r#"{"list":["a"]}"#),
        making("spliced-list", "A node in the place of the one that it hung on.", DOCUMENT, {
            d.save()
        })
        .shows(r#"{"list":["a","b","c"]}"#),
    ]
}

fn sets_and_counters() -> Vec<Vector> {
    let (mut a, mut b) = (replica(A), replica(B));
    a.add("set", "x").expect("a set");
    a.add("set", "y").expect("a set");
    a.increment("n", 5).expect("there is room");
    exchange(&mut [&mut a, &mut b]);
    a.discard("set", &"x".into()).expect("a set");
    a.remove("n").expect("a counter");
    b.add("set", "y").expect("a set");
    b.increment("n", -7).expect("there is room");
    exchange(&mut [&mut a, &mut b]);
    let mut wrapped = replica(A);
    for _ in 0..2 {
        wrapped.increment("n", i64::MAX).expect("there is room");
        wrapped.remove("n").expect("a counter");
    }
    vec![
        making(
            "discarded",
            "An element that is gone, one that was added twice; a counter taken away in part.",
            DOCUMENT,
            a.save(),
        )
        .conflicts_at("/n")
        .shows(r#"{"n":-7,"set":["y"]}"#),
        making("wrapped", "Contributions that sum to 2^64 - 2.", DOCUMENT, wrapped.save())
            .shows("{}"),
    ]
}

/// Absences, and what they hide.
fn hidden() -> Vec<Vector> {
    let mut a = replica(A);
    set(&mut a, "k.in", 1);
    let mut b = joined(&mut a, B);
    a.remove_wins("k").expect("a key of the root");
    set(&mut b, "k.in", 2);
    set(&mut b, "k", "unseen");
    exchange(&mut [&mut a, &mut b]);
    let mut removed = replica(A);
    set(&mut removed, "k", 1);
    removed.remove("k").expect("a key of the root");
    let touched = removed.save();
    settle(&mut [&mut removed]);
    removed.prune();
    vec![
        making(
            "absence",
            "The absence of anything under a key, and conflicts.",
            DOCUMENT,
            a.save(),
        )
        .conflicts_at("/k")
        .shows("{}"),
        making("removed", "A key that is empty, and what touched it.", DOCUMENT, touched)
            .shows("{}"),
        making("removed-and-pruned", "The same, pruned.", DOCUMENT, removed.save()).shows("{}"),
    ]
}
