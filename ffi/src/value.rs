//! What a place in a document shows, and what a caller puts there.

use std::mem::MaybeUninit;
use std::ptr;

use libsync::{Content, Kind, Value};

use crate::argument::{Out, bytes, enum_number, text};
use crate::buf::sync_buf;
use crate::failure::Failure;
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
    /// A sequence of items, a value or a container each, that can be moved.
    SYNC_KIND_LIST = 3,
    /// A whole number that replicas add to and subtract from.
    SYNC_KIND_COUNTER = 4,
    /// A counter that is only added to, and never removed.
    SYNC_KIND_GROW_ONLY_COUNTER = 5,
    /// Values that are added and discarded; of both at once, adding wins.
    SYNC_KIND_SET = 6,
    /// A set that is only added to, and never removed.
    SYNC_KIND_GROW_ONLY_SET = 7,
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
    /// A value: see the field integer, microseconds since 1970-01-01T00:00:00Z, negative before.
    SYNC_VALUE_TIMESTAMP = 9,
    /// A list: read it through its indices, or with sync_replica_items.
    SYNC_VALUE_LIST = 10,
    /// A counter: read it with sync_replica_count.
    SYNC_VALUE_COUNTER = 11,
    /// A counter that only grows: read it with sync_replica_count.
    SYNC_VALUE_GROW_ONLY_COUNTER = 12,
    /// A set: read it with sync_replica_elements.
    SYNC_VALUE_SET = 13,
    /// A set that only grows: read it with sync_replica_elements.
    SYNC_VALUE_GROW_ONLY_SET = 14,
}

use sync_kind::*;
use sync_value_kind::*;

const CONTAINERS: [(Kind, sync_kind, sync_value_kind); 7] = [
    (Kind::Map, SYNC_KIND_MAP, SYNC_VALUE_MAP),
    (Kind::Text, SYNC_KIND_TEXT, SYNC_VALUE_TEXT),
    (Kind::List, SYNC_KIND_LIST, SYNC_VALUE_LIST),
    (Kind::Counter, SYNC_KIND_COUNTER, SYNC_VALUE_COUNTER),
    (Kind::GrowOnlyCounter, SYNC_KIND_GROW_ONLY_COUNTER, SYNC_VALUE_GROW_ONLY_COUNTER),
    (Kind::Set, SYNC_KIND_SET, SYNC_VALUE_SET),
    (Kind::GrowOnlySet, SYNC_KIND_GROW_ONLY_SET, SYNC_VALUE_GROW_ONLY_SET),
];

/// What a place in a document shows, or a caller puts there.
///
/// The kind says which field counts; of an output, the others are 0. An output belongs to the
/// caller, who frees it with sync_value_free. An input is the caller's, all of it: its bytes are
/// ptr and len (cap does not count), borrowed for the call and copied; it may be an output of an
/// earlier call, or be made by one of the macros SYNC_VALUE_INIT_*, and is then not to be freed.
/// The layout is final: kinds to come use the fields that there are.
#[repr(C)]
#[derive(Debug)]
pub struct sync_value {
    /// What it is.
    pub kind: sync_value_kind,
    /// Of a SYNC_VALUE_BOOL.
    pub boolean: bool,
    /// Of a SYNC_VALUE_INT or a SYNC_VALUE_TIMESTAMP.
    pub integer: i64,
    /// Of a SYNC_VALUE_FLOAT.
    pub number: f64,
    /// Of a SYNC_VALUE_STRING or a SYNC_VALUE_BYTES: in an output, owned by this value.
    pub bytes: sync_buf,
}

impl sync_value {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        kind: SYNC_VALUE_NONE,
        boolean: false,
        integer: 0,
        number: 0.0,
        bytes: sync_buf::EMPTY,
    };

    /// `None` for a kind of content that this interface has no name for.
    pub(crate) fn from_content(content: Option<Content>) -> Option<Self> {
        let of = |kind| Self { kind, ..Self::NONE };
        let value = match content {
            None => return Some(Self::NONE),
            Some(Content::Value(value)) => value,
            Some(Content::Container(kind)) => {
                let (.., shown) = CONTAINERS.iter().find(|(known, ..)| *known == kind)?;
                return Some(of(*shown));
            }
            Some(_) => return None,
        };
        Some(match value {
            Value::Null => of(SYNC_VALUE_NULL),
            Value::Bool(boolean) => Self { boolean, ..of(SYNC_VALUE_BOOL) },
            Value::Int(integer) => Self { integer, ..of(SYNC_VALUE_INT) },
            Value::Float(number) => Self { number, ..of(SYNC_VALUE_FLOAT) },
            Value::String(text) => Self { bytes: sync_buf::new(text), ..of(SYNC_VALUE_STRING) },
            Value::Bytes(bytes) => Self { bytes: sync_buf::new(bytes), ..of(SYNC_VALUE_BYTES) },
            Value::Timestamp(integer) => Self { integer, ..of(SYNC_VALUE_TIMESTAMP) },
            _ => return None,
        })
    }
}

/// The kind of container that C asks for.
pub(crate) fn container_kind(kind: MaybeUninit<sync_kind>) -> Result<Kind, Failure> {
    let number = enum_number(kind);
    let found = CONTAINERS.iter().find(|(_, listed, _)| *listed as u32 == number);
    let reason = "is not a kind of container";
    found.map(|(kind, ..)| *kind).ok_or(Failure::Argument { argument: "kind", reason })
}

