//! Cursors and ranges.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| libsync_fuzz::cursor::read(input));
