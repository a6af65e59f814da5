//! Texts.

use libsync::{Replica, Unit};

use super::{concurrently, json, nothing};

#[test]
fn both_type_at_one_place() {
    let seen = |a: &mut Replica| a.insert_text("t", Unit::Scalar, 0, "[]").unwrap();
    let merged = json(
        seen,
        |a| {
            a.insert_text("t", Unit::Scalar, 1, "aa").unwrap();
            a.insert_text("t", Unit::Scalar, 3, "A").unwrap();
        },
        |b| b.insert_text("t", Unit::Scalar, 1, "bbb").unwrap(),
    );
    // Never interleaved, forwards ...
    assert_eq!(merged, r#"{"t":"[aaAbbb]"}"#);
    let backwards = |word: &'static str| {
        move |replica: &mut Replica| {
            for letter in word.chars().rev() {
                replica.insert_text("t", Unit::Scalar, 1, &letter.to_string()).unwrap();
            }
        }
    };
    // ... nor backwards.
    assert_eq!(json(seen, backwards("abc"), backwards("xyz")), r#"{"t":"[abcxyz]"}"#);
}

#[test]
fn delete_and_type_within() {
    let seen = |a: &mut Replica| a.insert_text("t", Unit::Scalar, 0, "abcdef").unwrap();
    let merged = json(
        seen,
        |a| a.delete_text("t", Unit::Scalar, 1, 4).unwrap(),
        |b| b.insert_text("t", Unit::Scalar, 3, "!").unwrap(),
    );
    assert_eq!(merged, r#"{"t":"a!f"}"#);
    let overlapping = json(
        seen,
        |a| a.delete_text("t", Unit::Scalar, 1, 3).unwrap(),
        |b| b.delete_text("t", Unit::Scalar, 2, 3).unwrap(),
    );
    assert_eq!(overlapping, r#"{"t":"af"}"#);
}

#[test]
fn remove_and_type() {
    let seen = |a: &mut Replica| a.insert_text("t", Unit::Scalar, 0, "old ").unwrap();
    let (mut a, _) = concurrently(
        seen,
        |a| assert!(a.remove("t").unwrap()),
        |b| b.insert_text("t", Unit::Scalar, 4, "new").unwrap(),
    );
    assert_eq!(a.to_json(), r#"{"t":"new"}"#);
    // It lives on through "new" alone; deleting that, who does so still wants the text.
    a.delete_text("t", Unit::Scalar, 0, 3).unwrap();
    assert_eq!(a.to_json(), r#"{"t":""}"#);
}

#[test]
fn both_create_it() {
    let merged = json(
        nothing,
        |a| a.insert_text("t", Unit::Scalar, 0, "one").unwrap(),
        |b| b.insert_text("t", Unit::Scalar, 0, "two").unwrap(),
    );
    assert_eq!(merged, r#"{"t":"onetwo"}"#);
}
