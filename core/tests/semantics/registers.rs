//! Registers under the keys of maps.

use libsync::{Content, Replica, Value};

use super::{concurrently, contents, json, nothing};

#[test]
fn set_and_set() {
    let (a, b) = concurrently(nothing, |a| a.set("k", 1).unwrap(), |b| b.set("k", 2).unwrap());
    assert_eq!(a.to_json(), r#"{"k":2}"#);
    let both = [Content::Value(Value::Int(2)), Content::Value(Value::Int(1))];
    assert_eq!(contents(&a, "k"), both);
    assert_eq!(contents(&b, "k"), both);
}

#[test]
fn the_later_lamport_time_is_shown() {
    let twice = |a: &mut Replica| {
        a.set("k", "draft").unwrap();
        a.set("k", "final").unwrap();
    };
    assert_eq!(json(nothing, twice, |b| b.set("k", "b").unwrap()), r#"{"k":"final"}"#);
}

#[test]
fn an_assignment_resolves_the_conflict_that_it_saw() {
    let (mut a, mut b) =
        concurrently(nothing, |a| a.set("k", 1).unwrap(), |b| b.set("k", 2).unwrap());
    a.set("k", 3).unwrap();
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    assert_eq!(contents(&b, "k"), [Content::Value(Value::Int(3))]);
}

#[test]
fn remove_and_set() {
    let seen = |a: &mut Replica| a.set("k", 1).unwrap();
    let remove = |a: &mut Replica| assert!(a.remove("k").unwrap());
    assert_eq!(json(seen, remove, |b| b.set("k", 2).unwrap()), r#"{"k":2}"#);
    assert_eq!(json(seen, remove, remove), "{}");
    assert_eq!(json(seen, remove, nothing), "{}");
}
