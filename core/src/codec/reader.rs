//! Reads CBOR items from foreign bytes, and refuses all but the one form of each.

use ciborium_ll::{Decoder, Encoder, Error, Header, simple};

use crate::error::DecodeError;
use crate::value::{Kind, NAN, Value};
use crate::varint::{self, Numbers};

use super::op::read_assigned;
use super::tables::{Tables, check_count};
use super::writer::TIMESTAMP;

/// How deep an item that is skipped may be nested.
const MAX_SKIP_DEPTH: usize = 16;

type Result<T> = std::result::Result<T, DecodeError>;

/// See the module. Offsets count from the start of the frame.
#[derive(Clone, Copy, Default)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Reads from an offset within the bytes on.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next item starts.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The bytes that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// An error about the item that starts at `offset`.
    pub(super) fn inconsistent<T>(offset: usize, what: &'static str) -> Result<T> {
        Err(DecodeError::Inconsistent { offset, what })
    }

    #[inline]
    fn header(&mut self) -> Result<Header> {
        let start = self.at;
        let Some(&first) = self.bytes.get(start) else {
            return Err(DecodeError::Truncated { offset: self.bytes.len() });
        };
        let (major, additional) = (first >> 5, first & 31);
        if major == 7 || additional > 27 {
            return self.rare_header();
        }
        self.at += 1;
        let argument =
            if additional < 24 { u64::from(additional) } else { self.argument(start, additional)? };
        let len = || Some(usize::try_from(argument).unwrap_or(usize::MAX));
        Ok(match major {
            0 => Header::Positive(argument),
            1 => Header::Negative(argument),
            2 => Header::Bytes(len()),
            3 => Header::Text(len()),
            4 => Header::Array(len()),
            5 => Header::Map(len()),
            _ => Header::Tag(argument),
        })
    }

    /// What follows the first byte of a head: 1, 2, 4 or 8 bytes, of which fewer would not do.
    fn argument(&mut self, start: usize, additional: u8) -> Result<u64> {
        let len = 1 << (additional - 24);
        let bytes = self.take(len)?;
        let argument = bytes.iter().fold(0, |argument, &byte| argument << 8 | u64::from(byte));
        let least = if len == 1 { 24 } else { 1 << (4 * len) };
        if argument < least {
            return Err(DecodeError::NotCanonical { offset: start, what: "an item's head" });
        }
        Ok(argument)
    }

    /// A float, a simple value, or what is refused: an indefinite length, and no item at all.
    fn rare_header(&mut self) -> Result<Header> {
        let start = self.at;
        let mut decoder = Decoder::from(self.rest());
        let header = decoder.pull().map_err(|error| match error {
            Error::Io(_) => DecodeError::Truncated { offset: self.bytes.len() },
            Error::Syntax(_) => {
                DecodeError::Unexpected { offset: start, expected: "a well-formed CBOR item" }
            }
        })?;
        self.at += decoder.offset();
        self.check_shortest(start, header)?;
        Ok(header)
    }

    /// A header in deterministic form is the one that the encoder would write.
    fn check_shortest(&self, start: usize, header: Header) -> Result<()> {
        let mut canonical = [0; 9];
        let mut rest = canonical.as_mut_slice();
        let written = Encoder::from(&mut rest).push(header).is_ok();
        let len = 9 - rest.len();
        if written && canonical[..len] == self.bytes[start..self.at] {
            return Ok(());
        }
        Err(DecodeError::NotCanonical { offset: start, what: "an item's head" })
    }

    pub(super) fn uint(&mut self) -> Result<u64> {
        let offset = self.at;
        match self.header()? {
            Header::Positive(value) => Ok(value),
            _ => Err(DecodeError::Unexpected { offset, expected: "an unsigned integer" }),
        }
    }

    /// An array's length: no more items than there are bytes left.
    pub(super) fn array(&mut self) -> Result<usize> {
        let offset = self.at;
        match self.header()? {
            Header::Array(Some(len)) => self.bounded(len),
            _ => Err(DecodeError::Unexpected { offset, expected: "an array" }),
        }
    }

    /// The head of an array of that length.
    pub(super) fn array_of(&mut self, len: usize, expected: &'static str) -> Result<()> {
        let offset = self.at;
        match self.header()? {
            Header::Array(Some(found)) if found == len => Ok(()),
            _ => Err(DecodeError::Unexpected { offset, expected }),
        }
    }

    pub(super) fn map(&mut self) -> Result<usize> {
        let offset = self.at;
        match self.header()? {
            Header::Map(Some(len)) => self.bounded(len),
            _ => Err(DecodeError::Unexpected { offset, expected: "a map" }),
        }
    }

    fn bounded(&self, len: usize) -> Result<usize> {
        if len > self.rest().len() {
            return Err(DecodeError::Truncated { offset: self.bytes.len() });
        }
        Ok(len)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let len = self.bounded(len)?;
        let taken = &self.rest()[..len];
        self.at += len;
        Ok(taken)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        let offset = self.at;
        match self.header()? {
            Header::Bytes(Some(len)) => self.take(len),
            _ => Err(DecodeError::Unexpected { offset, expected: "a byte string" }),
        }
    }

    /// Items in a byte string, to be read on their own.
    pub(super) fn items(&mut self) -> Result<Self> {
        let len = self.bytes()?.len();
        Ok(self.last(len))
    }

    pub(super) fn byte_array<const N: usize>(&mut self, expected: &'static str) -> Result<[u8; N]> {
        let offset = self.at;
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| DecodeError::Unexpected { offset, expected })
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let offset = self.at;
        match self.header()? {
            Header::Text(Some(len)) => self.utf8(len),
            _ => Err(DecodeError::Unexpected { offset, expected: "a text string" }),
        }
    }

    fn utf8(&mut self, len: usize) -> Result<&'a str> {
        let offset = self.at;
        std::str::from_utf8(self.take(len)?).map_err(|error| DecodeError::Unexpected {
            offset: offset + error.valid_up_to(),
            expected: "UTF-8",
        })
    }

    pub(super) fn value(&mut self) -> Result<Value> {
        let offset = self.at;
        match self.header()? {
            Header::Simple(simple::NULL) => Ok(Value::Null),
            Header::Simple(simple::FALSE) => Ok(Value::Bool(false)),
            Header::Simple(simple::TRUE) => Ok(Value::Bool(true)),
            Header::Positive(number) => Self::positive(offset, number).map(Value::Int),
            Header::Negative(number) => Self::negative(offset, number).map(Value::Int),
            Header::Float(number) => Self::float(offset, number).map(Value::Float),
            Header::Text(Some(len)) => Ok(Value::String(self.utf8(len)?.to_owned())),
            Header::Bytes(Some(len)) => Ok(Value::Bytes(self.take(len)?.to_vec())),
            Header::Array(Some(2)) => self.timestamp(offset),
            _ => Err(DecodeError::Unexpected { offset, expected: "a value" }),
        }
    }

    /// What follows the head of an array of two, at the offset.
    fn timestamp(&mut self, offset: usize) -> Result<Value> {
        if self.uint()? != TIMESTAMP {
            return Err(DecodeError::Unexpected { offset, expected: "a value" });
        }
        self.int().map(Value::Timestamp)
    }

    pub(super) fn int(&mut self) -> Result<i64> {
        let offset = self.at;
        match self.header()? {
            Header::Positive(number) => Self::positive(offset, number),
            Header::Negative(number) => Self::negative(offset, number),
            _ => Err(DecodeError::Unexpected { offset, expected: "an integer" }),
        }
    }

    fn positive(offset: usize, number: u64) -> Result<i64> {
        i64::try_from(number).map_err(|_| DecodeError::Limit {
            offset,
            what: "(an integer)",
            limit: i64::MAX as u64,
        })
    }

    /// CBOR writes -1 - n as n.
    fn negative(offset: usize, number: u64) -> Result<i64> {
        i64::try_from(number).map(|number| !number).map_err(|_| DecodeError::Limit {
            offset,
            what: "(below zero)",
            limit: i64::MAX as u64,
        })
    }

    /// Whether the next item is an array of that length, of fewer than 24 items.
    pub(super) fn at_array_of(&self, len: u8) -> bool {
        self.rest().first() == Some(&(0x80 | len))
    }

    fn float(offset: usize, number: f64) -> Result<f64> {
        if number.is_nan() && number.to_bits() != NAN {
            return Err(DecodeError::NotCanonical { offset, what: "a NaN" });
        }
        Ok(number)
    }

    /// Reads a map of numbered fields. Fields that `read` does not know (it returns `false`
    /// before it has read anything) are skipped if their number is odd, else refused.
    pub(super) fn fields(
        &mut self,
        mut read: impl FnMut(u64, &mut Self) -> Result<bool>,
    ) -> Result<()> {
        let mut previous = None;
        for _ in 0..self.map()? {
            let offset = self.at;
            let field = self.uint()?;
            if previous.is_some_and(|previous| previous >= field) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of fields" });
            }
            previous = Some(field);
            if read(field, self)? {
                continue;
            }
            if field % 2 == 0 {
                return Err(DecodeError::UnknownField { offset, field });
            }
            self.skip(0)?;
        }
        Ok(())
    }

    fn skip(&mut self, depth: usize) -> Result<()> {
        let offset = self.at;
        if depth > MAX_SKIP_DEPTH {
            let (what, limit) = ("levels of an unknown field", MAX_SKIP_DEPTH as u64);
            return Err(DecodeError::Limit { offset, what, limit });
        }
        match self.header()? {
            Header::Bytes(Some(len)) => self.take(len).map(drop),
            Header::Text(Some(len)) => self.utf8(len).map(drop),
            Header::Array(Some(len)) => {
                (0..self.bounded(len)?).try_for_each(|_| self.skip(depth + 1))
            }
            Header::Map(Some(len)) => self.skip_map(len, depth + 1),
            Header::Tag(_) => self.skip(depth + 1),
            Header::Float(number) => Self::float(offset, number).map(drop),
            Header::Positive(_) | Header::Negative(_) => Ok(()),
            Header::Simple(simple::FALSE..=simple::UNDEFINED) => Ok(()),
            _ => Err(DecodeError::NotCanonical { offset, what: "an unknown field" }),
        }
    }

    /// The keys of a map ascend by their bytes.
    fn skip_map(&mut self, len: usize, depth: usize) -> Result<()> {
        let mut previous: Option<&[u8]> = None;
        for _ in 0..self.bounded(len)? {
            let offset = self.at;
            self.skip(depth)?;
            let key = &self.bytes[offset..self.at];
            if previous.is_some_and(|previous| previous >= key) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of keys" });
            }
            previous = Some(key);
            self.skip(depth)?;
        }
        Ok(())
    }

    /// The next column: bytes behind their length, which is a [number](Self::number).
    pub(super) fn column(&mut self) -> Result<Self> {
        let len = self.number()?;
        self.take(usize::try_from(len).unwrap_or(usize::MAX))?;
        Ok(self.last(len as usize))
    }

    /// The last bytes that were read, to be read on their own.
    fn last(&self, len: usize) -> Self {
        Self { bytes: &self.bytes[..self.at], at: self.at - len }
    }

    /// The next number of a column.
    pub(super) fn number(&mut self) -> Result<u64> {
        let mut numbers = Numbers::new(self.rest());
        let number = numbers.next().map_or_else(|| self.misfit(), Ok)?;
        self.at = self.bytes.len() - numbers.len();
        Ok(number)
    }

    /// The next signed number of a column.
    pub(super) fn signed(&mut self) -> Result<i64> {
        self.number().map(varint::unfold)
    }

    /// A counter, by its difference to the last one, which it is from then on.
    pub(super) fn difference(&mut self, last: &mut u64) -> Result<u64> {
        let offset = self.at;
        let counter = last.checked_add_signed(self.signed()?).unwrap_or(u64::MAX);
        *last = check_count(offset, counter)?;
        Ok(counter)
    }

    /// Passes over a [value](Self::value).
    #[inline]
    pub(super) fn check_value(&mut self) -> Option<()> {
        /// What is in the head: small integers; false, true and null.
        const SHORT: [std::ops::RangeInclusive<u8>; 3] = [0..=0x17, 0x20..=0x37, 0xf4..=0xf6];
        let bytes = self.bytes.get(self.at..)?;
        let (len, is_shortest) = match *bytes {
            [head, ..] if SHORT.iter().any(|heads| heads.contains(&head)) => (1, true),
            [0x18 | 0x38, number, ..] => (2, number >= 24),
            [0x19 | 0x39, high, _, ..] => (3, high > 0),
            [0x1a | 0x3a, a, b, _, _, ..] => (5, a | b > 0),
            [0x60..=0x7b, ..] => return self.check_text(),
            _ => return self.value().ok().map(drop),
        };
        self.at += len;
        is_shortest.then_some(())
    }

    /// Passes over a [text](Self::text).
    #[inline]
    fn check_text(&mut self) -> Option<()> {
        const SHORT: std::ops::RangeInclusive<u8> = 0x60..=0x77;
        let (&head, rest) = self.bytes.get(self.at..)?.split_first()?;
        if SHORT.contains(&head)
            && let Some(text) = rest.get(..usize::from(head - SHORT.start()))
            && text.iter().fold(0, |all, &byte| all | byte) < 0x80
        {
            self.at += 1 + text.len();
            return Some(());
        }
        self.text().ok().map(drop)
    }

    /// Passes over a [content](super::tables::Tables::content).
    pub(super) fn check_content(&mut self) -> Option<()> {
        if self.at_array_of(1) { Tables::content(self).ok().map(drop) } else { self.check_value() }
    }

    /// Passes over what is [assigned](super::op::read_assigned) under a key of a container of that
    /// kind.
    #[inline]
    pub(super) fn check_assigned(&mut self, kind: Kind) -> Option<()> {
        let is_plain = matches!(kind, Kind::Map | Kind::List) && !self.at_array_of(0);
        if is_plain { self.check_content() } else { read_assigned(kind, self).ok().map(drop) }
    }

    /// Passes over a [key](super::tables::Tables::key) that names no identity.
    #[inline]
    pub(super) fn check_key(&mut self, kind: Kind) -> Option<()> {
        if kind == Kind::Map { self.check_text() } else { self.check_value() }
    }

    /// Whether the next item is a byte string.
    pub(super) fn at_bytes(&self) -> bool {
        const MAJOR_TYPE: u8 = 0xe0;
        const BYTES: u8 = 0x40;
        self.rest().first().is_some_and(|head| head & MAJOR_TYPE == BYTES)
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Asserts that nothing is left of a column.
    pub(super) fn end_of_column(&self) -> Result<()> {
        if self.is_at_end() { Ok(()) } else { self.misfit() }
    }

    /// Not the numbers that a column has.
    pub(super) fn misfit<T>(&self) -> Result<T> {
        Err(DecodeError::Unexpected { offset: self.at, expected: "a column of numbers" })
    }

    /// Asserts that nothing is left.
    pub(super) fn end(&self) -> Result<()> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(DecodeError::TrailingBytes { offset: self.at })
    }
}
