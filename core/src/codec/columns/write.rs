//! Fills the columns of a list, change by change and row by row.

use crate::change::Change;
use crate::codec::tables::Names;
use crate::codec::varint;
use crate::codec::writer::Writer;
use crate::commit::Commit;
use crate::container::{ContainerId, Key};
use crate::id::OpId;
use crate::op::{Contribution, Elements, NodeRun, Op, Place, Side};
use crate::value::Content;

use super::commits::CommitsWriter;
use super::expected::Expected;
use super::keys::KeysWriter;
use super::repeated::RepeatedWriter;
use super::{KIND_BITS, LONG, SUPERSEDES_LAST, column, kind, other};

/// The columns of a list in the making. Changes come in ascending order of (Lamport time,
/// identity), each with a row at least.
#[derive(Default)]
pub(in crate::codec) struct Columns {
    changes: u64,
    authors: Vec<u8>,
    counters: Vec<u8>,
    dependencies: Vec<u8>,
    lamports: Vec<u8>,
    commits: CommitsWriter,
    rows: Vec<u8>,
    tags: Vec<u8>,
    containers: RepeatedWriter,
    lengths: Vec<u8>,
    replicas: RepeatedWriter,
    places: Vec<u8>,
    key_numbers: Vec<u8>,
    superseded: Vec<u8>,
    values: Writer,
    text: String,
    expected: Expected,
    keys: KeysWriter,
    /// The change that rows are added to.
    current: Current,
}

#[derive(Clone, Copy, Default)]
struct Current {
    author: usize,
    rows: u64,
    /// The counter and the Lamport time of its first operation.
    start: u64,
    lamport: u64,
    /// The counter behind its last row.
    end: u64,
}

impl Columns {
    pub(in crate::codec) fn is_empty(&self) -> bool {
        self.changes == 0
    }

    /// Adds a change with its operations.
    pub(in crate::codec) fn change(&mut self, change: &Change, names: &mut Names) {
        self.head(change.id, change.lamport, &change.dependencies, change.commit(), names);
        change.ops().iter().for_each(|op| self.op(op, names));
    }

    /// Starts a change.
    pub(in crate::codec) fn head(
        &mut self,
        id: OpId,
        lamport: u64,
        dependencies: &[OpId],
        commit: Option<&Commit>,
        names: &mut Names,
    ) {
        self.end_change();
        self.changes += 1;
        let author = names.replica_number(id.replica);
        varint::write(author as u64, &mut self.authors);
        varint::write_near(self.expected.named(author), id.counter, &mut self.counters);
        let mut expected = self.expected.lamport(author, id.counter);
        varint::write(dependencies.len() as u64, &mut self.dependencies);
        for head in dependencies {
            let replica = names.replica_number(head.replica);
            let end = head.counter + 1;
            let (named, lamport) = self.expected.name(replica, end);
            varint::write(replica as u64, &mut self.dependencies);
            varint::write_near(named, end, &mut self.dependencies);
            expected = expected.max(lamport);
        }
        varint::write_near(expected, lamport, &mut self.lamports);
        self.commits.push(commit);
        self.current = Current { author, rows: 0, start: id.counter, lamport, end: id.counter };
    }

    fn end_change(&mut self) {
        let Current { author, rows, start, lamport, end } = self.current;
        if rows > 0 {
            varint::write(rows - 1, &mut self.rows);
            self.expected.end_change(author, end, lamport + (end - start));
        }
    }

    /// Adds an operation to the change.
    pub(in crate::codec) fn op(&mut self, op: &Op, names: &mut Names) {
        match op {
            Op::Insert { container, place, elements: Elements::Text(text) } => {
                let len = text.chars().count() as u64;
                self.insert_text(container, *place, text, len, names);
            }
            Op::Insert { container, place, elements: Elements::Items(items) } => {
                self.insert_items(container, *place, items, names);
            }
            Op::Delete { container, nodes } => {
                for (nth, &run) in nodes.iter().enumerate() {
                    self.delete(container, run, nth > 0, names);
                }
            }
            other => self.other(other, names),
        }
    }

    fn end_row(&mut self, len: u64) {
        self.current.rows += 1;
        self.current.end += len;
    }

    /// Gives the number of the container, too.
    #[inline]
    fn container(&mut self, container: &ContainerId, names: &mut Names) -> usize {
        let number = names.container_number(container);
        self.containers.push(number as u64);
        number
    }

