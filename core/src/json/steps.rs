//! What makes a list of another, step by step, each on the list as the steps before have left it.

use crate::ascending::longest_ascending;
use std::ops::Range;

/// One step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Delete `len` items from `index` on.
    Delete { index: usize, len: usize },
    /// Move the item at `from`, so that it has the index `to` afterwards.
    Move { from: usize, to: usize },
    /// Insert these items of the new list, before what has the index of the first of them plus
    /// `ahead`.
    Insert { index: usize, items: Range<usize> },
}

/// The steps from a list of `len` items to one of which each item was the one of that index, or is
/// new. No index is given twice. Moves are as few as can be. O(n log n).
pub(crate) fn steps(len: usize, formers: &[Option<usize>]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut is_kept = vec![false; len];
    for &index in formers.iter().flatten() {
        is_kept[index] = true;
    }
    let mut end = len;
    while let Some(last) = is_kept[..end].iter().rposition(|is_kept| !is_kept) {
        let start = is_kept[..last].iter().rposition(|is_kept| *is_kept).map_or(0, |kept| kept + 1);
        steps.push(Step::Delete { index: start, len: last + 1 - start });
        end = start;
    }

    let kept: Vec<usize> = formers.iter().flatten().copied().collect();
    let mut stays = longest_ascending(&kept).into_iter();
    // Which of the old items are still where they were, and will be moved, or are not reached yet.
    let mut waiting = Waiting::new(&is_kept);
    // Where the item that stays and was reached last stood; all new ones are behind it.
    let mut reached: Option<usize> = None;
    let stays_at = ends(len, formers, &kept);
    let mut j = 0;
    while j < formers.len() {
        let Some(index) = formers[j] else {
            let len = formers[j..].iter().take_while(|former| former.is_none()).count();
            let before = reached.map_or(0, |reached| waiting.before(reached));
            steps.push(Step::Insert { index: j + before, items: j..j + len });
            j += len;
            continue;
        };
        waiting.remove(index);
        if stays.next() == Some(true) {
            reached = Some(index);
        } else {
            // New items and moved ones stand directly behind the one reached last; so before this
            // one are all that come before the next one that stays.
            let from = stays_at[index].min(j) + waiting.before(index);
            let to = j + reached.map_or(0, |reached| waiting.before(reached));
            if from != to {
                steps.push(Step::Move { from, to });
            }
        }
        j += 1;
    }
    steps
}

/// For each index of an old item, where in the new list the first one comes that stays and stood
/// behind it.
fn ends(len: usize, formers: &[Option<usize>], kept: &[usize]) -> Vec<usize> {
    let mut stays = longest_ascending(kept).into_iter();
    let mut at: Vec<Option<usize>> = vec![None; len];
    for (j, former) in formers.iter().enumerate() {
        if let Some(index) = *former
            && stays.next() == Some(true)
        {
            at[index] = Some(j);
        }
    }
    let mut end = formers.len();
    let mut ends = vec![end; len];
    for index in (0..len).rev() {
        ends[index] = end;
        end = at[index].unwrap_or(end);
    }
    ends
}

/// Old items, of which it is known how many wait before each: a tree of sums (Fenwick 1994).
struct Waiting {
    sums: Vec<usize>,
}

impl Waiting {
    fn new(waits: &[bool]) -> Self {
        let mut sums: Vec<usize> =
            [0].into_iter().chain(waits.iter().map(|&waits| usize::from(waits))).collect();
        for at in 1..sums.len() {
            let parent = at + (at & at.wrapping_neg());
            if parent < sums.len() {
                sums[parent] += sums[at];
            }
        }
        Self { sums }
    }

    /// How many wait before an index.
    fn before(&self, index: usize) -> usize {
        let (mut at, mut sum) = (index, 0);
        while at > 0 {
            sum += self.sums[at];
            at -= at & at.wrapping_neg();
        }
        sum
    }

    /// The item at an index, which waits, does no longer.
    fn remove(&mut self, index: usize) {
        let mut at = index + 1;
        while at < self.sums.len() {
            self.sums[at] -= 1;
            at += at & at.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    /// Does what the steps say; a new item is `None`.
    fn followed(len: usize, formers: &[Option<usize>]) -> Vec<Option<usize>> {
        let mut list: Vec<Option<usize>> = (0..len).map(Some).collect();
        for step in steps(len, formers) {
            match step {
                Step::Delete { index, len } => drop(list.drain(index..index + len)),
                Step::Move { from, to } => {
                    assert_ne!(from, to);
                    let item = list.remove(from);
                    list.insert(to, item);
                }
                Step::Insert { index, items } => {
                    drop(list.splice(index..index, items.map(|_| None)));
                }
            }
        }
        list
    }

    #[test]
    fn the_steps_lead_there() {
        for seed in 0..20_000 {
            let mut random = Random::new(seed);
            let len = random.below(9);
            let mut old: Vec<usize> = (0..len).collect();
            let mut formers: Vec<Option<usize>> = Vec::new();
            for _ in 0..random.below(12) {
                let is_new = old.is_empty() || random.chance(30);
                let first = random.chance(50);
                formers.push(match is_new {
                    true => None,
                    false if first => Some(old.remove(0)),
                    false => Some(old.remove(random.below(old.len()))),
                });
            }
            assert_eq!(followed(len, &formers), formers, "seed {seed}");
        }
    }

    #[test]
    fn moves_are_few() {
        let moves = |formers: &[usize]| {
            let formers: Vec<Option<usize>> = formers.iter().copied().map(Some).collect();
            steps(formers.len(), &formers).len()
        };
        assert_eq!(moves(&[0, 1, 2, 3]), 0);
        assert_eq!(moves(&[3, 0, 1, 2]), 1);
        assert_eq!(moves(&[1, 2, 3, 0]), 1);
        assert_eq!(moves(&[3, 2, 1, 0]), 3);
    }
}
