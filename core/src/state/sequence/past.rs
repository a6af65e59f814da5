//! The nodes that were shown at a version, from the spans as they are.
//!
//! A node is shown at a version that has it, and none of its deletions. All deletions are kept that
//! are not within the prune cut, and no version below that is asked for; what they delete within
//! the version is marked, and then one walk over the spans tells what was shown.

use crate::id::{IdSpan, OpId};
use crate::value::Unit;
use crate::version::VersionVector;

use super::Tree;
use super::index::Author;
use super::lazy::Sequence;
use super::order::Slot;
use super::payload::Payload;
use super::span::Status;

/// Where nodes are shown, as a walk from the one version to the other has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Presence {
    Both,
    Old,
    New,
}

/// The marked nodes of one author.
enum Marks {
    /// A bit for each node, from the author's first one on, and one word more.
    Bits { first: u64, words: Vec<u64> },
    /// Where nodes are few and far between: runs, ascending, of which none meets the next.
    Runs(Vec<(u64, u64)>),
}

impl Marks {
    /// Whether all of `from..to` are marked, or none; `None` if some are, or there are too many to
    /// tell at once.
    #[inline]
    fn are_all(&self, from: u64, to: u64) -> Option<bool> {
        let len = to - from;
        match self {
            Self::Bits { first, words } if len <= 64 => {
                let asked = u64::MAX >> (64 - len);
                let marked = bits_from(words, from - first) & asked;
                (marked == asked || marked == 0).then_some(marked != 0)
            }
            _ => None,
        }
    }

    /// The first stretch within `from..to` of which nothing is marked.
    #[inline]
    fn unmarked(&self, from: u64, to: u64) -> Option<(u64, u64)> {
        match self {
            Self::Bits { first, words } => {
                let start = next_bit(words, from - first, to - first, u64::MAX)?;
                let end = next_bit(words, start, to - first, 0).unwrap_or(to - first);
                Some((first + start, first + end))
            }
            Self::Runs(runs) => {
                let at = runs.partition_point(|&(_, end)| end <= from);
                let (start, behind) = match runs.get(at) {
                    Some(&(start, end)) if start <= from => (end, at + 1),
                    _ => (from, at),
                };
                let end = runs.get(behind).map_or(to, |&(next, _)| next.min(to));
                (start < end).then_some((start, end))
            }
        }
    }
}

/// The first bit within `from..to` that is set once the words are changed by `flip`.
#[inline]
fn next_bit(words: &[u64], from: u64, to: u64, flip: u64) -> Option<u64> {
    let mut at = from;
    while at < to {
        let rest = (words[(at / 64) as usize] ^ flip) >> (at % 64);
        if rest != 0 {
            return Some(at + u64::from(rest.trailing_zeros())).filter(|&found| found < to);
        }
        at = (at / 64 + 1) * 64;
    }
    None
}

/// Sets the bits `from..to`. Behind the last of them is a word, which may be touched.
#[inline]
fn set_bits(words: &mut [u64], from: u64, to: u64) {
    let mut at = from;
    while at < to {
        let bits = u64::MAX >> (64 - (to - at).min(64));
        let (word, shift) = ((at / 64) as usize, at % 64);
        words[word] |= bits << shift;
        words[word + 1] |= bits >> 1 >> (63 - shift);
        at += 64;
    }
}

/// The 64 bits from one on, of which those behind the last word are not set.
#[inline]
fn bits_from(words: &[u64], from: u64) -> u64 {
    let (word, shift) = ((from / 64) as usize, from % 64);
    words[word] >> shift | words[word + 1] << 1 << (63 - shift)
}

/// Runs that may meet each other, as runs of which none does.
fn apart(mut runs: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    runs.sort_unstable();
    runs.dedup_by(|next, last| {
        let meet = next.0 <= last.1;
        if meet {
            last.1 = last.1.max(next.1);
        }
        meet
    });
    runs
}

/// What follows each other in a text as in the stock, from the content of a span on.
#[derive(Clone, Copy)]
struct Stretch {
    slot: Slot,
    start: u32,
    end: u32,
}

impl<P: Payload> Tree<P> {
    /// What is deleted within the version, of each author that has nodes here.
    fn deleted_within(&self, version: &VersionVector) -> Vec<Option<Marks>> {
        /// How many bits are spent for each node that is here, at the most.
        const BITS: u64 = 64;
        let mut marks: Vec<Option<Marks>> = Vec::new();
        marks.resize_with(self.index.authors(), || None);
        self.deletions.within(version, |author, from, to| {
            let marks = marks[author as usize].get_or_insert_with(|| {
                let (first, end) = self.nodes_of(author);
                if end - first <= self.nodes * BITS {
                    let words = vec![0; (end - first) as usize / 64 + 2];
                    Marks::Bits { first, words }
                } else {
                    Marks::Runs(Vec::new())
                }
            });
            match marks {
                Marks::Bits { first, words } => {
                    // What is here no more needs no mark.
                    let end = 64 * (words.len() as u64 - 1);
                    let (from, to) = (from.saturating_sub(*first), to.saturating_sub(*first));
                    set_bits(words, from, to.min(end));
                }
                Marks::Runs(runs) => runs.push((from, to)),
            }
        });
        for marks in marks.iter_mut().flatten() {
            if let Marks::Runs(runs) = marks {
                *runs = apart(std::mem::take(runs));
            }
        }
        marks
    }

