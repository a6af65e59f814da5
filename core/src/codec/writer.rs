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

    fn header(&mut self, header: Header) {
        let written = Encoder::from(&mut self.bytes).push(header);
        debug_assert!(written.is_ok(), "writing to memory can't fail");
    }

    pub(super) fn uint(&mut self, value: u64) {
        self.header(Header::Positive(value));
    }

    pub(super) fn array(&mut self, len: usize) {
        self.header(Header::Array(Some(len)));
    }

    pub(super) fn map(&mut self, len: usize) {
        self.header(Header::Map(Some(len)));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.header(Header::Bytes(Some(bytes.len())));
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.header(Header::Text(Some(text.len())));
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn int(&mut self, value: i64) {
        self.header(match u64::try_from(value) {
            Ok(value) => Header::Positive(value),
            Err(_) => Header::Negative(!(value as u64)),
        });
    }

    pub(super) fn null(&mut self) {
        self.header(Header::Simple(simple::NULL));
    }

    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null(),
            Value::Bool(false) => self.header(Header::Simple(simple::FALSE)),
            Value::Bool(true) => self.header(Header::Simple(simple::TRUE)),
            Value::Int(number) => self.int(*number),
            Value::Float(number) => self.header(Header::Float(*number)),
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
