//! Sets of ranks, and where to look for the run of a counter: what [`gather`](super::gather) finds
//! its way with.

use std::ops::Range;

/// A set of ranks.
#[derive(Clone, Default, Debug)]
pub(super) struct Ranks(pub(super) Vec<u64>);

impl Ranks {
    /// Makes room for ranks up to that one.
    pub(super) fn reach(&mut self, rank: u32) {
        let words = rank as usize / 64 + 1;
        if words > self.0.len() {
            self.0.resize(words, 0);
        }
    }

    pub(super) fn set(&mut self, rank: u32) {
        self.0[rank as usize / 64] |= 1 << (rank % 64);
    }

    /// Sets those of a range; gives whether any was set before.
    pub(super) fn set_range(&mut self, from: u32, to: u32) -> bool {
        let (first, last) = (from as usize / 64, to as usize / 64);
        let (low, high) = (u64::MAX << (from % 64), !(u64::MAX << (to % 64)));
        let mut before = 0;
        let mut set = |word: &mut u64, bits: u64| {
            before |= *word & bits;
            *word |= bits;
        };
        if first == last {
            set(&mut self.0[first], low & high);
        } else {
            set(&mut self.0[first], low);
            self.0[first + 1..last].iter_mut().for_each(|word| set(word, u64::MAX));
            set(&mut self.0[last], high);
        }
        before != 0
    }

    pub(super) fn has(&self, rank: u32) -> bool {
        self.0[rank as usize / 64] >> (rank % 64) & 1 == 1
    }

    /// The next rank behind one.
    pub(super) fn next(&self, rank: u32) -> Option<u32> {
        let at = rank + 1;
        let mut word = at as usize / 64;
        let mut bits = self.0.get(word)? & (u64::MAX << (at % 64));
        while bits == 0 {
            word += 1;
            bits = *self.0.get(word)?;
        }
        Some(word as u32 * 64 + bits.trailing_zeros())
    }
}

/// Which runs may have a counter, of runs that ascend: how many start before each stretch of
/// counters. All stretches are of one length, which doubles when there would be many more of them
/// than runs; so this takes no more than the runs, however far apart these are.
#[derive(Clone, Default, Debug)]
pub(super) struct Directory {
    /// Where the first run starts.
    base: u64,
    /// Stretches have 2 to this many counters.
    shift: u32,
    before: Vec<u32>,
    runs: u32,
}

impl Directory {
    /// How many stretches there are for each run, at most.
    const STRETCHES: usize = 4;

    /// Adds a run that starts at a counter, behind all others.
    pub(super) fn push(&mut self, first: u64) {
        if self.runs == 0 {
            self.base = first;
        }
        let most = Self::STRETCHES * (self.runs as usize + 16);
        while (first - self.base) >> self.shift >= most as u64 {
            let mut nth = 0;
            self.before.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.shift += 1;
        }
        let stretches = ((first - self.base) >> self.shift) as usize + 1;
        if stretches > self.before.len() {
            self.before.resize(stretches, self.runs);
        }
        self.runs += 1;
    }

    /// The runs that start in the stretch of a counter: the run that has it, if there is one, is
    /// among these or the last one before.
    #[inline]
    pub(super) fn near(&self, counter: u64) -> Range<usize> {
        let stretch = (counter.saturating_sub(self.base) >> self.shift) as usize;
        let start = self.before.get(stretch).map_or(self.runs, |&before| before);
        let end = self.before.get(stretch + 1).map_or(self.runs, |&before| before);
        start as usize..end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_finds_the_run_that_a_search_finds() {
        let mut seed = 7_u32;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u64::from(seed >> 8) % below
        };
        for apart in [1, 3, 60, 1000, 1 << 20] {
            let (mut directory, mut firsts) = (Directory::default(), Vec::new());
            let mut next = random(5);
            for _ in 0..2000 {
                directory.push(next);
                firsts.push(next);
                next += 1 + if random(50) == 0 { random(apart * 1000) } else { random(apart) };
                for counter in
                    [next, next - 1, random(next + 1), firsts[random(firsts.len() as u64) as usize]]
                {
                    let near = directory.near(counter);
                    let after =
                        near.start + firsts[near].partition_point(|&first| first <= counter);
                    let expected = firsts.partition_point(|&first| first <= counter);
                    assert_eq!(after, expected, "{counter}, {apart} apart");
                }
            }
            assert!(directory.before.len() <= Directory::STRETCHES * (firsts.len() + 16));
        }
    }
}
