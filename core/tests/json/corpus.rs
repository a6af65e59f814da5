//! The cases of `tests/json-patch`, on documents with registers and with texts, within a document and
//! as the whole of one, and on the naive model.

use libsync::{ImportOptions, OperationError, PatchError, ReadError, Replica};
use serde_json::Value;

use super::{PLAIN, oracle, replica};

const TEXTS: ImportOptions<'static> = ImportOptions::new().texts_from(0);

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../tests/json-patch/{file}", env!("CARGO_MANIFEST_DIR"));
    let Value::Array(cases) = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() else {
        panic!("{file} is a list of cases");
    };
    cases
}

/// Documents that show a value at a path; the root shows objects alone.
fn documents(value: &Value) -> Vec<(&'static str, Replica)> {
    let mut documents = Vec::new();
    for options in [PLAIN, TEXTS] {
        for path in ["", "/doc", "/list/1"] {
            let mut replica = replica(1);
            replica.insert_items("list", 0, [0, 1, 2]).unwrap();
            if path.is_empty() {
                if !value.is_object() {
                    continue;
                }
                replica.remove("list").unwrap();
            }
            replica.import_json(path, &value.to_string(), options).unwrap();
            documents.push((path, replica));
        }
    }
    documents
}

/// What an error is called in the cases.
fn word(error: &PatchError) -> &'static str {
    let PatchError::Operation { error, .. } = error else {
        return if *error == PatchError::NotAnArray { "no list" } else { "else" };
    };
    match error {
        OperationError::NotAnObject => "no object",
        OperationError::Missing { .. } => "no member",
        OperationError::NotAString { .. } => "no string",
        OperationError::Unknown { .. } => "no operation",
        OperationError::Pointer { .. } => "no pointer",
        OperationError::NotFound { .. } => "nothing there",
        OperationError::IntoItself { .. } => "into itself",
        OperationError::TestFailed { .. } => "test",
        OperationError::Edit(libsync::EditError::IndexOutOfBounds { .. }) => "out of bounds",
        OperationError::Edit(libsync::EditError::Read(error)) => match error {
            ReadError::NotAnIndex { .. } => "no index",
            ReadError::WrongKind { .. } => "no container",
            _ => "else",
        },
        _ => "else",
    }
}

#[test]
fn patches_do_what_they_say() {
    for case in cases("patches.json") {
        let (name, document, patch) = (&case["name"], &case["doc"], &case["patch"]);
        let result = case.get("result");
        assert_eq!(oracle::patched(document, patch).as_ref(), result, "{name}, naively");
        for (path, mut replica) in documents(document) {
            let before = (replica.to_json(), replica.version().clone());
            let applied = replica.apply_json_patch(path, &patch.to_string(), PLAIN);
            match result {
                Some(result) if path.is_empty() && !result.is_object() => {
                    assert!(applied.is_err(), "{name}: the root is a map");
                }
                Some(result) => {
                    applied.unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert_eq!(replica.json_at(path).unwrap(), result.to_string(), "{name}");
                    continue;
                }
                None => {
                    let error = applied.unwrap_err();
                    assert_eq!(word(&error), case["fails"], "{name}, at `{path}`: {error}");
                }
            }
            assert_eq!((replica.to_json(), replica.version()), (before.0, &before.1), "{name}");
        }
    }
}

#[test]
fn a_patch_is_found_again() {
    for case in cases("patches.json").iter().chain(&cases("merges.json")) {
        let Some(result) = case.get("result") else { continue };
        let (from, to) = (case["doc"].to_string(), result.to_string());
        let patch = libsync::json_patch(&from, &to).unwrap();
        let patch: Value = serde_json::from_str(&patch).unwrap();
        let found = oracle::patched(&case["doc"], &patch);
        assert_eq!(found.as_ref(), Some(result), "{}: {patch}", case["name"]);
    }
}

#[test]
fn merge_patches_do_what_they_say() {
    for case in cases("merges.json") {
        let (name, document, patch) = (&case["name"], &case["doc"], &case["patch"]);
        let result = &case["result"];
        assert_eq!(&oracle::merged(document.clone(), patch), result, "{name}, naively");
        for (path, mut replica) in documents(document) {
            let applied = replica.apply_merge_patch(path, &patch.to_string(), PLAIN);
            if path.is_empty() && !result.is_object() {
                assert!(applied.is_err(), "{name}: the root is a map");
                continue;
            }
            applied.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(replica.json_at(path).unwrap(), result.to_string(), "{name}");
        }
    }
}

#[test]
fn a_merge_patch_is_found_again() {
    let mut found = 0;
    for case in cases("patches.json").iter().chain(&cases("merges.json")) {
        let Some(result) = case.get("result") else { continue };
        let (from, to) = (case["doc"].to_string(), result.to_string());
        let Ok(patch) = libsync::merge_patch(&from, &to) else { continue };
        let patch: Value = serde_json::from_str(&patch).unwrap();
        assert_eq!(&oracle::merged(case["doc"].clone(), &patch), result, "{}", case["name"]);
        found += 1;
    }
    assert!(found > 80, "{found}");
}
