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
    expected: Expected,
}

impl<'a> Removals<'a> {
    pub(super) fn new(layout: &Layout<'a>) -> Self {
        let [authors, operations, replicas, nodes, lens] = layout.deletion_columns;
        let known = layout.replicas.len();
        Self {
            ids: layout.replicas.clone(),
            authors: Repeated::new(authors),
            operations,
            replicas: Repeated::new(replicas),
            nodes,
            lens,
            expected: Expected { operations: vec![0; known], nodes: vec![0; known] },
        }
    }

    /// The next deletions; `None` if there are none, or something that is none.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Removal> {
        let author = self.authors.next()?;
        let number = self.replicas.next()?;
        let (author_id, replica) = (*self.ids.get(author)?, *self.ids.get(number)?);
        let (len, backwards) = match self.lens.next()? {
            len @ (2 | 4..) => (len / 2, len % 2 == 1),
            // A single node has no direction, and none is no deletion.
            _ => return None,
        };
        let operation = self.expected.operations[author].checked_add(self.operations.next()?)?;
        self.expected.operations[author] = operation.checked_add(len)?;
        let from = self.expected.nodes[number].checked_add_signed(self.nodes.next_signed()?)?;
        let start = if backwards { from.checked_sub(len)? } else { from };
        let nodes = IdSpan::new(OpId::new(replica, start), start.checked_add(len).and(Some(len))?);
        let run = NodeRun { nodes, backwards };
        self.expected.nodes[number] = ends(run).1;
        Some(Removal { deletion: OpId::new(author_id, operation), run, author, number })
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        let columns = [self.operations, self.nodes, self.lens];
        self.authors.is_empty() && self.replicas.is_empty() && columns.iter().all(Numbers::is_empty)
    }
}
