//! The protocol that pruning stands on, as a model that is checked exhaustively within bounds: naive
//! trees, operations, acknowledgements, cuts, who joins, leaves and is evicted, and who is folded.
//!
//! Nothing of the core is in it: it is written from `docs/pruning.md`. `README.md` says more.

#![forbid(unsafe_code)]

mod check;
mod mutant;
mod protocol;
mod scenario;
pub mod scenarios;
mod settle;
mod tree;
mod version;
mod world;

pub use check::{Outcome, Search, check};
pub use mutant::Mutant;
pub use protocol::Action;
pub use scenario::Scenario;
pub use version::REPLICAS;
