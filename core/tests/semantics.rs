//! What concurrent edits lead to: each row of the tables in `docs/semantics.md`.

use libsync::{Content, DocumentId, EditError, Kind, ReadError, Replica, ReplicaId, Unit, Value};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);

/// A starts with `before`; then A and B edit without each other; then they exchange. Gives both.
fn concurrently(
    before: impl Fn(&mut Replica),
    a_does: impl Fn(&mut Replica),
    b_does: impl Fn(&mut Replica),
) -> (Replica, Replica) {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.join(ReplicaId::new(2)).unwrap();
    before(&mut a);
    let mut b = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    a_does(&mut a);
    b_does(&mut b);
    let from_a = a.export(b.version()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
    b.apply(&from_a).unwrap();
    assert_eq!(a.to_json(), b.to_json(), "both see the same");
    (a, b)
}

fn json(
    before: impl Fn(&mut Replica),
    a_does: impl Fn(&mut Replica),
    b_does: impl Fn(&mut Replica),
) -> String {
    concurrently(before, a_does, b_does).0.to_json()
}

fn contents(replica: &Replica, path: &str) -> Vec<Content> {
    replica.conflicts(path).unwrap().into_iter().map(|conflict| conflict.content).collect()
}

fn nothing(_: &mut Replica) {}

#[test]
fn register_set_and_set() {
    let (a, b) = concurrently(nothing, |a| a.set("k", 1).unwrap(), |b| b.set("k", 2).unwrap());
    assert_eq!(a.to_json(), r#"{"k":2}"#);
    let both = [Content::Value(Value::Int(2)), Content::Value(Value::Int(1))];
    assert_eq!(contents(&a, "k"), both);
    assert_eq!(contents(&b, "k"), both);
}

#[test]
fn register_the_later_lamport_time_is_shown() {
    let twice = |a: &mut Replica| {
        a.set("k", "draft").unwrap();
        a.set("k", "final").unwrap();
    };
    assert_eq!(json(nothing, twice, |b| b.set("k", "b").unwrap()), r#"{"k":"final"}"#);
}

#[test]
fn register_an_assignment_resolves_the_conflict_that_it_saw() {
    let (mut a, mut b) =
        concurrently(nothing, |a| a.set("k", 1).unwrap(), |b| b.set("k", 2).unwrap());
    a.set("k", 3).unwrap();
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    assert_eq!(contents(&b, "k"), [Content::Value(Value::Int(3))]);
}

#[test]
fn register_remove_and_set() {
    let seen = |a: &mut Replica| a.set("k", 1).unwrap();
    let remove = |a: &mut Replica| assert!(a.remove("k").unwrap());
    assert_eq!(json(seen, remove, |b| b.set("k", 2).unwrap()), r#"{"k":2}"#);
    assert_eq!(json(seen, remove, remove), "{}");
    assert_eq!(json(seen, remove, nothing), "{}");
}

#[test]
fn map_both_create_the_same_and_fill_it() {
    let merged = json(
        nothing,
        |a| a.set("user.profile.bio", "sea").unwrap(),
        |b| b.set("user.profile.avatar", "whale").unwrap(),
    );
    assert_eq!(merged, r#"{"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#);
}

#[test]
fn map_remove_and_edit_within() {
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
fn map_replace_by_a_value_and_edit_within() {
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

#[test]
fn text_both_type_at_one_place() {
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
fn text_delete_and_type_within() {
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
fn text_remove_and_type() {
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
fn text_both_create_it() {
    let merged = json(
        nothing,
        |a| a.insert_text("t", Unit::Scalar, 0, "one").unwrap(),
        |b| b.insert_text("t", Unit::Scalar, 0, "two").unwrap(),
    );
    assert_eq!(merged, r#"{"t":"onetwo"}"#);
}

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
