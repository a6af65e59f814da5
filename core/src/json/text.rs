//! What was edited in a text: from how it was and how it is, character by character.

use crate::ascending::longest_ascending;
use std::collections::BTreeMap;

use super::matching::{Run, longest_common};

/// Characters that were replaced by others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hunk {
    /// Where, in Unicode scalar values of the text as it was.
    pub(crate) at: usize,
    /// How many of these were deleted.
    pub(crate) deleted: usize,
    /// What was inserted.
    pub(crate) inserted: String,
}

/// The edits from one text to another, ascending, with something between any two.
///
/// As few as can be (Myers 1986), up to some hundreds of characters. Where there are more, texts are
/// parted at the lines that are once in both (the patience diff of Bram Cohen), and these at such
/// words; of what then still differs in so much, all is replaced. So always O(n log n) in the
/// characters between the ends that are the same.
pub(crate) fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let same = |(a, b): &(char, char)| a == b;
    let head: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(a, _)| a.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let ends = old_rest.chars().rev().zip(new_rest.chars().rev());
    let tail: usize = ends.take_while(same).map(|(a, _)| a.len_utf8()).sum();
    let middle = |text: &str| -> Vec<char> { text[..text.len() - tail].chars().collect() };
    let (a, b) = (middle(old_rest), middle(new_rest));
    let mut finder = Finder { hunks: Vec::new() };
    finder.compare(&a, &b, old[..head].chars().count(), Part::Whole);
    finder.hunks
}

/// What a stretch is of a text: by what it can be parted.
#[derive(Clone, Copy)]
enum Part {
    /// By lines.
    Whole,
    /// By words.
    Lines,
    /// By nothing.
    Words,
}

struct Finder {
    hunks: Vec<Hunk>,
}

impl Finder {
    /// Finds the edits of a stretch that starts at a position.
    fn compare(&mut self, a: &[char], b: &[char], at: usize, part: Part) {
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let (a, b, at) = (&a[start..], &b[start..], at + start);
        let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
        let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
        if a.is_empty() || b.is_empty() {
            return self.replace(a, b, at);
        }
        if let Some(runs) = longest_common(a, b) {
            return between(a, b, &runs, |from, a, b| self.replace(a, b, at + from));
        }
        let (pieces, next) = match part {
            Part::Whole => (lines as fn(&[char]) -> Vec<&[char]>, Part::Lines),
            Part::Lines => (words as fn(&[char]) -> Vec<&[char]>, Part::Words),
            Part::Words => return self.replace(a, b, at),
        };
        let runs = unique_in_both(&pieces(a), &pieces(b));
        between(a, b, &runs, |from, a, b| self.compare(a, b, at + from, next));
    }

    fn replace(&mut self, a: &[char], b: &[char], at: usize) {
        if a.is_empty() && b.is_empty() {
            return;
        }
        let inserted = b.iter().collect::<String>();
        match self.hunks.last_mut() {
            Some(last) if last.at + last.deleted == at => {
                last.deleted += a.len();
                last.inserted.push_str(&inserted);
            }
            _ => self.hunks.push(Hunk { at, deleted: a.len(), inserted }),
        }
    }
}

/// Hands over what is between runs, and where that starts in `a`.
fn between<'t>(
    a: &'t [char],
    b: &'t [char],
    runs: &[Run],
    mut differs: impl FnMut(usize, &'t [char], &'t [char]),
) {
    let (mut x, mut y) = (0, 0);
    for run in runs.iter().chain([&Run { a: a.len(), b: b.len(), len: 0 }]) {
        if x < run.a || y < run.b {
            differs(x, &a[x..run.a], &b[y..run.b]);
        }
        (x, y) = (run.a + run.len, run.b + run.len);
    }
}

fn lines(text: &[char]) -> Vec<&[char]> {
    text.split_inclusive(|&character| character == '\n').collect()
}

/// Words, and what is between words.
fn words(text: &[char]) -> Vec<&[char]> {
    text.chunk_by(|a, b| a.is_alphanumeric() && b.is_alphanumeric()).collect()
}

