//! The handle of a replica: made new or from bytes, saved, freed.

use libsync::{Replica, ReplicaId};

use crate::argument::{Out, bytes};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::identity::sync_document_id;
use crate::live;
use crate::options::{sync_options, sync_save_options};
use crate::sized;
use crate::status::sync_status;

/// One replica of a document: its whole state, and the changes that others may still need.
///
/// A handle is a token, not an address: never follow it. Any thread may use it; calls on one
/// handle wait for each other. Freed with sync_replica_free.
pub struct sync_replica {
    _opaque: [u8; 0],
}

/// Runs `work` on the replica behind the handle.
pub(crate) fn with_replica<R>(
    replica: *const sync_replica,
    work: impl FnOnce(&mut Replica) -> R,
) -> Result<R, Failure> {
    live::with(replica, work)
}

/// A replica of a document that is empty so far.
///
/// replica_id must be unique among all replicas of this document that ever write: see
/// sync_random_replica_id. options may be NULL. On success *out is a handle that the caller owns
/// and frees with sync_replica_free.
///
/// SYNC_ERR_STRUCT_SIZE for options that were not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_new(
    document: *const sync_document_id,
    replica_id: u64,
    options: *const sync_options,
    out: *mut *mut sync_replica,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let document = *document.as_ref().ok_or(Failure::Null { argument: "document" })?;
            let options = sized::read("options", options)?.into();
            let id = ReplicaId::new(replica_id);
            out.write(live::insert(Replica::with_options(document.into(), id, options))?);
            Ok(())
        })
    }
}

/// Loads a document that sync_replica_save wrote (len bytes, borrowed for the call), to be edited
/// as replica_id.
///
/// Give the same replica id only to the host that saved it, and only if it has not written since;
/// every other host needs one of its own. options may be NULL. On success *out is a handle that
/// the caller owns and frees with sync_replica_free.
///
/// SYNC_ERR_DECODE for bytes that are not such a document, or more than the options allow;
/// SYNC_ERR_STRUCT_SIZE for options that were not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_load(
    bytes: *const u8,
    len: usize,
    replica_id: u64,
    options: *const sync_options,
    out: *mut *mut sync_replica,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let bytes = self::bytes("bytes", bytes, len)?;
            let options = sized::read("options", options)?.into();
            let id = ReplicaId::new(replica_id);
            out.write(live::insert(Replica::load_with_options(bytes, id, options)?)?);
            Ok(())
        })
    }
}

/// The whole document as bytes, with the changes that others may still need: what
/// sync_replica_load takes, and what a replica is started from that joins or was away for too
/// long. Without what an open transaction has edited. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_save(
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(sync_buf::new(with_replica(replica, |replica| replica.save())?));
            Ok(())
        })
    }
}

/// What sync_replica_save gives, in the form that the options say, which may be NULL;
/// sync_replica_load takes every form. On success the caller owns *out.
///
/// SYNC_ERR_STRUCT_SIZE for options that were not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_save_with(
    replica: *const sync_replica,
    options: *const sync_save_options,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let options = sized::read("options", options)?.into();
            out.write(sync_buf::new(with_replica(replica, |replica| replica.save_with(options))?));
            Ok(())
        })
    }
}

/// Frees a replica, once calls that are at work on it have returned; what an open transaction has
/// edited is lost. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none. A handle that SYNC_ERR_PANIC barred is
/// freed like any other.
#[unsafe(no_mangle)]
pub extern "C" fn sync_replica_free(replica: *mut sync_replica) -> sync_status {
    live::free::<Replica>(replica)
}

/// The replica id under which this replica writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_id(
    replica: *const sync_replica,
    out: *mut u64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(with_replica(replica, |replica| replica.id().get())?);
            Ok(())
        })
    }
}

/// The identity of the document that this is a replica of.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_document(
    replica: *const sync_replica,
    out: *mut sync_document_id,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(with_replica(replica, |replica| replica.document().into())?);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr;

    use super::*;
    use crate::error::{sync_error_code, sync_error_free, sync_error_message};

    fn new_replica(id: u64) -> *mut sync_replica {
        let document = sync_document_id { bytes: [7; 16] };
        let mut replica = ptr::null_mut();
        // SAFETY: all pointers are to live locals, or NULL where that is allowed.
        let status =
            unsafe { sync_replica_new(&document, id, ptr::null(), &mut replica, ptr::null_mut()) };
        assert_eq!(status, sync_status::SYNC_OK);
        replica
    }

    fn id_of(replica: *const sync_replica) -> Result<u64, sync_status> {
        let mut id = 0;
        // SAFETY: `id` is a live local, and no error is asked for.
        match unsafe { sync_replica_id(replica, &mut id, ptr::null_mut()) } {
            sync_status::SYNC_OK => Ok(id),
            status => Err(status),
        }
    }

    #[test]
    fn a_panic_bars_its_handle_and_no_other() {
        let (damaged, sound) = (new_replica(1), new_replica(2));
        let mut error = ptr::null_mut();
        // SAFETY: `error` is a live local.
        let status = unsafe {
            guard::call(&mut error, || with_replica(damaged, |_| panic!("injected at {}", 5)))
        };
        assert_eq!(status, sync_status::SYNC_ERR_PANIC);
        assert_eq!(sync_error_code(error), status);
        // SAFETY: the message of a live error is a C string.
        let message = unsafe { CStr::from_ptr(sync_error_message(error)) };
        assert!(message.to_str().unwrap().contains("injected at 5"), "{message:?}");
        assert_eq!(sync_error_free(error), sync_status::SYNC_OK);

        assert_eq!(id_of(damaged), Err(sync_status::SYNC_ERR_PANIC));
        assert_eq!(id_of(sound), Ok(2));
        assert_eq!(sync_replica_free(damaged), sync_status::SYNC_OK);
        assert_eq!(id_of(damaged), Err(sync_status::SYNC_ERR_HANDLE));
        assert_eq!(sync_replica_free(damaged), sync_status::SYNC_ERR_HANDLE);
        assert_eq!(sync_replica_free(sound), sync_status::SYNC_OK);
    }

    #[test]
    fn a_panic_in_one_call_bars_the_calls_that_wait() {
        let replica = new_replica(1).addr();
        let handle = move || ptr::without_provenance_mut::<sync_replica>(replica);
        let (at_work, started) = std::sync::mpsc::channel();
        let failing = std::thread::spawn(move || {
            // SAFETY: no error is asked for.
            unsafe {
                guard::call(ptr::null_mut(), || {
                    with_replica(handle(), |_| {
                        at_work.send(()).unwrap();
                        std::thread::sleep(std::time::Duration::from_millis(50));
                        panic!("injected")
                    })
                })
            }
        });
        started.recv().unwrap();
        assert_eq!(id_of(handle()), Err(sync_status::SYNC_ERR_PANIC));
        assert_eq!(failing.join().unwrap(), sync_status::SYNC_ERR_PANIC);
        assert_eq!(sync_replica_free(handle()), sync_status::SYNC_OK);
    }
}
