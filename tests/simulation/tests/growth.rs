//! Four times as many edits cost at most 4 × 1.6 times as many instructions, for every adversarial
//! shape: nothing grows with the square. Instructions are counted by valgrind: unlike seconds they
//! are the same on a machine that does other things besides.

use std::num::NonZero;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use libsync_simulation::shapes::{SHAPES, Shape};

const FACTOR: usize = 4;
/// In hundredths: the cost per edit may grow by so much.
const TOLERANCE: u64 = 160;

/// What everybody does all the time: it is counted with many edits, too.
const EVERYDAY: [&str; 3] = ["typed", "streamed", "random-edits"];

/// How many instructions a shape costs with so many edits.
fn instructions(shape: Shape, edits: usize) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args([env!("CARGO_BIN_EXE_shape"), shape.name, &edits.to_string()])
        .output()
        .expect("valgrind is installed (Debian: apt-get install valgrind)");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} with {edits} edits:\n{log}", shape.name);
    let collected = log.lines().find_map(|line| line.split_once("Collected : "));
    let (_, collected) = collected.unwrap_or_else(|| panic!("callgrind collected nothing: {log}"));
    collected.trim().parse().expect("callgrind gives a number")
}

#[test]
fn nothing_grows_with_the_square() {
    let left = Mutex::new(SHAPES.iter().copied());
    let failed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = left.lock().expect("no thread panics with the lock").next();
            let Some(shape) = next else { return };
            let small = instructions(shape, shape.small);
            let large = instructions(shape, FACTOR * shape.small);
            let hundredths = large * 100 / small;
            let line = format!(
                "{:<24}{:>8} edits:{small:>14}{:>8} edits:{large:>14}   × {}.{:02}",
                shape.name,
                shape.small,
                FACTOR * shape.small,
                hundredths / 100,
                hundredths % 100
            );
            println!("{line}");
            if hundredths > FACTOR as u64 * TOLERANCE {
                failed.lock().expect("no thread panics with the lock").push(line);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let failed = failed.into_inner().expect("no thread panicked");
    assert!(failed.is_empty(), "these shapes cost too much:\n{}", failed.join("\n"));
}

/// Ten times as many edits cost at most as many more instructions as *n* log *n* grows, and a tenth.
#[test]
fn everyday_edits_grow_as_n_log_n() {
    const FEW: usize = 10_000;
    const MANY: usize = 100_000;
    let n_log_n = |edits: usize| edits as f64 * (edits as f64).ln();
    let limit = 1.1 * n_log_n(MANY) / n_log_n(FEW);
    let mut failed = Vec::new();
    for name in EVERYDAY {
        let shape = SHAPES.iter().find(|shape| shape.name == name).expect("there is such a shape");
        let (few, many) = (instructions(*shape, FEW), instructions(*shape, MANY));
        let factor = many as f64 / few as f64;
        let line =
            format!("{name:<14}{FEW} edits:{few:>14}{MANY:>8} edits:{many:>14}   × {factor:.2}");
        println!("{line}");
        if factor > limit {
            failed.push(line);
        }
    }
    assert!(failed.is_empty(), "these cost more than × {limit:.2}:\n{}", failed.join("\n"));
}
