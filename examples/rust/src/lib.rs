//! The examples of libsync in Rust: `cargo run -p libsync-examples`.
//!
//! The Rust blocks of the project's README are compiled and run as doctests of this crate.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
