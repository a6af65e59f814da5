//! Sets: values that are added and discarded.

use std::ffi::c_char;

use crate::argument::{Out, text};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::guard;
use crate::json;
use crate::read::read_at;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;
use crate::value::{sync_value, value as read_value};

/// Adds a value, borrowed for the call and copied, to the set at the path. The set is created if
/// nothing is there, and what is missing on the way as maps. To add what is there already asserts
/// it anew, against others who discard it at the same time.
///
/// added may be NULL; otherwise *added becomes false if the value was there already.
///
/// SYNC_ERR_WRONG_KIND if something else than a set is at the path, SYNC_ERR_ARGUMENT for what is
/// not a value, SYNC_ERR_UTF8 for a string that is not UTF-8, SYNC_ERR_TOO_LONG for a value that
/// the options do not allow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_add(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: *const sync_value,
    added: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::optional("added", added)?;
            let path = text("path", path, path_len)?;
            let value = read_value("value", value)?;
            let added = with_replica(replica, |replica| replica.add(path, value))??;
            if let Some(out) = out {
                out.write(added);
            }
            Ok(())
        })
    }
}

/// Discards a value (borrowed for the call) from the set at the path, as this replica sees it:
/// where another replica adds it at the same time, it stays.
///
/// discarded may be NULL; otherwise *discarded becomes false if the value was not there, which is
/// no error.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a set
/// is, SYNC_ERR_GROW_ONLY for a set that only grows, SYNC_ERR_ARGUMENT for what is not a value,
/// SYNC_ERR_UTF8 for a string that is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_discard(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    value: *const sync_value,
    discarded: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::optional("discarded", discarded)?;
            let path = text("path", path, path_len)?;
            let value = read_value("value", value)?;
            let discarded = with_replica(replica, |replica| replica.discard(path, &value))??;
            if let Some(out) = out {
                out.write(discarded);
            }
            Ok(())
        })
    }
}

/// Whether a value (borrowed for the call) is in the set at the path, of either kind.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a set
/// is, SYNC_ERR_ARGUMENT for what is not a value, SYNC_ERR_UTF8 for a string that is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_contains(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    value: *const sync_value,
    out: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let path = text("path", path, path_len)?;
            let value = read_value("value", value)?;
            out.write(with_replica(replica, |replica| replica.contains(path, &value))??);
            Ok(())
        })
    }
}

/// The elements of the set at the path, of either kind, as a JSON array of values: null, booleans,
/// integers, floats, strings, bytes, timestamps, each of these sorted. On success the caller owns
/// *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a set
/// is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_elements(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        read_at(replica, path, path_len, out, error, |replica, path| {
            Ok(sync_buf::new(json::of_values(&replica.elements(path)?)))
        })
    }
}
