//! The same program with an allocator that counts, for the workloads that measure memory. It is a
//! program of its own because counting would distort the times of the others.

use std::process::ExitCode;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    libsync_bench_peers::main(Some(|| ALLOCATOR.current_usage()))
}
