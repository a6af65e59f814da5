//! JSON, JSON Patch and JSON Merge Patch.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| libsync_fuzz::json::run(input));
