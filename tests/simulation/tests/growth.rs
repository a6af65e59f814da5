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
