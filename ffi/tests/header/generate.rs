//! The header as this crate makes it, and where it is kept.

use std::path::{Path, PathBuf};

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

pub(crate) fn committed() -> PathBuf {
    Path::new(CRATE).join("../include/sync.h")
}

pub(crate) fn generate() -> String {
    let crate_root = Path::new(CRATE);
    let config = cbindgen::Config::from_file(crate_root.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(crate_root.join("src/lib.rs"))
        .generate()
        .unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).unwrap()
}
