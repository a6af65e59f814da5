//! Runs programs with seeds, or records one run.

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use clap::Parser;
use libsync_simulation::programs::{PROGRAMS, Program};
use libsync_simulation::{Form, record, run};

/// Runs hosts of libsync on a simulated network, judged by a naive oracle.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// The only program to run; by default, each seed runs one of all in turn.
    #[arg(long, value_parser = program)]
    program: Option<Program>,
    /// Records the run of this seed instead: as words if the file's name ends with `.txt`, else as
    /// lines of JSON.
    #[arg(long, value_name = "SEED", requires = "file")]
    record: Option<u64>,
    /// Where it is recorded.
    #[arg(requires = "record")]
    file: Option<PathBuf>,
}

/// How a worker's seeds went.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    judged: usize,
}

fn program(name: &str) -> Result<Program, String> {
    let names = PROGRAMS.map(|program| program.name).join(", ");
    Program::named(name).ok_or_else(|| format!("the programs are {names}"))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let of_seed =
        |seed: u64| arguments.program.unwrap_or(PROGRAMS[(seed % PROGRAMS.len() as u64) as usize]);
    if let Some((seed, file)) = arguments.record.zip(arguments.file.as_ref()) {
        let form = match file.extension() {
            Some(extension) if extension == "txt" => Form::Plain,
            _ => Form::Json,
        };
        let (done, failure) = match run(of_seed(seed), seed) {
            Ok(done) => (record(&done, form), None),
            // What led to a failure can be recorded, too.
            Err(failure) => (record(&failure.run, form), Some(failure)),
        };
        if let Err(error) = fs::write(file, done) {
            eprintln!("{}: {error}", file.display());
            return ExitCode::FAILURE;
        }
        let Some(failure) = failure else { return ExitCode::SUCCESS };
        eprintln!("{failure}");
        return ExitCode::FAILURE;
    }
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from.saturating_add(arguments.seeds);
    let work = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return tally;
            }
            match run(of_seed(seed), seed) {
                Ok(done) => {
                    tally.passed += 1;
                    tally.judged += done.judged;
                }
                Err(failure) => {
                    println!("{failure}");
                    tally.failed += 1;
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let tally = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let tallies = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
        tallies.fold(Tally::default(), |sum, tally| Tally {
            passed: sum.passed + tally.passed,
            failed: sum.failed + tally.failed,
            judged: sum.judged + tally.judged,
        })
    });
    println!("{} comparisons with the oracle", tally.judged);
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
