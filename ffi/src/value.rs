//! What a place in a document shows.

use std::ptr;

use libsync::{Content, Kind, Value};

use crate::argument::Out;
use crate::buf::sync_buf;
use crate::guard;
use crate::status::sync_status;

/// The kinds of containers.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum sync_kind {
    /// Keys, with a value or a container each.
    SYNC_KIND_MAP = 1,
    /// A sequence of characters, edited one by one.
    SYNC_KIND_TEXT = 2,
}

/// The unit in which positions and lengths in a text are counted.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum sync_unit {
    /// Unicode scalar values.
    SYNC_UNIT_SCALAR = 1,
    /// UTF-8 bytes.
    SYNC_UNIT_UTF8 = 2,
    /// UTF-16 code units.
    SYNC_UNIT_UTF16 = 3,
}

/// What a sync_value is.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum sync_value_kind {
    /// Nothing is there.
    SYNC_VALUE_NONE = 0,
    /// A value: deliberately nothing.
    SYNC_VALUE_NULL = 1,
    /// A value: see the field boolean.
    SYNC_VALUE_BOOL = 2,
    /// A value: see the field integer.
    SYNC_VALUE_INT = 3,
    /// A value: see the field number.
    SYNC_VALUE_FLOAT = 4,
    /// A value: see the field bytes, which is UTF-8.
    SYNC_VALUE_STRING = 5,
    /// A value: see the field bytes.
    SYNC_VALUE_BYTES = 6,
    /// A map: read it through its keys.
    SYNC_VALUE_MAP = 7,
    /// A text: read it with sync_replica_text.
    SYNC_VALUE_TEXT = 8,
}

/// What a place in a document shows.
///
/// The kind says which field counts; the others are 0. The caller owns it, and frees it with
/// sync_value_free. Its layout is final: kinds to come use the fields that there are.
#[repr(C)]
#[derive(Debug)]
pub struct sync_value {
    /// What it is.
    pub kind: sync_value_kind,
    /// Of a SYNC_VALUE_BOOL.
    pub boolean: bool,
    /// Of a SYNC_VALUE_INT.
    pub integer: i64,
    /// Of a SYNC_VALUE_FLOAT.
    pub number: f64,
    /// Of a SYNC_VALUE_STRING or a SYNC_VALUE_BYTES: owned by this value.
    pub bytes: sync_buf,
}

impl sync_value {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        kind: sync_value_kind::SYNC_VALUE_NONE,
        boolean: false,
        integer: 0,
        number: 0.0,
        bytes: sync_buf::EMPTY,
    };

    /// `None` for a kind of content that this interface has no name for.
    pub(crate) fn from_content(content: Option<Content>) -> Option<Self> {
        use sync_value_kind::*;
        let of = |kind| Self { kind, ..Self::NONE };
        Some(match content {
            None => Self::NONE,
            Some(Content::Value(Value::Null)) => of(SYNC_VALUE_NULL),
            Some(Content::Value(Value::Bool(boolean))) => Self { boolean, ..of(SYNC_VALUE_BOOL) },
            Some(Content::Value(Value::Int(integer))) => Self { integer, ..of(SYNC_VALUE_INT) },
            Some(Content::Value(Value::Float(number))) => Self { number, ..of(SYNC_VALUE_FLOAT) },
            Some(Content::Value(Value::String(text))) => {
                Self { bytes: sync_buf::new(text), ..of(SYNC_VALUE_STRING) }
            }
            Some(Content::Value(Value::Bytes(bytes))) => {
                Self { bytes: sync_buf::new(bytes), ..of(SYNC_VALUE_BYTES) }
            }
            Some(Content::Container(Kind::Map)) => of(SYNC_VALUE_MAP),
            Some(Content::Container(Kind::Text)) => of(SYNC_VALUE_TEXT),
            Some(_) => return None,
        })
    }
}

/// Frees what the value owns, and makes it SYNC_VALUE_NONE: freeing it again is a no-op, and so
/// is NULL.
///
/// SYNC_ERR_ARGUMENT, and nothing is freed, if its bytes can't be a buffer of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_value_free(value: *mut sync_value) -> sync_status {
    // SAFETY: no error is asked for; `value` is NULL, or a value as the C ABI defines it, which
    // nothing else uses during the call. Only its buffer is read: a kind or a boolean that C left
    // uninitialised is no Rust value.
    unsafe {
        guard::call(ptr::null_mut(), || {
            let Some(out) = Out::optional("value", value)? else { return Ok(()) };
            sync_buf::free("value", &raw mut (*value).bytes)?;
            out.write(sync_value::NONE);
            Ok(())
        })
    }
}
