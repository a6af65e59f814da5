//! A sequence as a flat list in reading order: what pruning works on.

use std::collections::BTreeMap;

use crate::id::{IdSpan, OpId};
use crate::op::{Place, Side};

use super::Tree;
use super::order::Slot;
use super::payload::Payload;
use super::span::Status;

/// A run of nodes as a [span](super::span) has them, without the links.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece<P> {
    pub(crate) id: OpId,
    pub(crate) len: u64,
    /// [`Status::Stable`] is not told apart from [`Status::Deleted`] here: it follows from the
    /// deletions and the stable cut.
    pub(crate) status: Status,
    pub(crate) payload: P,
    pub(crate) place: Place,
    pub(crate) key: OpId,
}

impl<P: Payload> Piece<P> {
    pub(super) fn last(&self) -> OpId {
        self.id.plus(self.len - 1)
    }

    /// Whether `next`, which follows, may be one run with it, if nothing else hangs on its end.
    fn continues_with(&self, next: &Self) -> bool {
        let place = Place { parent: Some(self.last()), side: Side::Right };
        next.id == self.id.plus(self.len)
            && next.key == next.id
            && next.place == place
            && next.status == self.status
    }
}

/// A status as it is in a list.
pub(super) fn piece_status(status: Status) -> Status {
    if status == Status::Stable { Status::Deleted } else { status }
}

/// How many pieces hang on the right side of each node.
fn right_children<P>(pieces: &[Piece<P>]) -> BTreeMap<OpId, u32> {
    let mut right_children = BTreeMap::new();
    for piece in pieces {
        if let Place { parent: Some(parent), side: Side::Right } = piece.place {
            *right_children.entry(parent).or_default() += 1;
        }
    }
    right_children
}

/// Pieces in as few and as long runs as their tree allows: equal sequences give equal lists.
pub(super) fn joined<P: Payload>(pieces: Vec<Piece<P>>) -> Vec<Piece<P>> {
    let right_children = right_children(&pieces);
    let mut runs: Vec<Piece<P>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match runs.last_mut() {
            Some(run)
                if run.continues_with(&piece) && right_children.get(&run.last()) == Some(&1) =>
            {
                run.len += piece.len;
                run.payload.push(piece.payload.part());
            }
            _ => runs.push(piece),
        }
    }
    runs
}

impl<P: Payload> Tree<P> {
    /// Nodes of a span as a piece of their own: all of them, or of a tombstone some.
    pub(super) fn piece_of(&self, slot: Slot, nodes: IdSpan, place: Place, key: OpId) -> Piece<P> {
        let status = piece_status(self.span(slot).status);
        let payload = P::from_part(self.live_content(slot));
        Piece { id: nodes.start, len: nodes.len, status, payload, place, key }
    }

    /// The node of a span that its children on that side hang on; `None` for the root.
    pub(super) fn end_of(&self, slot: Slot, side: Side) -> Option<OpId> {
        (slot != Self::ROOT).then(|| match side {
            Side::Left => self.id(slot),
            Side::Right => self.last(slot),
        })
    }
}