/// The one value of an input.
///
/// # Safety
/// Unless NULL or misaligned, `ptr` points to a value as the C ABI defines it: whose kind is
/// initialised, and the field that this kind names; and if that is `bytes`, the pointer in it is
/// NULL or to as many bytes as it says.
pub(crate) unsafe fn value(
    argument: &'static str,
    ptr: *const sync_value,
) -> Result<Value, Failure> {
    if ptr.is_null() {
        return Err(Failure::Null { argument });
    }
    if !ptr.is_aligned() {
        return Err(Failure::Argument { argument, reason: "is misaligned" });
    }
    // SAFETY: neither NULL nor misaligned, and else as the caller promises.
    match unsafe { content(argument, ptr)? } {
        Content::Value(value) => Ok(value),
        _ => Err(Failure::Argument { argument, reason: "is a container, where a value has to be" }),
    }
}

/// The values and kinds of containers of an input; none where `count` is 0, whatever `ptr` is.
///
/// # Safety
/// Each of the `count` values is as [`value`] asks for one.
pub(crate) unsafe fn contents(
    argument: &'static str,
    ptr: *const sync_value,
    count: usize,
) -> Result<Vec<Content>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if ptr.is_null() {
        return Err(Failure::Null { argument });
    }
    if !ptr.is_aligned() {
        return Err(Failure::Argument { argument, reason: "is misaligned" });
    }
    if count > isize::MAX.unsigned_abs() / size_of::<sync_value>() {
        return Err(Failure::Argument { argument, reason: "is longer than any object" });
    }
    let one = |index| {
        // SAFETY: the caller's array has more than `index` values, aligned as the first is, each
        // as the caller promises.
        let content = unsafe { content(argument, ptr.add(index)) };
        content.map_err(|failure| Failure::Value { index, failure: Box::new(failure) })
    };
    (0..count).map(one).collect()
}

/// Reads no field but the kind and the one that it names: the others may be uninitialised, and a
/// kind that is not listed is no Rust value.
///
/// # Safety
/// As for [`value`], and `ptr` is neither NULL nor misaligned.
unsafe fn content(argument: &'static str, ptr: *const sync_value) -> Result<Content, Failure> {
    const NULL: u32 = SYNC_VALUE_NULL as u32;
    const BOOL: u32 = SYNC_VALUE_BOOL as u32;
    const INT: u32 = SYNC_VALUE_INT as u32;
    const FLOAT: u32 = SYNC_VALUE_FLOAT as u32;
    const STRING: u32 = SYNC_VALUE_STRING as u32;
    const BYTES: u32 = SYNC_VALUE_BYTES as u32;
    const TIMESTAMP: u32 = SYNC_VALUE_TIMESTAMP as u32;
    const {
        assert!(size_of::<sync_value_kind>() == size_of::<u32>());
        assert!(size_of::<bool>() == size_of::<u8>());
    }
    // SAFETY: promised by the caller; a kind has the size of a u32, as asserted, and a bool that
    // of a byte, which may hold any number.
    unsafe {
        let value = match (&raw const (*ptr).kind).cast::<u32>().read() {
            NULL => Value::Null,
            BOOL => Value::Bool((&raw const (*ptr).boolean).cast::<u8>().read() != 0),
            INT => Value::Int((*ptr).integer),
            FLOAT => Value::Float((*ptr).number),
            STRING => {
                let sync_buf { ptr, len, .. } = (*ptr).bytes;
                text(argument, ptr.cast_const().cast(), len)?.into()
            }
            BYTES => {
                let sync_buf { ptr, len, .. } = (*ptr).bytes;
                bytes(argument, ptr.cast_const(), len)?.into()
            }
            TIMESTAMP => Value::Timestamp((*ptr).integer),
            number => {
                let found = CONTAINERS.iter().find(|(.., shown)| *shown as u32 == number);
                let reason = "is of no kind that can be put into a document";
                let (kind, ..) = found.ok_or(Failure::Argument { argument, reason })?;
                return Ok((*kind).into());
            }
        };
        Ok(value.into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_container_has_its_numbers() {
        assert_eq!(CONTAINERS.map(|(kind, ..)| kind), Kind::ALL);
        for (kind, listed, shown) in CONTAINERS {
            assert_eq!(container_kind(MaybeUninit::new(listed)).unwrap(), kind);
            let value = sync_value::from_content(Some(kind.into())).unwrap();
            assert_eq!(value.kind, shown);
            // SAFETY: a live value, without bytes.
            assert_eq!(unsafe { content("value", &value) }.unwrap(), kind.into());
        }
    }

    #[test]
    fn every_value_is_read_as_it_is_written() {
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Float(-0.5),
            Value::from("a\0é"),
            Value::from(""),
            Value::Bytes(vec![0, 255]),
            Value::Timestamp(-1),
        ] {
            let mut written = sync_value::from_content(Some(value.clone().into())).unwrap();
            // SAFETY: a live value of this library, freed once.
            unsafe {
                assert_eq!(self::value("value", &written).unwrap(), value);
                assert_eq!(sync_value_free(&mut written), sync_status::SYNC_OK);
            }
        }
    }

    #[test]
    fn a_boolean_of_any_bits_is_true_unless_0() {
        let mut place = MaybeUninit::<sync_value>::zeroed();
        for (bits, expected) in [(0_u8, false), (1, true), (2, true), (255, true)] {
            let value = place.as_mut_ptr();
            // SAFETY: zeroed memory of the right size; the boolean is written as the byte it is.
            let read = unsafe {
                (&raw mut (*value).kind).write(SYNC_VALUE_BOOL);
                (&raw mut (*value).boolean).cast::<u8>().write(bits);
                self::value("value", value)
            };
            assert_eq!(read.unwrap(), Value::Bool(expected));
        }
    }
}
