//! Saved documents, field by field.

use super::{A, frame, making};
use crate::cbor::{Item, array, encoded, ids, map, raw, text, uint, uints};
use crate::columns::{columns, number, signed, varint};
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
pub const LOG: u64 = 22;
pub const HELD: u64 = 24;
pub const HISTORY: u64 = 26;
pub const LOG_START: u64 = 40;

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

/// Places as columns: of each three items, its key, its assignments, and its clock.
pub fn places(of: impl IntoIterator<Item = Item>) -> Item {
    let of: Vec<Item> = of.into_iter().collect();
    let mut columns: [Vec<u8>; 8] = Default::default();
    let (mut last_item, mut last_counter, mut last_lead, mut last_time) = (0, 0, 0, 0);
    let mut untimed = 0;
    let signed_to = |number: u64, last: &mut i128| {
        let number = i128::from(number);
        signed(number - std::mem::replace(last, number))
    };
    for place in of.chunks(3) {
        let [heads, keys, replicas, counters, leads, contents, times, clocks] = &mut columns;
        let [key, assignments, clock] = place else { panic!("three items each") };
        let (assignments, clock) = (items(assignments), items(clock));
        heads.extend(varint(2 * (assignments.len() / 5) as u128 + u128::from(!clock.is_empty())));
        match key {
            Item::Array(item) if item.len() == 2 => {
                keys.extend(varint(number(&item[0]).into()));
                keys.extend(signed_to(number(&item[1]), &mut last_item));
            }
            key => keys.extend(encoded(std::slice::from_ref(key))),
        }
        for assignment in assignments.chunks(5) {
            let (counter, lamport) = (number(&assignment[1]), number(&assignment[2]));
            let lead = i128::from(lamport) - i128::from(counter);
            replicas.extend(varint(number(&assignment[0]).into()));
            counters.extend(signed_to(counter, &mut last_counter));
            leads.extend(signed(lead - std::mem::replace(&mut last_lead, lead)));
            contents.extend(encoded(&assignment[3..4]));
            match &assignment[4] {
                Item::Uint(time) => {
                    times.extend(varint(std::mem::take(&mut untimed)));
                    times.extend(signed_to(*time, &mut last_time));
                }
                _ => untimed += 1,
            }
        }
        if !clock.is_empty() {
            clocks.extend(varint(clock.len() as u128 / 2));
            clock.iter().for_each(|part| clocks.extend(varint(number(part).into())));
        }
    }
    let mut bytes = varint(of.len() as u128 / 3);
    if !of.is_empty() {
        bytes.extend(joined(&columns));
    }
    Item::Bytes(bytes)
}

fn items(item: &Item) -> Vec<Item> {
    let Item::Array(items) = item else { panic!("an array") };
    items.clone()
}

/// Columns, each behind its length.
fn joined(columns: &[Vec<u8>]) -> Vec<u8> {
    let parts = columns.iter().flat_map(|column| [varint(column.len() as u128), column.clone()]);
    parts.flatten().collect()
}

/// A sequence of A's nodes: of each run its head, its first counter, its length, and maybe the
/// counter of its key; of each deletion its counter, that of its run, and its number.
pub fn nodes(runs: &[&[u64]], deletions: &[u64]) -> Item {
    Item::Bytes(Nodes::new(runs, deletions).bytes())
}

/// The columns of a sequence in the making.
pub struct Nodes {
    pub replicas: Vec<u64>,
    pub runs: u64,
    pub run_columns: [Vec<u8>; 5],
    pub deletions: u64,
    pub deletion_columns: [Vec<u8>; 5],
}

impl Nodes {
    pub fn new(runs: &[&[u64]], deletions: &[u64]) -> Self {
        let mut columns: [Vec<u8>; 5] = Default::default();
        let (mut end, mut unkeyed) = (0, 0);
        columns[0] = [varint(0), varint(runs.len() as u128)].concat();
        for run in runs {
            columns[1].extend(varint(run[0].into()));
            let (first, len) = (i128::from(run[1]), i128::from(run[2]));
            columns[2].extend(signed(first - std::mem::replace(&mut end, first + len)));
            columns[3].extend(varint(run[2].into()));
            match run.get(3) {
                Some(&key) => {
                    let key = [varint(unkeyed), varint(0), signed(i128::from(key) - first)];
                    columns[4].extend(key.concat());
                    unkeyed = 0;
                }
                None => unkeyed += 1,
            }
        }
        let count = deletions.len() / 3;
        let mut of_deletions: [Vec<u8>; 5] = Default::default();
        let all = [varint(0), varint(count as u128)].concat();
        (of_deletions[0], of_deletions[2]) = (all.clone(), all);
        let (mut operation, mut node) = (0, 0);
        for deletion in deletions.chunks(3) {
            let (len, backwards) = (deletion[2] / 2, deletion[2] % 2 == 1);
            of_deletions[1].extend(varint((deletion[0] - operation).into()));
            operation = deletion[0] + len;
            let (start, end) = (i128::from(deletion[1]), i128::from(deletion[1] + len));
            let (from, to) = if backwards { (end, start) } else { (start, end) };
            of_deletions[3].extend(signed(from - std::mem::replace(&mut node, to)));
            of_deletions[4].extend(varint(deletion[2].into()));
        }
        Self {
            replicas: vec![A],
            runs: runs.len() as u64,
            run_columns: columns,
            deletions: count as u64,
            deletion_columns: of_deletions,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = varint(self.replicas.len() as u128);
        bytes.extend(self.replicas.iter().flat_map(|id| id.to_be_bytes()));
        let parts = [(self.runs, &self.run_columns), (self.deletions, &self.deletion_columns)];
        for (rows, columns) in parts {
            bytes.extend(varint(rows.into()));
            if rows > 0 {
                bytes.extend(joined(columns));
            }
        }
        bytes
    }
}

/// A block of A's changes, of which the first container is "t", a text, if any is named.
pub fn block(names_text: bool, changes: impl IntoIterator<Item = Item>) -> Item {
    let text = (2, array([uint(0), text("t"), uint(1)]));
    let tables = [(0, ids(&[A]))].into_iter().chain(names_text.then_some(text));
    Item::Bytes(encoded(&[map(tables.chain([(4, columns(changes))]))]))
}

/// A's assignment of 1 to "k", all of it pruned.
pub fn register() -> Saved {
    let root = container(0, 1, [places([text("k"), one(0), array([])])]);
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
    sequence("a", nodes(&[&[0, 1, 1], &[1, 2, 1]], &[3, 2, 2]))
}

/// The same with another sequence.
pub fn sequence(live: &str, nodes: Item) -> Saved {
    let slot = [text("t"), entries([(0, 0, uints(&[1]))]), array([])];
    let root = container(0, 1, [places(slot)]);
    let sequence = container(1, 4, [text(live), nodes]);
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
        (LOG, array([block(true, [deletion])])),
    ])
}
