//! What an import edits, and what it leaves alone.

use libsync::{
    Commit, Content, EditError, ImportError, ImportOptions, JsonError, Kind, MAX_DEPTH, Path,
    Replica, Unit, Value,
};

use super::{PLAIN, exchanged, imported, replica, report, twin};

/// A document with something of every kind.
fn every_kind() -> Replica {
    let mut replica = replica(1);
    replica.insert_text("text", Unit::Scalar, 0, "Ahoy, 𝄞").unwrap();
    replica
        .insert_items("list", 0, [Content::from(1), Kind::Map.into(), Kind::Text.into()])
        .unwrap();
    replica.set("list.1.x", 2.0).unwrap();
    replica.insert_text("list.2", Unit::Scalar, 0, "in a list").unwrap();
    replica.increment("count", 5).unwrap();
    replica.create("clicks", Kind::GrowOnlyCounter).unwrap();
    replica.increment("clicks", 2).unwrap();
    for element in [Value::from("a"), 1.into(), Value::Timestamp(3), vec![0, 255].into()] {
        replica.add("set", element.clone()).unwrap();
        replica.create("seen", Kind::GrowOnlySet).unwrap();
        replica.add("seen", element).unwrap();
    }
    for (key, value) in [
        ("null", Value::Null),
        ("bytes", vec![1, 2].into()),
        ("nan", f64::NAN.into()),
        ("inf", f64::NEG_INFINITY.into()),
        ("time", Value::Timestamp(-7)),
        ("minus", (-0.0).into()),
    ] {
        replica.set(key, value).unwrap();
    }
    // Maps that look like values that JSON lacks.
    replica.set(Path::from_keys(["looks", "$bytes"]), "00").unwrap();
    replica.create("empty.map", Kind::Map).unwrap();
    replica.create("empty.list", Kind::List).unwrap();
    replica.create("empty.text", Kind::Text).unwrap();
    replica.create("empty.set", Kind::Set).unwrap();
    replica.create("empty.count", Kind::Counter).unwrap();
    replica
}

#[test]
fn what_is_there_already_is_no_edit() {
    let mut replica = every_kind();
    let (json, version) = (replica.to_json(), replica.version().clone());
    assert!(replica.import_json("", &json, PLAIN).unwrap().is_empty());
    assert!(replica.import_json("", &json, ImportOptions::new().texts_from(0)).unwrap().is_empty());
    for path in replica.keys("").unwrap() {
        let json = replica.json_at(&path).unwrap();
        assert!(replica.import_json(&path, &json, PLAIN).unwrap().is_empty(), "{path}");
    }
    assert_eq!((replica.to_json(), replica.version()), (json, &version));
}

#[test]
fn a_document_is_made_of_its_json() {
    let json = every_kind().to_json();
    let replica = imported(&json);
    assert_eq!(replica.get("bytes").unwrap(), Some(Content::from(vec![1, 2])));
    assert_eq!(replica.get("time").unwrap(), Some(Value::Timestamp(-7).into()));
    assert_eq!(replica.get("inf").unwrap(), Some(f64::NEG_INFINITY.into()));
    assert_eq!(replica.get("text").unwrap(), Some("Ahoy, 𝄞".into()));
    assert_eq!(replica.get("count").unwrap(), Some(5.into()));
    assert_eq!(replica.get("set").unwrap(), Some(Kind::List.into()));
}

