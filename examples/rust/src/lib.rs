//! The examples of libsync in Rust: `cargo run -p libsync-examples`.
//!
//! The Rust blocks of the project's README, and of some pages in `docs`, are compiled and run as
//! doctests of this crate.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/cursors.md")]
struct Cursors;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/presence.md")]
struct Presence;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/pruning.md")]
struct Pruning;