    /// From which counter of an author on there are nodes here, and up to which.
    fn nodes_of(&self, author: Author) -> (u64, u64) {
        let ends = self.index.ends(author);
        ends.map_or((0, 0), |(first, last)| (self.span(first).first(), self.span(last).end()))
    }

    /// Hands the nodes that were shown at a version to `each`, in reading order: of which span, and
    /// from which offset up to which.
    ///
    /// O(n) in the spans, and in the deletions that are not within the prune cut.
    fn shown_at(&self, version: &VersionVector, mut each: impl FnMut(Slot, u32, u32)) {
        let deleted = self.deleted_within(version);
        let authors = (0..self.index.authors() as Author)
            .map(|author| version.get(self.index.replica(author)));
        let authors: Vec<(u64, Option<Marks>)> = authors.zip(deleted).collect();
        self.slots().for_each(|slot| {
            let span = self.span(slot);
            let (count, marks) = &authors[span.author as usize];
            let (first, end) = (span.first(), span.end().min(*count));
            if first >= end || span.status == Status::Prunable {
                return;
            }
            let marks = marks.as_ref().filter(|_| span.status > Status::Live);
            match marks.map_or(Some(false), |marks| marks.are_all(first, end)) {
                Some(true) => return,
                Some(false) => return each(slot, 0, (end - first) as u32),
                None => {}
            }
            let mut from = first;
            while let Some((start, behind)) = marks.and_then(|marks| marks.unmarked(from, end)) {
                each(slot, (start - first) as u32, (behind - first) as u32);
                from = behind;
            }
        });
    }

    /// How many nodes in a row were shown in which of two versions, in reading order.
    fn between(&self, old: &VersionVector, new: &VersionVector) -> Vec<(Presence, u64)> {
        let (before, after) = (self.shown_numbers(old), self.shown_numbers(new));
        let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
        let mut runs: Vec<(Presence, u64)> = Vec::new();
        let mut at = 0;
        let reaches = |next: Option<&(u64, u64)>, at: u64| match next {
            Some(&(start, end)) if start <= at => (true, end),
            Some(&(start, _)) => (false, start),
            None => (false, u64::MAX),
        };
        while before.peek().is_some() || after.peek().is_some() {
            let (in_old, old_end) = reaches(before.peek(), at);
            let (in_new, new_end) = reaches(after.peek(), at);
            let end = old_end.min(new_end);
            let presence = match (in_old, in_new) {
                (true, true) => Some(Presence::Both),
                (true, false) => Some(Presence::Old),
                (false, true) => Some(Presence::New),
                (false, false) => None,
            };
            if let Some(presence) = presence {
                match runs.last_mut().filter(|(last, _)| *last == presence) {
                    Some((_, len)) => *len += end - at,
                    None => runs.push((presence, end - at)),
                }
            }
            at = end;
            before.next_if(|&(_, end)| end <= at);
            after.next_if(|&(_, end)| end <= at);
        }
        runs
    }

    /// What was shown at a version, by number in the reading order of all nodes, as stretches from
    /// one up to another.
    fn shown_numbers(&self, version: &VersionVector) -> Vec<(u64, u64)> {
        let mut starts = vec![0; self.spans.len()];
        let mut nodes = 0;
        for slot in self.slots() {
            starts[slot as usize] = nodes;
            nodes += u64::from(self.span(slot).len);
        }
        let mut stretches = Vec::new();
        self.shown_at(version, |slot, from, to| {
            let start = starts[slot as usize];
            stretches.push((start + u64::from(from), start + u64::from(to)));
        });
        stretches
    }
}

