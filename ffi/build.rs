//! Gives the shared library the name by which programs ask for it at run time.

use std::env;

/// Raised when a program that was built against an older library would no longer run.
const ABI_MAJOR: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let argument = match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos" | "ios") => format!("-Wl,-install_name,@rpath/libsync.{ABI_MAJOR}.dylib"),
        Ok("linux" | "android" | "freebsd" | "netbsd" | "openbsd") => {
            format!("-Wl,-soname,libsync.so.{ABI_MAJOR}")
        }
        _ => return,
    };
    println!("cargo::rustc-cdylib-link-arg={argument}");
}
