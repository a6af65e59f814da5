//! Reading a document.

use std::ffi::c_char;

use libsync::{ReadError, Replica};

use crate::argument::{Out, text};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::json;
use crate::replica::{sync_replica, with_replica};
use crate::sized::{SizedOut, SizedStruct};
use crate::status::sync_status;
use crate::value::sync_value;

/// Writes to `out` what `read` gives of a place: all that most readers do.
///
/// # Safety
/// All pointers are as the C ABI asks.
pub(crate) unsafe fn read_at<T>(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut T,
    error: *mut *mut sync_error,
    read: impl FnOnce(&Replica, &str) -> Result<T, ReadError>,
) -> sync_status {
    // SAFETY: promised by the caller.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let path = text("path", path, path_len)?;
            out.write(with_replica(replica, |replica| read(replica, path))??);
            Ok(())
        })
    }
}

/// What is at the path: a value, the kind of container, or SYNC_VALUE_NONE, which is no error.
/// An item of a list is read through its index, as in `/todos/0`. On success the caller owns *out,
/// and frees it with sync_value_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_get(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_value,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let path = text("path", path, path_len)?;
            let content = with_replica(replica, |replica| replica.get(path))??;
            let value = sync_value::from_content(content);
            out.write(value.ok_or(Failure::Unnamed { what: "a kind of content" })?);
            Ok(())
        })
    }
}

/// The keys of the map at the path (the empty path is the root map), sorted by bytes, as a JSON
/// array of strings. On success the caller owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a map
/// is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_keys(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        read_at(replica, path, path_len, out, error, |replica, path| {
            let keys = serde_json::Value::from(replica.keys(path)?);
            Ok(sync_buf::new(keys.to_string()))
        })
    }
}

/// How many keys a map, items a list, or elements a set has that is at the path.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if none of these is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_len(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { read_at(replica, path, path_len, out, error, |replica, path| replica.len(path)) }
}

/// All that was assigned to the path concurrently, the content that is shown first, as a JSON
/// array, with authors and times: see "Conflicts" in docs/c-abi.md. One element or none: no
/// conflict. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_conflicts(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        read_at(replica, path, path_len, out, error, |replica, path| {
            Ok(sync_buf::new(json::of_conflicts(&replica.conflicts(path)?)))
        })
    }
}

/// The whole document as canonical JSON, the same bytes on every replica that has seen the same
/// changes. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_to_json(
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(sync_buf::new(with_replica(replica, |replica| replica.to_json())?));
            Ok(())
        })
    }
}

/// What a replica holds in memory: counted, without the allocator's own overhead. Initialise it
/// with SYNC_MEMORY_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_memory {
    /// The bytes of this struct.
    pub size: usize,
    /// Bytes of the document as it stands, tombstones included.
    pub state_bytes: u64,
    /// Bytes of the retained changes.
    pub log_bytes: u64,
    /// Bytes of changes that wait for others.
    pub inbox_bytes: u64,
    /// Nodes (characters of texts, items of lists), tombstones included.
    pub nodes: u64,
    /// Nodes that are tombstones.
    pub tombstones: u64,
    /// Spans (runs of nodes).
    pub spans: u64,
    /// Retained changes.
    pub changes: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_memory {
    const INIT: Self = Self {
        size: size_of::<Self>(),
        state_bytes: 0,
        log_bytes: 0,
        inbox_bytes: 0,
        nodes: 0,
        tombstones: 0,
        spans: 0,
        changes: 0,
    };
}

/// What the replica holds in memory.
///
/// SYNC_ERR_STRUCT_SIZE if *out was not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_memory(
    replica: *const sync_replica,
    out: *mut sync_memory,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = SizedOut::required("out", out)?;
            let memory = with_replica(replica, |replica| replica.memory())?;
            out.write(sync_memory {
                state_bytes: memory.state_bytes as u64,
                log_bytes: memory.log_bytes as u64,
                inbox_bytes: memory.inbox_bytes as u64,
                nodes: memory.nodes,
                tombstones: memory.tombstones,
                spans: memory.spans,
                changes: memory.changes,
                ..sync_memory::INIT
            });
            Ok(())
        })
    }
}
