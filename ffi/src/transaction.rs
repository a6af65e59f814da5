//! Several edits as one change, and what its author says of it.

use std::ffi::c_char;
use std::ptr;

use libsync::Commit;

use crate::argument::{Out, optional, text};
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::identity::sync_operation_id;
use crate::replica::{sync_replica, with_replica};
use crate::sized::{self, SizedStruct};
use crate::status::sync_status;

/// What goes with a change beside its edits, for people and for history. Initialise it with
/// SYNC_COMMIT_INIT, then set fields; what they point to is borrowed for the call, and copied.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_commit {
    /// The bytes of this struct.
    pub size: usize,
    /// The wall-clock time, in microseconds since 1970-01-01T00:00:00Z, as the host's clock has it;
    /// NULL for that of sync_replica_set_time, if any.
    pub time: *const i64,
    /// What was done, for people, as UTF-8; NULL for none.
    pub message: *const c_char,
    /// The bytes of the message.
    pub message_len: usize,
    /// What made it, as UTF-8: a device, a program, a part of one; NULL for none.
    pub origin: *const c_char,
    /// The bytes of the origin.
    pub origin_len: usize,
}

// SAFETY: repr(C), its size first, then numbers and raw pointers.
unsafe impl SizedStruct for sync_commit {
    const INIT: Self = Self {
        size: size_of::<Self>(),
        time: ptr::null(),
        message: ptr::null(),
        message_len: 0,
        origin: ptr::null(),
        origin_len: 0,
    };
}

impl sync_commit {
    /// What the fields say.
    ///
    /// # Safety
    /// The pointers are as the C ABI asks.
    unsafe fn checked(self) -> Result<Commit, Failure> {
        // SAFETY: promised by the caller.
        let (time, message, origin) = unsafe {
            (
                optional("time", self.time)?,
                text("message", self.message, self.message_len)?,
                text("origin", self.origin, self.origin_len)?,
            )
        };
        let mut commit = Commit::new();
        commit.time = time;
        commit.message = (!self.message.is_null()).then(|| message.to_owned());
        commit.origin = (!self.origin.is_null()).then(|| origin.to_owned());
        Ok(commit)
    }
}

/// Opens a transaction: the edits from now on are one change, which sync_replica_commit makes, or
/// none, if sync_replica_abort undoes them. Reads see them at once, other replicas only what was
/// committed. It belongs to the replica: the edits of every thread are part of it.
///
/// SYNC_ERR_IN_TRANSACTION if one is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_begin(
    replica: *mut sync_replica,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `error` is as the C ABI asks.
    unsafe { guard::call(error, || Ok(with_replica(replica, |replica| replica.begin())??)) }
}

/// Makes the edits of the open transaction one change, and closes it. commit may be NULL, to say
/// nothing of the change.
///
/// changed and id may be NULL. *changed becomes false if nothing was edited, and so there is no
/// change; *id becomes the identity of the change, or all 0 if there is none.
///
/// SYNC_ERR_NO_TRANSACTION if none is open, SYNC_ERR_UTF8 for a message or an origin that is not
/// UTF-8, SYNC_ERR_STRUCT_SIZE if *commit was not initialised. After an error the transaction is
/// still open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_commit(
    replica: *mut sync_replica,
    commit: *const sync_commit,
    changed: *mut bool,
    id: *mut sync_operation_id,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let changed = Out::optional("changed", changed)?;
            let id_out = Out::optional("id", id)?;
            let commit = sized::read("commit", commit)?.checked()?;
            let id = with_replica(replica, |replica| replica.commit(commit))??;
            if let Some(out) = changed {
                out.write(id.is_some());
            }
            if let Some(out) = id_out {
                out.write(id.map(Into::into).unwrap_or_default());
            }
            Ok(())
        })
    }
}

/// Undoes all edits of the open transaction, and closes it.
///
/// aborted may be NULL; otherwise *aborted becomes false if none was open, which is no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_abort(
    replica: *mut sync_replica,
    aborted: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::optional("aborted", aborted)?;
            let aborted = with_replica(replica, |replica| replica.abort())?;
            if let Some(out) = out {
                out.write(aborted);
            }
            Ok(())
        })
    }
}

/// Whether a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_in_transaction(
    replica: *const sync_replica,
    out: *mut bool,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(with_replica(replica, |replica| replica.in_transaction())?);
            Ok(())
        })
    }
}

/// The wall-clock time that changes carry from now on whose commit has none, in microseconds since
/// 1970-01-01T00:00:00Z; NULL for none. The library reads no clock itself, and orders nothing by
/// this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_set_time(
    replica: *mut sync_replica,
    time: *const i64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let time = optional("time", time)?;
            with_replica(replica, |replica| replica.set_time(time))
        })
    }
}
