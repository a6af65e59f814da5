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
    /// A bit for each node, from the author's first one on.
    Bits { first: u64, words: Vec<u64> },
    /// Where nodes are few and far between: runs, ascending, of which none meets the next.
    Runs(Vec<(u64, u64)>),
}

impl Marks {
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

/// Marks the bits `from..to`.
#[inline]
fn set_bits(words: &mut [u64], from: u64, to: u64) {
    let mut at = from;
    while at < to {
        let end = ((at / 64 + 1) * 64).min(to);
        words[(at / 64) as usize] |= (u64::MAX >> (64 - (end - at))) << (at % 64);
        at = end;
    }
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

/// What of a text was shown, in reading order.
enum Shown<'t> {
    Here(&'t str),
    /// Characters whose content is not in the stock any more.
    Elsewhere(IdSpan),
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
                    let words = vec![0; ((end - first).div_ceil(64)) as usize];
                    Marks::Bits { first, words }
                } else {
                    Marks::Runs(Vec::new())
                }
            });
            match marks {
                Marks::Bits { first, words } => {
                    // What is here no more needs no mark.
                    let (from, to) = (from.max(*first), to.min(*first + 64 * words.len() as u64));
                    set_bits(words, from.saturating_sub(*first), to.saturating_sub(*first));
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
        let counts: Vec<u64> = (0..self.index.authors() as Author)
            .map(|author| version.get(self.index.replica(author)))
            .collect();
        for slot in self.slots() {
            let span = self.span(slot);
            let (first, count) = (span.first(), counts[span.author as usize]);
            let end = span.end().min(count);
            if span.status == Status::Prunable || first >= end {
                continue;
            }
            let Some(marks) =
                deleted[span.author as usize].as_ref().filter(|_| span.status > Status::Live)
            else {
                each(slot, 0, (end - first) as u32);
                continue;
            };
            let mut from = first;
            while let Some((start, behind)) = marks.unmarked(from, end) {
                each(slot, (start - first) as u32, (behind - first) as u32);
                from = behind;
            }
        }
    }

    /// How many nodes in a row were shown in which of two versions, in reading order.
    fn between(&self, old: &VersionVector, new: &VersionVector) -> Vec<(Presence, u64)> {
        let (before, after) = (self.stretches(old), self.stretches(new));
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
    fn stretches(&self, version: &VersionVector) -> Vec<(u64, u64)> {
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
        self.shown_at(version, |slot, from, to| match self.shown_of(slot, from, to) {
            Shown::Here(part) => text.push_str(part),
            Shown::Elsewhere(nodes) => {
                absent.push(nodes);
                places.push(text.len());
            }
        });
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

    #[inline]
    fn shown_of(&self, slot: Slot, from: u32, to: u32) -> Shown<'_> {
        let span = self.span(slot);
        if span.size == 0 {
            let first = OpId::new(self.index.replica(span.author), span.first());
            return Shown::Elsewhere(IdSpan::new(first.plus(from.into()), (to - from).into()));
        }
        let content = self.content(slot);
        if to - from == span.len {
            return Shown::Here(content);
        }
        if span.is_even() {
            return Shown::Here(&content[from as usize..to as usize]);
        }
        let (_, rest) = String::split(content, from);
        Shown::Here(String::split(rest, to - from).0)
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
