//! A list of changes in the making, column by column: in the one form that it has, but for what it
//! says.

use std::collections::BTreeMap;

use libsync::{OpId, ReplicaId};

use crate::cbor::Item;

/// The numbers of the columns.
mod column {
    pub(super) const AUTHORS: usize = 1;
    pub(super) const COUNTERS: usize = 2;
    pub(super) const DEPENDENCIES: usize = 3;
    pub(super) const TIMES: usize = 4;
    pub(super) const COMMITS: usize = 5;
    pub(super) const ROWS: usize = 6;
    pub(super) const TAGS: usize = 7;
    pub(super) const CONTAINERS: usize = 8;
    pub(super) const LENGTHS: usize = 9;
    pub(super) const REPLICAS: usize = 10;
    pub(super) const PLACES: usize = 11;
    pub(super) const KEYS: usize = 12;
    pub(super) const SUPERSEDED: usize = 13;
    pub(super) const COUNT: usize = 14;
}

/// What a commit says: a time, and whether there is a message.
pub(super) type Commit = (Option<i64>, bool);

/// What a row does, as its tag says it. Lengths are 1 or more.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    InsertNext(u64),
    InsertRight(u64),
    InsertLeft(u64),
    InsertAtRoot(u64),
    Assign,
    Remove,
    Join,
    Leave,
    Move,
    Add,
    Reset,
    /// So many; backwards or not; and whether it is one more run of the row before.
    Delete(u64, bool, bool),
}

/// An identity, with its replica's number in the table.
pub(super) type Numbered = (u64, OpId);

/// What is kept of a replica.
#[derive(Clone, Copy, Default)]
struct Counts {
    end: u64,
    time: u64,
    named: u64,
    cursor: u64,
}

/// The change that is being written.
#[derive(Clone, Copy)]
struct Open {
    first: OpId,
    lamport: u64,
    rows: u64,
}

/// See the module.
#[derive(Default)]
pub(super) struct Columns {
    changes: u64,
    columns: [Vec<u8>; column::COUNT],
    containers: Vec<u64>,
    replicas: Vec<u64>,
    values: Vec<u8>,
    text: Vec<u8>,
    counts: BTreeMap<ReplicaId, Counts>,
    /// Of each container the keys that were named, with the assignment that was listed there last.
    keys: BTreeMap<u64, Vec<(Item, Option<OpId>)>>,
    open: Option<Open>,
    /// Changes without a commit since the last one that has one.
    uncommitted: u64,
    commit_time: i64,
}

impl Columns {
    /// Begins a change; of a commit that says nothing, nothing is written.
    pub(super) fn change(
        &mut self,
        (author, first): Numbered,
        lamport: u64,
        dependencies: &[Numbered],
        commit: Option<Commit>,
    ) {
        self.changes += 1;
        self.number(column::AUTHORS, author);
        let named = self.counts(first.replica).named;
        self.difference(column::COUNTERS, first.counter, named);
        let mut expected = self.expected(first.replica, first.counter);
        self.number(column::DEPENDENCIES, dependencies.len() as u64);
        for &(replica, dependency) in dependencies {
            let behind = dependency.counter + 1;
            self.identity(column::DEPENDENCIES, replica, dependency);
            expected = expected.max(self.expected(dependency.replica, behind));
        }
        self.difference(column::TIMES, lamport, expected);
        match commit {
            Some(commit) if commit != (None, false) => self.commit(commit),
            _ => self.uncommitted += 1,
        }
        self.open = Some(Open { first, lamport, rows: 0 });
    }

    fn commit(&mut self, (time, message): Commit) {
        const MESSAGE: &[u8] = b"message";
        let uncommitted = std::mem::take(&mut self.uncommitted);
        self.number(column::COMMITS, uncommitted);
        self.number(column::COMMITS, u64::from(time.is_some()) + 2 * u64::from(message));
        if let Some(time) = time {
            let difference = time.wrapping_sub(self.commit_time);
            self.signed(column::COMMITS, difference);
            self.commit_time = time;
        }
        if message {
            self.number(column::COMMITS, MESSAGE.len() as u64);
            self.columns[column::COMMITS].extend(MESSAGE);
        }
    }

    /// Ends the change; `end` is the identity behind its last.
    pub(super) fn end_change(&mut self, end: OpId) {
        let Some(Open { first, lamport, rows }) = self.open.take() else { return };
        self.number(column::ROWS, rows.saturating_sub(1));
        let counts = self.counts(end.replica);
        (counts.end, counts.named) = (end.counter, end.counter);
        counts.time = lamport + (end.counter - first.counter);
    }

    pub(super) fn tag(&mut self, tag: Tag) {
        if let Some(open) = &mut self.open {
            open.rows += 1;
        }
        let (kind, h, more) = match tag {
            Tag::InsertNext(len) => with_length(0, len),
            Tag::InsertRight(len) => with_length(1, len),
            Tag::InsertLeft(len) => with_length(2, len),
            Tag::InsertAtRoot(len) => (3, 0, Some(len - 1)),
            Tag::Assign => (3, 1, None),
            Tag::Remove => (3, 2, None),
            Tag::Join => (3, 3, None),
            Tag::Leave => (3, 4, None),
            Tag::Move => (3, 5, None),
            Tag::Add => (3, 6, None),
            Tag::Reset => (3, 7, None),
            Tag::Delete(len, backwards, follows) => {
                with_length(4 + u8::from(backwards) + 2 * u8::from(follows), len)
            }
        };
        self.columns[column::TAGS].push(h << 3 | kind);
        if let Some(more) = more {
            self.number(column::LENGTHS, more);
        }
    }

