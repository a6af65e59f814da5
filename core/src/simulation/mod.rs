//! Random programs over several replicas, compared with a naive [`oracle`], and with twins that
//! never prune. Every failure names the seed that repeats it.

mod history;
mod network;
mod oracle;
mod programs;
mod random;
mod streams;
mod view;

pub(crate) use random::Random;
