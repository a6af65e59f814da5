//! What every call goes through: no panic leaves the library, a failure becomes a status.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{ErrorObject, sync_error};
use crate::failure::Failure;
use crate::registry::{Object, REGISTRY};
use crate::status::sync_status;

/// Runs `body`; when it fails, writes a new error object where `error` points, unless that is
/// NULL or no handle is left.
///
/// Unwind safety: what a panic may leave half done is behind a handle, and
/// [`live::with`](crate::live::with) bars the handle then.
///
/// # Safety
/// Unless NULL, `error` is valid for writing a pointer.
pub(crate) unsafe fn call(
    error: *mut *mut sync_error,
    body: impl FnOnce() -> Result<(), Failure>,
) -> sync_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => sync_status::SYNC_OK,
        // SAFETY: promised by the caller.
        Ok(Err(failure)) => unsafe { fail(error, failure) },
        // SAFETY: promised by the caller.
        Err(panic) => unsafe { fail(error, from_panic(panic)) },
    }
}

/// What all calls do when they fail, once for all of them.
///
/// # Safety
/// As for [`call`].
#[cold]
#[inline(never)]
unsafe fn fail(error: *mut *mut sync_error, failure: Failure) -> sync_status {
    if !error.is_null() && error.is_aligned() {
        let described = catch_unwind(AssertUnwindSafe(|| {
            REGISTRY.insert(Object::Error(ErrorObject::new(&failure)))
        }));
        if let Ok(Some(handle)) = described {
            // SAFETY: neither NULL nor misaligned, and writable as the caller promises.
            unsafe { error.write(handle.as_pointer()) }
        }
    }
    failure.status()
}

/// The same for calls that return no status: `otherwise` in place of what a panic prevents.
pub(crate) fn or<R>(otherwise: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}

fn from_panic(panic: Box<dyn Any + Send>) -> Failure {
    let message = match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => match panic.downcast::<&'static str>() {
            Ok(message) => (*message).to_owned(),
            Err(_) => String::from("a panic without a message"),
        },
    };
    Failure::Panic { message }
}
