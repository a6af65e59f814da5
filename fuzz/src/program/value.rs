//! The values of a program, and what it edits: few of each, so that edits meet.

use arbitrary::Arbitrary;
use libsync::{Content, Kind, Unit, Value};

pub(super) const WORDS: [&str; 8] = ["a", "b", "xy", "hello ", "é", "𝄞", "日本", "0123456789"];

/// A value.
#[derive(Arbitrary, Debug)]
pub(super) enum Register {
    Null,
    Bool(bool),
    Int(i8),
    Large(i64),
    Float(f64),
    String(u8),
    Bytes([u8; 2]),
    Timestamp(i32),
}

impl Register {
    pub(super) fn value(&self) -> Value {
        match *self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Int(value) => i64::from(value).into(),
            Self::Large(value) => value.into(),
            Self::Float(value) => value.into(),
            Self::String(word) => pick(&WORDS, word).into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
            Self::Timestamp(microseconds) => Value::Timestamp(microseconds.into()),
        }
    }
}

/// What an item of a list holds at first.
#[derive(Arbitrary, Debug)]
pub(super) enum Inserted {
    Register(Register),
    Container(u8),
}

impl Inserted {
    pub(super) fn content(&self) -> Content {
        match *self {
            Self::Register(ref register) => register.value().into(),
            Self::Container(number) => kind(number).into(),
        }
    }
}

/// An element of a set.
#[derive(Arbitrary, Debug)]
pub(super) enum Element {
    Word(u8),
    Register(Register),
}

impl Element {
    pub(super) fn value(&self) -> Value {
        match *self {
            Self::Word(word) => pick(&WORDS[..3], word).into(),
            Self::Register(ref register) => register.value(),
        }
    }
}

/// What a position is counted in.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Counted {
    Scalar,
    Utf8,
    Utf16,
}

impl Counted {
    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::Scalar => Unit::Scalar,
            Self::Utf8 => Unit::Utf8,
            Self::Utf16 => Unit::Utf16,
        }
    }
}

pub(super) fn kind(number: u8) -> Kind {
    Kind::ALL[usize::from(number) % Kind::ALL.len()]
}

pub(super) fn pick(all: &[&'static str], which: u8) -> &'static str {
    all[usize::from(which) % all.len()]
}

/// A position from 0 up to the length; and now and then the one behind it, which is refused.
pub(super) fn within(position: u8, len: usize) -> usize {
    if position == u8::MAX { len + 1 } else { usize::from(position) % (len + 1) }
}
