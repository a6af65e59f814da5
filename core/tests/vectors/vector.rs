//! The files in `tests/vectors`: their `README.md` says what is in them.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

/// What a frame is handed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Changes,
    Document,
    Version,
    Acknowledgement,
}

impl Kind {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Changes, "changes"),
        (Self::Document, "document"),
        (Self::Version, "version"),
        (Self::Acknowledgement, "acknowledgement"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|(_, other)| *other == name).expect("a kind of frame").0
    }
}

/// A frame, and of which kind it is (or is taken to be).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    pub kind: Kind,
    pub frame: Vec<u8>,
}

/// What writing the same again gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rewritten {
    /// The same bytes.
    Same,
    /// Other bytes.
    As(Vec<u8>),
    /// Nothing: there is no call that does.
    Never,
}

/// What comes of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Shows(Map<String, Value>),
    Fails(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vector {
    pub name: String,
    pub about: String,
    /// Who receives the frame.
    pub replica: u64,
    /// What it received before.
    pub before: Vec<Given>,
    pub given: Given,
    pub outcome: Outcome,
    pub rewritten: Rewritten,
}

pub const FILES: [&str; 11] = [
    "changes",
    "documents",
    "versions",
    "acknowledgements",
    "invalid-frames",
    "invalid-bodies",
    "invalid-changes",
    "invalid-operations",
    "invalid-documents",
    "invalid-texts",
    "invalid-contents",
];

fn path(file: &str) -> PathBuf {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    PathBuf::from(vectors).join(file).with_extension("json")
}

/// The vectors of a file; none if it is not there.
pub fn read(file: &str) -> Vec<Vector> {
    let Ok(text) = fs::read_to_string(path(file)) else { return Vec::new() };
    let content: Value = serde_json::from_str(&text).expect("a file of vectors is JSON");
    assert_eq!(content["format"], 1, "{file}: of this schema");
    let vectors = content["vectors"].as_array().expect("a list of vectors");
    vectors.iter().map(Vector::from_json).collect()
}

pub fn write(file: &str, vectors: &[Vector]) {
    let vectors: Vec<String> = vectors.iter().map(Vector::to_text).collect();
    let text = format!("{{\"format\":1,\"vectors\":[\n{}\n]}}\n", vectors.join(",\n"));
    fs::write(path(file), text).expect("a file of vectors is written");
}

impl Vector {
    fn from_json(vector: &Value) -> Self {
        let outcome = match (&vector["shows"], &vector["error"]) {
            (Value::Object(shows), Value::Null) => Outcome::Shows(shows.clone()),
            (Value::Null, Value::String(error)) => Outcome::Fails(error.clone()),
            _ => panic!("a vector shows something or fails: {vector}"),
        };
        let rewritten = match (&outcome, vector.get("rewritten")) {
            (Outcome::Fails(_), _) | (_, Some(Value::Null)) => Rewritten::Never,
            (_, None) => Rewritten::Same,
            (_, Some(frame)) => Rewritten::As(from_hex(string(frame))),
        };
        let before = vector["before"].as_array().expect("what came before");
        Self {
            name: string(&vector["name"]).to_owned(),
            about: string(&vector["about"]).to_owned(),
            replica: u64::from_str_radix(string(&vector["replica"]), 16).expect("a replica id"),
            before: before.iter().map(Given::from_json).collect(),
            given: Given::from_json(vector),
            outcome,
            rewritten,
        }
    }

    /// One field a line.
    fn to_text(&self) -> String {
        let before: Vec<Value> = self.before.iter().map(Given::to_json).collect();
        let mut fields = vec![
            ("name", json!(self.name)),
            ("about", json!(self.about)),
            ("replica", json!(format!("{:016x}", self.replica))),
            ("before", Value::Array(before)),
            ("kind", json!(self.given.kind.name())),
            ("frame", json!(to_hex(&self.given.frame))),
        ];
        match &self.outcome {
            Outcome::Shows(shows) => fields.push(("shows", Value::Object(shows.clone()))),
            Outcome::Fails(error) => fields.push(("error", json!(error))),
        }
        match (&self.rewritten, &self.outcome) {
            (Rewritten::Same, _) | (_, Outcome::Fails(_)) => {}
            (Rewritten::As(frame), _) => fields.push(("rewritten", json!(to_hex(frame)))),
            (Rewritten::Never, _) => fields.push(("rewritten", Value::Null)),
        }
        let lines: Vec<String> =
            fields.iter().map(|(name, value)| format!("  \"{name}\": {value}")).collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    }
}

impl Given {
    fn from_json(given: &Value) -> Self {
        Self {
            kind: Kind::from_name(string(&given["kind"])),
            frame: from_hex(string(&given["frame"])),
        }
    }

    fn to_json(&self) -> Value {
        json!({ "kind": self.kind.name(), "frame": to_hex(&self.frame) })
    }
}

fn string(value: &Value) -> &str {
    value.as_str().expect("a string")
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes();
    assert!(digits.len().is_multiple_of(2), "two digits a byte: {hex}");
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    };
    digits.chunks(2).map(|pair| byte(pair).expect("hexadecimal digits")).collect()
}
