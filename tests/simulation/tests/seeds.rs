//! Some thousand seeds, spread over the programs. `make simulate` runs others, `make soak` many.

use libsync_simulation::programs::{PROGRAMS, Program};
use libsync_simulation::run;

const SEEDS: u64 = 250;

/// Runs a program with all seeds, and shows the first failure whole.
fn pass(program: &str) {
    let program = Program::named(program).expect("there is such a program");
    let mut first = None;
    let (mut passed, mut failed, mut judged) = (0, 0, 0);
    for seed in 0..SEEDS {
        match run(program, seed) {
            Ok(run) => {
                passed += 1;
                judged += run.judged;
            }
            Err(failure) => {
                failed += 1;
                first.get_or_insert(failure);
            }
        }
    }
    if let Some(failure) = first {
        println!("{failure}");
    }
    println!("{}: {judged} comparisons, {passed} passed, {failed} failed", program.name);
    assert_eq!(failed, 0, "seeds of {} failed", program.name);
    // Each run judges every host once at its end, and others on the way.
    assert!(judged as u64 > 4 * SEEDS, "too little was compared");
}

#[test]
fn interleaved() {
    pass("interleaved");
}

#[test]
fn partition() {
    pass("partition");
}

#[test]
fn hostile_network() {
    pass("hostile_network");
}

#[test]
fn pruning() {
    pass("pruning");
}

#[test]
fn members() {
    pass("members");
}

#[test]
fn streams() {
    pass("streams");
}

#[test]
fn all_programs_are_run() {
    assert_eq!(
        PROGRAMS.map(|program| program.name),
        ["interleaved", "partition", "hostile_network", "pruning", "members", "streams"]
    );
}

#[test]
fn a_seed_is_the_same_run_again() {
    for program in PROGRAMS {
        let steps = || {
            let run = run(program, 7).expect("the seed passes");
            run.steps.iter().map(|step| step.to_plain()).collect::<Vec<_>>()
        };
        assert_eq!(steps(), steps(), "{}", program.name);
    }
}
