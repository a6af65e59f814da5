//! Byte strings in saved documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| libsync_fuzz::packed::run(input));
