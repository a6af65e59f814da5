//! Running the checker, and what came of it.

use std::fmt;
use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

use crate::protocol::Action;
use crate::scenario::Scenario;

/// How a scenario is gone through.
#[derive(Clone, Copy, Debug)]
pub enum Search {
    /// All of it.
    Exhaustive,
    /// Random walks, starting from a seed, until so many states were visited.
    Walks {
        /// The seed.
        seed: u64,
        /// How many states, those that are met again included.
        states: usize,
    },
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Of which scenario.
    pub scenario: Scenario,
    /// How many states were visited: different ones, if the search was exhaustive.
    pub states: usize,
    /// How many actions the longest way to one of them has.
    pub depth: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The first property that failed, by name, and what led to that.
    pub counterexample: Option<(&'static str, Vec<Action>)>,
}

/// Goes through a scenario until a property fails.
pub fn check(scenario: &Scenario, search: Search) -> Outcome {
    let started = Instant::now();
    let builder = scenario.clone().checker().finish_when(HasDiscoveries::Any);
    let (states, depth, found) = match search {
        Search::Exhaustive => {
            let threads = std::thread::available_parallelism().map_or(1, Into::into);
            let checker = builder.threads(threads).spawn_bfs().join();
            (checker.unique_state_count(), checker.max_depth(), checker.discoveries())
        }
        Search::Walks { seed, states } => return walk(scenario, seed, states),
    };
    let shortest = found.into_iter().map(|(name, path)| (name, path.into_actions()));
    Outcome {
        scenario: scenario.clone(),
        states,
        depth,
        seconds: started.elapsed().as_secs_f64(),
        counterexample: shortest.min_by_key(|(name, actions)| (actions.len(), *name)),
    }
}

/// Walks at random from the beginning until nothing can happen any more, and again.
fn walk(scenario: &Scenario, seed: u64, states: usize) -> Outcome {
    let started = Instant::now();
    let mut random = Random(seed);
    let properties = scenario.properties();
    let (mut visited, mut depth, mut counterexample) = (0, 0, None);
    while visited < states && counterexample.is_none() {
        let mut world = scenario.init_states().remove(0);
        let mut taken = Vec::new();
        loop {
            visited += 1;
            depth = depth.max(taken.len());
            if let Some(failed) =
                properties.iter().find(|property| !(property.condition)(scenario, &world))
            {
                counterexample = Some((failed.name, taken));
                break;
            }
            let mut actions = Vec::new();
            scenario.actions(&world, &mut actions);
            let next = std::iter::from_fn(|| {
                (!actions.is_empty()).then(|| actions.swap_remove(random.below(actions.len())))
            });
            let step = |action| Some((action, scenario.next_state(&world, action)?));
            let Some((action, next)) = next.filter_map(step).next() else { break };
            taken.push(action);
            world = next;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    Outcome { scenario: scenario.clone(), states: visited, depth, seconds, counterexample }
}

/// Repeatable random numbers: SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    /// A number in `0..below`; `below` is not 0.
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, states, depth, seconds, counterexample } = self;
        write!(f, "{}", scenario.name)?;
        if let Some(mutant) = scenario.mutant {
            write!(f, ", {mutant:?}")?;
        }
        write!(f, ": {states} states, {depth} deep, {seconds:.1} s")?;
        if let Some((property, actions)) = counterexample {
            write!(f, "; it fails that {property}, after {} actions", actions.len())?;
            actions.iter().try_for_each(|action| write!(f, "\n    {action:?}"))?;
        }
        Ok(())
    }
}
