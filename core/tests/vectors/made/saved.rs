//! Saved documents, field by field.

use super::{A, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::columns::columns;
use crate::vector::{Kind, Vector};

pub const VERSION: u64 = 4;
pub const FRONTIER: u64 = 6;
pub const LAMPORT: u64 = 8;
pub const MEMBERS: u64 = 10;
pub const ACKNOWLEDGED: u64 = 12;
pub const STABLE: u64 = 14;
pub const FLOOR: u64 = 16;
pub const PENDING: u64 = 18;
pub const CONTAINERS: u64 = 20;
pub const CHANGES: u64 = 22;
pub const HELD: u64 = 24;

/// A saved document in the making.
pub struct Saved(Vec<(u64, Item)>);

impl Saved {
    pub fn with(mut self, field: u64, item: Item) -> Self {
        self.0.retain(|(other, _)| *other != field);
        let place = self.0.partition_point(|(other, _)| *other < field);
        self.0.insert(place, (field, item));
        self
    }

    pub fn without(mut self, field: u64) -> Self {
        self.0.retain(|(other, _)| *other != field);
        self
    }

    pub fn bytes(self) -> Vec<u8> {
        frame(Kind::Document, map(self.0))
    }

    pub fn fails(self, name: &str, about: &str, error: &str) -> Vector {
        making(name, about, Kind::Document, self.bytes()).fails(error)
    }
}

pub fn null() -> Item {
    raw(&[0xf6])
}

/// A's assignments without a time: counters, Lamport times and contents.
pub fn entries(of: impl IntoIterator<Item = (u64, u64, Item)>) -> Item {
    array(of.into_iter().flat_map(|(counter, lamport, content)| {
        [uint(0), uint(counter), uint(lamport), content, null()]
    }))
}

/// A's assignment of 1, in the order of its counters.
pub fn one(counter: u64) -> Item {
    entries([(counter, counter, uint(1))])
}

/// A container with that number, touched by A's first operations, and its parts.
pub fn container(number: u64, operations: u64, parts: impl IntoIterator<Item = Item>) -> Item {
    array([uint(number), uints(&[0, operations])].into_iter().chain(parts))
}

/// A's assignment of 1 to "k", all of it pruned.
pub fn register() -> Saved {
    let root = container(0, 1, [array([text("k"), one(0), array([])])]);
    Saved(vec![
        (0, ids(&[A])),
        (VERSION, uints(&[0, 1])),
        (FRONTIER, uints(&[0, 0])),
        (LAMPORT, uint(1)),
        (MEMBERS, uints(&[0, 1])),
        (STABLE, uints(&[0, 1])),
        (FLOOR, uints(&[0, 1])),
        (CONTAINERS, array([root])),
    ])
}

/// A's text "ab" in "t", pruned, and the deletion of "b", which is not.
pub fn typed() -> Saved {
    sequence("a", &[&[12, 0, 1, 1], &[1, 0, 2, 1]], &[0, 3, 0, 2, 2])
}

/// The same with other runs and deletions.
pub fn sequence(live: &str, runs: &[&[u64]], deletions: &[u64]) -> Saved {
    let slot = array([text("t"), entries([(0, 0, uints(&[1]))]), array([])]);
    let root = container(0, 1, [slot]);
    let runs = array(runs.iter().map(|run| uints(run)));
    let sequence = container(1, 4, [text(live), runs, uints(deletions)]);
    let deletion = array([uint(0), uint(3), uint(3), array([]), uints(&[4, 1, 0, 2, 2])]);
    Saved(vec![
        (0, ids(&[A])),
        (2, array([uint(0), text("t"), uint(1)])),
        (VERSION, uints(&[0, 4])),
        (FRONTIER, uints(&[0, 3])),
        (LAMPORT, uint(4)),
        (MEMBERS, uints(&[0, 1])),
        (STABLE, uints(&[0, 3])),
        (FLOOR, uints(&[0, 3])),
        (CONTAINERS, array([root, sequence])),
        (CHANGES, columns([deletion])),
    ])
}
