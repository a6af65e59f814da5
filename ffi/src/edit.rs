//! Edits of what any container may hold: values and containers, under keys and in items. Each call
//! is one change, or part of the open transaction.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use libsync::Value;

use crate::argument::{Out, bytes, text};
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;
use crate::value::{container_kind, sync_kind};

/// Assigns a value.
///
/// # Safety
/// The pointers are as the C ABI asks.
unsafe fn set(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: impl Into<Value>,
) -> Result<(), Failure> {
    // SAFETY: promised by the caller.
    let path = unsafe { text("path", path, path_len)? };
    Ok(with_replica(replica, |replica| replica.set(path, value))??)
}

/// Sets the key, or the item of a list, at the path to null; `-` in place of an item's index
/// appends one. What is missing on the way is created as maps; a container that is there is
/// replaced, and what it holds with it. Concurrent assignments all stay readable: see
/// sync_replica_conflicts.
///
/// SYNC_ERR_ROOT for the empty path, SYNC_ERR_GROW_ONLY if a counter or set that only grows would
/// lose what it holds, SYNC_ERR_TOO_LONG for a key or a value that the options do not allow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_null(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { guard::call(error, || set(replica, path, path_len, ())) }
}

/// Sets the place at the path to true or false. As sync_replica_set_null in all else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_bool(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { guard::call(error, || set(replica, path, path_len, value)) }
}

/// Sets the place at the path to a whole number. As sync_replica_set_null in all else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_i64(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: i64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { guard::call(error, || set(replica, path, path_len, value)) }
}

/// Sets the place at the path to a floating-point number. As sync_replica_set_null in all else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_f64(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: f64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { guard::call(error, || set(replica, path, path_len, value)) }
}

/// Sets the place at the path to a string (UTF-8, value_len bytes, copied), which is replaced as a
/// whole; a text is edited character by character instead: see sync_replica_insert_text.
///
/// SYNC_ERR_UTF8 if the value is not UTF-8. As sync_replica_set_null in all else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_string(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { guard::call(error, || set(replica, path, path_len, text("value", value, value_len)?)) }
}

/// Sets the place at the path to bytes (value_len of them, copied), which are replaced as a whole.
/// As sync_replica_set_null in all else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_bytes(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: *const u8,
    value_len: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || set(replica, path, path_len, bytes("value", value, value_len)?))
    }
}

/// Sets the place at the path to a moment: microseconds since 1970-01-01T00:00:00Z, negative before.
/// As sync_replica_set_null in all else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_timestamp(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    microseconds: i64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { guard::call(error, || set(replica, path, path_len, Value::Timestamp(microseconds))) }
}

/// Creates an empty container at the path; nothing happens if one of this kind is there, and
/// anything else there is replaced. Replicas that create the same container at the same time
/// share it. As sync_replica_set_null in all else.
///
/// SYNC_ERR_ARGUMENT for a kind that is not listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_create(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    kind: MaybeUninit<sync_kind>,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            let kind = container_kind(kind)?;
            Ok(with_replica(replica, |replica| replica.create(path, kind))??)
        })
    }
}

/// Removes what is at the path, as this replica sees it: an assignment or an edit that another
/// replica makes at the same time survives. An item of a list is deleted.
///
/// removed may be NULL; otherwise *removed becomes false if nothing was there, which is no error.
///
/// SYNC_ERR_ROOT for the empty path, SYNC_ERR_GROW_ONLY if a counter or set that only grows would
/// lose what it holds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_remove(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    removed: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::optional("removed", removed)?;
            let path = text("path", path, path_len)?;
            let removed = with_replica(replica, |replica| replica.remove(path))??;
            if let Some(out) = out {
                out.write(removed);
            }
            Ok(())
        })
    }
}

/// Removes the key of a map at the path so that it beats what other replicas assign there, or edit
/// inside, at the same time: nothing is shown, until someone who has seen the removal sets it
/// again. As sync_replica_remove in all else.
///
/// SYNC_ERR_WRONG_KIND for an item of a list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_remove_wins(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    removed: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::optional("removed", removed)?;
            let path = text("path", path, path_len)?;
            let removed = with_replica(replica, |replica| replica.remove_wins(path))??;
            if let Some(out) = out {
                out.write(removed);
            }
            Ok(())
        })
    }
}
