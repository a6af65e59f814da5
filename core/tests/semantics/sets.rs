//! Sets, and those that only grow.

use libsync::{EditError, Kind, Replica, ReplicaId, Value};

use super::{DOCUMENT, concurrently, json, nothing};

fn x(a: &mut Replica) {
    assert!(a.add("s", "x").unwrap());
}

fn discard(a: &mut Replica) {
    assert!(a.discard("s", &"x".into()).unwrap());
}

#[test]
fn both_add() {
    let merged = json(
        nothing,
        |a| assert!(a.add("s", 1).unwrap()),
        |b| {
            b.add("s", 1).unwrap();
            b.add("s", 2).unwrap();
        },
    );
    assert_eq!(merged, r#"{"s":[1,2]}"#);
}

#[test]
fn add_wins_over_discard() {
    let again = |b: &mut Replica| assert!(!b.add("s", "x").unwrap());
    assert_eq!(json(x, discard, again), r#"{"s":["x"]}"#);
    assert_eq!(json(x, discard, discard), r#"{"s":[]}"#);
    assert_eq!(json(x, discard, nothing), r#"{"s":[]}"#);
}

#[test]
fn remove_the_set_and_add() {
    let (a, _) =
        concurrently(x, |a| assert!(a.remove("s").unwrap()), |b| assert!(b.add("s", "y").unwrap()));
    assert_eq!(a.to_json(), r#"{"s":["y"]}"#);
    assert_eq!(a.len("s").unwrap(), 1);
}

#[test]
fn a_grow_only_set_is_not_taken_from() {
    let seen = |a: &mut Replica| a.create("s", Kind::GrowOnlySet).unwrap();
    let (mut a, _) = concurrently(
        seen,
        |a| assert!(a.add("s", 1).unwrap()),
        |b| assert!(b.add("s", 2).unwrap()),
    );
    assert_eq!(a.to_json(), r#"{"s":[1,2]}"#);
    for error in [a.discard("s", &1.into()).unwrap_err(), a.remove("s").unwrap_err()] {
        assert!(matches!(error, EditError::GrowOnly { .. }), "{error}");
    }
}

#[test]
fn elements_are_values_of_any_type_in_their_order() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    let sorted = [
        Value::Null,
        Value::Bool(false),
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Int(1),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(-0.0),
        Value::Float(0.0),
        Value::Float(1.0),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NAN),
        Value::from("1"),
        Value::from("é"),
        Value::from(vec![0]),
        Value::Timestamp(-1),
        Value::Timestamp(1),
    ];
    for value in sorted.iter().rev() {
        assert!(a.add("s", value.clone()).unwrap());
    }
    assert!(!a.add("s", f64::from_bits(0xfff8_0000_0000_0001)).unwrap(), "NaN is one");
    assert_eq!(a.elements("s").unwrap(), sorted);
    assert!(a.contains("s", &Value::Float(0.0)).unwrap());
    assert!(!a.contains("s", &Value::Int(0)).unwrap());
    let json = concat!(
        r#"{"s":[null,false,true,-9223372036854775808,1,{"$float":"-inf"},-0.0,0.0,1.0,"#,
        r#"{"$float":"inf"},{"$float":"nan"},"1","é",{"$bytes":"00"},"#,
        r#"{"$timestamp":-1},{"$timestamp":1}]}"#
    );
    assert_eq!(a.to_json(), json);
    assert_eq!(Replica::load(&a.save(), a.id()).unwrap().to_json(), json);
}
