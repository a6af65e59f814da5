//! Runs a program with a seed, and tells what happened if it fails.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::programs::Program;
use crate::random::Random;
use crate::step::Step;
use crate::world::World;

/// A run that went well.
#[derive(Debug)]
pub struct Run {
    /// The program.
    pub program: Program,
    /// The seed.
    pub seed: u64,
    /// All that was done.
    pub steps: Vec<Step>,
    /// How often a replica was compared with the oracle.
    pub judged: usize,
}

/// A run that went wrong: its [`Display`](fmt::Display) has all that happened, and how to repeat it.
#[derive(Debug)]
pub struct Failure {
    /// What was wrong.
    pub message: String,
    /// What was done before it went wrong.
    pub run: Run,
}

/// Runs a program with a seed.
///
/// # Errors
/// What went wrong.
pub fn run(program: Program, seed: u64) -> Result<Run, Box<Failure>> {
    let mut random = Random::new(seed);
    let plan = (program.plan)(&mut random);
    let prunes = plan.pruning.is_some();
    let mut world = World::new(plan, random);
    // Whatever is thrown is told with the world as it was then.
    let result = catch_unwind(AssertUnwindSafe(|| {
        world.run();
        world.settle();
        if prunes {
            world.settle_pruning();
        }
    }));
    let run = Run { program, seed, steps: world.steps, judged: world.judged };
    let Err(panic) = result else { return Ok(run) };
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let message = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let message = message.unwrap_or("a panic without a message").to_owned();
    Err(Box::new(Failure { message, run }))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { program, seed, steps, .. } = &self.run;
        writeln!(f, "the schedule of seed {seed} of {}:", program.name)?;
        steps.iter().try_for_each(|step| writeln!(f, "{step}"))?;
        writeln!(f, "seed {seed} of {} failed: {}", program.name, self.message)?;
        write!(f, "repeat it: make simulate SEEDS=1 FROM={seed} PROGRAM={}", program.name)
    }
}
