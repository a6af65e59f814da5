//! Whether two changes say the same of the identities that both have, however they are cut.
//!
//! Both are walked in step, run by run: so the cost is that of what they hold, not that of the
//! identities that they take.

use crate::change::Change;
use crate::id::OpId;
use crate::op::{Element, Op, Place, Side};

/// Whether the two say the same of every identity that both have.
pub(crate) fn agree(a: &Change, b: &Change) -> bool {
    let start = a.id.counter.max(b.id.counter);
    let end = a.end().min(b.end());
    let same_cut = a.id == b.id && a.len() == b.len();
    a.id.replica == b.id.replica
        && a.lamport + b.id.counter == b.lamport + a.id.counter
        && (a.id != b.id || a.dependencies == b.dependencies)
        && a.commit() == b.commit()
        && ((same_cut && a.ops() == b.ops()) || agree_within(a, b, start, end))
}

fn agree_within(a: &Change, b: &Change, start: u64, end: u64) -> bool {
    let (mut a, mut b) = (Walk::new(a, start), Walk::new(b, start));
    let mut left = end.saturating_sub(start);
    while left > 0 {
        let step = a.left().min(b.left()).min(left);
        if step == 0 || !a.agrees(&mut b, step) {
            return false;
        }
        a.advance(step);
        b.advance(step);
        left -= step;
    }
    true
}

/// A place in a change.
struct Walk<'c> {
    ops: Box<dyn Iterator<Item = (OpId, &'c Op)> + 'c>,
    /// The operation, and its first identity.
    op: Option<(OpId, &'c Op)>,
    len: u64,
    /// How far into the operation.
    offset: u64,
    /// The elements that it inserts, from there on.
    elements: Box<dyn Iterator<Item = Element<'c>> + 'c>,
    /// Of a deletion, the run, and how far into it.
    run: usize,
    in_run: u64,
}

impl<'c> Walk<'c> {
    fn new(change: &'c Change, start: u64) -> Self {
        let mut walk = Self {
            ops: Box::new(change.numbered().map(|(id, _, op)| (id, op))),
            op: None,
            len: 0,
            offset: 0,
            elements: Box::new(std::iter::empty()),
            run: 0,
            in_run: 0,
        };
        walk.enter_next();
        let mut left = start - change.id.counter;
        while left > 0 && walk.left() > 0 {
            let step = walk.left().min(left);
            walk.elements.by_ref().take(step as usize).for_each(drop);
            walk.advance(step);
            left -= step;
        }
        walk
    }

    fn enter_next(&mut self) {
        self.op = self.ops.next();
        self.len = self.op.map_or(0, |(_, op)| op.len());
        (self.offset, self.run, self.in_run) = (0, 0, 0);
        self.elements = match self.op {
            Some((_, Op::Insert { elements, .. })) => elements.iter(),
            _ => Box::new(std::iter::empty()),
        };
    }

    /// How many identities are of one piece from here on; 0 at the end.
    fn left(&self) -> u64 {
        match self.op {
            Some((_, Op::Delete { nodes, .. })) => nodes[self.run].len() - self.in_run,
            _ => self.len - self.offset,
        }
    }

    /// Goes on by as many as are left of one piece, or fewer.
    fn advance(&mut self, step: u64) {
        self.offset += step;
        self.in_run += step;
        if let Some((_, Op::Delete { nodes, .. })) = self.op
            && self.in_run == nodes[self.run].len()
        {
            (self.run, self.in_run) = (self.run + 1, 0);
        }
        if self.offset == self.len {
            self.enter_next();
        }
    }

    /// Whether the next `step` identities, which are of one piece in both, are the same.
    fn agrees(&mut self, other: &mut Self, step: u64) -> bool {
        match (self.op, other.op) {
            (
                Some((_, Op::Insert { container: a, .. })),
                Some((_, Op::Insert { container: b, .. })),
            ) => {
                a == b
                    && self.place() == other.place()
                    && (0..step).all(|_| self.elements.next() == other.elements.next())
            }
            (
                Some((_, Op::Delete { container: a, nodes })),
                Some((_, Op::Delete { container: b, nodes: others })),
            ) => {
                let (run, other_run) = (&nodes[self.run], &others[other.run]);
                a == b
                    && run.node(self.in_run) == other_run.node(other.in_run)
                    && (step == 1 || run.backwards == other_run.backwards)
            }
            (a, b) => a.map(|(_, op)| op) == b.map(|(_, op)| op),
        }
    }

    /// Where the next element is inserted.
    fn place(&self) -> Option<Place> {
        match self.op {
            Some((_, Op::Insert { place, .. })) if self.offset == 0 => Some(*place),
            Some((id, _)) => {
                let parent = OpId::new(id.replica, id.counter + self.offset - 1);
                Some(Place { parent: Some(parent), side: Side::Right })
            }
            None => None,
        }
    }
}
