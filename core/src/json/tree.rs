//! A part of a document, or a JSON value that it is to become, as plain data.

use std::borrow::Cow;
use std::cell::Cell;

use crate::value::{Content, Kind, Value};

use super::canonical::{write_string, write_value};
use super::classes::Class;

/// What is in a place, with all that is in it.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) shape: Shape,
    /// Which trees it is equal to, once that has been asked for.
    pub(super) class: Cell<Option<Class>>,
}

/// JSON has values, lists and maps alone.
#[derive(Debug)]
pub(crate) enum Shape {
    Value(Value),
    Text(String),
    Counter(Kind, i64),
    /// Ascending.
    Set(Kind, Vec<Value>),
    List(Vec<Tree>),
    /// Ascending, each key once.
    Map(Vec<(String, Tree)>),
}

/// What has nothing in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Leaf<'t> {
    String(&'t str),
    Value(Cow<'t, Value>),
}

/// What a tree shows.
pub(super) enum Parts<'t> {
    Leaf(Leaf<'t>),
    Items(&'t [Tree]),
    Elements(&'t [Value]),
    Members(&'t [(String, Tree)]),
}

impl From<Shape> for Tree {
    fn from(shape: Shape) -> Self {
        Self { shape, class: Cell::new(None) }
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        Shape::Value(value).into()
    }
}

impl Tree {
    /// An empty container.
    pub(crate) fn empty(kind: Kind) -> Self {
        let shape = match kind {
            Kind::Map => Shape::Map(Vec::new()),
            Kind::List => Shape::List(Vec::new()),
            Kind::Text => Shape::Text(String::new()),
            Kind::Counter | Kind::GrowOnlyCounter => Shape::Counter(kind, 0),
            Kind::Set | Kind::GrowOnlySet => Shape::Set(kind, Vec::new()),
        };
        shape.into()
    }

    /// A value, or an empty container.
    pub(crate) fn of(content: &Content) -> Self {
        match content {
            Content::Value(value) => value.clone().into(),
            Content::Container(kind) => Self::empty(*kind),
        }
    }

    /// What it shows; canonical JSON's objects for values that JSON lacks are no objects here.
    pub(super) fn parts(&self) -> Parts<'_> {
        match &self.shape {
            Shape::Value(value) => Parts::Leaf(Leaf::of(value)),
            Shape::Text(text) => Parts::Leaf(Leaf::String(text)),
            Shape::Counter(_, count) => Parts::Leaf(Leaf::Value(Cow::Owned(Value::Int(*count)))),
            Shape::Set(_, elements) => Parts::Elements(elements),
            Shape::List(items) => Parts::Items(items),
            Shape::Map(members) => match written_value(members) {
                Some(value) => Parts::Leaf(Leaf::Value(Cow::Owned(value))),
                None => Parts::Members(members),
            },
        }
    }

    /// The same, if it is no array and no object.
    pub(crate) fn leaf(&self) -> Option<Leaf<'_>> {
        match self.parts() {
            Parts::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// The value that a register would hold; `None` for what it can't.
    pub(crate) fn value(&self) -> Option<Value> {
        self.leaf().map(Leaf::into_value)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self.leaf()? {
            Leaf::String(string) => Some(string),
            Leaf::Value(_) => None,
        }
    }

    pub(crate) fn as_count(&self) -> Option<i64> {
        match self.shape {
            Shape::Value(Value::Int(count)) | Shape::Counter(_, count) => Some(count),
            _ => None,
        }
    }

    /// The values of a set, or of a list that has nothing but values in it.
    pub(crate) fn elements(&self) -> Option<Vec<Value>> {
        match &self.shape {
            Shape::Set(_, elements) => Some(elements.clone()),
            Shape::List(items) => items.iter().map(Self::value).collect(),
            _ => None,
        }
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Self> {
        let Shape::Map(members) = &self.shape else { return None };
        let at = members.binary_search_by(|(name, _)| name.as_str().cmp(key)).ok()?;
        Some(&members[at].1)
    }

    /// Whether what is shown as this can become that by edits, without being replaced.
    pub(crate) fn can_become(&self, other: &Self) -> bool {
        match (&self.shape, &other.shape) {
            (Shape::Map(_), Shape::Map(_)) | (Shape::List(_), Shape::List(_)) => true,
            (Shape::Text(_), _) => other.as_str().is_some(),
            (Shape::Counter(..), _) => other.as_count().is_some(),
            (Shape::Set(..), Shape::Set(..)) => true,
            (Shape::Set(..), Shape::List(items)) => items.iter().all(|item| item.leaf().is_some()),
            (Shape::Value(_), _) => other.leaf().is_some(),
            _ => false,
        }
    }

    /// Whether both have the same canonical JSON.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        match (self.class.get(), other.class.get()) {
            (Some(a), Some(b)) => a == b,
            _ => self.compare(other, &|a, b| a == b),
        }
    }

    /// Whether both are the same by JSON Patch (RFC 6902, 4.6): numbers as numbers.
    pub(crate) fn passes_for(&self, other: &Self) -> bool {
        self.compare(other, &|a, b| a == b || numerically_equal(a, b))
    }

    fn compare(&self, other: &Self, same: &impl Fn(&Leaf<'_>, &Leaf<'_>) -> bool) -> bool {
        match (self.parts(), other.parts()) {
            (Parts::Leaf(a), Parts::Leaf(b)) => same(&a, &b),
            (Parts::Members(a), Parts::Members(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|((key, a), (other_key, b))| key == other_key && a.compare(b, same))
            }
            (Parts::Items(a), Parts::Items(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.compare(b, same))
            }
            (Parts::Elements(a), Parts::Elements(b)) => a == b,
            (Parts::Elements(elements), Parts::Items(items))
            | (Parts::Items(items), Parts::Elements(elements)) => {
                elements.len() == items.len()
                    && elements.iter().zip(items).all(|(element, item)| {
                        item.leaf().is_some_and(|leaf| same(&Leaf::of(element), &leaf))
                    })
            }
            _ => false,
        }
    }

    /// As canonical JSON.
    pub(crate) fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    /// Recursion is bounded: nothing is deeper than what was read, or the document.
    pub(crate) fn write(&self, json: &mut String) {
        match &self.shape {
            Shape::Value(value) => write_value(value, json),
            Shape::Text(text) => write_string(text, json),
            Shape::Counter(_, count) => json.push_str(&count.to_string()),
            Shape::Set(_, elements) => write_all(elements, ['[', ']'], write_value, json),
            Shape::List(items) => write_all(items, ['[', ']'], Self::write, json),
            Shape::Map(members) => {
                let write = |(key, member): &(String, Self), json: &mut String| {
                    write_string(key, json);
                    json.push(':');
                    member.write(json);
                };
                write_all(members, ['{', '}'], write, json);
            }
        }
    }
}

impl<'t> Leaf<'t> {
    pub(crate) fn of(value: &'t Value) -> Self {
        match value {
            Value::String(string) => Self::String(string),
            other => Self::Value(Cow::Borrowed(other)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::String(string) => Value::from(string),
            Self::Value(value) => value.into_owned(),
        }
    }
}

/// Writes all of some parts, within brackets.
pub(crate) fn write_all<T>(
    parts: &[T],
    [open, close]: [char; 2],
    write: impl Fn(&T, &mut String),
    json: &mut String,
) {
    json.push(open);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        write(part, json);
    }
    json.push(close);
}

/// The value that canonical JSON writes as this object, and as no other.
fn written_value(members: &[(String, Tree)]) -> Option<Value> {
    let [(key, Tree { shape: Shape::Value(value), .. })] = members else { return None };
    match (key.as_str(), value) {
        ("$timestamp", Value::Int(microseconds)) => Some(Value::Timestamp(*microseconds)),
        ("$float", Value::String(name)) => match name.as_str() {
            "nan" => Some(Value::Float(f64::NAN).canonical()),
            "inf" => Some(Value::Float(f64::INFINITY)),
            "-inf" => Some(Value::Float(f64::NEG_INFINITY)),
            _ => None,
        },
        ("$bytes", Value::String(hex)) => {
            let digit = |byte: u8| match byte {
                b'0'..=b'9' => Some(byte - b'0'),
                b'a'..=b'f' => Some(byte - b'a' + 10),
                _ => None,
            };
            let byte = |pair: &[u8]| match pair {
                &[high, low] => Some(digit(high)? << 4 | digit(low)?),
                _ => None,
            };
            hex.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>().map(Value::Bytes)
        }
        _ => None,
    }
}

fn numerically_equal(a: &Leaf<'_>, b: &Leaf<'_>) -> bool {
    let (Leaf::Value(a), Leaf::Value(b)) = (a, b) else { return false };
    match (a.as_ref(), b.as_ref()) {
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            // Exact: a float of this magnitude that is whole is an i128.
            float.fract() == 0.0 && float.abs() < 1e19 && *float as i128 == i128::from(*int)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn values_that_json_lacks_are_read_as_written() {
        for value in [
            Value::Float(f64::NAN).canonical(),
            Value::Float(f64::INFINITY),
            Value::Float(f64::NEG_INFINITY),
            Value::from(vec![0, 0xab]),
            Value::from(Vec::new()),
            Value::Timestamp(-1),
        ] {
            assert_eq!(read(&value.to_json()).unwrap().value(), Some(value));
        }
        for json in [
            r#"{"$bytes":"AB"}"#,
            r#"{"$bytes":"0"}"#,
            r#"{"$float":"1"}"#,
            r#"{"$timestamp":1.0}"#,
            r#"{"$timestamp":1,"a":2}"#,
            r#"{"$bytes":["00"]}"#,
        ] {
            assert_eq!(read(json).unwrap().value(), None, "{json}");
        }
    }

    #[test]
    fn numbers_pass_for_each_other_only_if_they_are_equal() {
        for (a, b, passes) in [
            ("1", "1.0", true),
            ("0", "-0.0", true),
            ("0.0", "-0.0", true),
            ("1", "1.5", false),
            ("9007199254740993", "9007199254740992.0", false),
            ("9223372036854775807", "9223372036854775808.0", false),
            ("[1,{\"a\":2}]", "[1.0,{\"a\":2.0}]", true),
            ("1", "\"1\"", false),
        ] {
            assert_eq!(read(a).unwrap().passes_for(&read(b).unwrap()), passes, "{a} {b}");
            assert_eq!(read(b).unwrap().passes_for(&read(a).unwrap()), passes, "{b} {a}");
        }
    }
}
