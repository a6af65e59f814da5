//! Rows: operations as a list of changes has them, borrowed from it.

use crate::commit::Commit;
use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::{Elements, NodeRun, Op, Place};
use crate::value::Content;

/// What a change starts with.
pub(crate) struct ChangeHead {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    pub(crate) dependencies: Vec<OpId>,
    pub(crate) commit: Option<Commit>,
}

/// A part of a change: an operation, or of a deletion one run.
pub(crate) struct Row<'a> {
    /// Its first identity.
    pub(crate) id: OpId,
    /// The number of the container that it is on; that of the root if it is on none.
    pub(crate) container: usize,
    pub(crate) op: OpRef<'a>,
}

/// An operation, without its container. (With a whole word for a tag, as one that shares a word with
/// other bytes is slow to move.)
#[repr(u64)]
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum OpRef<'a> {
    InsertText {
        place: Place,
        text: &'a str,
        /// The number of Unicode scalar values.
        len: u64,
    },
    InsertItems {
        place: Place,
        items: Vec<Content>,
    },
    Delete {
        run: NodeRun,
        /// Whether it is of the same operation as the row before.
        more: bool,
    },
    /// Takes one identity.
    Other(Box<Op>),
}

impl OpRef<'_> {
    /// How many identities it takes.
    #[inline]
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::InsertText { len, .. } => *len,
            Self::InsertItems { items, .. } => items.len() as u64,
            Self::Delete { run, .. } => run.len(),
            Self::Other(_) => 1,
        }
    }

    /// The operation on a container; of a deletion, that of this run alone.
    pub(crate) fn into_op(self, container: &ContainerId) -> Op {
        let container = || container.clone();
        match self {
            Self::InsertText { place, text, .. } => {
                let elements = Elements::Text(text.to_owned());
                Op::Insert { container: container(), place, elements }
            }
            Self::InsertItems { place, items } => {
                let elements = Elements::Items(items);
                Op::Insert { container: container(), place, elements }
            }
            Self::Delete { run, .. } => Op::Delete { container: container(), nodes: vec![run] },
            Self::Other(op) => *op,
        }
    }
}

/// Whether the runs of a deletion name a node twice; may sort them.
pub(super) fn names_twice(runs: &mut [NodeRun]) -> bool {
    /// So few are compared each with each.
    const FEW: usize = 4;
    if runs.len() > FEW {
        runs.sort_unstable_by_key(|run| run.nodes);
        return runs.windows(2).any(|pair| pair[0].nodes.overlaps(&pair[1].nodes));
    }
    let overlaps = |(nth, run): (usize, &NodeRun)| {
        runs[..nth].iter().any(|before| before.nodes.overlaps(&run.nodes))
    };
    runs.iter().enumerate().any(overlaps)
}
