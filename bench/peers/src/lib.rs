//! libsync beside its peers, on the same work, in the same run.

mod cell;
mod command;
mod compression;
mod counting;
mod engine;
mod engines;
mod measure;
mod pruning;
mod random;
mod report;
mod session;
mod suite;
mod trace;
mod workloads;

pub use command::main;
pub use measure::HeapMeter;
pub use pruning::main as pruning;
