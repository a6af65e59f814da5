//! Where what a document shows comes from: versions, identities, changes.

use std::ffi::c_char;

use libsync::{Causality, ExportError, Replica, VersionVector};

use crate::argument::{Out, bytes, optional, text};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::identity::sync_operation_id;
use crate::json;
use crate::read::read_at;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;

/// How one version stands to another.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum sync_causality {
    /// They have the same operations.
    SYNC_CAUSALITY_EQUAL = 1,
    /// The first has some of the operations of the second, and no others.
    SYNC_CAUSALITY_BEFORE = 2,
    /// The first has all operations of the second, and more.
    SYNC_CAUSALITY_AFTER = 3,
    /// Each has operations that the other has not.
    SYNC_CAUSALITY_CONCURRENT = 4,
}

/// How the version first stands to the version second: frames of sync_replica_encode_version or
/// sync_replica_clock of any replica of this document (borrowed for the call); no bytes at all
/// (NULL, 0) are the version in which nothing has happened.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_compare_versions(
    replica: *const sync_replica,
    first: *const u8,
    first_len: usize,
    second: *const u8,
    second_len: usize,
    out: *mut sync_causality,
    error: *mut *mut sync_error,
) -> sync_status {
    use sync_causality::*;
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let first = bytes("first", first, first_len)?;
            let second = bytes("second", second, second_len)?;
            let causality = with_replica(replica, |replica| {
                let (first, second) = (version(replica, first)?, version(replica, second)?);
                Ok::<_, ExportError>(first.compare(&second))
            })??;
            out.write(match causality {
                Causality::Equal => SYNC_CAUSALITY_EQUAL,
                Causality::Before => SYNC_CAUSALITY_BEFORE,
                Causality::After => SYNC_CAUSALITY_AFTER,
                Causality::Concurrent => SYNC_CAUSALITY_CONCURRENT,
                _ => return Err(Failure::Unnamed { what: "a relation of versions" }),
            });
            Ok(())
        })
    }
}

fn version(replica: &Replica, frame: &[u8]) -> Result<VersionVector, ExportError> {
    match frame {
        [] => Ok(VersionVector::new()),
        frame => replica.decode_version(frame),
    }
}

/// Which operations known here touched what is at the path, or anything in it.
///
/// json and frame may be NULL. *json becomes the version as a JSON object (see "JSON" in
/// docs/c-abi.md), *frame as bytes for sync_replica_compare_versions; on success the caller owns
/// both.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_clock(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    json: *mut sync_buf,
    frame: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let json_out = Out::optional("json", json)?;
            let frame_out = Out::optional("frame", frame)?;
            let path = text("path", path, path_len)?;
            let (clock, frame) = with_replica(replica, |replica| {
                replica.clock(path).map(|clock| {
                    let frame = replica.encode_version_of(&clock);
                    (clock, frame)
                })
            })??;
            if let Some(out) = json_out {
                out.write(sync_buf::new(json::of_version(&clock).to_string()));
            }
            if let Some(out) = frame_out {
                out.write(sync_buf::new(frame));
            }
            Ok(())
        })
    }
}

/// The nodes of the text or list at the path, tombstones included, in order, with their
/// identities and origins, as a JSON array: see "Nodes" in docs/c-abi.md. On success the caller
/// owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if neither of these is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_nodes(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        read_at(replica, path, path_len, out, error, |replica, path| {
            Ok(sync_buf::new(json::of_nodes(&replica.nodes(path)?)))
        })
    }
}

/// The change that an operation is part of, with what its author said of it, as a JSON object: see
/// "Changes" in docs/c-abi.md; `null`, which is no error, if it is not known here, or not retained
/// any more. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_change(
    replica: *const sync_replica,
    id: *const sync_operation_id,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let id = optional("id", id)?.ok_or(Failure::Null { argument: "id" })?;
            let change = with_replica(replica, |replica| replica.change(id.into()))?;
            out.write(sync_buf::new(json::of_change(change.as_ref()).to_string()));
            Ok(())
        })
    }
}
