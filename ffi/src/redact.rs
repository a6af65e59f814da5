//! Forgetting for ever what was deleted.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use crate::argument::{Out, text};
use crate::error::sync_error;
use crate::guard;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;
use crate::text::checked_unit;
use crate::value::sync_unit;

/// Marks all that was deleted or overwritten, as far as is known here, to be forgotten for ever:
/// characters, values, keys, and what commits said. Here and at every other replica it is gone once
/// all members have acknowledged this twice and the replica prunes: from the document, and from the
/// log. sync_replica_prune says what is pending, and whom it waits for.
///
/// What was saved or sent before is not reached: other copies are the host's to delete. Nor is memory
/// wiped that was given back to the allocator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_redact(
    replica: *mut sync_replica,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `error` is as the C ABI asks.
    unsafe { guard::call(error, || Ok(with_replica(replica, |replica| replica.redact())??)) }
}

/// Deletes length units from the position on, as sync_replica_delete_text does and with its errors, and
/// redacts them (sync_replica_redact), in one change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_redact_text(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    unit: MaybeUninit<sync_unit>,
    position: usize,
    length: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            let unit = checked_unit(unit)?;
            Ok(with_replica(replica, |replica| replica.redact_text(path, unit, position, length))??)
        })
    }
}

/// Removes what is at the path, as sync_replica_remove does and with its errors, and redacts it
/// (sync_replica_redact), in one change.
///
/// removed may be NULL; otherwise *removed becomes false if nothing was there, and nothing happened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_redact_path(
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
            let removed = with_replica(replica, |replica| replica.redact_path(path))??;
            if let Some(out) = out {
                out.write(removed);
            }
            Ok(())
        })
    }
}
