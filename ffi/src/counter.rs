//! Counters: whole numbers that replicas add to at the same time.

use std::ffi::c_char;

use crate::argument::text;
use crate::error::sync_error;
use crate::guard;
use crate::read::read_at;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;

/// Adds delta, which may be negative, to the counter at the path. The counter is created if nothing
/// is there, and what is missing on the way as maps.
///
/// SYNC_ERR_OVERFLOW if the sum would leave the range of 64-bit integers (or, where replicas have
/// left it together, lead further away), SYNC_ERR_GROW_ONLY for a negative delta to a counter that
/// only grows, SYNC_ERR_WRONG_KIND if something else than a counter is at the path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_increment(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    delta: i64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            Ok(with_replica(replica, |replica| replica.increment(path, delta))??)
        })
    }
}

/// What the counter at the path, of either kind, has come to. Where replicas that did not see each
/// other have left the range of 64-bit integers together, it is the nearest number within.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a
/// counter is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_count(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut i64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { read_at(replica, path, path_len, out, error, |replica, path| replica.count(path)) }
}
