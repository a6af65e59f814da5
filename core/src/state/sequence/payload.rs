//! What nodes carry: characters in a text, nothing but their number in a list.

use std::fmt::Debug;

use crate::value::Unit;

/// What a run of nodes carries, and what the nodes of an author carry all together.
pub(crate) trait Payload: Clone + PartialEq + Eq + Default + Debug {
    /// A part of it, borrowed.
    type Part<'p>: Copy;

    fn part(&self) -> Self::Part<'_>;

    fn from_part(part: Self::Part<'_>) -> Self;

    fn push(&mut self, part: Self::Part<'_>);

    /// Nothing yet, with room for so much.
    fn with_capacity(size: usize) -> Self;

    /// Gives back room that is not needed.
    fn shrink_to_fit(&mut self);

    /// Keeps what is before `start`.
    fn truncate(&mut self, start: u32);

    /// The part of `size` from `start` on.
    fn slice(&self, start: u32, size: u32) -> Self::Part<'_>;

    /// How much of [`slice`](Self::slice) a part takes: bytes of a text, items of a list.
    fn size(part: Self::Part<'_>) -> usize;

    /// How many nodes it is of.
    fn nodes(part: Self::Part<'_>) -> u32;

    /// How many of its nodes take two units of UTF-16.
    fn wide(part: Self::Part<'_>) -> u32;

    /// The first `nodes` at most, and the rest.
    fn split<'p>(part: Self::Part<'p>, nodes: u32) -> (Self::Part<'p>, Self::Part<'p>);

    /// How many nodes make up the first `units`; `None` if that is within one, or beyond the end.
    fn nodes_in(part: Self::Part<'_>, unit: Unit, units: usize) -> Option<u32>;

    fn heap_bytes(&self) -> usize;
}

impl Payload for String {
    type Part<'p> = &'p str;

    fn part(&self) -> &str {
        self
    }

    fn from_part(part: &str) -> Self {
        part.to_owned()
    }

    fn push(&mut self, part: &str) {
        // By a quarter: what was typed stays, and is most of what a text takes.
        if self.capacity() - self.len() < part.len() {
            self.reserve_exact(part.len().max(self.len() / 4).max(32));
        }
        self.push_str(part);
    }

    fn with_capacity(size: usize) -> Self {
        Self::with_capacity(size)
    }

    fn shrink_to_fit(&mut self) {
        Self::shrink_to_fit(self);
    }

    fn truncate(&mut self, start: u32) {
        Self::truncate(self, start as usize);
    }

    fn slice(&self, start: u32, size: u32) -> &str {
        &self[start as usize..(start + size) as usize]
    }

    fn size(part: &str) -> usize {
        part.len()
    }

    fn nodes(part: &str) -> u32 {
        part.chars().count() as u32
    }

    fn wide(part: &str) -> u32 {
        part.chars().filter(|character| character.len_utf16() == 2).count() as u32
    }

    fn split<'p>(part: Self::Part<'p>, nodes: u32) -> (Self::Part<'p>, Self::Part<'p>) {
        match part.char_indices().nth(nodes as usize) {
            Some((byte, _)) => part.split_at(byte),
            None => (part, ""),
        }
    }

    fn nodes_in(part: &str, unit: Unit, units: usize) -> Option<u32> {
        let mut left = units;
        let mut nodes = 0;
        for character in part.chars() {
            if left == 0 {
                break;
            }
            let width = match unit {
                Unit::Scalar => 1,
                Unit::Utf8 => character.len_utf8(),
                Unit::Utf16 => character.len_utf16(),
            };
            left = left.checked_sub(width)?;
            nodes += 1;
        }
        (left == 0).then_some(nodes)
    }

    fn heap_bytes(&self) -> usize {
        self.capacity()
    }
}

/// Items of a list: what they hold is the list's affair. Each is one unit wide, whichever.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Items(pub(crate) u32);

impl Payload for Items {
    type Part<'p> = Self;

    fn part(&self) -> Self {
        *self
    }

    fn from_part(part: Self) -> Self {
        part
    }

    fn push(&mut self, part: Self) {
        self.0 += part.0;
    }

    fn with_capacity(_: usize) -> Self {
        Self(0)
    }

    fn shrink_to_fit(&mut self) {}

    fn truncate(&mut self, start: u32) {
        self.0 = start;
    }

    fn slice(&self, _: u32, size: u32) -> Self {
        Self(size)
    }

    fn size(part: Self) -> usize {
        part.0 as usize
    }

    fn nodes(part: Self) -> u32 {
        part.0
    }

    fn wide(_: Self) -> u32 {
        0
    }

    fn split<'p>(part: Self::Part<'p>, nodes: u32) -> (Self::Part<'p>, Self::Part<'p>) {
        let head = part.0.min(nodes);
        (Self(head), Self(part.0 - head))
    }

    fn nodes_in(part: Self, _: Unit, units: usize) -> Option<u32> {
        u32::try_from(units).ok().filter(|&units| units <= part.0)
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}
