//! The pruning protocol with one thing wrong in the core: each time the simulation has to fail, or
//! it would not see what it is there for. `tests/model` has these and others as a model.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::value::Kind;

use super::evictions;
use super::programs::{Mix, run};

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mutant {
    /// What is removed is what is dead within the stable cut.
    Eager,
    /// Insertions name any tombstone.
    NoRetire,
    /// Insertions name a stable tombstone of which a single child subtree is left.
    NoSplice,
    /// Acknowledgements are used before all is here that they acknowledge.
    EarlyAcknowledgement,
    /// Members that have never acknowledged anything are not waited for.
    IgnoresTheSilent,
    /// Evictions take effect at once.
    EvictsAtOnce,
    /// Whatever comes of a member that is to be evicted is taken.
    NoFreeze,
    /// Whoever became known after this replica acknowledged an eviction vouches for its target.
    EvidenceOfNewcomers,
}

thread_local! {
    static ACTIVE: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Whether that is wrong, on this thread.
pub(crate) fn is(mutant: Mutant) -> bool {
    ACTIVE.get() == Some(mutant)
}

/// Finds the first seed with which a program fails, and passes if nothing is wrong.
fn find_out(mutant: Mutant, seeds: u64, program: impl Fn(u64)) {
    let passes = |mutant: Option<Mutant>, seed: u64| {
        ACTIVE.set(mutant);
        let passes = catch_unwind(AssertUnwindSafe(|| program(seed))).is_ok();
        ACTIVE.set(None);
        passes
    };
    let found = (0..seeds).find(|&seed| !passes(Some(mutant), seed) && passes(None, seed));
    let found = found.unwrap_or_else(|| panic!("{mutant:?} passes with {seeds} seeds"));
    println!("{mutant:?} fails with seed {found}");
}

#[test]
fn what_is_wrong_with_pruning_is_found_out() {
    let mix = Mix {
        peers: 3,
        steps: 250,
        texts: 100,
        lists: 0,
        batch: 60,
        prunes: true,
        kinds: &Kind::ALL,
    };
    for mutant in [
        Mutant::Eager,
        Mutant::NoRetire,
        Mutant::NoSplice,
        Mutant::EarlyAcknowledgement,
        Mutant::IgnoresTheSilent,
    ] {
        find_out(mutant, 400, |seed| run(seed, &mix));
    }
}

#[test]
fn what_is_wrong_with_evictions_is_found_out() {
    for mutant in [Mutant::EvictsAtOnce, Mutant::NoFreeze, Mutant::EvidenceOfNewcomers] {
        find_out(mutant, 400, evictions::run);
    }
}
