//! Random programs over several replicas, compared with a naive [`oracle`], and with twins that
//! never prune. Every failure names the seed that repeats it.

mod network;
mod oracle;
mod programs;
mod random;
mod streams;
mod undo;

pub(crate) use random::Random;
