//! Values: their order, and their canonical JSON.

use std::cmp::Ordering;

use ciborium::Value as Item;

/// A value as a register holds it.
#[derive(Clone, Debug)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Timestamp(i64),
}

impl Scalar {
    /// The value that an item of a frame is.
    pub(super) fn of(item: &Item) -> Result<Self, String> {
        let int = |number: &ciborium::value::Integer| {
            i64::try_from(*number).map_err(|_| format!("{number:?} is beyond 64 bits"))
        };
        Ok(match item {
            Item::Null => Self::Null,
            Item::Bool(value) => Self::Bool(*value),
            Item::Integer(number) => Self::Int(int(number)?),
            Item::Float(number) => Self::Float(*number),
            Item::Text(text) => Self::Text(text.clone()),
            Item::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Item::Array(items) => match items.as_slice() {
                [tag, Item::Integer(time)] if *tag == Item::from(0) => Self::Timestamp(int(time)?),
                _ => return Err(format!("{items:?} is no value")),
            },
            other => return Err(format!("{other:?} is no value")),
        })
    }

    pub(super) fn to_json(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) if number.is_nan() => r#"{"$float":"nan"}"#.to_owned(),
            Self::Float(f64::INFINITY) => r#"{"$float":"inf"}"#.to_owned(),
            Self::Float(f64::NEG_INFINITY) => r#"{"$float":"-inf"}"#.to_owned(),
            Self::Float(number) => serde_json::json!(number).to_string(),
            Self::Text(text) => serde_json::json!(text).to_string(),
            Self::Bytes(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!(r#"{{"$bytes":"{hex}"}}"#)
            }
            Self::Timestamp(time) => format!(r#"{{"$timestamp":{time}}}"#),
        }
    }

    fn type_number(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Float(_) => 3,
            Self::Text(_) => 4,
            Self::Bytes(_) => 5,
            Self::Timestamp(_) => 6,
        }
    }
}

/// The order in which a set lists its elements: by type, then by value; NaN, which there is one of,
/// is the last float.
impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) | (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a
                .is_nan()
                .cmp(&b.is_nan())
                .then(if a.is_nan() && b.is_nan() { Ordering::Equal } else { a.total_cmp(b) }),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => self.type_number().cmp(&other.type_number()),
        }
    }
}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scalar {}
