//! Counters, and those that only grow.

use libsync::{EditError, Kind, Replica};

use super::{concurrently, exchange, json, nothing};

fn five(a: &mut Replica) {
    a.increment("n", 5).unwrap();
}

#[test]
fn both_count() {
    let merged = json(five, |a| a.increment("n", -2).unwrap(), |b| b.increment("n", 10).unwrap());
    assert_eq!(merged, r#"{"n":13}"#);
    let created = json(nothing, |a| a.increment("n", 1).unwrap(), |b| b.increment("n", 1).unwrap());
    assert_eq!(created, r#"{"n":2}"#);
}

#[test]
fn remove_and_count() {
    let remove = |a: &mut Replica| assert!(a.remove("n").unwrap());
    assert_eq!(json(five, remove, |b| b.increment("n", 2).unwrap()), r#"{"n":2}"#);
    assert_eq!(json(five, remove, remove), "{}");
    // It lives on even if what was not seen comes to 0.
    let up_and_down = |b: &mut Replica| {
        b.increment("n", 2).unwrap();
        b.increment("n", -2).unwrap();
    };
    assert_eq!(json(five, remove, up_and_down), r#"{"n":0}"#);
}

#[test]
fn a_counter_made_anew_starts_from_what_was_not_seen() {
    let (mut a, mut b) = concurrently(
        five,
        |a| {
            a.remove("n").unwrap();
            a.increment("n", 100).unwrap();
        },
        |b| b.increment("n", 2).unwrap(),
    );
    assert_eq!(a.count("n").unwrap(), 102);
    a.set("n", "gone").unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(b.to_json(), r#"{"n":"gone"}"#);
}

#[test]
fn sums_stay_within_64_bits() {
    let most = |a: &mut Replica| a.increment("n", i64::MAX).unwrap();
    let (mut a, mut b) = concurrently(nothing, most, most);
    // Together they have left them: the nearest number is shown.
    assert_eq!(a.count("n").unwrap(), i64::MAX);
    let error = a.increment("n", 1).unwrap_err();
    assert!(matches!(error, EditError::Overflow { .. }), "{error}");
    a.increment("n", -i64::MAX).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(b.count("n").unwrap(), i64::MAX);
    assert!(b.remove("n").unwrap());
    b.increment("n", 7).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.count("n").unwrap(), 7);
}

#[test]
fn a_grow_only_counter_is_not_taken_from() {
    let seen = |a: &mut Replica| {
        a.create("views.page", Kind::GrowOnlyCounter).unwrap();
        a.increment("views.page", 3).unwrap();
    };
    let (mut a, _) = concurrently(
        seen,
        |a| a.increment("views.page", 1).unwrap(),
        |b| b.increment("views.page", 2).unwrap(),
    );
    assert_eq!(a.to_json(), r#"{"views":{"page":6}}"#);
    let before = a.save();
    let errors = [
        a.increment("views.page", -1).unwrap_err(),
        a.remove("views.page").unwrap_err(),
        a.remove("views").unwrap_err(),
        a.remove_wins("views").unwrap_err(),
        a.set("views", 1).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, EditError::GrowOnly { .. }), "{error}");
    }
    assert_eq!(a.save(), before);
}

#[test]
fn a_counter_made_anew_has_room() {
    let (mut a, _) = concurrently(
        |a| a.increment("n", 1).unwrap(),
        |a| assert!(a.remove_wins("n").unwrap()),
        |b| b.increment("n", i64::MAX - 1).unwrap(),
    );
    assert_eq!(a.to_json(), "{}");
    a.increment("n", 2).unwrap();
    assert_eq!(a.to_json(), r#"{"n":2}"#);
}
