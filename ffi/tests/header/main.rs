//! `include/sync.h` is what this crate generates, byte for byte.

mod generate;

use std::fs;

#[test]
fn the_committed_header_is_the_generated_one() {
    let generated = generate::generate();
    let committed = fs::read_to_string(generate::committed()).unwrap();
    let line = 1 + committed.lines().zip(generated.lines()).take_while(|(a, b)| a == b).count();
    assert!(
        committed == generated,
        "include/sync.h is out of date from line {line} on: run `make header`"
    );
}
