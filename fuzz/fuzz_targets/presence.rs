//! Frames of presence.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| libsync_fuzz::presence::hear(input));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    libsync_fuzz::mutation::mutate_in_place(data, size, max_size, seed)
});
