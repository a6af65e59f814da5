//! Time and memory.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// Tells the bytes of the heap that are in use.
pub type HeapMeter = fn() -> usize;

/// A median takes at least so many runs, if there is time.
const FEW: usize = 5;
/// What is over quickly is run up to so many times,
const MANY: usize = 51;
/// as long as all runs and what prepares them take no longer than this.
const QUICK: Duration = Duration::from_secs(3);
/// No further run starts after this.
const PATIENCE: Duration = Duration::from_secs(40);

/// The median CPU time of `run`, and whether all that it gave was right.
///
/// Neither `prepare` nor `is_right` is measured; nor is dropping what `run` gives.
pub(crate) fn median<T, O>(
    mut prepare: impl FnMut() -> T,
    mut run: impl FnMut(T) -> O,
    mut is_right: impl FnMut(O) -> bool,
) -> (Duration, bool) {
    let started = Instant::now();
    let (mut times, mut right) = (Vec::new(), true);
    loop {
        let prepared = prepare();
        let start = ProcessTime::now();
        let given = run(prepared);
        times.push(start.elapsed());
        right &= is_right(given);
        let limit = if times.len() < FEW { PATIENCE } else { QUICK };
        if times.len() == MANY || started.elapsed() > limit {
            times.sort_unstable();
            return (times[times.len() / 2], right);
        }
    }
}

/// What `make` gives, and the bytes of the heap that this takes.
pub(crate) fn heap_of<T>(meter: HeapMeter, make: impl FnOnce() -> T) -> (T, usize) {
    let before = meter();
    let made = make();
    (made, meter().saturating_sub(before))
}
