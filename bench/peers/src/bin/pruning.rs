//! What pruning costs and gains, in libsync and beside its peers. Its allocator counts, so its times
//! are for comparing with each other alone.

use std::process::ExitCode;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    libsync_bench_peers::pruning(|| ALLOCATOR.current_usage())
}
