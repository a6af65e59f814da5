//! Entries, written.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::codec::frame::{Frame, Lineage};
use crate::codec::writer::Writer;
use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::op::Op;

use super::dictionary::{Dictionary, Numbered, Touched};
use super::head::{ORIGIN, origin};
use super::part::{Part, last_of, whole};
use super::{CHECKSUM, checksum_behind, first_checksum, next_checksum, varint};

/// The most entries in a compact frame: many are shorter in columns.
const MAX_ENTRIES: usize = 64;

/// How many bytes a frame has before its content, unless that is long.
const HEAD: usize = 4;

/// An operation can't be written: the compact form does not know its shape, or the dictionary is
/// full.
pub(crate) struct Unfit;

/// Writes the frames of a stream.
#[derive(Clone, Default, Debug)]
pub(crate) struct Encoder {
    pub(super) dictionary: Dictionary,
    pub(super) index: Index,
    checksum: Option<u32>,
    /// The content of the frame in the making.
    pub(super) content: Vec<u8>,
    entries: usize,
}

/// The numbers in the dictionary.
#[derive(Clone, Default, Debug)]
pub(super) struct Index {
    pub(super) authors: BTreeMap<ReplicaId, u32>,
    pub(super) containers: BTreeMap<ContainerId, u32>,
    /// By the numbers of their containers.
    pub(super) places: BTreeMap<u32, BTreeMap<Key, u32>>,
}

/// Where an operation stands.
#[derive(Clone, Copy)]
struct Origin<'c> {
    id: OpId,
    lamport: u64,
    dependencies: &'c [OpId],
}

impl Encoder {
    /// Begins a frame.
    pub(crate) fn begin(&mut self) {
        self.dictionary.begin();
        self.content.clear();
        self.entries = 0;
    }

    /// Takes back the frame that was begun.
    pub(crate) fn revert(&mut self) {
        let (lens, before) = (self.dictionary.lens(), self.dictionary.lens_before());
        for number in before.authors..lens.authors {
            self.index.authors.remove(&self.dictionary.known_author(number as u32).id);
        }
        for number in before.containers + 1..=lens.containers {
            if let Some(container) = self.dictionary.container(number as u32) {
                self.index.containers.remove(container);
            }
        }
        for number in before.places..lens.places {
            if let Some(place) = self.dictionary.place(number as u32)
                && let Some(places) = self.index.places.get_mut(&place.container)
            {
                places.remove(&place.key);
            }
        }
        self.dictionary.revert();
    }

    /// Ends the frame that was begun.
    pub(crate) fn finish(&mut self, lineage: &Lineage) -> Vec<u8> {
        let checksum = self.checksum.unwrap_or_else(|| first_checksum(lineage));
        let checksum = next_checksum(checksum, &self.content);
        self.checksum = Some(checksum);
        let mut frame = Writer::onto(Vec::with_capacity(HEAD + self.content.len() + CHECKSUM));
        frame.array(2);
        frame.uint(Frame::Compact as u64);
        frame.bytes_in_two(&self.content, &checksum.to_be_bytes());
        frame.into_bytes()
    }

    /// Follows a frame of another kind that is sent in the stream.
    pub(crate) fn follow(&mut self, frame: &[u8], lineage: &Lineage) {
        let checksum = self.checksum.unwrap_or_else(|| first_checksum(lineage));
        self.checksum = Some(checksum_behind(checksum, frame));
    }

    /// Writes what of a change comes from a counter within it on.
    pub(crate) fn change(&mut self, change: &Change, from: u64) -> Result<(), Unfit> {
        if change.commit().is_some() {
            return Err(Unfit);
        }
        let ops = change.ops();
        let (mut at, mut left) = (ops.len(), change.end() - from);
        let mut first = None;
        while left > 0 {
            at = at.checked_sub(1).ok_or(Unfit)?;
            let part = last_of(&ops[at], left, OpId::new(change.id.replica, from + left))?;
            left -= part.len();
            first = Some(part);
        }
        self.entries += ops.len() - at;
        if self.entries > MAX_ENTRIES {
            return Err(Unfit);
        }
        let mut id = OpId::new(change.id.replica, from);
        let mut lamport = change.lamport + (from - change.id.counter);
        let mut dependencies = if id == change.id { &change.dependencies[..] } else { &[] };
        let rest = ops.iter().skip(at + 1).map(whole);
        for part in first.into_iter().map(Ok).chain(rest) {
            let part = part?;
            let len = part.len();
            self.entry(Origin { id, lamport, dependencies }, &part)?;
            (id, lamport, dependencies) = (id.plus(len), lamport + len, &[]);
        }
        Ok(())
    }

