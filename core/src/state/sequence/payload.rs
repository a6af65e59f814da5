//! What live nodes carry: characters in a text, nothing but their number in a list.

use std::fmt::Debug;

use crate::value::Unit;

use super::order::Weight;

/// What a run of live nodes carries. Tombstones carry the default: nothing.
pub(crate) trait Payload: Clone + PartialEq + Eq + Default + Debug {
    /// A part of it, borrowed.
    type Part<'p>: Copy;

    fn part(&self) -> Self::Part<'_>;

    fn from_part(part: Self::Part<'_>) -> Self;

    fn push(&mut self, part: Self::Part<'_>);

    /// Keeps the first `nodes`, and gives the rest.
    fn split_off(&mut self, nodes: u32) -> Self;

    /// The first `nodes` at most, and the rest.
    fn split<'p>(part: Self::Part<'p>, nodes: u32) -> (Self::Part<'p>, Self::Part<'p>);

    fn weight(part: Self::Part<'_>) -> Weight;

    /// How many nodes it is of.
    fn nodes(part: Self::Part<'_>) -> u32;

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
        self.push_str(part);
    }

    fn split_off(&mut self, nodes: u32) -> Self {
        match self.char_indices().nth(nodes as usize) {
            Some((byte, _)) => Self::split_off(self, byte),
            None => Self::new(),
        }
    }

    fn split<'p>(part: Self::Part<'p>, nodes: u32) -> (Self::Part<'p>, Self::Part<'p>) {
        match part.char_indices().nth(nodes as usize) {
            Some((byte, _)) => part.split_at(byte),
            None => (part, ""),
        }
    }

    fn weight(part: &str) -> Weight {
        let mut weight = Weight { scalars: 0, utf8: part.len(), utf16: 0 };
        for character in part.chars() {
            weight.scalars += 1;
            weight.utf16 += character.len_utf16();
        }
        weight
    }

    fn nodes(part: &str) -> u32 {
        part.chars().count() as u32
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

    fn split_off(&mut self, nodes: u32) -> Self {
        let (head, tail) = Self::split(*self, nodes);
        *self = head;
        tail
    }

    fn split<'p>(part: Self::Part<'p>, nodes: u32) -> (Self::Part<'p>, Self::Part<'p>) {
        let head = part.0.min(nodes);
        (Self(head), Self(part.0 - head))
    }

    fn weight(part: Self) -> Weight {
        let items = part.0 as usize;
        Weight { scalars: items, utf8: items, utf16: items }
    }

    fn nodes(part: Self) -> u32 {
        part.0
    }

    fn nodes_in(part: Self, _: Unit, units: usize) -> Option<u32> {
        u32::try_from(units).ok().filter(|&units| units <= part.0)
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}