    pub(super) fn container(&mut self, container: u64) {
        self.containers.push(container);
    }

    /// A place, which is of the author or of replica number `number`: the counter, and where the
    /// cursor is then.
    pub(super) fn place(&mut self, author: ReplicaId, (number, at): Numbered, cursor: u64) {
        self.replicas.push(if at.replica == author { 0 } else { number + 1 });
        let known = self.counts(at.replica).cursor;
        self.difference(column::PLACES, at.counter, known);
        self.set_cursor(OpId::new(at.replica, cursor));
    }

    pub(super) fn set_cursor(&mut self, cursor: OpId) {
        self.counts(cursor.replica).cursor = cursor.counter;
    }

    /// Names a key and what is superseded there; `key` is what tells it from others. Whether it is
    /// new, and so has to be spelled out among the values.
    pub(super) fn key(
        &mut self,
        id: OpId,
        container: u64,
        key: Item,
        superseded: &[Numbered],
        assigns: bool,
    ) -> bool {
        let known = self.keys.entry(container).or_default();
        let found = known.iter().position(|(known, _)| *known == key);
        let at = found.unwrap_or(known.len());
        if found.is_none() {
            known.push((key, None));
        }
        let assigned = std::mem::replace(&mut known[at].1, assigns.then_some(id));
        self.number(column::KEYS, found.map_or(0, |at| at as u64 + 1));
        if superseded.iter().map(|&(_, id)| id).eq(assigned) {
            self.number(column::SUPERSEDED, 0);
        } else {
            self.number(column::SUPERSEDED, superseded.len() as u64 + 1);
            self.counts(id.replica).named = id.counter;
            for &(replica, id) in superseded {
                self.identity(column::SUPERSEDED, replica, id);
            }
        }
        found.is_none()
    }

    pub(super) fn value(&mut self, item: &Item) {
        item.write(&mut self.values);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.text.extend(text.as_bytes());
    }

    /// The map of columns.
    pub(super) fn into_item(mut self) -> Item {
        self.columns[column::CONTAINERS] = runs(&self.containers);
        self.columns[column::REPLICAS] = runs(&self.replicas);
        let mut columns = Vec::new();
        if self.changes > 1 {
            columns.extend([Item::Unsigned(0), Item::Unsigned(self.changes - 1)]);
        }
        for (number, column) in self.columns.into_iter().enumerate() {
            if column.iter().any(|&byte| byte > 0) {
                columns.extend([Item::Unsigned(number as u64), Item::Bytes(column)]);
            }
        }
        if !self.values.is_empty() {
            columns.extend([Item::Unsigned(14), Item::Bytes(self.values)]);
        }
        if !self.text.is_empty() {
            columns.extend([Item::Unsigned(15), Item::Text(self.text)]);
        }
        Item::Map(columns)
    }

    fn counts(&mut self, replica: ReplicaId) -> &mut Counts {
        self.counts.entry(replica).or_default()
    }

    /// The Lamport time of a replica's operation with this counter, by what was listed of it.
    fn expected(&mut self, replica: ReplicaId, counter: u64) -> u64 {
        let Counts { end, time, .. } = *self.counts(replica);
        (time + counter).saturating_sub(end)
    }

    /// A replica's number, and the difference of the counter and 1 more to the one named last.
    fn identity(&mut self, column: usize, replica: u64, id: OpId) {
        self.number(column, replica);
        let behind = id.counter + 1;
        let named = std::mem::replace(&mut self.counts(id.replica).named, behind);
        self.difference(column, behind, named);
    }

    fn number(&mut self, column: usize, number: u64) {
        leb128(number, &mut self.columns[column]);
    }

    fn signed(&mut self, column: usize, number: i64) {
        self.number(column, (number << 1 ^ number >> 63) as u64);
    }

    fn difference(&mut self, column: usize, count: u64, to: u64) {
        self.signed(column, count.wrapping_sub(to) as i64);
    }
}

/// The kind and *h* of a tag, and what the length has besides.
fn with_length(kind: u8, len: u64) -> (u8, u8, Option<u64>) {
    match len {
        0..32 => (kind, len.saturating_sub(1) as u8, None),
        _ => (kind, 31, Some(len - 32)),
    }
}

fn runs(numbers: &[u64]) -> Vec<u8> {
    let mut column = Vec::new();
    if numbers.iter().any(|&number| number > 0) {
        for run in numbers.chunk_by(|a, b| a == b) {
            if run.len() == 1 {
                leb128(2 * run[0], &mut column);
            } else {
                leb128(2 * run[0] + 1, &mut column);
                leb128(run.len() as u64 - 2, &mut column);
            }
        }
    }
    column
}

fn leb128(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
