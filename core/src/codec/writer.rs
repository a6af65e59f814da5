//! Writes CBOR items, each in its shortest form.

use ciborium_ll::{Encoder, Header, simple};

use crate::value::Value;

/// What a value that is an array of two starts with: a timestamp.
pub(super) const TIMESTAMP: u64 = 0;

/// See the module.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// With room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Writes behind bytes that are there.
    pub(super) fn onto(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Forgets everything, but keeps the room that it took.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends items that are encoded already.
    pub(super) fn items(&mut self, encoded: &Self) {
        self.bytes.extend_from_slice(&encoded.bytes);
    }

    /// The bytes, to append what is not CBOR: only within a column.
    pub(super) fn column(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The head of an item, in its shortest form.
    #[inline]
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        match argument {
            0..24 => self.bytes.push(major | argument as u8),
            24..0x100 => self.bytes.extend([major | 24, argument as u8]),
            0x100..0x1_0000 => self.long_head(major | 25, &bytes[6..]),
            0x1_0000..0x1_0000_0000 => self.long_head(major | 26, &bytes[4..]),
            _ => self.long_head(major | 27, &bytes),
        }
    }

    fn long_head(&mut self, first: u8, argument: &[u8]) {
        self.bytes.push(first);
        self.bytes.extend_from_slice(argument);
    }

    pub(super) fn uint(&mut self, value: u64) {
        self.head(0, value);
    }

    pub(super) fn array(&mut self, len: usize) {
        self.head(4, len as u64);
    }

    pub(super) fn map(&mut self, len: usize) {
        self.head(5, len as u64);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// One byte string of two parts.
    pub(super) fn bytes_in_two(&mut self, first: &[u8], second: &[u8]) {
        self.head(2, (first.len() + second.len()) as u64);
        self.bytes.extend_from_slice(first);
        self.bytes.extend_from_slice(second);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn int(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.head(0, value),
            Err(_) => self.head(1, !(value as u64)),
        }
    }

    /// A float or a simple value.
    fn rare_header(&mut self, header: Header) {
        let written = Encoder::from(&mut self.bytes).push(header);
        debug_assert!(written.is_ok(), "writing to memory can't fail");
    }

    pub(super) fn null(&mut self) {
        self.rare_header(Header::Simple(simple::NULL));
    }

    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null(),
            Value::Bool(false) => self.rare_header(Header::Simple(simple::FALSE)),
            Value::Bool(true) => self.rare_header(Header::Simple(simple::TRUE)),
            Value::Int(number) => self.int(*number),
            Value::Float(number) => self.rare_header(Header::Float(*number)),
            Value::String(text) => self.text(text),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Timestamp(microseconds) => {
                self.array(2);
                self.uint(TIMESTAMP);
                self.int(*microseconds);
            }
        }
    }
}
