//! Lists: items that are inserted, moved and deleted by their indices, which count from 0.

use std::ffi::c_char;

use crate::argument::text;
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::guard;
use crate::json;
use crate::read::read_at;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;
use crate::value::{contents, sync_value};

/// Inserts items before the index: count of them, borrowed for the call and copied. Each is a
/// value, or an empty container: a sync_value of the container's kind. The list is created if
/// nothing is at the path, and what is missing on the way as maps.
///
/// SYNC_ERR_INDEX_OUT_OF_BOUNDS for an index greater than the length, SYNC_ERR_WRONG_KIND if
/// something else than a list is at the path; for an item that can't be put into a document
/// SYNC_ERR_ARGUMENT, SYNC_ERR_UTF8, SYNC_ERR_NULL and SYNC_ERR_TOO_LONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_insert_items(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    index: usize,
    items: *const sync_value,
    count: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            let items = contents("items", items, count)?;
            Ok(with_replica(replica, |replica| replica.insert_items(path, index, items))??)
        })
    }
}

/// Deletes count items from the index on, as this replica sees them: one that another replica sets
/// or edits inside at the same time survives.
///
/// SYNC_ERR_INDEX_OUT_OF_BOUNDS for a range that reaches beyond the end, SYNC_ERR_NOT_FOUND if
/// nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a list is,
/// SYNC_ERR_GROW_ONLY if a counter or set that only grows would lose what it holds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_delete_items(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    index: usize,
    count: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            Ok(with_replica(replica, |replica| replica.delete_items(path, index, count))??)
        })
    }
}

/// Moves the item at an index of the list at the path to the index that it then has. It stays one
/// item whoever else moves it, and keeps what others set or edit in it at the same time.
///
/// SYNC_ERR_INDEX_OUT_OF_BOUNDS if one of the two is not the index of an item, SYNC_ERR_NOT_FOUND
/// if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a list is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_move_item(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    from: usize,
    to: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            Ok(with_replica(replica, |replica| replica.move_item(path, from, to))??)
        })
    }
}

/// What all items of the list at the path show, in order, as a JSON array: see "Contents" in
/// docs/c-abi.md. For one item, see sync_replica_get. On success the caller owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a list
/// is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_items(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        read_at(replica, path, path_len, out, error, |replica, path| {
            Ok(sync_buf::new(json::of_contents(&replica.items(path)?)))
        })
    }
}
