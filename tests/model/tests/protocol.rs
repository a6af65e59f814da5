//! The protocol holds within the bounds of the small scenarios, and each mutant is found out.

use libsync_model::{Mutant, Search, check, scenarios};

/// Of the random walks.
const SEED: u64 = 7;

#[test]
fn nothing_fails_within_the_bounds() {
    for (scenario, _) in scenarios::SMALL {
        let outcome = check(scenario, Search::Exhaustive);
        println!("{outcome}");
        assert!(outcome.counterexample.is_none(), "{outcome}");
    }
}

#[test]
fn each_mutant_is_found_out() {
    for (scenario, mutants) in scenarios::SMALL {
        for &mutant in *mutants {
            let outcome = check(&scenario.with(mutant), Search::Exhaustive);
            println!("{outcome}");
            assert!(outcome.counterexample.is_some(), "{outcome}");
        }
    }
}

#[test]
fn an_eviction_needs_no_equal_counts() {
    let outcome = check(&scenarios::EVICTS.with(Mutant::EvictsAtAnyCount), Search::Exhaustive);
    println!("{outcome}");
    assert!(outcome.counterexample.is_none(), "{outcome}");
}

#[test]
fn nothing_fails_on_random_walks_through_everything() {
    let outcome = check(&scenarios::EVERYTHING, Search::Walks { seed: SEED, states: 100_000 });
    println!("seed {SEED}: {outcome}");
    assert!(outcome.counterexample.is_none(), "seed {SEED}: {outcome}");
}

#[test]
fn random_walks_through_everything_find_mutants_out() {
    for mutant in [Mutant::Eager, Mutant::IgnoresTheSilent, Mutant::NoFreeze] {
        let search = Search::Walks { seed: SEED, states: 200_000 };
        let outcome = check(&scenarios::EVERYTHING.with(mutant), search);
        println!("seed {SEED}: {outcome}");
        assert!(outcome.counterexample.is_some(), "seed {SEED}: {outcome}");
    }
}
