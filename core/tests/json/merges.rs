//! JSON Merge Patch on what JSON lacks, and what it can't say.

use libsync::{Kind, MergePatchError, Path, Unit, Value, merge_patch};

use super::{PLAIN, exchanged, replica, twin};

#[test]
fn a_merge_patch_edits() {
    let mut a = replica(1);
    a.insert_text("user.bio", Unit::Scalar, 0, "Likes the sea").unwrap();
    a.increment("user.visits", 3).unwrap();
    a.set("user.photo", vec![1, 2]).unwrap();
    let mut b = twin(&mut a, 2);
    let patch = r#"{"user":{"bio":"Likes the open sea","photo":{"$bytes":"0103"},"visits":5}}"#;
    let report = a.apply_merge_patch("", patch, PLAIN).unwrap();
    assert_eq!((report.inserted_characters, report.counted, report.assigned), (5, 1, 1));
    b.insert_text("user.bio", Unit::Scalar, 13, " and ships").unwrap();
    b.increment("user.visits", 1).unwrap();
    assert_eq!(
        exchanged(&mut a, &mut b),
        r#"{"user":{"bio":"Likes the open sea and ships","photo":{"$bytes":"0103"},"visits":6}}"#
    );
    assert_eq!(a.get("user.bio").unwrap(), Some(Kind::Text.into()));
    assert_eq!(a.get("user.photo").unwrap(), Some(vec![1, 3].into()));
}

#[test]
fn values_that_json_lacks_are_objects_to_a_merge_patch() {
    let mut replica = replica(1);
    replica.set("at", Value::Timestamp(5)).unwrap();
    replica.apply_merge_patch("", r#"{"at":{"$timestamp":6}}"#, PLAIN).unwrap();
    assert_eq!(replica.get("at").unwrap(), Some(Value::Timestamp(6).into()));
    let patch = merge_patch(r#"{"at":{"$timestamp":6}}"#, r#"{"at":{"$bytes":"00"}}"#).unwrap();
    assert_eq!(patch, r#"{"at":{"$bytes":"00","$timestamp":null}}"#);
    replica.apply_merge_patch("", &patch, PLAIN).unwrap();
    assert_eq!(replica.get("at").unwrap(), Some(vec![0].into()));
}

#[test]
fn a_merge_patch_can_not_say_null() {
    for (from, to, keys) in [
        (r#"{"a":1}"#, r#"{"a":null}"#, vec!["a"]),
        ("1", r#"{"a":{"b":null}}"#, vec!["a", "b"]),
        (r#"{"a":[null]}"#, r#"{"a":{"b":null}}"#, vec!["a", "b"]),
    ] {
        let error = merge_patch(from, to).unwrap_err();
        assert_eq!(error, MergePatchError::Null { path: Path::from_keys(keys) });
    }
    assert_eq!(merge_patch(r#"{"a":null}"#, r#"{"a":null}"#).unwrap(), "{}");
    assert_eq!(merge_patch("1", "[null]").unwrap(), "[null]");
    assert_eq!(merge_patch("1", "null").unwrap(), "null");
    assert!(matches!(merge_patch("{", "1"), Err(MergePatchError::Json(_))));
}
