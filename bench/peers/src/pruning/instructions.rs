//! The longest pause in instructions, which are the same however busy the machine is; by callgrind,
//! where it is installed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::engines;

use super::line::Lines;

/// By which name callgrind finds the call: it has every call's instructions in a file of its own.
const CALL: &str = "*pause_of_*";
const METRIC: &str = "longest call, instructions";

/// Gives whether there was nothing to measure it by, or it went well.
pub(crate) fn run() -> Result<bool, String> {
    let version = engines::version("libsync");
    let lines = Lines { workload: "pause", engine: "libsync", version };
    let is_there =
        Command::new("callgrind_annotate").arg("--version").stdout(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        lines.put_none(METRIC, "", "callgrind is not installed");
        return Ok(true);
    }
    let this = env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let folder = env::temp_dir().join(format!("libsync-pause-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={CALL}"))
        .arg(format!("--dump-after={CALL}"))
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(this)
        .arg("pause")
        .stdout(Stdio::null())
        .status();
    let longest = longest(&folder);
    fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let went_well = status.is_ok_and(|status| status.success());
    match longest? {
        Some(instructions) if went_well => lines.put(METRIC, instructions as f64, ""),
        _ => lines.put_none(METRIC, "", "callgrind found no call"),
    }
    Ok(went_well)
}

/// The most instructions that one of the files has.
fn longest(folder: &Path) -> Result<Option<u64>, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let mut longest = None;
    for file in fs::read_dir(folder).map_err(failed)? {
        let text = fs::read_to_string(file.map_err(failed)?.path()).map_err(failed)?;
        let total =
            text.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
        longest = longest.max(total);
    }
    Ok(longest)
}
