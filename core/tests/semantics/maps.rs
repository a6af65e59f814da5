//! Maps, and containers in them.

use libsync::{Content, EditError, Kind, ReadError, Replica, Unit, Value};

use super::{concurrently, contents, json, nothing};

#[test]
fn both_create_the_same_and_fill_it() {
    let merged = json(
        nothing,
        |a| a.set("user.profile.bio", "sea").unwrap(),
        |b| b.set("user.profile.avatar", "whale").unwrap(),
    );
    assert_eq!(merged, r#"{"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#);
}

#[test]
fn remove_and_edit_within() {
    let seen = |a: &mut Replica| a.set("user.name", "Ada").unwrap();
    let remove = |a: &mut Replica| assert!(a.remove("user").unwrap());
    let edit = |b: &mut Replica| b.set("user.age", 36).unwrap();
    let (a, _) = concurrently(seen, remove, edit);
    assert_eq!(a.to_json(), r#"{"user":{"age":36}}"#);
    assert_eq!(a.conflicts("user").unwrap()[0].id, None);
    // Editing what lives on makes it a map like any other.
    let (mut a, _) = concurrently(seen, remove, edit);
    a.set("user.name", "Augusta").unwrap();
    a.remove("user.age").unwrap();
    a.remove("user.name").unwrap();
    assert_eq!(a.to_json(), r#"{"user":{}}"#);
}

#[test]
fn replace_by_a_value_and_edit_within() {
    let seen = |a: &mut Replica| a.set("user.name", "Ada").unwrap();
    let (a, _) =
        concurrently(seen, |a| a.set("user", 1).unwrap(), |b| b.set("user.age", 36).unwrap());
    assert_eq!(a.to_json(), r#"{"user":1}"#);
    assert_eq!(
        contents(&a, "user"),
        [Content::Value(Value::Int(1)), Content::Container(Kind::Map)]
    );
}

#[test]
fn two_kinds_at_one_key() {
    let (mut a, _) = concurrently(
        nothing,
        |a| a.insert_text("k", Unit::Scalar, 0, "text").unwrap(),
        |b| b.set("k.x", 1).unwrap(),
    );
    assert_eq!(a.to_json(), r#"{"k":{"x":1}}"#);
    assert_eq!(contents(&a, "k"), [Content::Container(Kind::Map), Content::Container(Kind::Text)]);
    let error = a.insert_text("k", Unit::Scalar, 0, "!").unwrap_err();
    assert!(matches!(error, EditError::Read(ReadError::WrongKind { .. })), "{error}");
    // Whoever sees both decides.
    a.create("k", Kind::Text).unwrap();
    assert_eq!(a.to_json(), r#"{"k":""}"#);
    assert_eq!(contents(&a, "k").len(), 1);
}