#[test]
fn each_kind_is_edited_in_its_own_way() {
    let mut replica = every_kind();
    for (path, json, expected) in [
        (
            "text",
            r#""Ahoy there, 𝄢!""#,
            report(|report| {
                report.inserted_characters = 8;
                report.deleted_characters = 1;
            }),
        ),
        (
            "list",
            r#"["in the list",1,{"x":2.0}]"#,
            report(|report| {
                report.moved_items = 1;
                report.inserted_characters = 3;
                report.deleted_characters = 1;
            }),
        ),
        (
            "list",
            r#"["in the list",5,1]"#,
            report(|report| {
                report.inserted_items = 1;
                report.deleted_items = 1;
            }),
        ),
        ("count", "-7", report(|report| report.counted = 1)),
        ("clicks", "3", report(|report| report.counted = 1)),
        (
            "set",
            r#"["b",{"$bytes":"00ff"},"a","a"]"#,
            report(|report| {
                report.added = 1;
                report.discarded = 2;
            }),
        ),
        ("null", "false", report(|report| report.assigned = 1)),
        (
            "empty",
            r#"{"list":[1,2],"map":{"a":{"b":1}},"text":"x"}"#,
            report(|report| {
                report.assigned = 2;
                report.inserted_items = 2;
                report.inserted_characters = 1;
                report.removed = 2;
            }),
        ),
    ] {
        let found = replica.import_json(path, json, PLAIN).unwrap();
        assert_eq!(found, expected, "{path} {json}");
        if path != "set" {
            assert_eq!(replica.json_at(path).unwrap(), json);
        }
    }
    assert_eq!(replica.json_at("set").unwrap(), r#"["a","b",{"$bytes":"00ff"}]"#);
    assert_eq!(replica.get("list.0").unwrap(), Some(Kind::Text.into()));
}

#[test]
fn what_does_not_fit_replaces_what_is_there() {
    for json in ["1.5", r#""b""#, "null", "[[1]]", r#"{"a":1}"#, "7", r#"["a"]"#] {
        for path in ["text", "list", "count", "set", "null", "bytes", "looks", "list.1"] {
            let mut replica = every_kind();
            replica.import_json(path, json, PLAIN).unwrap();
            assert_eq!(replica.json_at(path).unwrap(), json, "{path}");
        }
    }
}

#[test]
fn what_only_grows_is_not_taken_from() {
    let mut replica = every_kind();
    let before = (replica.to_json(), replica.version().clone());
    for (path, json) in [("clicks", "1"), ("clicks", "null"), ("seen", "[]"), ("", "{}")] {
        let error = replica.import_json(path, json, PLAIN).unwrap_err();
        assert!(matches!(error, ImportError::Edit(EditError::GrowOnly { .. })), "{path}: {error}");
        assert_eq!((replica.to_json(), replica.version()), (before.0.clone(), &before.1));
    }
}

#[test]
fn new_strings_are_what_the_options_say() {
    let mut replica = replica(1);
    let json =
        r#"{"list":["long enough","short"],"old":"was short","title":"a title, long enough"}"#;
    replica.set("old", "old").unwrap();
    replica.import_json("", json, ImportOptions::new().texts_from(8)).unwrap();
    assert_eq!(replica.to_json(), json);
    for (path, is_text) in [("list.0", true), ("list.1", false), ("old", false), ("title", true)] {
        let found = replica.get(path).unwrap() == Some(Kind::Text.into());
        assert_eq!(found, is_text, "{path}");
    }
    let is_body = |path: &Path, _: &str| path.segments().last() == Some(&"body".into());
    replica.import_json("doc", r#"{"body":"","id":"x"}"#, PLAIN.texts_where(&is_body)).unwrap();
    assert_eq!(replica.get("doc.body").unwrap(), Some(Kind::Text.into()));
    assert_eq!(replica.get("doc.id").unwrap(), Some("x".into()));
}

#[test]
fn concurrent_edits_elsewhere_survive() {
    let mut a = every_kind();
    let mut b = twin(&mut a, 2);
    let json = a.to_json();
    let edited = json
        .replace("Ahoy, 𝄞", "Ahoy there, 𝄞")
        .replace(r#"[1,{"x":2.0},"in a list"]"#, r#"["in a list",1,{"x":3.0}]"#)
        .replace(r#""count":5"#, r#""count":6"#)
        .replace(r#""null":null,"#, "");
    assert_ne!(edited, json);
    a.import_json("", &edited, PLAIN).unwrap();
    b.insert_text("text", Unit::Scalar, 6, "you ").unwrap();
    b.set("list.1.y", true).unwrap();
    b.insert_text("list.2", Unit::Scalar, 9, "!").unwrap();
    b.insert_items("list", 3, ["new"]).unwrap();
    b.increment("count", 10).unwrap();
    b.set("other", 1).unwrap();
    let both = exchanged(&mut a, &mut b);
    let expected = edited
        .replace("Ahoy there, 𝄞", "Ahoy there, you 𝄞")
        .replace(r#"["in a list",1,{"x":3.0}]"#, r#"["in a list!",1,{"x":3.0,"y":true},"new"]"#)
        .replace(r#""count":6"#, r#""count":16"#)
        .replace(r#""seen""#, r#""other":1,"seen""#);
    assert_eq!(both, expected);
}

#[test]
fn a_conflict_stays_where_nothing_is_said_against_it() {
    let mut a = imported(r#"{"k":0}"#);
    let mut b = twin(&mut a, 2);
    a.set("k", 1).unwrap();
    b.set("k", 2).unwrap();
    let json = exchanged(&mut a, &mut b);
    assert!(a.import_json("", &json, PLAIN).unwrap().is_empty());
    assert_eq!(a.conflicts("k").unwrap().len(), 2);
    a.import_json("", r#"{"k":1}"#, PLAIN).unwrap();
    assert_eq!(a.conflicts("k").unwrap().len(), 1);
}

#[test]
fn an_import_goes_where_it_is_told() {
    let mut replica = imported(r#"{"list":[{"a":1}]}"#);
    replica.import_json("new.deep", "[1]", PLAIN).unwrap();
    replica.import_json("list.0.b", r#"{"c":2}"#, PLAIN).unwrap();
    replica.import_json("list.-", r#"[{"d":3}]"#, PLAIN).unwrap();
    replica.import_json("/list/-/e/f", "4", PLAIN).unwrap();
    let json = r#"{"list":[{"a":1,"b":{"c":2}},[{"d":3}],{"e":{"f":4}}],"new":{"deep":[1]}}"#;
    assert_eq!(replica.to_json(), json);
    for path in ["list.7", "list.x", "list.0.a.b", "list.x.y"] {
        assert!(replica.import_json(path, "1", PLAIN).is_err(), "{path}");
    }
    for json in ["1", "[]", "null", "\"\""] {
        let error = replica.import_json("", json, PLAIN).unwrap_err();
        assert_eq!(error, EditError::Root.into());
    }
    assert_eq!(replica.to_json(), json);
}

#[test]
fn an_import_is_one_change_or_a_part_of_the_open_transaction() {
    let mut a = every_kind();
    let before = a.version().clone();
    a.import_json("", r#"{"clicks":9,"seen":[1,"a",{"$bytes":"00ff"},{"$timestamp":3}]}"#, PLAIN)
        .unwrap();
    let id = libsync::OpId::new(a.id(), before.get(a.id()));
    assert!(a.change(id).is_some_and(|change| id.counter + change.len >= a.version().get(a.id())));

    a.begin().unwrap();
    a.set("first", 1).unwrap();
    a.import_json("second", "[1,2]", PLAIN).unwrap();
    let open = a.to_json();
    // It fails in the middle of its edits.
    let too_much = r#"{"clicks":1,"aa":{"b":[1,2,3]},"first":2,"second":[2,1]}"#;
    assert!(a.import_json("", too_much, PLAIN).is_err());
    assert_eq!(a.to_json(), open);
    a.set("third", 3).unwrap();
    let mut saved = a.clone();
    a.commit(Commit::new()).unwrap();
    assert!(a.to_json().contains(r#""first":1,"#) && a.to_json().contains(r#""third":3"#));
    let twin = twin(&mut a, 2);
    assert_eq!(twin.to_json(), a.to_json());

    // What went before the failure is undone with the rest.
    assert!(saved.abort());
    assert!(!saved.to_json().contains("first"));
    assert!(saved.import_json("", &saved.to_json(), PLAIN).unwrap().is_empty());
}

#[test]
fn what_can_not_be_taken_is_an_error_that_changes_nothing() {
    let mut replica = every_kind();
    let before = (replica.to_json(), replica.version().clone());
    let deep = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
    let deeper = format!("{{\"a\":{deep}}}");
    replica
        .clone()
        .import_json("", &deep.replace('[', "{\"a\":").replace(']', "}"), PLAIN)
        .unwrap_err();
    for (json, error) in [
        ("{", None),
        (r#"{"a":1,"a":2}"#, Some(JsonError::DuplicateKey { at: 0, key: "a".to_owned() })),
        (r#"{"a":18446744073709551615}"#, Some(JsonError::Number { at: 5 })),
    ] {
        let found = replica.import_json("", json, PLAIN).unwrap_err();
        let ImportError::Json(found) = found else { panic!("{json}: {found}") };
        assert!(error.is_none_or(|error| error == found), "{json}: {found}");
    }
    let too_deep = replica.import_json("x", &deeper, PLAIN).unwrap_err();
    assert_eq!(too_deep, EditError::TooDeep { limit: MAX_DEPTH }.into());
    let key = format!("{{\"fine\":1,\"{}\":1}}", "k".repeat(70_000));
    let error = replica.import_json("deep.down", &key, PLAIN).unwrap_err();
    assert!(matches!(error, ImportError::Edit(EditError::TooLong { .. })), "{error}");
    assert_eq!((replica.to_json(), replica.version()), (before.0, &before.1));
}

#[test]
fn the_deepest_document_is_read_back() {
    let mut deep = replica(1);
    let keys = vec!["a"; MAX_DEPTH];
    deep.create(Path::from_keys(keys), Kind::Map).unwrap();
    let json = deep.to_json();
    assert!(deep.import_json("", &json, PLAIN).unwrap().is_empty());
    imported(&json);
}

#[test]
fn counters_reach_every_number() {
    let mut replica = replica(1);
    replica.increment("count", i64::MIN + 1).unwrap();
    for count in [i64::MAX, -1, 0, i64::MAX, i64::MIN + 1, 3] {
        let imported = replica.import_json("count", &count.to_string(), PLAIN);
        match imported {
            Ok(_) => assert_eq!(replica.count("count").unwrap(), count),
            Err(error) => {
                assert_eq!(error, EditError::Overflow { path: Path::from_keys(["count"]) }.into())
            }
        }
    }
}

#[test]
fn large_documents_take_no_time() {
    let started = std::time::Instant::now();
    let text: String = (0..20_000).map(|word| format!("word{word} ")).collect();
    let items: Vec<String> =
        (0..10_000).map(|id| format!("{{\"done\":false,\"id\":{id}}}")).collect();
    let json = |items: &[String], text: &str| {
        format!("{{\"list\":[{}],\"text\":\"{text}\"}}", items.join(","))
    };
    let mut replica = replica(1);
    replica.create("text", Kind::Text).unwrap();
    replica.import_json("", &json(&items, &text), PLAIN).unwrap();
    let mut other = items.clone();
    other.reverse();
    other.rotate_left(777);
    // Every item moved, and all of the text rewritten; and back.
    let rewritten: String = text.chars().rev().collect();
    replica.import_json("", &json(&other, &rewritten), PLAIN).unwrap();
    assert_eq!(replica.to_json(), json(&other, &rewritten));
    // Every item edited.
    let done: Vec<String> = other.iter().map(|item| item.replace("false", "true")).collect();
    let report = replica.import_json("", &json(&done, &text), PLAIN).unwrap();
    assert_eq!((report.assigned, report.inserted_items, report.moved_items), (10_000, 0, 0));
    assert_eq!(replica.to_json(), json(&done, &text));
    // Nothing fits anything.
    let other: Vec<String> = (0..10_000).map(|id| format!("[{id}]")).collect();
    replica.import_json("", &json(&other, &text), PLAIN).unwrap();
    replica.import_json("", &json(&done, &text), PLAIN).unwrap();
    assert_eq!(replica.to_json(), json(&done, &text));
    // A quadratic way would take minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}
