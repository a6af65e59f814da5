//! Random programs over several replicas.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| libsync_fuzz::program::run(input));
