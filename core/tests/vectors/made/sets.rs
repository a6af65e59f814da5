//! Valid frames of changes: sets.

use libsync::{Kind, Replica, Value};

use super::peers::{edited, everything, replica};
use super::{A, B, making};
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = elements();
    vectors.extend(together());
    vectors.extend(grow_only());
    vectors
}

fn add(replica: &mut Replica, value: impl Into<Value>) {
    replica.add("set", value).expect("a set");
}

fn discard(replica: &mut Replica, value: impl Into<Value>) {
    replica.discard("set", &value.into()).expect("a set");
}

/// A value of each type, and those between which the order is easily mistaken.
fn all() -> Vec<Value> {
    let mut values = vec![
        Value::Timestamp(1),
        Value::Timestamp(-1),
        [1_u8].as_slice().into(),
        [0_u8, 2].as_slice().into(),
        "b".into(),
        "aa".into(),
        "\u{ffff}".into(),
        "𝄞".into(),
    ];
    let floats = [f64::NAN, f64::INFINITY, 1.0, 0.0, -0.0, -1.0, f64::NEG_INFINITY];
    values.extend(floats.map(Value::from));
    values.extend([10, 9, -10].map(Value::from));
    values.extend([true.into(), false.into(), Value::Null]);
    values
}

const SHOWN: &str = concat!(
    r#"[null,false,true,-10,9,10,{"$float":"-inf"},-1.0,-0.0,0.0,1.0,{"$float":"inf"},"#,
    r#"{"$float":"nan"},"aa","b",""#,
    "\u{ffff}\",\"𝄞\",",
    r#"{"$bytes":"0002"},{"$bytes":"01"},{"$timestamp":-1},{"$timestamp":1}]"#
);

fn elements() -> Vec<Vector> {
    let mut values = replica(A);
    all().into_iter().for_each(|value| add(&mut values, value));
    let mut a = replica(A);
    let made = edited(&mut a, |a| {
        add(a, "x");
        add(a, "y");
    });
    let again = edited(&mut a, |a| add(a, "x"));
    let discarded = edited(&mut a, |a| discard(a, "x"));
    let removed = edited(&mut a, |a| drop(a.remove("set")));
    vec![
        making("set", "Elements of all types, shown in their order.", CHANGES, {
            everything(&mut values)
        })
        .shows(&format!("{{\"set\":{SHOWN}}}")),
        making("added-again", "Adds what is there already.", CHANGES, again.clone())
            .after(CHANGES, made.clone())
            .shows(r#"{"set":["x","y"]}"#),
        making(
            "discarded",
            "Discards an element that was added twice.",
            CHANGES,
            discarded.clone(),
        )
        .after(CHANGES, made.clone())
        .after(CHANGES, again.clone())
        .shows(r#"{"set":["y"]}"#),
        making("set-removed", "Removes a set with an element.", CHANGES, removed)
            .after(CHANGES, made)
            .after(CHANGES, again)
            .after(CHANGES, discarded)
            .shows("{}"),
    ]
}

fn together() -> Vec<Vector> {
    let mut a = replica(A);
    let made = edited(&mut a, |a| add(a, "x"));
    let mut b = replica(B);
    b.apply(&made).expect("it applies");
    let discarded = edited(&mut a, |a| discard(a, "x"));
    let added = edited(&mut b, |b| add(b, "x"));
    let mut c = replica(B);
    c.apply(&made).expect("it applies");
    let discarded_too = edited(&mut c, |c| discard(c, "x"));
    vec![
        making("add-and-discard", "Of both at once, adding wins.", CHANGES, added)
            .after(CHANGES, made.clone())
            .after(CHANGES, discarded.clone())
            .shows(r#"{"set":["x"]}"#),
        making("both-discard", "Two discard one element.", CHANGES, discarded_too)
            .after(CHANGES, made)
            .after(CHANGES, discarded)
            .shows(r#"{"set":[]}"#),
    ]
}

fn grow_only() -> Vec<Vector> {
    let (mut a, mut b) = (replica(A), replica(B));
    let [made, added] = [(&mut a, "x"), (&mut b, "y")].map(|(replica, value)| {
        edited(replica, |replica| {
            replica.create("set", Kind::GrowOnlySet).expect("the key is free");
            add(replica, value);
        })
    });
    vec![
        making("grow-only-set", "Two create it and add to it.", CHANGES, added)
            .after(CHANGES, made)
            .conflicts_at("/set")
            .shows(r#"{"set":["x","y"]}"#),
    ]
}
