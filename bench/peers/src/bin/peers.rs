//! Measures libsync and its peers: see the README beside.

use std::process::ExitCode;

fn main() -> ExitCode {
    libsync_bench_peers::main(None)
}
