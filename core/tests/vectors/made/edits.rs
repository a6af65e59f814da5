//! Valid frames of changes: edits of texts, edits at once, and how they arrive.

use libsync::{Kind, Unit};

use super::peers::{
    acknowledge, delete, edited, everything, exchange, insert, joined, replica, set, settle, since,
};
use super::{A, B, C, frame, making};
use crate::cbor::{array, ids, map, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;
const DOCUMENT: vector::Kind = vector::Kind::Document;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = texts();
    vectors.extend(merged());
    vectors.extend(together());
    vectors.extend(delivery());
    vectors
}

fn texts() -> Vec<Vector> {
    let mut a = replica(A);
    let hello = edited(&mut a, |a| insert(a, 0, "Hello"));
    let middle = edited(&mut a, |a| insert(a, 2, "ya, He"));
    let mut b = replica(B);
    b.apply(&hello).expect("it applies");
    let behind = edited(&mut b, |b| insert(b, 5, "!"));
    let run = edited(&mut a, |a| delete(a, 1, 3));
    let runs = edited(&mut a, |a| delete(a, 0, 4));
    let mut wide = replica(A);
    insert(&mut wide, 0, "a𝄞é😀\u{0}z");
    delete(&mut wide, 3, 1);
    let mut long = replica(A);
    let first = edited(&mut long, |a| insert(a, 0, &"0123456789".repeat(60)));
    let next = edited(&mut long, |a| insert(a, 600, "!"));
    vec![
        making("inserted-left", "Inserts within a run: left of a node.", CHANGES, middle.clone())
            .after(CHANGES, hello.clone())
            .shows(r#"{"text":"Heya, Hello"}"#),
        making("inserted-right", "Inserts behind another's run: right of it.", CHANGES, behind)
            .after(CHANGES, hello.clone())
            .shows(r#"{"text":"Hello!"}"#),
        making("deleted-runs", "Deletes what stands in two runs.", CHANGES, run.clone())
            .after(CHANGES, hello.clone())
            .after(CHANGES, middle.clone())
            .shows(r#"{"text":"H, Hello"}"#),
        making("deleted-around", "Deletes on both sides of a tombstone.", CHANGES, runs)
            .after(CHANGES, hello)
            .after(CHANGES, middle)
            .after(CHANGES, run)
            .shows(r#"{"text":"ello"}"#),
        making(
            "wide-characters",
            "One identity for each scalar value.",
            CHANGES,
            everything(&mut wide),
        )
        .shows("{\"text\":\"a𝄞é\\u0000z\"}"),
        making("long-run", "Counters and a text beyond one byte's head.", CHANGES, next)
            .after(CHANGES, first)
            .shows(&format!("{{\"text\":\"{}!\"}}", "0123456789".repeat(60))),
    ]
}

/// Edits that follow each other travel as one change, and are cut where what is known ends.
fn merged() -> Vec<Vector> {
    let mut a = replica(A);
    let typed = edited(&mut a, |a| {
        for (at, letter) in ["a", "b", "c", "d", "e", "f"].iter().enumerate() {
            insert(a, at, letter);
        }
    });
    let one = edited(&mut a, |a| delete(a, 5, 1));
    let rest = edited(&mut a, |a| {
        for at in [4, 3, 2] {
            delete(a, at, 1);
        }
    });
    insert(&mut a, 2, "x");
    set(&mut a, "k", 1);
    delete(&mut a, 0, 1);
    delete(&mut a, 0, 1);
    vec![
        making("merged-edits", "All of these edits as one change.", CHANGES, everything(&mut a))
            .shows(r#"{"k":1,"text":"x"}"#),
        making("deleted-again", "A deletion of what its author has deleted.", CHANGES, {
            let deletion = uints(&[4, 1, 0, 4, 6]);
            let change = array([uint(0), uint(8), uint(8), array([]), deletion]);
            let containers = array([uint(0), text("text"), uint(1)]);
            frame(CHANGES, map([(0, ids(&[A])), (2, containers), (4, columns([change]))]))
        })
        .after(CHANGES, typed.clone())
        .after(CHANGES, one.clone())
        .shows(r#"{"text":"abc"}"#),
        making("merged-typing", "Letters that were typed one by one.", CHANGES, typed.clone())
            .shows(r#"{"text":"abcdef"}"#),
        making("cut-deletion", "The rest of a run that is deleted backwards.", CHANGES, rest)
            .after(CHANGES, typed)
            .after(CHANGES, one)
            .shows(r#"{"text":"ab"}"#),
    ]
}

/// Edits of several replicas without each other.
fn together() -> Vec<Vector> {
    let (mut a, mut b, mut c) = (replica(A), replica(B), replica(C));
    let bio = edited(&mut a, |a| set(a, "user.profile.bio", "sea"));
    let avatar = edited(&mut b, |b| set(b, "user.profile.avatar", "whale"));
    let one = edited(&mut a, |a| set(a, "k", 1));
    exchange(&mut [&mut a, &mut b, &mut c]);
    let before = everything(&mut a);
    set(&mut a, "k", 2);
    set(&mut b, "k", 3);
    let known = c.version().clone();
    set(&mut c, "k", 4);
    exchange(&mut [&mut a, &mut b, &mut c]);
    let conflict = since(&mut a, &known);
    let resolved = edited(&mut b, |b| set(b, "k", 5));

    let (mut d, mut e) = (replica(A), replica(B));
    insert(&mut d, 0, "abc");
    insert(&mut e, 0, "xyz");
    let (abc, xyz) = (everything(&mut d), everything(&mut e));
    let (mut m, mut t) = (replica(A), replica(B));
    m.create("k", Kind::Map).expect("the key is free");
    set(&mut m, "k.in", 1);
    t.insert_text("k", Unit::Scalar, 0, "text").expect("the start of a text");
    let (kind_map, kind_text) = (everything(&mut m), everything(&mut t));

    let (mut f, mut g) = (replica(A), replica(B));
    let base = edited(&mut f, |f| {
        set(f, "map.seen", 1);
        insert(f, 0, "seen");
    });
    g.apply(&base).expect("it applies");
    let unseen = edited(&mut g, |g| {
        set(g, "map.unseen", 2);
        insert(g, 4, " unseen");
    });
    let removal = edited(&mut f, |f| {
        f.remove("map").expect("the path leads through maps");
        f.remove("text").expect("the path leads through maps");
    });
    vec![
        making("shared-map", "The same maps, created by two replicas.", CHANGES, avatar)
            .after(CHANGES, bio)
            .after(CHANGES, one)
            .shows(r#"{"k":1,"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#),
        making("conflict", "Three values at once, on several heads.", CHANGES, conflict.clone())
            .after(CHANGES, before.clone())
            .conflicts_at("/k")
            .shows(r#"{"k":4,"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#),
        making("resolved-conflict", "Supersedes three values.", CHANGES, resolved)
            .after(CHANGES, before)
            .after(CHANGES, conflict)
            .conflicts_at("/k")
            .shows(r#"{"k":5,"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#),
        making("runs-at-once", "Two runs at one place do not interleave.", CHANGES, xyz)
            .after(CHANGES, abc)
            .conflicts_at("/text")
            .shows(r#"{"text":"abcxyz"}"#),
        making("two-kinds", "A map and a text at one key: both live.", CHANGES, kind_text)
            .after(CHANGES, kind_map)
            .conflicts_at("/k")
            .shows(r#"{"k":"text"}"#),
        making("unseen-survives", "Removals of what others edit at once.", CHANGES, removal)
            .after(CHANGES, base)
            .after(CHANGES, unseen)
            .conflicts_at("/text")
            .shows(r#"{"map":{"unseen":2},"text":" unseen"}"#),
    ]
}

fn delivery() -> Vec<Vector> {
    let mut a = replica(A);
    let first = edited(&mut a, |a| insert(a, 0, "a"));
    let second = edited(&mut a, |a| insert(a, 1, "b"));
    let third = edited(&mut a, |a| insert(a, 2, "c"));
    let all = everything(&mut a);
    let mut b = replica(B);
    b.apply(&all).expect("it applies");
    let on_a = edited(&mut b, |b| insert(b, 3, "d"));

    let mut d = replica(A);
    insert(&mut d, 0, "abcd");
    let mut e = joined(&mut d, B);
    delete(&mut d, 1, 2);
    settle(&mut [&mut d, &mut e]);
    let newcomer = replica(C);
    let with_cut = since(&mut d, newcomer.version());

    // One node keeps two subtrees, and one takes the place of the node that it hung on.
    let mut f = replica(A);
    insert(&mut f, 0, "xyz");
    let mut g = joined(&mut f, B);
    delete(&mut f, 1, 2);
    settle(&mut [&mut f, &mut g]);
    f.prune();
    let known = f.version().clone();
    insert(&mut g, 1, "!");
    acknowledge(&mut [&mut f, &mut g]);
    vec![
        making("held", "Waits for the two changes before it.", CHANGES, third.clone()).shows("{}"),
        making("released", "Brings what two held changes wait for.", CHANGES, first.clone())
            .after(CHANGES, third.clone())
            .after(CHANGES, second.clone())
            .shows(r#"{"text":"abc"}"#),
        making("held-dependency", "Waits for a change of another.", CHANGES, on_a)
            .after(CHANGES, first.clone())
            .shows(r#"{"text":"a"}"#),
        making("held-name", "Waits for what it names and does not depend on.", CHANGES, {
            let insertion = array([uint(1), uint(1), uint(1), uint(1), text("!")]);
            let change = array([uint(0), uint(0), uint(0), array([]), insertion]);
            let containers = array([uint(0), text("text"), uint(1)]);
            frame(CHANGES, map([(0, ids(&[B, A])), (2, containers), (4, columns([change]))]))
        })
        .shows("{}"),
        making("known", "A change that is known.", CHANGES, first.clone())
            .after(CHANGES, first.clone())
            .shows(r#"{"text":"a"}"#),
        making("known-in-part", "A change that starts before what is known ends.", CHANGES, {
            all.clone()
        })
        .after(CHANGES, first)
        .shows_and_skips(r#"{"text":"abc"}"#),
        making(
            "held-in-part",
            "Brings what a held change waits for, and the same again.",
            CHANGES,
            all,
        )
        .after(CHANGES, third)
        .shows(r#"{"text":"abc"}"#),
        making("stable-cut", "With the sender's stable cut.", CHANGES, with_cut)
            .shows(r#"{"text":"ad"}"#),
        making("after-pruning", "Applies to a pruned document.", CHANGES, since(&mut g, &known))
            .received_by(A)
            .after(DOCUMENT, f.save())
            .shows(r#"{"text":"x!"}"#),
    ]
}
