//! Changes that are well-formed, and of which nothing else is sure.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| libsync_fuzz::forged::run(input));