    fn tag(&mut self, kind: u8, len: u64) {
        let more = len - 1;
        self.tags.push(kind | (more.min(LONG) as u8) << KIND_BITS);
        if more >= LONG {
            varint::write(more - LONG, &mut self.lengths);
        }
    }

    fn other_tag(&mut self, other: u8) {
        self.tags.push(kind::OTHER | other << KIND_BITS);
    }

    /// Adds an insertion of so many characters to the change.
    pub(in crate::codec) fn insert_text(
        &mut self,
        container: &ContainerId,
        place: Place,
        text: &str,
        len: u64,
        names: &mut Names,
    ) {
        self.insertion(container, place, len, names);
        self.text.push_str(text);
    }

    fn insert_items(
        &mut self,
        container: &ContainerId,
        place: Place,
        items: &[Content],
        names: &mut Names,
    ) {
        self.insertion(container, place, items.len() as u64, names);
        items.iter().for_each(|item| Names::content(Some(item), &mut self.values));
    }

    fn insertion(&mut self, container: &ContainerId, place: Place, len: u64, names: &mut Names) {
        self.container(container, names);
        let Current { author, end: counter, .. } = self.current;
        match place {
            Place { parent: None, .. } => {
                self.other_tag(other::INSERT_AT_ROOT);
                varint::write(len - 1, &mut self.lengths);
            }
            Place { parent: Some(parent), side: Side::Right } => {
                let replica = names.replica_number(parent.replica);
                if replica == author && parent.counter + 1 == counter {
                    self.tag(kind::INSERT_NEXT, len);
                } else {
                    self.tag(kind::INSERT_RIGHT, len);
                    self.place(replica, parent.counter + 1);
                }
            }
            Place { parent: Some(parent), side: Side::Left } => {
                let replica = names.replica_number(parent.replica);
                self.tag(kind::INSERT_LEFT, len);
                self.place(replica, parent.counter);
            }
        }
        self.expected.set_cursor(author, counter + len);
        self.end_row(len);
    }

    /// Between which identities of a replica something is inserted or deleted.
    fn place(&mut self, replica: usize, counter: u64) {
        let is_author = replica == self.current.author;
        self.replicas.push(if is_author { 0 } else { replica as u64 + 1 });
        varint::write_near(self.expected.cursor(replica), counter, &mut self.places);
        self.expected.set_cursor(replica, counter);
    }

    /// Adds a deletion to the change, or a run to the deletion before.
    pub(in crate::codec) fn delete(
        &mut self,
        container: &ContainerId,
        run: NodeRun,
        more: bool,
        names: &mut Names,
    ) {
        self.container(container, names);
        let kind = match (more, run.backwards) {
            (false, false) => kind::DELETE,
            (false, true) => kind::DELETE_BACKWARDS,
            (true, false) => kind::MORE,
            (true, true) => kind::MORE_BACKWARDS,
        };
        self.tag(kind, run.len());
        let replica = names.replica_number(run.nodes.start.replica);
        let (start, end) = (run.nodes.start.counter, run.nodes.end());
        // One node is as good as backwards: it is mostly followed by the one before it.
        let (from, to) = if run.len() > 1 && !run.backwards { (start, end) } else { (end, start) };
        self.place(replica, from);
        self.expected.set_cursor(replica, to);
        self.end_row(run.len());
    }

    fn other(&mut self, op: &Op, names: &mut Names) {
        match op {
            Op::Assign { container, key, content, supersedes } => {
                self.other_tag(other::ASSIGN);
                let number = self.container(container, names);
                let author = names.replica_at(self.current.author);
                let id = OpId::new(author, self.current.end);
                self.key(number, key, supersedes, Some(id), names);
                Names::content(content.as_ref(), &mut self.values);
            }
            Op::Remove { container, key, supersedes } => {
                self.other_tag(other::REMOVE);
                let number = self.container(container, names);
                self.key(number, key, supersedes, None, names);
            }
            Op::Join(member) => {
                self.other_tag(other::JOIN);
                names.replica(*member, &mut self.values);
            }
            Op::Leave => self.other_tag(other::LEAVE),
            Op::Evict(member) => {
                self.other_tag(other::EVICT);
                names.replica(*member, &mut self.values);
            }
            Op::Redact => self.other_tag(other::REDACT),
            Op::Move { container, item, place } => {
                self.other_tag(other::MOVE);
                self.container(container, names);
                names.op(*item, &mut self.values);
                names.place(*place, &mut self.values);
            }
            Op::Increment { container, delta } => {
                self.other_tag(other::INCREMENT);
                self.container(container, names);
                self.values.int(*delta);
            }
            Op::Reset { container, observed } => {
                self.other_tag(other::RESET);
                self.container(container, names);
                self.values.array(3 * observed.len());
                for &Contribution { last, sum } in observed {
                    names.op(last, &mut self.values);
                    self.values.int(sum);
                }
            }
            Op::Insert { .. } | Op::Delete { .. } => {
                debug_assert!(false, "insertions and deletions have rows of their own");
            }
        }
        self.end_row(1);
    }

