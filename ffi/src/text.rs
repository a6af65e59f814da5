//! Texts: edited character by character, in whichever unit the host counts.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use libsync::Unit;

use crate::argument::{Out, enum_number, text};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::read::read_at;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;
use crate::value::sync_unit;

pub(crate) fn checked_unit(unit: MaybeUninit<sync_unit>) -> Result<Unit, Failure> {
    const SCALAR: u32 = sync_unit::SYNC_UNIT_SCALAR as u32;
    const UTF8: u32 = sync_unit::SYNC_UNIT_UTF8 as u32;
    const UTF16: u32 = sync_unit::SYNC_UNIT_UTF16 as u32;
    match enum_number(unit) {
        SCALAR => Ok(Unit::Scalar),
        UTF8 => Ok(Unit::Utf8),
        UTF16 => Ok(Unit::Utf16),
        _ => Err(Failure::Argument { argument: "unit", reason: "is not a unit of text" }),
    }
}

/// Inserts characters (UTF-8, inserted_len bytes, copied) before the position, counted in unit.
/// The text is created if nothing is at the path, and what is missing on the way as maps.
///
/// SYNC_ERR_OUT_OF_BOUNDS for a position beyond the end, SYNC_ERR_SPLITS_CHARACTER for one within
/// a character, SYNC_ERR_WRONG_KIND if something else than a text is at the path, SYNC_ERR_UTF8 for
/// characters that are not UTF-8, SYNC_ERR_ARGUMENT for a unit that is not listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_insert_text(
    replica: *mut sync_replica,
    path: *const c_char,
    path_len: usize,
    unit: MaybeUninit<sync_unit>,
    position: usize,
    inserted: *const c_char,
    inserted_len: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let path = text("path", path, path_len)?;
            let unit = checked_unit(unit)?;
            let inserted = text("inserted", inserted, inserted_len)?;
            Ok(with_replica(replica, |replica| {
                replica.insert_text(path, unit, position, inserted)
            })??)
        })
    }
}

/// Deletes length units of text from the position on, both counted in unit.
///
/// SYNC_ERR_OUT_OF_BOUNDS for a range that reaches beyond the end, SYNC_ERR_SPLITS_CHARACTER if one
/// of its ends is within a character, SYNC_ERR_NOT_FOUND if nothing is at the path,
/// SYNC_ERR_WRONG_KIND if something else than a text is, SYNC_ERR_ARGUMENT for a unit that is not
/// listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_delete_text(
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
            Ok(with_replica(replica, |replica| replica.delete_text(path, unit, position, length))??)
        })
    }
}

/// The characters of a text, as UTF-8. On success the caller owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a text
/// is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_text(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        read_at(replica, path, path_len, out, error, |replica, path| {
            replica.text(path).map(sync_buf::new)
        })
    }
}

/// How long a text is, counted in unit.
///
/// SYNC_ERR_ARGUMENT for a unit that is not listed; otherwise as sync_replica_text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_text_len(
    replica: *const sync_replica,
    path: *const c_char,
    path_len: usize,
    unit: MaybeUninit<sync_unit>,
    out: *mut usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let path = text("path", path, path_len)?;
            let unit = checked_unit(unit)?;
            out.write(with_replica(replica, |replica| replica.text_len(path, unit))??);
            Ok(())
        })
    }
}