/// As many of the pieces as come in the same order, of those that are once in either text.
fn unique_in_both(a: &[&[char]], b: &[&[char]]) -> Vec<Run> {
    /// Where a piece is in either text; the last such, and how often.
    #[derive(Default)]
    struct Places {
        starts: [usize; 2],
        counts: [usize; 2],
    }
    let mut places: BTreeMap<&[char], Places> = BTreeMap::new();
    for (which, pieces) in [a, b].into_iter().enumerate() {
        let mut start = 0;
        for piece in pieces {
            let places = places.entry(piece).or_default();
            places.starts[which] = start;
            places.counts[which] += 1;
            start += piece.len();
        }
    }
    let unique = places.into_iter().filter(|(_, places)| places.counts == [1, 1]);
    let mut runs: Vec<Run> = unique
        .map(|(piece, Places { starts: [a, b], .. })| Run { a, b, len: piece.len() })
        .collect();
    runs.sort_unstable_by_key(|run| run.a);
    let in_b: Vec<usize> = runs.iter().map(|run| run.b).collect();
    let mut is_in = longest_ascending(&in_b).into_iter();
    runs.retain(|_| is_in.next() == Some(true));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    fn edited(old: &str, hunks: &[Hunk]) -> String {
        let mut text: Vec<char> = old.chars().collect();
        for Hunk { at, deleted, inserted } in hunks.iter().rev() {
            text.splice(*at..at + deleted, inserted.chars());
        }
        text.into_iter().collect()
    }

    fn size(hunks: &[Hunk]) -> usize {
        hunks.iter().map(|hunk| hunk.deleted + hunk.inserted.chars().count()).sum()
    }

    #[test]
    fn few_characters_are_edited() {
        let hunk =
            |at, deleted, inserted: &str| Hunk { at, deleted, inserted: inserted.to_owned() };
        for (old, new, expected) in [
            ("", "", vec![]),
            ("", "abc", vec![hunk(0, 0, "abc")]),
            ("abc", "", vec![hunk(0, 3, "")]),
            ("abcdef", "abXdef", vec![hunk(2, 1, "X")]),
            ("Buy milk", "Buy oat milk, now", vec![hunk(4, 0, "oat "), hunk(8, 0, ", now")]),
            ("aaa", "aa", vec![hunk(2, 1, "")]),
            ("é𝄞x", "é𝄢x", vec![hunk(1, 1, "𝄢")]),
        ] {
            assert_eq!(hunks(old, new), expected, "{old} {new}");
        }
    }

    #[test]
    fn the_edits_lead_there() {
        for seed in 0..3_000 {
            let mut random = Random::new(seed);
            let letters = ['a', 'b', ' ', '\n', 'é', '𝄞'];
            let mut text = || (0..random.below(20)).map(|_| *random.pick(&letters)).collect();
            let (old, new): (String, String) = (text(), text());
            let hunks = hunks(&old, &new);
            assert_eq!(edited(&old, &hunks), new, "seed {seed}");
            let apart = hunks.windows(2).all(|pair| pair[0].at + pair[0].deleted < pair[1].at);
            assert!(apart, "seed {seed}");
        }
    }

    #[test]
    fn many_edits_in_a_long_text_stay_apart() {
        for seed in 0..6 {
            let mut random = Random::new(seed);
            let word = |random: &mut Random| -> String {
                (0..4).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
            };
            let lines: Vec<String> =
                (0..400).map(|_| (0..8).map(|_| word(&mut random) + " ").collect()).collect();
            let edited_lines: Vec<String> = lines
                .iter()
                .map(|line| match random.below(3) {
                    0 => line.clone() + &word(&mut random),
                    _ => line.clone(),
                })
                .collect();
            let (old, new) = (lines.join("\n"), edited_lines.join("\n"));
            let hunks = hunks(&old, &new);
            assert_eq!(edited(&old, &hunks), new, "seed {seed}");
            let added = new.len() - old.len();
            assert!(size(&hunks) <= 2 * added, "seed {seed}: {} for {added}", size(&hunks));
        }
    }

    #[test]
    fn a_text_that_has_nothing_in_common_is_replaced() {
        let (old, new) = ("a".repeat(100_000), "b".repeat(100_000));
        let all = Hunk { at: 0, deleted: old.len(), inserted: new.clone() };
        assert_eq!(hunks(&old, &new), [all]);
    }
}
