//! The oracle reads the frozen vectors of the wire format, and shows what they say.

use std::fs;
use std::path::Path;

use libsync::{ReplicaId, VersionVector};
use libsync_simulation::oracle::{Document, History};
use serde_json::Value as Json;

fn bytes(hex: &Json) -> Vec<u8> {
    let hex = hex.as_str().expect("a frame is hexadecimal digits");
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("two hexadecimal digits"))
        .collect()
}

fn version(counts: &Json) -> VersionVector {
    let counts = counts.as_object().expect("a version names replicas").iter();
    let count = |(replica, count): (&String, &Json)| {
        let replica = u64::from_str_radix(replica, 16).expect("a replica is 16 digits");
        (ReplicaId::new(replica), count.as_u64().expect("a count is a number"))
    };
    counts.map(count).collect()
}

#[test]
fn the_oracle_shows_what_the_vectors_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/changes.json");
    let file = fs::read_to_string(file).expect("the vectors are there");
    let file: Json = serde_json::from_str(&file).expect("the vectors are JSON");
    let mut compared = 0;
    for vector in file["vectors"].as_array().expect("a file has vectors") {
        let before = vector["before"].as_array().expect("a vector has a past");
        // What is in a document is not known operation by operation.
        if before.iter().any(|frame| frame["kind"] != "changes") {
            continue;
        }
        let mut history = History::default();
        for frame in before.iter().chain([vector]) {
            history.learn(&bytes(&frame["frame"])).unwrap_or_else(|error| {
                panic!("{}: {error}", vector["name"]);
            });
        }
        let shows = &vector["shows"];
        let known = history.within(&version(&shows["version"])).expect("all is known");
        let document = Document::of(&known).expect("the operations agree");
        assert_eq!(document.to_json(), shows["json"], "{}", vector["name"]);
        compared += 1;
    }
    assert!(compared >= 20, "{compared} vectors were compared");
}
