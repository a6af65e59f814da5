//! Hosts of libsync on a simulated network, in virtual time, judged by a naive oracle.
//!
//! A [program](programs) plans what hosts do; a seed decides the rest. `README.md` says more.

#![forbid(unsafe_code)]

mod edit;
mod expect;
mod generate;
mod host;
mod network;
pub mod oracle;
mod plan;
pub mod programs;
mod queue;
mod random;
mod record;
mod run;
pub mod shapes;
pub mod step;
mod world;

pub use record::{Form, record};
pub use run::{Failure, Run, run};
