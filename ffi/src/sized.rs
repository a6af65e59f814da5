//! Structs that start with their own size, so that later libraries can add fields to them.
//!
//! A program and a library of different ages agree on the fields that both know: a library reads
//! and writes no byte beyond the size that the program states, takes what an older program does
//! not have as 0, and gives a newer program 0 for what it does not know itself.

use std::ptr::{self, NonNull};

use crate::failure::Failure;

/// Any struct is smaller; a size beyond it was never initialised.
const LARGEST: usize = 4096;

/// A struct that grows.
///
/// # Safety
/// It is `repr(C)`, its first field is its size as a `usize`, and all other fields are numbers or
/// raw pointers: every pattern of bits is a value.
pub(crate) unsafe trait SizedStruct: Copy {
    /// The struct with all fields 0 but its size.
    const INIT: Self;
}

/// Reads a struct of whatever age; `INIT` where C passes NULL.
///
/// # Safety
/// Unless NULL, `ptr` points to a `usize` and, if its value is a size that can be right, to so
/// many bytes in all.
pub(crate) unsafe fn read<T: SizedStruct>(
    argument: &'static str,
    ptr: *const T,
) -> Result<T, Failure> {
    let mut value = T::INIT;
    let Some(place) = NonNull::new(ptr.cast_mut()) else {
        return Ok(value);
    };
    // SAFETY: not NULL, and as the caller promises.
    let size = unsafe { checked_size(argument, place)? };
    let known = size.min(size_of::<T>());
    let bytes = ptr.cast::<u8>();
    // SAFETY: the caller's struct has `size` bytes, ours at least `known`, and all bits after the
    // first field make values. The first field is left as it is.
    unsafe {
        let from = size_of::<usize>();
        ptr::copy_nonoverlapping(
            bytes.add(from),
            ptr::from_mut(&mut value).cast::<u8>().add(from),
            known - from,
        );
    }
    // SAFETY: bytes `known..size` are the caller's struct's, initialised by its INIT macro.
    let unknown_is_zero = (known..size).all(|at| unsafe { bytes.add(at).read() } == 0);
    if !unknown_is_zero {
        let reason = "asks for what only a later library knows";
        return Err(Failure::StructSize { argument, size, reason });
    }
    Ok(value)
}

/// A struct in C's memory that a call fills in, as far as it goes.
pub(crate) struct SizedOut<T> {
    place: NonNull<T>,
    size: usize,
}

impl<T: SizedStruct> SizedOut<T> {
    /// The struct that a call can't do without.
    ///
    /// # Safety
    /// As for [`read`]; and the bytes can be written until the call ends.
    pub(crate) unsafe fn required(argument: &'static str, ptr: *mut T) -> Result<Self, Failure> {
        // SAFETY: the caller promises the same.
        unsafe { Self::optional(argument, ptr)? }.ok_or(Failure::Null { argument })
    }

    /// The struct that the caller may not want, and passes NULL for.
    ///
    /// # Safety
    /// As for [`SizedOut::required`].
    pub(crate) unsafe fn optional(
        argument: &'static str,
        ptr: *mut T,
    ) -> Result<Option<Self>, Failure> {
        let Some(place) = NonNull::new(ptr) else {
            return Ok(None);
        };
        // SAFETY: not NULL, and as the caller promises.
        let size = unsafe { checked_size(argument, place)? };
        Ok(Some(Self { place, size }))
    }

    /// Fills the struct in; its size stays as the program stated it.
    pub(crate) fn write(self, value: T) {
        let from = size_of::<usize>();
        let known = self.size.min(size_of::<T>());
        let bytes = self.place.as_ptr().cast::<u8>();
        // SAFETY: `size` bytes can be written, as promised to the constructor, and `value` has at
        // least `known`.
        unsafe {
            let value = ptr::from_ref(&value).cast::<u8>();
            ptr::copy_nonoverlapping(value.add(from), bytes.add(from), known - from);
            ptr::write_bytes(bytes.add(known), 0, self.size - known);
        }
    }
}

