//! The columns of the deletions.

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::NodeRun;
use crate::varint::{self, Numbers};

use super::layout::{DELETION_COLUMNS, Layout, Repeated, RepeatedWriter};

/// Operations that delete as many nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Removal {
    /// The first operation.
    pub(super) deletion: OpId,
    pub(super) run: NodeRun,
    /// The numbers of the replicas.
    pub(super) author: usize,
    pub(super) number: usize,
}

/// What follows what, if nothing is skipped: of each replica, by number.
#[derive(Default)]
struct Expected {
    /// Behind its last deletion.
    operations: Vec<u64>,
    /// Where a deletion of its nodes that goes on would start.
    nodes: Vec<u64>,
}

/// Where a run of deletions starts and where it ends: backwards it goes from its end to its start.
fn ends(run: NodeRun) -> (u64, u64) {
    let (start, end) = (run.nodes.start.counter, run.nodes.end());
    if run.backwards { (end, start) } else { (start, end) }
}

/// Writes deletions.
#[derive(Default)]
pub(super) struct RemovalWriter {
    authors: RepeatedWriter,
    operations: Vec<u8>,
    replicas: RepeatedWriter,
    nodes: Vec<u8>,
    lens: Vec<u8>,
    expected: Expected,
    pub(super) removals: u64,
}

impl RemovalWriter {
    pub(super) fn push(&mut self, removal: &Removal) {
        let Removal { deletion, run, author, number } = *removal;
        let known = author.max(number) + 1;
        if known > self.expected.nodes.len() {
            self.expected.operations.resize(known, 0);
            self.expected.nodes.resize(known, 0);
        }
        self.authors.push(author as u64);
        let end = deletion.counter + run.len();
        let expected = std::mem::replace(&mut self.expected.operations[author], end);
        varint::write(deletion.counter.saturating_sub(expected), &mut self.operations);
        self.replicas.push(number as u64);
        let (from, to) = ends(run);
        let expected = std::mem::replace(&mut self.expected.nodes[number], to);
        varint::write_signed(from.wrapping_sub(expected) as i64, &mut self.nodes);
        varint::write(2 * run.len() + u64::from(run.backwards), &mut self.lens);
        self.removals += 1;
    }

    pub(super) fn into_columns(self) -> [Vec<u8>; DELETION_COLUMNS] {
        let replicas = self.replicas.into_bytes();
        [self.authors.into_bytes(), self.operations, replicas, self.nodes, self.lens]
    }
}

/// Reads deletions.
pub(super) struct Removals<'a> {
    ids: Vec<ReplicaId>,
    authors: Repeated<'a>,
    operations: Numbers<'a>,
    replicas: Repeated<'a>,
    nodes: Numbers<'a>,
    lens: Numbers<'a>,
    /// But for those of whom deletions are read.
    expected: Expected,
    author: Turn,
    deleted: Turn,
}

/// The replica that rows are of for now.
struct Turn {
    number: usize,
    replica: ReplicaId,
    /// What is expected of it.
    expected: u64,
    /// How many more rows are of it.
    left: u64,
}

impl Turn {
    const NONE: Self = Self { number: 0, replica: ReplicaId::new(0), expected: 0, left: 0 };

    fn next(
        &mut self,
        column: &mut Repeated<'_>,
        ids: &[ReplicaId],
        expected: &mut [u64],
    ) -> Option<()> {
        if let Some(last) = expected.get_mut(self.number) {
            *last = self.expected;
        }
        let (number, left) = column.next()?;
        let (replica, expected) = (*ids.get(number)?, *expected.get(number)?);
        *self = Self { number, replica, expected, left };
        Some(())
    }
}

impl<'a> Removals<'a> {
    pub(super) fn new(layout: &Layout<'a>) -> Self {
        let [authors, operations, replicas, nodes, lens] = layout.deletion_columns.clone();
        let known = layout.replicas.len();
        Self {
            ids: layout.replicas.clone(),
            authors: Repeated::new(authors),
            operations,
            replicas: Repeated::new(replicas),
            nodes,
            lens,
            expected: Expected { operations: vec![0; known], nodes: vec![0; known] },
            author: Turn::NONE,
            deleted: Turn::NONE,
        }
    }

    /// The next deletions; `None` if there are none, or something that is none.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Removal> {
        if self.author.left == 0 {
            self.author.next(&mut self.authors, &self.ids, &mut self.expected.operations)?;
        }
        if self.deleted.left == 0 {
            self.deleted.next(&mut self.replicas, &self.ids, &mut self.expected.nodes)?;
        }
        let (author, deleted) = (&mut self.author, &mut self.deleted);
        author.left -= 1;
        deleted.left -= 1;
        let len = self.lens.next()?;
        // None is no deletion, and a single node has no direction.
        if len < 2 || len == 3 {
            return None;
        }
        let (len, backwards) = (len / 2, len % 2 == 1);
        let operation = author.expected.checked_add(self.operations.next()?)?;
        author.expected = operation.checked_add(len)?;
        let from = deleted.expected.checked_add_signed(self.nodes.next_signed()?)?;
        let start = if backwards { from.checked_sub(len)? } else { from };
        let end = start.checked_add(len)?;
        deleted.expected = if backwards { start } else { end };
        let nodes = IdSpan::new(OpId::new(deleted.replica, start), len);
        Some(Removal {
            deletion: OpId::new(author.replica, operation),
            run: NodeRun { nodes, backwards },
            author: author.number,
            number: deleted.number,
        })
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        let columns = [&self.operations, &self.nodes, &self.lens];
        (self.author.left, self.deleted.left) == (0, 0)
            && self.authors.is_empty()
            && self.replicas.is_empty()
            && columns.iter().all(|column| column.is_empty())
    }
}
