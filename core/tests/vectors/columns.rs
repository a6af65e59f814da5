//! Lists of changes as columns, from a description of them row by row: an encoder for what the
//! library would not write, that takes any numbers and leaves nothing out.
//!
//! A change is an array: the number of its author, the counter and the Lamport time of its first
//! operation (less that of the change before), an array of dependencies (number and counter), maybe a
//! commit, and operations. All these are arrays that start with a number:
//!
//! | Number | Behind it | |
//! |---|---|---|
//! | 0 | container, elements | an insertion right of the identity before its own |
//! | 1, 2 | container, replica, counter, elements | right, left of a node |
//! | 3 | container, elements | at the root |
//! | 4 | container, (replica, counter, number)… | a deletion; a number is twice a length, and 1 more for backwards |
//! | 5 | container, key, content, (replica, counter)… | an assignment |
//! | 6 | container, key, (replica, counter)… | a removal |
//! | 7 | replica | a new member |
//! | 8 | | the end of a membership |
//! | 9 | time, message, origin | a commit |
//! | 10 | container, items… | a move |
//! | 11 | container, item | an addition to a counter |
//! | 12 | container, items… | a reset of a counter |

use std::collections::BTreeMap;

use crate::cbor::{Item, array, encoded, map, uint};

/// The columns' numbers.
pub mod column {
    pub const CHANGES: u64 = 0;
    pub const AUTHORS: u64 = 1;
    pub const COUNTERS: u64 = 2;
    pub const DEPENDENCIES: u64 = 3;
    pub const LAMPORTS: u64 = 4;
    pub const COMMITS: u64 = 5;
    pub const ROWS: u64 = 6;
    pub const TAGS: u64 = 7;
    pub const CONTAINERS: u64 = 8;
    pub const LENGTHS: u64 = 9;
    pub const REPLICAS: u64 = 10;
    pub const PLACES: u64 = 11;
    pub const KEYS: u64 = 12;
    pub const SUPERSEDED: u64 = 13;
    pub const VALUES: u64 = 14;
    pub const TEXT: u64 = 15;
}

/// What is known of a replica.
#[derive(Default)]
struct Known {
    end: i128,
    time: i128,
    named: i128,
    cursor: i128,
}

/// The number of a replica, and a counter.
type Id = (u64, u64);

/// The columns of a list in the making.
#[derive(Default)]
struct Columns {
    bytes: BTreeMap<u64, Vec<u8>>,
    values: Vec<Item>,
    text: String,
    containers: Vec<u64>,
    replicas: Vec<u64>,
    known: BTreeMap<u64, Known>,
    /// By container and key: the number of the key, and the last assignment.
    keys: BTreeMap<(u64, Vec<u8>), (u64, Option<Id>)>,
    skipped: u64,
    time: i128,
    origin: Option<String>,
    author: u64,
    counter: u64,
}

/// The changes as columns.
pub fn columns(changes: impl IntoIterator<Item = Item>) -> Item {
    let mut columns = Columns::default();
    let (mut len, mut lamport) = (0, 0);
    for change in changes {
        let change = items(&change);
        lamport += number(&change[2]);
        columns.change(&change, lamport);
        len += 1;
    }
    columns.finish(len)
}

/// The same columns, but for one.
pub fn with(columns: &Item, column: u64, content: Item) -> Item {
    let Item::Map(fields) = columns else { panic!("columns are a map") };
    let mut fields: BTreeMap<u64, Item> = fields.iter().cloned().collect();
    fields.insert(column, content);
    map(fields)
}

/// The same columns without one.
pub fn without(columns: &Item, column: u64) -> Item {
    let Item::Map(fields) = columns else { panic!("columns are a map") };
    map(fields.iter().filter(|(field, _)| *field != column).cloned())
}

pub fn number(item: &Item) -> u64 {
    let Item::Uint(number) = item else { panic!("an unsigned integer") };
    *number
}

fn items(item: &Item) -> Vec<Item> {
    let Item::Array(items) = item else { panic!("an array") };
    items.clone()
}

fn numbers(items: &[Item]) -> Vec<u64> {
    items.iter().map(number).collect()
}

/// A number, 7 bits a byte.
pub fn varint(mut number: u128) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push((number % 128) as u8 + 128);
        number /= 128;
    }
    bytes.push(number as u8);
    bytes
}

/// A number with a sign.
pub fn signed(number: i128) -> Vec<u8> {
    varint(if number < 0 { -2 * number - 1 } else { 2 * number } as u128)
}

impl Columns {
    fn add(&mut self, column: u64, bytes: Vec<u8>) {
        self.bytes.entry(column).or_default().extend(bytes);
    }

    fn known(&mut self, replica: u64) -> &mut Known {
        self.known.entry(replica).or_default()
    }

