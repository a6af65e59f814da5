//! Removals that win.

use libsync::{Content, EditError, Kind, ReadError, Replica, Unit};

use super::{concurrently, contents, exchange, json};

fn wins(key: &'static str) -> impl Fn(&mut Replica) {
    move |a| assert!(a.remove_wins(key).unwrap())
}

#[test]
fn remove_wins_and_set() {
    let seen = |a: &mut Replica| a.set("k", 1).unwrap();
    let (mut a, mut b) = concurrently(seen, wins("k"), |b| b.set("k", 2).unwrap());
    assert_eq!(a.to_json(), "{}");
    assert!(a.keys("").unwrap().is_empty());
    // What lost can be read.
    assert_eq!(contents(&b, "k"), [Content::from(2)]);
    // Who has seen both decides.
    b.set("k", 3).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.to_json(), r#"{"k":3}"#);
    assert_eq!(contents(&a, "k"), [Content::from(3)]);
}

#[test]
fn remove_wins_and_remove() {
    let seen = |a: &mut Replica| a.set("k", 1).unwrap();
    assert_eq!(json(seen, wins("k"), wins("k")), "{}");
    assert_eq!(json(seen, wins("k"), |b| assert!(b.remove("k").unwrap())), "{}");
}

#[test]
fn remove_wins_and_edit_within() {
    let seen = |a: &mut Replica| {
        a.set("k.x", 1).unwrap();
        a.insert_text("k.t", Unit::Scalar, 0, "old").unwrap();
    };
    let (mut a, mut b) = concurrently(seen, wins("k"), |b| {
        b.set("k.y", 2).unwrap();
        b.insert_text("k.t", Unit::Scalar, 3, "new").unwrap();
    });
    assert_eq!(a.to_json(), "{}");
    assert_eq!(contents(&b, "k"), [Content::Container(Kind::Map)]);
    // Made anew, it is empty.
    a.insert_text("k.t", Unit::Scalar, 0, "!").unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(b.to_json(), r#"{"k":{"t":"!"}}"#);
}

#[test]
fn remove_wins_is_of_keys() {
    let (mut a, _) = concurrently(
        |a| a.insert_items("l", 0, [1]).unwrap(),
        |a| assert!(!a.remove_wins("nothing").unwrap()),
        |_| {},
    );
    let error = a.remove_wins("l.0").unwrap_err();
    assert!(matches!(error, EditError::Read(ReadError::WrongKind { .. })), "{error}");
}
