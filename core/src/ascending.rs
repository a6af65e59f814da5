//! What of a sequence can stay where it is while as little as possible is moved.

/// Which of the numbers are in a longest ascending subsequence (Schensted 1961). O(n log n).
pub(crate) fn longest_ascending(numbers: &[usize]) -> Vec<bool> {
    // For each length, where the subsequence of that length with the least last number ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (i, &number) in numbers.iter().enumerate() {
        let len = ends.partition_point(|&end| numbers[end] < number);
        before.push(len.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(len) {
            Some(end) => *end = i,
            None => ends.push(i),
        }
    }
    let mut is_in = vec![false; numbers.len()];
    let mut at = ends.last().copied();
    while let Some(i) = at {
        is_in[i] = true;
        at = before[i];
    }
    is_in
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    #[test]
    fn what_ascends_is_longest() {
        for seed in 0..500 {
            let mut random = Random::new(seed);
            let numbers: Vec<usize> = (0..random.below(9)).map(|_| random.below(9)).collect();
            let is_in = longest_ascending(&numbers);
            let ascending: Vec<usize> =
                (0..numbers.len()).filter(|&i| is_in[i]).map(|i| numbers[i]).collect();
            assert!(ascending.is_sorted_by(|a, b| a < b), "seed {seed}");
            let best = (0..1_u32 << numbers.len())
                .map(|set| (0..numbers.len()).filter(move |i| set >> i & 1 == 1))
                .filter(|chosen| chosen.clone().map(|i| numbers[i]).is_sorted_by(|a, b| a < b))
                .map(Iterator::count)
                .max();
            assert_eq!(Some(ascending.len()), best, "seed {seed}");
        }
    }
}