impl Tree<String> {
    /// The text at a version. What of it is not in the stock any more is fetched, all at once.
    fn text_at(
        &self,
        version: &VersionVector,
        fetch: impl FnOnce(&[IdSpan]) -> Option<Vec<String>>,
    ) -> Option<String> {
        let mut text = String::with_capacity(self.len(Unit::Utf8));
        // What is to be fetched, and where in the text it belongs.
        let (mut absent, mut places) = (Vec::new(), Vec::new());
        let mut last = Stretch { slot: Self::ROOT, start: 0, end: 0 };
        self.shown_at(version, |slot, from, to| {
            let span = self.span(slot);
            if span.size == 0 {
                text.push_str(self.text_of(last));
                last = Stretch { slot, start: 0, end: 0 };
                let first = OpId::new(self.index.replica(span.author), span.first());
                absent.push(IdSpan::new(first.plus(from.into()), (to - from).into()));
                places.push(text.len());
                return;
            }
            let next = self.stretch(slot, from, to);
            if next.start == last.end && self.is_of_one_stock(last.slot, slot) {
                last.end = next.end;
            } else {
                text.push_str(self.text_of(last));
                last = next;
            }
        });
        text.push_str(self.text_of(last));
        if absent.is_empty() {
            return Some(text);
        }
        let fetched = fetch(&absent)?;
        let mut whole = String::with_capacity(text.len());
        let mut done = 0;
        for (place, part) in places.into_iter().zip(fetched) {
            whole.push_str(&text[done..place]);
            whole.push_str(&part);
            done = place;
        }
        whole.push_str(&text[done..]);
        Some(whole)
    }

    /// Where nodes of a span are in the stock.
    #[inline]
    fn stretch(&self, slot: Slot, from: u32, to: u32) -> Stretch {
        let span = self.span(slot);
        if span.is_even() {
            return Stretch { slot, start: span.start + from, end: span.start + to };
        }
        let (before, rest) = String::split(self.content(slot), from);
        let (shown, _) = String::split(rest, to - from);
        let start = span.start + before.len() as u32;
        Stretch { slot, start, end: start + shown.len() as u32 }
    }

    /// Whether the contents of two spans are in one part of the stock. That of the root is nowhere.
    #[inline]
    fn is_of_one_stock(&self, slot: Slot, other: Slot) -> bool {
        let (span, other) = (self.span(slot), self.span(other));
        let is_one = span.is_loaded || span.author == other.author;
        is_one && span.is_loaded == other.is_loaded && slot != Self::ROOT
    }

    fn text_of(&self, stretch: Stretch) -> &str {
        let Stretch { slot, start, end } = stretch;
        let span = self.span(slot);
        let author = (!span.is_loaded).then_some(span.author);
        if start == end { "" } else { self.stock.slice(author, start, end - start) }
    }
}

impl Sequence<String> {
    /// The text at a version that covers the prune cut. What was deleted since, and was pruned or
    /// saved, is not held here any more: `fetch` is asked for it, once, and `None` is what it says
    /// it is if it can't be had.
    ///
    /// O(n) in the spans, and in the deletions that are not within the prune cut.
    pub(crate) fn text_at(
        &self,
        version: &VersionVector,
        fetch: impl FnOnce(&[IdSpan]) -> Option<Vec<String>>,
    ) -> Option<String> {
        self.tree().text_at(version, fetch)
    }

    /// How many characters in a row were shown in which of two versions, in reading order.
    pub(crate) fn between(&self, old: &VersionVector, new: &VersionVector) -> Vec<(Presence, u64)> {
        self.tree().between(old, new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    #[test]
    fn marks_of_either_form_part_what_is_unmarked() {
        for seed in 0..2_000 {
            let mut random = Random::new(seed);
            let (first, len) = (random.below(200) as u64, 1 + random.below(300) as u64);
            let mut words = vec![0; len as usize / 64 + 2];
            let mut is_marked = vec![false; len as usize];
            let mut runs = Vec::new();
            for _ in 0..random.below(8) {
                let from = random.below(len as usize) as u64;
                let to = from + 1 + random.below((len - from) as usize) as u64;
                set_bits(&mut words, from, to);
                is_marked[from as usize..to as usize].fill(true);
                runs.push((first + from, first + to));
            }
            let (bits, runs) = (Marks::Bits { first, words }, Marks::Runs(apart(runs)));
            let from = random.below(len as usize) as u64;
            let to = from + 1 + random.below((len - from) as usize) as u64;
            let unmarked = |at: u64| !is_marked[at as usize];
            let start = (from..to).find(|&at| unmarked(at));
            let expected = start.map(|start| {
                let end = (start..to).find(|&at| !unmarked(at)).unwrap_or(to);
                (first + start, first + end)
            });
            for marks in [&bits, &runs] {
                assert_eq!(marks.unmarked(first + from, first + to), expected, "seed {seed}");
            }
            if to - from <= 64 {
                let marked = is_marked[from as usize..to as usize].iter();
                let count = marked.filter(|&&is_marked| is_marked).count() as u64;
                let all = if count == 0 || count == to - from { Some(count > 0) } else { None };
                assert_eq!(bits.are_all(first + from, first + to), all, "seed {seed}");
            }
        }
    }
}