    fn change(&mut self, change: &[Item], lamport: u64) {
        let (author, counter) = (number(&change[0]), number(&change[1]));
        (self.author, self.counter) = (author, counter);
        self.add(column::AUTHORS, varint(author.into()));
        let difference = i128::from(counter) - self.known(author).named;
        self.add(column::COUNTERS, signed(difference));
        let expected_by = |known: &Known, end: i128| (known.time + end - known.end).max(0);
        let mut expected = expected_by(self.known(author), counter.into());
        let dependencies = numbers(&items(&change[3]));
        self.add(column::DEPENDENCIES, varint(dependencies.len() as u128 / 2));
        for head in dependencies.chunks(2) {
            self.operation(column::DEPENDENCIES, head);
            let end = i128::from(head[1]) + 1;
            expected = expected.max(expected_by(self.known(head[0]), end));
        }
        self.add(column::LAMPORTS, signed(i128::from(lamport) - expected));
        let is_commit = |op: &&Item| matches!(op, Item::Array(op) if number(&op[0]) == 9);
        let (commits, ops): (Vec<_>, Vec<_>) = change[4..].iter().partition(is_commit);
        match commits.first() {
            Some(commit) => self.commit(&items(commit)),
            None => self.skipped += 1,
        }
        let before = self.bytes.get(&column::TAGS).map_or(0, Vec::len);
        ops.into_iter().for_each(|op| self.op(&items(op)));
        let rows = self.bytes.get(&column::TAGS).map_or(0, Vec::len) - before;
        self.add(column::ROWS, varint(rows as u128 - 1));
        let end = i128::from(self.counter);
        let time = i128::from(lamport) + end - i128::from(counter);
        let known = self.known(author);
        (known.end, known.time, known.named) = (end, time, end);
    }

    /// The number of a replica, and a counter.
    fn operation(&mut self, column: u64, id: &[u64]) {
        self.add(column, varint(id[0].into()));
        let end = i128::from(id[1]) + 1;
        let difference = end - self.known(id[0]).named;
        self.add(column, signed(difference));
        self.known(id[0]).named = end;
    }

    fn commit(&mut self, commit: &[Item]) {
        let text = |item: &Item| match item {
            Item::Text(text) => Some(text.clone()),
            _ => None,
        };
        let time = match &commit[1] {
            Item::Uint(time) => Some(i128::from(*time)),
            _ => None,
        };
        let (message, origin) = (text(&commit[2]), text(&commit[3]));
        let same = origin.is_some() && origin == self.origin;
        let said = u128::from(time.is_some())
            + if message.is_some() { 2 } else { 0 }
            + if same {
                8
            } else if origin.is_some() {
                4
            } else {
                0
            };
        let mut bytes = [varint(self.skipped.into()), varint(said)].concat();
        self.skipped = 0;
        if let Some(time) = time {
            bytes.extend(signed(time - self.time));
            self.time = time;
        }
        for text in message.iter().chain(origin.iter().filter(|_| !same)) {
            bytes.extend(varint(text.len() as u128));
            bytes.extend(text.as_bytes());
        }
        self.origin = origin.or(self.origin.take());
        self.add(column::COMMITS, bytes);
    }

    /// A tag that has a length.
    fn tag(&mut self, kind: u8, len: u64) {
        let more = len - 1;
        self.add(column::TAGS, vec![kind + 8 * more.min(31) as u8]);
        if more >= 31 {
            self.add(column::LENGTHS, varint(u128::from(more) - 31));
        }
    }

    /// The tag of a row of kind 3.
    fn other(&mut self, which: u8) {
        self.add(column::TAGS, vec![3 + 8 * which]);
    }

    fn place(&mut self, replica: u64, counter: i128) {
        self.replicas.push(if replica == self.author { 0 } else { replica + 1 });
        let known = self.known(replica);
        let difference = counter - known.cursor;
        known.cursor = counter;
        self.add(column::PLACES, signed(difference));
    }

    fn op(&mut self, op: &[Item]) {
        let tag = number(&op[0]);
        if !matches!(tag, 7 | 8 | 13 | 14) {
            self.containers.push(number(&op[1]));
        }
        let mut len = 1;
        match tag {
            0..=3 => len = self.insertion(tag as u8, &op[2..]),
            4 => len = self.deletion(&numbers(&op[2..])),
            5 | 6 => {
                self.other(if tag == 5 { 1 } else { 2 });
                self.assignment(number(&op[1]), tag == 5, &op[2..]);
            }
            7 => {
                self.other(3);
                self.values.extend_from_slice(&op[1..]);
            }
            8 => self.other(4),
            13 => {
                self.other(9);
                self.values.extend_from_slice(&op[1..]);
            }
            14 => self.other(10),
            10 | 11 => {
                self.other(if tag == 10 { 5 } else { 6 });
                self.values.extend_from_slice(&op[2..]);
            }
            12 => {
                self.other(7);
                self.values.push(array(op[2..].iter().cloned()));
            }
            _ => panic!("no operation has the number {tag}"),
        }
        self.counter += len;
    }

