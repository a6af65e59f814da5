//! Parts of operations, as entries have them.

use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::{Elements, NodeRun, Op, Place, Side};
use crate::value::Kind;

use super::write::Unfit;

/// The part of an operation that is sent.
pub(super) enum Part<'o> {
    Text { container: &'o ContainerId, place: Place, text: &'o str, len: u64 },
    Nodes { container: &'o ContainerId, first: NodeRun, others: &'o [NodeRun] },
    Whole(&'o Op),
}

impl Part<'_> {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Text { len, .. } => *len,
            Self::Nodes { first, others, .. } => {
                first.len() + others.iter().map(NodeRun::len).sum::<u64>()
            }
            Self::Whole(op) => op.len(),
        }
    }

    pub(super) fn container(&self) -> Option<&ContainerId> {
        match self {
            Self::Text { container, .. } | Self::Nodes { container, .. } => Some(container),
            Self::Whole(op) => op.container(),
        }
    }
}

/// The last `left` identities of an operation, which end before the counter `end` of its author;
/// all of them if it has no more.
pub(super) fn last_of(op: &Op, left: u64, end: OpId) -> Result<Part<'_>, Unfit> {
    match op {
        Op::Insert { container, elements: Elements::Text(text), .. } => {
            // Counted from the end, as what is there may be long, and what is new is not.
            let last = text.char_indices().rev().take(left as usize);
            let (len, from) = last.fold((0, 0), |(len, _), (byte, _)| (len + 1, byte));
            if from == 0 {
                return whole(op);
            }
            let parent = end.counter.checked_sub(len + 1).ok_or(Unfit)?;
            let parent = Some(OpId::new(end.replica, parent));
            let place = Place { parent, side: Side::Right };
            Ok(Part::Text { container, place, text: &text[from..], len })
        }
        Op::Delete { container, nodes } if container.kind() == Kind::Text => {
            let mut left = left;
            let mut at = nodes.len();
            while let Some(run) = at.checked_sub(1).map(|last| nodes[last]) {
                at -= 1;
                if run.len() >= left {
                    let first =
                        if run.len() > left { run.split_at(run.len() - left).1 } else { run };
                    return Ok(Part::Nodes { container, first, others: &nodes[at + 1..] });
                }
                left -= run.len();
            }
            whole(op)
        }
        _ => whole(op),
    }
}

/// An operation of a shape that has an entry.
pub(super) fn whole(op: &Op) -> Result<Part<'_>, Unfit> {
    match op {
        Op::Insert { container, place, elements: Elements::Text(text) } => {
            let len = text.chars().count() as u64;
            Ok(Part::Text { container, place: *place, text, len })
        }
        Op::Delete { container, nodes } if container.kind() == Kind::Text => {
            let (first, others) = nodes.split_first().ok_or(Unfit)?;
            Ok(Part::Nodes { container, first: *first, others })
        }
        Op::Assign { .. } | Op::Remove { .. } | Op::Increment { .. } => Ok(Part::Whole(op)),
        _ => Err(Unfit),
    }
}
