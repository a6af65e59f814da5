//! Goes through the scenarios with larger bounds than the tests do, then at random through everything
//! at once.

use std::process::ExitCode;

use clap::Parser;
use libsync_model::{Scenario, Search, check, scenarios};

/// Checks the protocol that pruning stands on.
#[derive(Parser)]
struct Arguments {
    /// Only the scenarios with this in their names
    #[arg(long, default_value = "")]
    scenario: String,
    /// The seed of the random walks
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many states the random walks visit
    #[arg(long, default_value_t = 3_000_000)]
    states: usize,
}

fn main() -> ExitCode {
    let Arguments { scenario, seed, states } = Arguments::parse();
    let walks = Search::Walks { seed, states };
    let exhaustive = scenarios::LARGE.iter().map(|scenario| (scenario, Search::Exhaustive));
    let all = exhaustive.chain([(&scenarios::EVERYTHING, walks)]);
    let mut failed = false;
    for (scenario, search) in all.filter(|(Scenario { name, .. }, _)| name.contains(&scenario)) {
        let outcome = check(scenario, search);
        println!("{outcome}");
        failed |= outcome.counterexample.is_some();
    }
    ExitCode::from(u8::from(failed))
}
