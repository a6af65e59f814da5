//! JSON Patch on what JSON lacks, and what it leads to where edits are concurrent.

use libsync::{
    Commit, Content, EditError, JsonError, Kind, OperationError, PatchError, Unit, Value,
};

use super::{PLAIN, exchanged, imported, replica, twin};

#[test]
fn a_patch_edits() {
    let mut a = replica(1);
    a.insert_text("text", Unit::Scalar, 0, "one two").unwrap();
    a.increment("count", 1).unwrap();
    a.insert_items("list", 0, [Kind::Map, Kind::Map]).unwrap();
    a.set("list.0.x", 1).unwrap();
    let mut b = twin(&mut a, 2);
    let patch = r#"[
        {"op":"replace","path":"/text","value":"one or two"},
        {"op":"replace","path":"/count","value":5},
        {"op":"move","from":"/list/0","path":"/list/1"}
    ]"#;
    let report = a.apply_json_patch("", patch, PLAIN).unwrap();
    assert_eq!((report.inserted_characters, report.counted, report.moved_items), (3, 1, 1));
    b.insert_text("text", Unit::Scalar, 7, " three").unwrap();
    b.increment("count", 10).unwrap();
    b.set("list.0.y", 2).unwrap();
    assert_eq!(
        exchanged(&mut a, &mut b),
        r#"{"count":15,"list":[{},{"x":1,"y":2}],"text":"one or two three"}"#
    );
}

#[test]
fn copies_are_of_the_same_kinds() {
    let mut replica = replica(1);
    replica.insert_text("a.text", Unit::Scalar, 0, "abc").unwrap();
    replica.increment("a.count", 7).unwrap();
    replica.add("a.set", 1).unwrap();
    replica.set("a.at", Value::Timestamp(1)).unwrap();
    replica.insert_items("a.list", 0, [Kind::Text]).unwrap();
    let patch = r#"[{"op":"copy","from":"/a","path":"/b"},{"op":"move","from":"/a","path":"/c"}]"#;
    replica.apply_json_patch("", patch, PLAIN).unwrap();
    let json = r#"{"at":{"$timestamp":1},"count":7,"list":[""],"set":[1],"text":"abc"}"#;
    assert_eq!(replica.to_json(), format!("{{\"b\":{json},\"c\":{json}}}"));
    for copy in ["b", "c"] {
        for (key, kind) in [
            ("text", Kind::Text),
            ("count", Kind::Counter),
            ("set", Kind::Set),
            ("list.0", Kind::Text),
        ] {
            let found = replica.get(format!("{copy}.{key}")).unwrap();
            assert_eq!(found, Some(Content::Container(kind)), "{copy}.{key}");
        }
    }
}

#[test]
fn sets_are_addressed_as_arrays() {
    let mut replica = replica(1);
    for element in [1, 2, 3] {
        replica.add("set", element).unwrap();
    }
    let patch = r#"[
        {"op":"test","path":"/set/1","value":2},
        {"op":"remove","path":"/set/1"},
        {"op":"replace","path":"/set/0","value":5},
        {"op":"add","path":"/set/-","value":"x"},
        {"op":"copy","from":"/set/0","path":"/three"},
        {"op":"test","path":"/set","value":[3,5,"x"]}
    ]"#;
    let report = replica.apply_json_patch("", patch, PLAIN).unwrap();
    assert_eq!((report.added, report.discarded), (2, 2));
    assert_eq!(replica.to_json(), r#"{"set":[3,5,"x"],"three":3}"#);
    for (patch, fails) in [
        (r#"[{"op":"remove","path":"/set/3"}]"#, "there is nothing"),
        (r#"[{"op":"add","path":"/set/4","value":1}]"#, "out of bounds"),
        (r#"[{"op":"add","path":"/set/-","value":[]}]"#, "values alone"),
        (r#"[{"op":"replace","path":"/set/0","value":{}}]"#, "values alone"),
        (r#"[{"op":"test","path":"/set/0/a","value":{}}]"#, "not a map"),
        (r#"[{"op":"test","path":"/set/x","value":{}}]"#, "index"),
    ] {
        let error = replica.apply_json_patch("", patch, PLAIN).unwrap_err();
        assert!(error.to_string().contains(fails), "{patch}: {error}");
    }
}

#[test]
fn a_patch_fails_as_a_whole() {
    let mut replica = imported(r#"{"a":[1,2],"b":{"c":"d"}}"#);
    replica.begin().unwrap();
    replica.set("before", true).unwrap();
    let (open, patch) = (
        replica.to_json(),
        r#"[
        {"op":"move","from":"/a/0","path":"/a/1"},
        {"op":"add","path":"/b/e","value":{"f":[1]}},
        {"op":"remove","path":"/b/c"},
        {"op":"remove","path":"/b/c"}
    ]"#,
    );
    let error = replica.apply_json_patch("", patch, PLAIN).unwrap_err();
    let PatchError::Operation { index: 3, error: OperationError::NotFound { path } } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(path.to_string(), "/b/c");
    assert_eq!(replica.to_json(), open);
    replica.apply_json_patch("/b", r#"[{"op":"remove","path":"/c"}]"#, PLAIN).unwrap();
    assert!(replica.commit(Commit::new()).unwrap().is_some());
    let json = r#"{"a":[1,2],"b":{},"before":true}"#;
    assert_eq!(replica.to_json(), json);
    assert_eq!(twin(&mut replica, 2).to_json(), json);
}

#[test]
fn what_is_no_patch_says_so() {
    let mut replica = imported(r#"{"a":1}"#);
    let duplicate = r#"[{"op":"add","path":"/b","value":1,"op":"remove"}]"#;
    let error = replica.apply_json_patch("", duplicate, PLAIN).unwrap_err();
    let expected = JsonError::DuplicateKey { at: 1, key: "op".to_owned() };
    assert_eq!(error, PatchError::Json(expected));
    let root = replica.apply_json_patch("", r#"[{"op":"remove","path":""}]"#, PLAIN).unwrap_err();
    let error = OperationError::Edit(EditError::Root);
    assert_eq!(root, PatchError::Operation { index: 0, error });
    let path = replica.apply_json_patch("/~", "[]", PLAIN).unwrap_err();
    assert!(matches!(path, PatchError::Edit(EditError::Read(_))), "{path}");
    assert_eq!(replica.to_json(), r#"{"a":1}"#);
}
