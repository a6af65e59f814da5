//! The values that a register holds.

use std::fmt;

use crate::json::write_value;

/// The one NaN that travels: quiet, without sign or payload.
pub(crate) const NAN: u64 = 0x7ff8_0000_0000_0000;

/// A value as a register holds it: JSON's scalars, with integers and bytes apart.
///
/// Two floats are equal when their bits are; every NaN is the one quiet NaN, so NaN equals
/// itself here.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Value {
    /// Nothing, deliberately.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of 64 bits with sign.
    Int(i64),
    /// An IEEE 754 number of 64 bits. In canonical JSON, which has no other way to say them, the
    /// infinities and NaN are `{"$float":"inf"}`, `{"$float":"-inf"}` and `{"$float":"nan"}`.
    Float(f64),
    /// Text that is replaced as a whole (a [text](crate::Kind::Text) is edited character by
    /// character).
    String(String),
    /// Bytes that are replaced as a whole; in canonical JSON `{"$bytes":"<lower-case hex>"}`.
    Bytes(Vec<u8>),
}

impl Value {
    /// The value as canonical JSON, as [`Replica::to_json`](crate::Replica::to_json) writes it.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        write_value(self, &mut json);
        json
    }

    /// The same value with the one NaN that travels.
    pub(crate) fn canonical(self) -> Self {
        match self {
            Self::Float(number) if number.is_nan() => Self::Float(f64::from_bits(NAN)),
            other => other,
        }
    }

    /// How many bytes the value takes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::String(text) => text.capacity(),
            Self::Bytes(bytes) => bytes.capacity(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => {
                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
            }
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Null
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

/// The kinds of containers.
///
/// A container in a map is identified by its parent, its key and its kind: replicas that create
/// the same one at the same time share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// Keys with a register or a container each.
    Map,
    /// A sequence of characters, edited one by one.
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Map => "map",
            Self::Text => "text",
        })
    }
}

/// What a place in the document shows.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Content {
    /// A register's value.
    Value(Value),
    /// A container, to be read through its own path.
    Container(Kind),
}

/// The unit in which a position or a length in a text is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Unit {
    /// Unicode scalar values: Python's `str`, Swift's `unicodeScalars`, Rust's `char`.
    Scalar,
    /// UTF-8 bytes: C, Rust's `str`.
    Utf8,
    /// UTF-16 code units: Kotlin, Java, JavaScript, `NSString`.
    Utf16,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "Unicode scalar values",
            Self::Utf8 => "UTF-8 bytes",
            Self::Utf16 => "UTF-16 code units",
        })
    }
}
