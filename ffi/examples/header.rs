//! Writes `include/sync.h`: what `make header` runs.

#[path = "../tests/header/generate.rs"]
mod generate;

use std::{fs, io};

fn main() -> io::Result<()> {
    fs::write(generate::committed(), generate::generate())
}
