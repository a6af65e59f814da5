//! The error object: what went wrong, in words and in fields.

use std::ffi::{CStr, CString, c_char};

use crate::details;
use crate::failure::Failure;
use crate::guard;
use crate::registry::{Object, REGISTRY, Token};
use crate::status::sync_status;

/// What went wrong in a call: its status, a message for people, and details for programs.
///
/// Owned by the caller, who frees it with sync_error_free. An error never changes.
pub struct sync_error {
    _opaque: [u8; 0],
}

/// What is behind a `sync_error` handle.
pub(crate) struct ErrorObject {
    status: sync_status,
    message: CString,
    details: CString,
}

impl ErrorObject {
    pub(crate) fn new(failure: &Failure) -> Self {
        Self {
            status: failure.status(),
            message: c_string(failure.to_string()),
            details: c_string(details::of_failure(failure).to_string()),
        }
    }
}

/// A NUL within the text, which a path in it may hold, shows as U+FFFD.
fn c_string(text: String) -> CString {
    CString::new(text).unwrap_or_else(|error| {
        let bytes = error.into_vec();
        let shown = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
        CString::new(shown).unwrap_or_default()
    })
}

fn with_error<R>(error: *const sync_error, read: impl FnOnce(&ErrorObject) -> R) -> Option<R> {
    let token = Token::from_pointer(error)?;
    REGISTRY.with(token, |object| match object {
        Object::Error(error) => Some(read(error)),
        _ => None,
    })?
}

/// The status that the call returned along with this error.
///
/// SYNC_OK for NULL, SYNC_ERR_HANDLE for what is not an error (any more).
#[unsafe(no_mangle)]
pub extern "C" fn sync_error_code(error: *const sync_error) -> sync_status {
    if error.is_null() {
        return sync_status::SYNC_OK;
    }
    guard::or(sync_status::SYNC_ERR_PANIC, || {
        with_error(error, |error| error.status).unwrap_or(sync_status::SYNC_ERR_HANDLE)
    })
}

/// What was wrong, where, and what to do: English, UTF-8, NUL-terminated, never NULL.
///
/// Borrowed: good until the error is freed. "" for NULL, and a text that says so for what is not
/// an error (any more). Its wording is for people and may change.
#[unsafe(no_mangle)]
pub extern "C" fn sync_error_message(error: *const sync_error) -> *const c_char {
    text_of(error, c"", c"not a live error handle", |error| &error.message)
}

/// The facts of the error as a JSON object, for programs; NUL-terminated, never NULL.
///
/// Which fields there are depends on the status: see "Error details" in docs/c-abi.md. "{}" when
/// there are none, for NULL, and for what is not an error (any more). Borrowed: good until the
/// error is freed.
#[unsafe(no_mangle)]
pub extern "C" fn sync_error_details(error: *const sync_error) -> *const c_char {
    text_of(error, c"{}", c"{}", |error| &error.details)
}

/// The text stays where it is until the error is freed: it is on the heap, and never changes.
fn text_of(
    error: *const sync_error,
    of_null: &'static CStr,
    of_dead: &'static CStr,
    text: impl FnOnce(&ErrorObject) -> &CString,
) -> *const c_char {
    if error.is_null() {
        return of_null.as_ptr();
    }
    guard::or(of_dead.as_ptr(), || {
        with_error(error, |error| text(error).as_ptr()).unwrap_or(of_dead.as_ptr())
    })
}

/// Frees an error; its message and details go with it. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none.
#[unsafe(no_mangle)]
pub extern "C" fn sync_error_free(error: *mut sync_error) -> sync_status {
    if error.is_null() {
        return sync_status::SYNC_OK;
    }
    guard::or(sync_status::SYNC_ERR_PANIC, || {
        let is_error = |object: &mut Object| matches!(object, Object::Error(_));
        match Token::from_pointer(error).and_then(|token| REGISTRY.remove(token, is_error)) {
            Some(_) => sync_status::SYNC_OK,
            None => sync_status::SYNC_ERR_HANDLE,
        }
    })
}
