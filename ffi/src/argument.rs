//! What C hands in, checked as far as that can be: pointers, lengths, UTF-8, enums.

use std::ffi::c_char;
use std::mem::{MaybeUninit, transmute_copy};
use std::ptr::NonNull;
use std::slice;

use crate::failure::Failure;

/// The bytes of an input; none where `len` is 0, whatever `ptr` is.
///
/// # Safety
/// Unless NULL, `ptr` points to `len` bytes that stay as they are while `'a` lasts.
pub(crate) unsafe fn bytes<'a>(
    name: &'static str,
    ptr: *const u8,
    len: usize,
) -> Result<&'a [u8], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    if ptr.is_null() {
        return Err(Failure::Null { argument: name });
    }
    if len > isize::MAX.unsigned_abs() {
        return Err(Failure::Argument { argument: name, reason: "is longer than any object" });
    }
    // SAFETY: not NULL, not longer than any object, and readable as the caller promises.
    Ok(unsafe { slice::from_raw_parts(ptr, len) })
}

/// The text of an input.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(
    name: &'static str,
    ptr: *const c_char,
    len: usize,
) -> Result<&'a str, Failure> {
    // SAFETY: the caller promises what `bytes` asks.
    let bytes = unsafe { bytes(name, ptr.cast(), len)? };
    str::from_utf8(bytes).map_err(|error| Failure::Utf8 { argument: name, at: error.valid_up_to() })
}

/// What C points to; `None` for NULL.
///
/// # Safety
/// Unless it is NULL or misaligned, `ptr` can be read as a `T`.
pub(crate) unsafe fn optional<T: Copy>(
    name: &'static str,
    ptr: *const T,
) -> Result<Option<T>, Failure> {
    if !ptr.is_aligned() {
        return Err(Failure::Argument { argument: name, reason: "is misaligned" });
    }
    // SAFETY: NULL, or aligned and readable as the caller promises.
    Ok(unsafe { ptr.as_ref().copied() })
}

/// The number that C passed for an enum, be it one of the listed ones or not.
pub(crate) fn enum_number<E>(value: MaybeUninit<E>) -> u32 {
    const {
        assert!(size_of::<E>() == size_of::<u32>(), "C enums have the width of an int here");
    }
    // SAFETY: of the same size, as asserted, and every pattern of 32 bits is a u32; C initialised
    // them, because passing an argument reads it.
    unsafe { transmute_copy(&value) }
}

/// A place in C's memory that a call writes, once and only when it has succeeded.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// The place that a call can't do without.
    ///
    /// # Safety
    /// Unless NULL, `ptr` is valid for writing one `T` until the call ends.
    pub(crate) unsafe fn required(name: &'static str, ptr: *mut T) -> Result<Self, Failure> {
        // SAFETY: the caller promises the same.
        let out = unsafe { Self::optional(name, ptr)? };
        out.ok_or(Failure::Null { argument: name })
    }

    /// The place for what the caller may not want to know, and passes NULL for.
    ///
    /// # Safety
    /// As for [`Out::required`].
    pub(crate) unsafe fn optional(
        name: &'static str,
        ptr: *mut T,
    ) -> Result<Option<Self>, Failure> {
        match NonNull::new(ptr) {
            Some(place) if !place.is_aligned() => {
                Err(Failure::Argument { argument: name, reason: "is misaligned" })
            }
            place => Ok(place.map(Self)),
        }
    }

    /// Writes it; what was there before is overwritten, not freed.
    pub(crate) fn write(self, value: T) {
        // SAFETY: whoever made this promised that the place can be written; it is aligned.
        unsafe { self.0.write(value) }
    }
}
