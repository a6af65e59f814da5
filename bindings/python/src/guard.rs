//! The net under the core: a panic becomes an error, and what it may have left half done is
//! locked away for good.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LockResult, Mutex, MutexGuard};

/// A bug in the core, met by this call or by an earlier one on the same object.
#[derive(Debug)]
pub enum Panicked {
    /// This call panicked, with this message.
    Now(String),
    /// An earlier call did, and nothing can be said of the object's state since.
    Before,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(message) => write!(f, "a bug in libsync ended this call: {message}"),
            Self::Before => f.write_str(
                "a bug in libsync ended an earlier call on this replica or stream, which can't be used any more: load the document from what was saved last, and start streams anew",
            ),
        }
    }
}

/// Makes a call that no object outlives.
pub fn catch<R>(call: impl FnOnce() -> R) -> Result<R, Panicked> {
    // What the closure captured is dropped by unwinding, or is behind a mutex that it poisons.
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| Panicked::Now(message(panic.as_ref())))
}

/// Makes a call on a locked object. A panic poisons the lock, and every later call is refused.
pub fn run<T, R>(
    locked: LockResult<MutexGuard<'_, T>>,
    call: impl FnOnce(&mut T) -> R,
) -> Result<R, Panicked> {
    let mut guard = locked.map_err(|_| Panicked::Before)?;
    // The guard moves into the closure: a mutex is poisoned by a guard dropped while unwinding.
    catch(move || call(&mut guard))
}

/// Makes a call on two objects: one that is locked, and one that is locked behind it.
pub fn run_both<A, B, R>(
    first: LockResult<MutexGuard<'_, A>>,
    second: &Mutex<B>,
    call: impl FnOnce(&mut A, &mut B) -> R,
) -> Result<R, Panicked> {
    let mut first = first.map_err(|_| Panicked::Before)?;
    let mut second = second.lock().map_err(|_| Panicked::Before)?;
    catch(move || call(&mut first, &mut second))
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