    /// A key, and what an operation supersedes there; `assigned` is its own assignment, if it is one.
    fn key(
        &mut self,
        container: usize,
        key: &Key,
        supersedes: &[OpId],
        assigned: Option<OpId>,
        names: &mut Names,
    ) {
        let last = match self.keys.get(container, key) {
            Some(named) => {
                varint::write(named.number, &mut self.key_numbers);
                std::mem::replace(&mut named.assigned, assigned)
            }
            None => {
                varint::write(0, &mut self.key_numbers);
                names.key(key, &mut self.values);
                self.keys.add(container, key.clone(), assigned);
                None
            }
        };
        if supersedes == last.as_slice() {
            return varint::write(SUPERSEDES_LAST, &mut self.superseded);
        }
        varint::write(supersedes.len() as u64 + 1, &mut self.superseded);
        self.expected.set_named(self.current.author, self.current.end);
        for id in supersedes {
            let replica = names.replica_number(id.replica);
            let end = id.counter + 1;
            varint::write(replica as u64, &mut self.superseded);
            varint::write_near(self.expected.named(replica), end, &mut self.superseded);
            self.expected.set_named(replica, end);
        }
    }

    /// Writes the columns, a map of those that say something, and starts again with none.
    pub(in crate::codec) fn write(&mut self, writer: &mut Writer) {
        self.end_change();
        let bytes: [(u64, &[u8]); 13] = [
            (column::AUTHORS, &self.authors),
            (column::COUNTERS, &self.counters),
            (column::DEPENDENCIES, &self.dependencies),
            (column::LAMPORTS, &self.lamports),
            (column::COMMITS, self.commits.bytes()),
            (column::ROWS, &self.rows),
            (column::TAGS, &self.tags),
            (column::CONTAINERS, self.containers.end()),
            (column::LENGTHS, &self.lengths),
            (column::REPLICAS, self.replicas.end()),
            (column::PLACES, &self.places),
            (column::KEYS, &self.key_numbers),
            (column::SUPERSEDED, &self.superseded),
        ];
        let says = |bytes: &[u8]| bytes.iter().any(|&byte| byte != 0);
        let bytes = bytes.map(|(column, bytes)| (column, bytes, says(bytes)));
        let present = bytes.iter().filter(|(.., says)| *says).count();
        let values = self.values.as_bytes();
        let others = [self.changes > 1, !values.is_empty(), !self.text.is_empty()];
        writer.map(present + others.into_iter().filter(|&is_there| is_there).count());
        if self.changes > 1 {
            writer.uint(column::CHANGES);
            writer.uint(self.changes - 1);
        }
        for (column, bytes, _) in bytes.iter().filter(|(.., says)| *says) {
            writer.uint(*column);
            writer.bytes(bytes);
        }
        if !values.is_empty() {
            writer.uint(column::VALUES);
            writer.bytes(values);
        }
        if !self.text.is_empty() {
            writer.uint(column::TEXT);
            writer.text(&self.text);
        }
        self.clear();
    }

    /// Forgets everything, but keeps the room that it took.
    fn clear(&mut self) {
        let columns = [
            &mut self.authors,
            &mut self.counters,
            &mut self.dependencies,
            &mut self.lamports,
            &mut self.rows,
            &mut self.tags,
            &mut self.lengths,
            &mut self.places,
            &mut self.key_numbers,
            &mut self.superseded,
        ];
        columns.into_iter().for_each(Vec::clear);
        self.text.clear();
        self.values.clear();
        self.containers.clear();
        self.replicas.clear();
        self.commits = CommitsWriter::default();
        self.expected.clear();
        self.keys = KeysWriter::default();
        self.changes = 0;
        self.current = Current::default();
    }
}
