//! The values that a register holds.

use std::cmp::Ordering;
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
    /// A moment: microseconds since 1970-01-01T00:00:00Z, negative before; in canonical JSON
    /// `{"$timestamp":<microseconds>}`.
    Timestamp(i64),
}

impl Value {
    /// The value as canonical JSON, as [`Replica::to_json`](crate::Replica::to_json) writes it.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        write_value(self, &mut json);
        json
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
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
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Timestamp(_) => 0,
        }
    }

    /// The place of its type among all.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Float(_) => 3,
            Self::String(_) => 4,
            Self::Bytes(_) => 5,
            Self::Timestamp(_) => 6,
        }
    }
}

/// The order in which the elements of a set are listed: null, booleans, integers, floats (IEEE 754
/// total order, NaN last), strings, bytes, timestamps.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) | (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => match (a.is_nan(), b.is_nan()) {
                (false, false) => a.total_cmp(b),
                (a, b) => a.cmp(&b),
            },
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
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
/// A container is identified by where it is (in which container, under which key or in which item)
/// and by its kind: replicas that create the same one at the same time share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// Keys with a register or a container each.
    Map,
    /// A sequence of characters, edited one by one.
    Text,
    /// A sequence of items, each a register or a container, that can be moved.
    List,
    /// A whole number that replicas add to and subtract from.
    Counter,
    /// A counter that is only added to, and never removed.
    GrowOnlyCounter,
    /// Values that are added and discarded; of both at once, adding wins.
    Set,
    /// A set that is only added to, and never removed.
    GrowOnlySet,
}

impl Kind {
    /// All, in the order of their numbers in bytes, which start with 0.
    pub const ALL: [Self; 7] = [
        Self::Map,
        Self::Text,
        Self::List,
        Self::Counter,
        Self::GrowOnlyCounter,
        Self::Set,
        Self::GrowOnlySet,
    ];

    /// Whether nothing in it may be taken away.
    pub const fn is_grow_only(self) -> bool {
        matches!(self, Self::GrowOnlyCounter | Self::GrowOnlySet)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Map => "map",
            Self::Text => "text",
            Self::List => "list",
            Self::Counter => "counter",
            Self::GrowOnlyCounter => "grow-only counter",
            Self::Set => "set",
            Self::GrowOnlySet => "grow-only set",
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

impl Content {
    /// The same content with the one NaN that travels.
    pub(crate) fn canonical(self) -> Self {
        match self {
            Self::Value(value) => Self::Value(value.canonical()),
            container => container,
        }
    }

    /// How many bytes it takes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Value(value) => value.heap_bytes(),
            Self::Container(_) => 0,
        }
    }
}

impl From<Kind> for Content {
    fn from(kind: Kind) -> Self {
        Self::Container(kind)
    }
}

impl<V: Into<Value>> From<V> for Content {
    fn from(value: V) -> Self {
        Self::Value(value.into())
    }
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
