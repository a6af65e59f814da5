//! What the fuzz targets do, as functions of bytes that panic where something is wrong: so they
//! run under libFuzzer, and on stable Rust in a test.
//!
//! [`decoders`] hands foreign frames to a replica of [`bases`], and [`forged`] such that are
//! well-formed; [`stream`] hands them over as parts of a stream, [`compressed`] with compressed
//! bodies, and [`packed`] replaces what documents have in byte strings. [`path`] reads paths, [`cursor`]
//! cursors, [`json`] JSON; [`presence`] hears who is there;
//! [`program`] lets several replicas edit, exchange, prune and restart. [`mutation`] changes frames item by
//! item of [`cbor`], as bytes alone seldom get past the checks of form.

#![forbid(unsafe_code)]

pub mod bases;
pub mod cbor;
pub mod compressed;
pub mod cursor;
pub mod decoders;
pub mod forged;
pub mod json;
pub mod mutation;
pub mod packed;
pub mod path;
pub mod presence;
pub mod program;
pub mod random;
pub mod session;
pub mod stream;

/// What a target does with an input. It panics if something is wrong.
pub type Target = fn(&[u8]);

/// Every target by its name, which its folders in `corpus` and `regressions` have, too.
pub const TARGETS: [(&str, Target); 13] = [
    ("apply", decoders::apply),
    ("load", decoders::load),
    ("acknowledgement", decoders::acknowledgement),
    ("version", decoders::version),
    ("receive", stream::receive),
    ("compressed", compressed::run),
    ("packed", packed::run),
    ("path", path::parse),
    ("json", json::run),
    ("cursor", cursor::read),
    ("presence", presence::hear),
    ("forged", forged::run),
    ("program", program::run),
];
