//! Random programs over several replicas, compared with a naive [`oracle`], with twins that
//! never prune, and with [`view`]s that see events alone. Every failure names the seed that repeats it.

mod cursors;
mod departures;
mod events;
mod evictions;
mod history;
pub(crate) mod mutant;
mod network;
mod oracle;
mod programs;
mod random;
mod streams;
mod undo;
mod view;

pub(crate) use network::Network;
pub(crate) use programs::{Mix, TEXTS, edit, for_seeds};
pub(crate) use random::Random;