/// The size that a struct states, if it can be right.
///
/// # Safety
/// `place` can be read as a `usize`, if it is aligned.
unsafe fn checked_size<T>(argument: &'static str, place: NonNull<T>) -> Result<usize, Failure> {
    if !place.is_aligned() {
        return Err(Failure::Argument { argument, reason: "is misaligned" });
    }
    // SAFETY: aligned for `T`, whose first field is a `usize`, and readable as promised.
    let size = unsafe { place.cast::<usize>().read() };
    if size < size_of::<usize>() || size > LARGEST || size % align_of::<T>() != 0 {
        let reason = "can't have that size: initialise it with its INIT macro";
        return Err(Failure::StructSize { argument, size, reason });
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Known {
        size: usize,
        first: u64,
        second: u64,
    }

    // SAFETY: repr(C), its size first, then numbers.
    unsafe impl SizedStruct for Known {
        const INIT: Self = Self { size: size_of::<Self>(), first: 0, second: 0 };
    }

    /// The struct as an older and as a newer header has it.
    #[repr(C)]
    struct Older {
        size: usize,
        first: u64,
        behind: u64,
    }

    #[repr(C)]
    #[derive(Debug, PartialEq)]
    struct Newer {
        size: usize,
        first: u64,
        second: u64,
        third: u64,
    }

    const OLDER_SIZE: usize = size_of::<usize>().next_multiple_of(align_of::<u64>()) + 8;

    fn read_as_known<T>(theirs: &T) -> Result<Known, Failure> {
        // SAFETY: a live struct with at least the bytes that its size states.
        unsafe { read("options", ptr::from_ref(theirs).cast::<Known>()) }
    }

    fn write_as_known<T>(theirs: &mut T) -> Result<(), Failure> {
        let value = Known { first: 1, second: 2, ..Known::INIT };
        // SAFETY: a live struct with at least the bytes that its size states.
        let out = unsafe { SizedOut::required("out", ptr::from_mut(theirs).cast::<Known>())? };
        out.write(value);
        Ok(())
    }

    #[test]
    fn what_an_older_program_lacks_is_zero_and_stays_untouched() {
        let mut older = Older { size: OLDER_SIZE, first: 5, behind: 99 };
        let read = read_as_known(&older).unwrap();
        assert_eq!((read.first, read.second), (5, 0));
        write_as_known(&mut older).unwrap();
        assert_eq!((older.size, older.first, older.behind), (OLDER_SIZE, 1, 99));
    }

    #[test]
    fn what_a_newer_program_has_more_must_be_zero_and_becomes_zero() {
        let size = size_of::<Newer>();
        let mut newer = Newer { size, first: 5, second: 6, third: 0 };
        let read = read_as_known(&newer).unwrap();
        assert_eq!((read.first, read.second), (5, 6));
        newer.third = 1;
        assert!(matches!(read_as_known(&newer), Err(Failure::StructSize { .. })));
        write_as_known(&mut newer).unwrap();
        assert_eq!(newer, Newer { size, first: 1, second: 2, third: 0 });
    }

    #[test]
    fn sizes_that_cant_be_right_are_refused() {
        for size in [0, 1, size_of::<usize>() - 1, OLDER_SIZE + 1, LARGEST + 8, usize::MAX] {
            let mut known = Known { size, ..Known::INIT };
            assert!(matches!(read_as_known(&known), Err(Failure::StructSize { .. })), "{size}");
            assert!(matches!(write_as_known(&mut known), Err(Failure::StructSize { .. })));
        }
    }

    #[test]
    fn null_is_the_default_for_reading_and_refused_for_writing() {
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { read::<Known>("options", ptr::null()) }.unwrap(), Known::INIT);
        // SAFETY: NULL is allowed.
        let out = unsafe { SizedOut::<Known>::required("out", ptr::null_mut()) };
        assert!(matches!(out, Err(Failure::Null { argument: "out" })));
    }

    #[test]
    fn a_misaligned_struct_is_refused() {
        let known = [Known::INIT; 2];
        let misaligned = known.as_ptr().wrapping_byte_add(1);
        // SAFETY: misaligned, and so never read.
        let read = unsafe { read::<Known>("options", misaligned) };
        assert!(matches!(read, Err(Failure::Argument { .. })));
    }
}
