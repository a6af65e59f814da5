//! Edits that are refused.

use libsync::{
    ApplyError, DecodeError, EditError, LoadError, Options, Replica, ReplicaId, Unit, Value,
    VersionVector,
};

use super::DOCUMENT;

#[test]
fn edits_that_cannot_be_made_say_why_and_change_nothing() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_text("t", Unit::Scalar, 0, "a𝄞b").unwrap();
    a.set("n", 1).unwrap();
    let before = a.save();
    let errors = [
        a.insert_text("t", Unit::Scalar, 4, "x").unwrap_err(),
        a.insert_text("t", Unit::Utf16, 2, "x").unwrap_err(),
        a.delete_text("t", Unit::Utf8, 0, 3).unwrap_err(),
        a.delete_text("t", Unit::Scalar, 2, usize::MAX).unwrap_err(),
        a.delete_text("missing", Unit::Scalar, 0, 1).unwrap_err(),
        a.insert_text("new", Unit::Scalar, 1, "x").unwrap_err(),
        a.set("n.x", 1).unwrap_err(),
        a.set("t.x", 1).unwrap_err(),
        a.set("", 1).unwrap_err(),
        a.remove("").unwrap_err(),
        a.insert_text("", Unit::Scalar, 0, "x").unwrap_err(),
        a.set("a..b", 1).unwrap_err(),
        a.set("/x".repeat(libsync::MAX_DEPTH + 1), 1).unwrap_err(),
    ];
    for error in errors {
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(a.save(), before);
    assert!(!a.remove("missing").unwrap());
    a.set("/x".repeat(libsync::MAX_DEPTH), 1).unwrap();
    let copy = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    assert_eq!(copy.to_json(), a.to_json());
}

#[test]
fn limits_are_the_hosts() {
    let mut options = Options::default();
    (options.max_depth, options.max_key_bytes, options.max_value_bytes) = (2, 3, 4);
    options.max_frame_bytes = 200;
    let mut a = Replica::with_options(DOCUMENT, ReplicaId::new(1), options);
    a.set("abc.def", "1234").unwrap();
    let before = a.save();
    let limit = |error: EditError| match error {
        EditError::TooDeep { limit } | EditError::TooLong { limit, .. } => limit,
        other => panic!("{other}"),
    };
    assert_eq!(limit(a.set("a.b.c", 1).unwrap_err()), 2);
    assert_eq!(limit(a.set("abcd", 1).unwrap_err()), 3);
    assert_eq!(limit(a.set("abcd.x", 1).unwrap_err()), 3);
    assert_eq!(limit(a.set("k", "12345").unwrap_err()), 4);
    assert_eq!(limit(a.set("k", vec![0; 5]).unwrap_err()), 4);
    assert_eq!(limit(a.add("s", "12345").unwrap_err()), 4);
    assert_eq!(limit(a.insert_items("l", 0, ["12345"]).unwrap_err()), 4);
    assert_eq!(limit(a.insert_items("l.l", 0, [1]).unwrap_err()), 2);
    assert_eq!(a.save(), before);
    // What others write is taken, but for frames that are too long.
    let mut b = Replica::new(DOCUMENT, ReplicaId::new(2));
    b.set("a.b.c.d", "a longer value").unwrap();
    a.apply(&b.export(&VersionVector::new()).unwrap()).unwrap();
    b.set("long", Value::from(vec![0; 200])).unwrap();
    let frame = b.export(a.version()).unwrap();
    let too_long = |error: &DecodeError| matches!(error, DecodeError::Limit { limit: 200, .. });
    assert!(matches!(a.apply(&frame), Err(ApplyError::Decode(error)) if too_long(&error)));
    let loaded = Replica::load_with_options(&b.save(), a.id(), options);
    assert!(matches!(loaded, Err(LoadError::Decode(error)) if too_long(&error)));
}
