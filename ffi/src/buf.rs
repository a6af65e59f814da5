//! Bytes that the library allocates and the caller owns.

use std::mem::ManuallyDrop;
use std::ptr;

use crate::failure::Failure;
use crate::guard;
use crate::status::sync_status;

/// Bytes that a call handed out: the caller owns them, and frees them with sync_buf_free.
///
/// A NUL follows the last byte, not counted in len, so that text and JSON can be used as a C
/// string (text may hold NULs of its own: len is what counts). ptr is never NULL after a
/// call that succeeded, even if len is 0.
#[repr(C)]
#[derive(Debug)]
pub struct sync_buf {
    /// The bytes; NULL in a freed buffer.
    pub ptr: *mut u8,
    /// How many bytes there are.
    pub len: usize,
    /// How many bytes are allocated. Not to be changed.
    pub cap: usize,
}

impl sync_buf {
    /// The buffer that owns nothing.
    pub(crate) const EMPTY: Self = Self { ptr: ptr::null_mut(), len: 0, cap: 0 };

    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let mut bytes = bytes.into();
        let len = bytes.len();
        bytes.reserve_exact(1);
        bytes.push(0);
        let mut bytes = ManuallyDrop::new(bytes);
        Self { ptr: bytes.as_mut_ptr(), len, cap: bytes.capacity() }
    }

    /// Frees what the buffer at `place` owns, and empties it.
    ///
    /// # Safety
    /// Nothing else uses `place` meanwhile, and there, if it is aligned, is an empty buffer or one
    /// of [`sync_buf::new`] whose fields are as they were, of which no copy was freed.
    pub(crate) unsafe fn free(argument: &'static str, place: *mut Self) -> Result<(), Failure> {
        if !place.is_aligned() {
            return Err(Failure::Argument { argument, reason: "is misaligned" });
        }
        // SAFETY: aligned, and otherwise as the caller promises; fields may have any value.
        let Self { ptr, len, cap } = unsafe { place.read() };
        if !ptr.is_null() {
            if len >= cap || cap > isize::MAX.unsigned_abs() {
                let reason = "is not a buffer of this library";
                return Err(Failure::Argument { argument, reason });
            }
            // SAFETY: `new` took the three from a Vec that it let go of; it had `len` bytes and
            // one more.
            drop(unsafe { Vec::from_raw_parts(ptr, len + 1, cap) });
        }
        // SAFETY: it could be read, and is the caller's to write.
        unsafe { place.write(Self::EMPTY) }
        Ok(())
    }
}

/// Frees what the buffer owns, and sets all its fields to 0: freeing it again is a no-op, and so
/// is a NULL buffer or one that is all 0.
///
/// A copy of the struct owns the same bytes: free only one of the two. SYNC_ERR_ARGUMENT, and
/// nothing is freed, if the fields can't be those of a buffer of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_buf_free(buf: *mut sync_buf) -> sync_status {
    // SAFETY: no error is asked for; `buf` is NULL, or a buffer as the C ABI defines it, which
    // nothing else uses during the call.
    unsafe {
        guard::call(ptr::null_mut(), || {
            if buf.is_null() {
                return Ok(());
            }
            sync_buf::free("buf", buf)
        })
    }
}
