//! What two sequences have in common, in order.

/// `len` elements from `a` on in the one sequence that are those from `b` on in the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) len: usize,
}

/// The most edits that are looked for, as the trace that leads back takes the square of them.
const MAX_EDITS: usize = 512;

/// How often each element may be looked at.
const LOOKS: usize = 16;

/// A longest common subsequence, as runs; `None` where it takes more than [`MAX_EDITS`], or too much
/// work, to find it.
///
/// The greedy algorithm of Myers (1986): for d edits in O(n + m + d²) where little repeats, and always
/// in O(n + m), as d is bounded and so is the work.
pub(super) fn longest_common<T: PartialEq>(a: &[T], b: &[T]) -> Option<Vec<Run>> {
    let max = MAX_EDITS.min(a.len() + b.len());
    let mut work = LOOKS * (a.len() + b.len()) + MAX_EDITS * MAX_EDITS;
    // How far each diagonal x - y = k - max - 1 has been followed, x being in `a`; so that both
    // neighbours of each are there.
    let mut reached: Vec<Option<usize>> = vec![None; 2 * max + 3];
    let mut trace: Vec<Vec<Option<usize>>> = Vec::new();
    for d in 0..=max {
        for k in (max + 1 - d..=max + 1 + d).step_by(2) {
            let y_of = |x: usize| x + max + 1 - k;
            let Some(mut x) = step(&reached, d, k, a.len(), b.len(), max).map(Step::to) else {
                reached[k] = None;
                continue;
            };
            let start = x;
            while x < a.len() && y_of(x) < b.len() && a[x] == b[y_of(x)] {
                x += 1;
            }
            reached[k] = Some(x);
            work = work.checked_sub(1 + x - start)?;
            if x == a.len() && y_of(x) == b.len() {
                return Some(lead_back(&trace, d, a.len(), b.len(), max));
            }
        }
        trace.push(reached[max + 1 - d..=max + 1 + d].to_vec());
    }
    None
}

/// The edit with which a diagonal is reached.
#[derive(Clone, Copy)]
enum Step {
    Start,
    /// An element of `a` is passed over; to here.
    Right(usize),
    /// One of `b` is.
    Down(usize),
}

impl Step {
    fn to(self) -> usize {
        match self {
            Self::Start => 0,
            Self::Right(x) | Self::Down(x) => x,
        }
    }
}

/// The edit number `d` that comes furthest on a diagonal, if any comes there.
fn step(
    reached: &[Option<usize>],
    d: usize,
    k: usize,
    a: usize,
    b: usize,
    max: usize,
) -> Option<Step> {
    if d == 0 {
        return Some(Step::Start);
    }
    let right = reached[k - 1].filter(|&x| x < a).map(|x| x + 1);
    let down = reached[k + 1].filter(|&x| x + max - k < b);
    match (right, down) {
        (Some(right), Some(down)) if right > down => Some(Step::Right(right)),
        (_, Some(down)) => Some(Step::Down(down)),
        (right, None) => right.map(Step::Right),
    }
}

/// The runs on the way that was found.
fn lead_back(
    trace: &[Vec<Option<usize>>],
    edits: usize,
    a: usize,
    b: usize,
    max: usize,
) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut x, mut y) = (a, b);
    let mut reached = vec![None; 2 * max + 3];
    for d in (0..=edits).rev() {
        let k = x + max + 1 - y;
        reached.fill(None);
        if let Some(before) = d.checked_sub(1) {
            reached[max + 1 - before..=max + 1 + before].copy_from_slice(&trace[before]);
        }
        let step = step(&reached, d, k, a, b, max).unwrap_or(Step::Start);
        let start = step.to();
        if x > start {
            runs.push(Run { a: start, b: y - (x - start), len: x - start });
        }
        y -= x - start;
        x = start;
        match step {
            Step::Start => {}
            Step::Right(_) => x -= 1,
            Step::Down(_) => y -= 1,
        }
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    /// The length of a longest common subsequence, by the textbook.
    fn longest(a: &[u8], b: &[u8]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (j, y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    #[test]
    fn what_is_common_is_longest() {
        for seed in 0..3_000 {
            let mut random = Random::new(seed);
            let letters = 1 + random.below(4);
            let mut sequence = || -> Vec<u8> {
                (0..random.below(14)).map(|_| random.below(letters) as u8).collect()
            };
            let (a, b) = (sequence(), sequence());
            let runs = longest_common(&a, &b).expect("it is short");
            let mut end = (0, 0);
            for run in &runs {
                assert!(run.a >= end.0 && run.b >= end.1 && run.len > 0, "seed {seed}");
                assert_eq!(a[run.a..][..run.len], b[run.b..][..run.len], "seed {seed}");
                end = (run.a + run.len, run.b + run.len);
            }
            let len: usize = runs.iter().map(|run| run.len).sum();
            assert_eq!(len, longest(&a, &b), "seed {seed}");
        }
    }

    #[test]
    fn what_differs_too_much_is_given_up() {
        let a: Vec<usize> = (0..5_000).collect();
        let b: Vec<usize> = (5_000..10_000).collect();
        assert_eq!(longest_common(&a, &b), None);
        assert!(longest_common(&a, &a[..4_600]).is_some());
        // Everything repeats: each diagonal would be followed to its end.
        let (zeros, other) = (vec![0; 50_000], [vec![1; 400], vec![0; 50_000]].concat());
        let runs = longest_common(&zeros, &other);
        assert!(runs.is_none_or(|runs| runs.iter().map(|run| run.len).sum::<usize>() == 50_000));
    }
}
