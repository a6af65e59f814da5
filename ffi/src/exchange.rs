//! Changes on their way between replicas, as frames of bytes.

use libsync::{Applied, ExportError, ExportOptions, Replica, VersionVector};

use crate::argument::{Out, bytes};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::json;
use crate::options::sync_export_options;
use crate::replica::{sync_replica, with_replica};
use crate::sized::{self, SizedOut, SizedStruct};
use crate::status::sync_status;

/// What this replica has seen, as a frame: for a peer, who answers with sync_replica_export. What
/// an open transaction has edited does not count. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_encode_version(
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(sync_buf::new(with_replica(replica, |replica| replica.encode_version())?));
            Ok(())
        })
    }
}

/// All changes that are not in the version since, as one frame for sync_replica_apply. since is a
/// frame of sync_replica_encode_version (since_len bytes, borrowed for the call); none at all
/// (NULL, 0) asks for everything. On success the caller owns *out.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document; SYNC_ERR_BELOW_PRUNE_FLOOR if changes since then have been pruned
/// here, SYNC_ERR_SHALLOW if they never were here: send what sync_replica_save gives instead;
/// SYNC_ERR_CANNOT_SPONSOR if a replica that the version names has to be made a member first, and this
/// one can't do that; SYNC_ERR_IN_TRANSACTION while a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_export(
    replica: *const sync_replica,
    since: *const u8,
    since_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let since = bytes("since", since, since_len)?;
            out.write(sync_buf::new(export(replica, since, ExportOptions::new())?));
            Ok(())
        })
    }
}

/// What sync_replica_export gives, in the form that the options say, which may be NULL;
/// sync_replica_apply takes every form. On success the caller owns *out.
///
/// As for sync_replica_export; SYNC_ERR_STRUCT_SIZE for options that were not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_export_with(
    replica: *const sync_replica,
    since: *const u8,
    since_len: usize,
    options: *const sync_export_options,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let since = bytes("since", since, since_len)?;
            let options = sized::read("options", options)?.into();
            out.write(sync_buf::new(export(replica, since, options)?));
            Ok(())
        })
    }
}

fn export(
    replica: *const sync_replica,
    since: &[u8],
    options: ExportOptions,
) -> Result<Vec<u8>, Failure> {
    let frame = with_replica(replica, |replica| {
        let since = version(replica, since)?;
        replica.export_with(&since, options)
    })??;
    Ok(frame)
}

/// The version in a frame; that of nothing, if there are no bytes.
pub(crate) fn version(replica: &Replica, bytes: &[u8]) -> Result<VersionVector, ExportError> {
    if bytes.is_empty() { Ok(VersionVector::new()) } else { replica.decode_version(bytes) }
}

/// What sync_replica_apply did. Initialise it with SYNC_APPLIED_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_applied {
    /// The bytes of this struct.
    pub size: usize,
    /// Changes that are now part of the document, those that had waited for them included.
    pub changes: u64,
    /// Changes that were known already.
    pub duplicates: u64,
    /// All changes in the inbox after the call, which wait for what they depend on: see
    /// sync_replica_missing.
    pub held: u64,
    /// Changes that had waited, and turned out to be invalid once they could be checked.
    pub refused: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_applied {
    const INIT: Self =
        Self { size: size_of::<Self>(), changes: 0, duplicates: 0, held: 0, refused: 0 };
}

/// Where a call says what it applied, as far as the caller wants to know.
pub(crate) struct AppliedOut {
    applied: Option<SizedOut<sync_applied>>,
    refused: Option<Out<sync_buf>>,
}

impl AppliedOut {
    /// # Safety
    /// The pointers are as the C ABI asks.
    pub(crate) unsafe fn new(
        applied: *mut sync_applied,
        refused: *mut sync_buf,
    ) -> Result<Self, Failure> {
        // SAFETY: promised by the caller.
        let applied = unsafe { SizedOut::optional("applied", applied)? };
        // SAFETY: promised by the caller.
        let refused = unsafe { Out::optional("refused", refused)? };
        Ok(Self { applied, refused })
    }

    pub(crate) fn write(self, applied: &Applied) {
        if let Some(out) = self.applied {
            out.write(sync_applied {
                changes: applied.changes as u64,
                duplicates: applied.duplicates as u64,
                held: applied.held as u64,
                refused: applied.refused.len() as u64,
                ..sync_applied::INIT
            });
        }
        if let Some(out) = self.refused {
            out.write(sync_buf::new(json::of_ids(&applied.refused).to_string()));
        }
    }
}

/// Applies the changes of a frame that sync_replica_export made (len bytes, borrowed for the
/// call). All of them or, after an error, none; in any order, and as often as it comes; a change
/// that depends on what is missing, or names it, is held until that arrives.
///
/// applied and refused may be NULL. *refused becomes the ids of the changes that applied counts
/// as refused, as a JSON array (see "JSON" in docs/c-abi.md), owned by the caller on success.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not
/// changes of this document; SYNC_ERR_REPLICA_ID_REUSED, SYNC_ERR_BELOW_PRUNE_FLOOR,
/// SYNC_ERR_INVALID_CHANGE, SYNC_ERR_AUTHOR_LEFT, SYNC_ERR_AUTHOR_EVICTED, SYNC_ERR_NAMES_EVICTED and
/// SYNC_ERR_INBOX_FULL for changes that can't be taken; SYNC_ERR_IN_TRANSACTION while a transaction is
/// open; SYNC_ERR_STRUCT_SIZE if *applied was not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_apply(
    replica: *mut sync_replica,
    bytes: *const u8,
    len: usize,
    applied: *mut sync_applied,
    refused: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = AppliedOut::new(applied, refused)?;
            let bytes = self::bytes("bytes", bytes, len)?;
            out.write(&with_replica(replica, |replica| replica.apply(bytes))??);
            Ok(())
        })
    }
}

/// The operations that changes in the inbox wait for, as a JSON array of ids (see "JSON" in
/// docs/c-abi.md). On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_missing(
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let missing = with_replica(replica, |replica| replica.missing())?;
            out.write(sync_buf::new(json::of_ids(&missing).to_string()));
            Ok(())
        })
    }
}
