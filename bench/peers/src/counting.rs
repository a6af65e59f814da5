//! The sister program, whose allocator counts.

use std::env;
use std::path::PathBuf;
use std::process::Command;

const NAME: &str = "peers-heap";

/// Has cargo bring it up to date, next to this program; gives where it is.
pub(crate) fn program() -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let folder = this.parent().ok_or("this program is in no folder")?;
    let target = folder.parent().ok_or("this program is in no target folder")?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--bin", NAME, "--manifest-path"]);
    cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).arg("--target-dir").arg(target);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if !cargo.status().is_ok_and(|status| status.success()) {
        return Err(format!("cargo did not build {NAME}"));
    }
    Ok(folder.join(NAME).with_extension(env::consts::EXE_EXTENSION))
}
