//! What was done in a run, one step after the other: shown when a seed fails, and recorded for hosts
//! in other languages to do the same. `README.md` says what each step means.

use std::fmt;

use libsync::{Content, Kind, Unit, Value};
use serde_json::{Value as Json, json};

/// An argument or a result of a step.
#[derive(Clone, Debug)]
pub enum Field {
    /// Nothing.
    Nothing,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(i64),
    /// A replica's identity.
    Identity(u64),
    /// A word that needs no escape.
    Word(&'static str),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A value in a document.
    Value(Value),
    /// Values and containers.
    Contents(Vec<Content>),
}

/// One thing done.
#[derive(Clone, Debug)]
pub struct Step {
    /// When, in virtual milliseconds.
    pub at: u64,
    /// What.
    pub name: &'static str,
    /// With which arguments and results, in the order in which the plain form has them.
    pub fields: Vec<(&'static str, Field)>,
}

impl Step {
    /// As an object on one line.
    pub fn to_json(&self) -> String {
        let mut line = format!("{{\"at\":{},\"step\":\"{}\"", self.at, self.name);
        for (name, field) in &self.fields {
            line.push_str(&format!(",\"{name}\":{}", field.to_json()));
        }
        line + "}"
    }

    /// As words that a program without a reader of JSON can read: the name, then the fields alone.
    pub fn to_plain(&self) -> String {
        let mut line = self.name.to_owned();
        for (_, field) in &self.fields {
            line.push(' ');
            line.push_str(&field.to_plain());
        }
        line
    }
}

/// For people: with frames shortened.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8} ms  {}", self.at, self.name)?;
        for (name, field) in &self.fields {
            match field {
                Field::Bytes(bytes) if bytes.len() > 24 => {
                    let end = hex(&bytes[bytes.len() - 4..]);
                    write!(f, " {name}=({} bytes, checksum {end})", bytes.len())?;
                }
                field => write!(f, " {name}={}", field.to_json())?,
            }
        }
        Ok(())
    }
}

impl Field {
    fn to_json(&self) -> Json {
        match self {
            Self::Nothing => Json::Null,
            Self::Bool(value) => json!(value),
            Self::Number(number) => json!(number),
            Self::Identity(id) => json!(format!("{id:016x}")),
            Self::Word(word) => json!(word),
            Self::Text(text) => json!(text),
            Self::Bytes(bytes) => json!(hex(bytes)),
            Self::Value(value) => value_json(value),
            Self::Contents(contents) => contents
                .iter()
                .map(|content| match content {
                    Content::Value(value) => json!({ "value": value_json(value) }),
                    Content::Container(kind) => json!({ "kind": kind_name(*kind) }),
                    other => unreachable!("{other:?} is not generated"),
                })
                .collect(),
        }
    }

    fn to_plain(&self) -> String {
        match self {
            Self::Nothing => "-".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Identity(id) => format!("{id:016x}"),
            Self::Word(word) => (*word).to_owned(),
            Self::Text(text) => format!("x{}", hex(text.as_bytes())),
            Self::Bytes(bytes) => format!("x{}", hex(bytes)),
            Self::Value(value) => plain_value(value),
            Self::Contents(contents) => {
                let contents = contents.iter().map(|content| match content {
                    Content::Value(value) => plain_value(value),
                    Content::Container(kind) => format!("k{}", *kind as u8),
                    other => unreachable!("{other:?} is not generated"),
                });
                let count = contents.len().to_string();
                std::iter::once(count).chain(contents).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// As in canonical JSON, but every float as its bits, which every reader reads alike.
fn value_json(value: &Value) -> Json {
    match value {
        Value::Float(number) => json!({ "$float": format!("{:016x}", number.to_bits()) }),
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(number) => json!(number),
        Value::String(text) => json!(text),
        Value::Bytes(bytes) => json!({ "$bytes": hex(bytes) }),
        Value::Timestamp(time) => json!({ "$timestamp": time }),
        other => unreachable!("{other:?} is not generated"),
    }
}

fn plain_value(value: &Value) -> String {
    match value {
        Value::Null => "n".to_owned(),
        Value::Bool(value) => format!("b{}", u8::from(*value)),
        Value::Int(number) => format!("i{number}"),
        Value::Float(number) => format!("f{:016x}", number.to_bits()),
        Value::String(text) => format!("s{}", hex(text.as_bytes())),
        Value::Bytes(bytes) => format!("y{}", hex(bytes)),
        Value::Timestamp(time) => format!("t{time}"),
        other => unreachable!("{other:?} is not generated"),
    }
}

/// A kind in the written forms.
pub(crate) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Map => "map",
        Kind::Text => "text",
        Kind::List => "list",
        Kind::Counter => "counter",
        Kind::GrowOnlyCounter => "grow-only-counter",
        Kind::Set => "set",
        Kind::GrowOnlySet => "grow-only-set",
        other => unreachable!("{other:?} is not generated"),
    }
}

/// A unit in the written forms.
pub(crate) fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Scalar => "scalar",
        Unit::Utf8 => "utf8",
        Unit::Utf16 => "utf16",
        other => unreachable!("{other:?} is not generated"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