    fn entry(&mut self, origin: Origin<'_>, part: &Part<'_>) -> Result<(), Unfit> {
        let start = self.content.len();
        self.content.push(0);
        let mut head = 0;
        if self.origin(origin)? {
            head |= ORIGIN;
        }
        // What follows the head may have made the author the last one, not so its operations.
        let author = self.dictionary.last.author;
        let is_place = matches!(part, Part::Whole(Op::Assign { .. } | Op::Remove { .. }));
        if !is_place && let Some(container) = part.container() {
            head |= self.container(container)?;
        }
        let op = Numbered { author, counter: origin.id.counter };
        let mut touched = None;
        head |= match part {
            Part::Text { place, text, len, .. } => {
                let first = op;
                touched = Some(Touched { first, len: *len, is_deleted: false });
                self.insertion(op, *place, text, *len)?
            }
            Part::Nodes { first, others, .. } => {
                let (head, last) = self.deletion(author, *first, others)?;
                touched = Some(last);
                head
            }
            Part::Whole(op) => self.operation(author, origin.id, op)?,
        };
        self.content[start] = head;
        self.dictionary.follow(op, origin.lamport, part.len(), touched);
        Ok(())
    }

    /// Writes who made an operation, and when, if that is not as expected; gives whether. The
    /// author is the last one from now on.
    fn origin(&mut self, Origin { id, lamport, dependencies }: Origin<'_>) -> Result<bool, Unfit> {
        let last = self.dictionary.author(self.dictionary.last.author);
        if last.is_some_and(|last| {
            last.id == id.replica && last.next == id.counter && last.lamport == lamport
        }) && dependencies.is_empty()
        {
            return Ok(false);
        }
        let start = self.content.len();
        self.content.push(0);
        let mut bits = 0;
        let last_op = self.dictionary.last_op();
        if last.is_none_or(|last| last.id != id.replica) {
            bits |= origin::AUTHOR;
            self.dictionary.last.author = self.replica(id.replica)?;
        }
        let author = self.dictionary.last.author;
        let (next, mut expected) = {
            let known = self.dictionary.known_author(author);
            (known.next, known.lamport)
        };
        if id.counter != next {
            bits |= origin::COUNTER;
            let skipped = id.counter.checked_sub(next).ok_or(Unfit)?;
            varint::write(skipped - 1, &mut self.content);
        }
        match dependencies {
            [] => {}
            [one]
                if let Some(dependency) = self.dictionary.expected_dependency(author, last_op)
                    && self.dictionary.id(dependency) == *one =>
            {
                bits |= origin::EXPECTED_DEPENDENCY;
                expected = self.dictionary.expected_lamport(expected, dependency);
                self.dictionary.follow_head(dependency);
                self.dictionary.follow_dependency(author, dependency);
            }
            several if let Some(form) = self.repeated(author, several) => bits |= form,
            several => {
                bits |= origin::ONE_DEPENDENCY;
                if several.len() > 1 {
                    bits |= origin::MORE_DEPENDENCIES;
                    varint::write(several.len() as u64 - 2, &mut self.content);
                }
                let mut last = None;
                for &dependency in several {
                    let number = self.replica(dependency.replica)?;
                    let head = self.dictionary.known_author(number).head;
                    self.difference(dependency.counter, head);
                    let dependency = Numbered { author: number, counter: dependency.counter };
                    expected = self.dictionary.expected_lamport(expected, dependency);
                    self.dictionary.follow_head(dependency);
                    last = Some(dependency);
                }
                if let Some(last) = last {
                    self.dictionary.follow_dependency(author, last);
                }
                if several.len() > 1 {
                    self.dictionary.lists.set(author, several);
                }
            }
        }
        if lamport != expected {
            bits |= origin::LAMPORT;
            let later = lamport.checked_sub(expected).ok_or(Unfit)?;
            varint::write(later - 1, &mut self.content);
        }
        self.content[start] = bits;
        Ok(true)
    }

    /// Writes dependencies that are on the replicas of the author's last list of them; gives the
    /// form, or `None` if they are on others.
    fn repeated(&mut self, author: u32, dependencies: &[OpId]) -> Option<u8> {
        let lists = &mut self.dictionary.lists;
        let list = lists.of(author);
        let pairs = || list.iter().zip(dependencies);
        if list.len() != dependencies.len() || pairs().any(|(a, b)| a.replica != b.replica) {
            return None;
        }
        if pairs().all(|(before, head)| head.counter == before.counter + 1) {
            lists.advance(author);
            return Some(origin::NEXT_DEPENDENCIES);
        }
        for (before, head) in pairs() {
            let difference = (head.counter as i64).wrapping_sub(before.counter as i64);
            varint::write_signed(difference, &mut self.content);
        }
        lists.set(author, dependencies);
        Some(origin::NEAR_DEPENDENCIES)
    }
}
