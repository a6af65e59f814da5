//! Which library this is.

use std::ffi::{CStr, c_char};

/// The version of this interface that the header describes.
///
/// It is raised when a program built against an older header would no longer work.
pub const SYNC_ABI_VERSION: u32 = 1;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a package version holds no NUL"),
    };

/// The version of the interface that the loaded library has.
///
/// Compare it with SYNC_ABI_VERSION before any other call: where they differ, the library is not
/// the one that the program was built for.
#[unsafe(no_mangle)]
pub extern "C" fn sync_abi_version() -> u32 {
    SYNC_ABI_VERSION
}

/// The version of the loaded library, such as "0.1.0".
///
/// Static: not to be freed. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn sync_version() -> *const c_char {
    VERSION.as_ptr()
}