    fn insertion(&mut self, tag: u8, rest: &[Item]) -> u64 {
        let (elements, parent) = rest.split_last().expect("elements");
        let len = match elements {
            Item::Text(text) => {
                self.text.push_str(text);
                text.chars().count() as u64
            }
            Item::Array(items) => {
                self.values.extend(items.iter().cloned());
                items.len() as u64
            }
            _ => panic!("a text, or an array of contents"),
        };
        if tag == 3 {
            self.other(0);
            self.add(column::LENGTHS, varint(u128::from(len) - 1));
        } else {
            self.tag(tag, len);
        }
        if let [replica, counter] = numbers(parent)[..] {
            self.place(replica, i128::from(counter) + i128::from(tag == 1));
        }
        let (author, end) = (self.author, self.counter + len);
        self.known(author).cursor = end.into();
        len
    }

    fn deletion(&mut self, runs: &[u64]) -> u64 {
        let mut deleted = 0_u64;
        for (nth, run) in runs.chunks(3).enumerate() {
            let (replica, start, len) = (run[0], i128::from(run[1]), run[2] / 2);
            let backwards = run[2] % 2 == 1;
            self.tag(4 + u8::from(backwards) + if nth > 0 { 2 } else { 0 }, len);
            if nth > 0 {
                self.containers.extend(self.containers.last().copied());
            }
            let end = start + i128::from(len);
            let forwards = len > 1 && !backwards;
            self.place(replica, if forwards { start } else { end });
            self.known(replica).cursor = if forwards { end } else { start };
            deleted = deleted.saturating_add(len);
        }
        deleted
    }

    fn assignment(&mut self, container: u64, assigns: bool, rest: &[Item]) {
        let (key, content, superseded) = match rest {
            [key, content, superseded @ ..] if assigns => (key, Some(content), superseded),
            [key, superseded @ ..] => (key, None, superseded),
            [] => panic!("a key"),
        };
        let named = (container, encoded(std::slice::from_ref(key)));
        let known = self.keys.get(&named).copied();
        self.add(column::KEYS, varint(known.map_or(0, |(number, _)| number).into()));
        if known.is_none() {
            self.values.push(key.clone());
        }
        let next = 1 + self.keys.keys().filter(|(other, _)| *other == container).count() as u64;
        let number = known.map_or(next, |(number, _)| number);
        let id = (self.author, self.counter);
        self.keys.insert(named, (number, assigns.then_some(id)));
        self.values.extend(content.cloned());
        let last = known.and_then(|(_, last)| last);
        let last: Vec<u64> = last.into_iter().flat_map(|(author, at)| [author, at]).collect();
        let superseded = numbers(superseded);
        if superseded == last {
            return self.add(column::SUPERSEDED, vec![0]);
        }
        self.add(column::SUPERSEDED, varint(superseded.len() as u128 / 2 + 1));
        let (author, counter) = (self.author, self.counter);
        self.known(author).named = counter.into();
        superseded.chunks(2).for_each(|id| self.operation(column::SUPERSEDED, id));
    }

    fn finish(mut self, len: u64) -> Item {
        for (column, numbers) in
            [(column::CONTAINERS, &self.containers), (column::REPLICAS, &self.replicas)]
        {
            self.bytes.insert(column, repeated(numbers));
        }
        let mut fields: BTreeMap<u64, Item> = self
            .bytes
            .into_iter()
            .filter(|(_, bytes)| bytes.iter().any(|&byte| byte != 0))
            .map(|(column, bytes)| (column, Item::Bytes(bytes)))
            .collect();
        if len > 1 {
            fields.insert(column::CHANGES, uint(len - 1));
        }
        if !self.values.is_empty() {
            fields.insert(column::VALUES, Item::Bytes(encoded(&self.values)));
        }
        if !self.text.is_empty() {
            fields.insert(column::TEXT, Item::Text(self.text));
        }
        map(fields)
    }
}

/// Runs of numbers; nothing if all are 0.
fn repeated(numbers: &[u64]) -> Vec<u8> {
    if numbers.iter().all(|&number| number == 0) {
        return Vec::new();
    }
    let runs = numbers.chunk_by(|a, b| a == b).map(|run| match run.len() as u128 {
        1 => varint(2 * u128::from(run[0])),
        len => [varint(2 * u128::from(run[0]) + 1), varint(len - 2)].concat(),
    });
    runs.collect::<Vec<_>>().concat()
}
