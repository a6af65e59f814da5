//! A sequence as a flat list in reading order: what is saved, and what pruning works on.

use std::collections::BTreeMap;

use crate::id::OpId;
use crate::op::{NodeRun, Place, Side};
use crate::version::VersionVector;

use super::order::Slot;
use super::payload::Payload;
use super::span::{Span, Status};
use super::{MAX_LIVE_LEN, MAX_NODES, Tree};

/// A run of nodes as [`Span`] has them, without the links.
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
    /// The sequence as a list.
    pub(crate) fn pieces(&self) -> Vec<Piece<P>> {
        joined(self.slots().map(|slot| self.piece(slot)).collect())
    }

    fn piece(&self, slot: Slot) -> Piece<P> {
        let span = self.span(slot);
        Piece {
            id: span.id,
            len: span.len.into(),
            status: match span.status {
                Status::Stable => Status::Deleted,
                other => other,
            },
            payload: span.payload.clone(),
            place: Place { parent: self.end_of(span.parent, span.side), side: span.side },
            key: span.key,
        }
    }

    /// The node of a span that its children on that side hang on; `None` for the root.
    pub(super) fn end_of(&self, slot: Slot, side: Side) -> Option<OpId> {
        let span = self.span(slot);
        (slot != Self::ROOT).then(|| match side {
            Side::Left => span.id,
            Side::Right => span.last(),
        })
    }

    /// The deletions that are not within the prune cut yet.
    pub(crate) fn deletions(&self) -> impl Iterator<Item = (OpId, NodeRun)> {
        self.deletions.iter()
    }

    /// Rebuilds a sequence from its list, its deletions, and the stable cut.
    ///
    /// # Errors
    /// What is wrong, if the list is not one that a sequence gives.
    pub(crate) fn from_pieces(
        pieces: Vec<Piece<P>>,
        deletions: impl IntoIterator<Item = (OpId, NodeRun)>,
        stable: &VersionVector,
    ) -> Result<Self, &'static str> {
        let mut sequence = Self::new();
        let mut heads = Vec::with_capacity(pieces.len());
        for piece in pieces {
            if sequence.overlaps(piece.id, piece.len) {
                return Err("two runs hold the same node");
            }
            heads.push(sequence.enter_piece(piece)?);
        }
        if sequence.spans.iter().any(|span| span.key != span.id && sequence.contains(span.key)) {
            return Err("a run has the place of a node that is still there");
        }
        for (slot, place) in heads {
            sequence.attach(slot, place)?;
        }
        sequence.sort_siblings()?;
        if !sequence.reads_as_listed() {
            return Err("the runs are not in the order that their tree has");
        }
        sequence.count_alive();
        for (deletion, run) in deletions {
            sequence.restore_deletion(deletion, run)?;
        }
        sequence.set_stable(stable);
        Ok(sequence)
    }

    fn overlaps(&self, id: OpId, len: u64) -> bool {
        // No length is 0, and no counter is at the end of the numbers: see the reader.
        self.index
            .at_or_before(id.plus(len - 1))
            .is_some_and(|slot| self.span(slot).nodes().end() > id.counter)
    }

    /// Enters a piece behind all others, in spans of bounded length; only the first of them has
    /// no parent yet.
    fn enter_piece(&mut self, piece: Piece<P>) -> Result<(Slot, Place), &'static str> {
        let live = piece.status == Status::Live;
        let carried = u64::from(P::nodes(piece.payload.part()));
        if carried != if live { piece.len } else { 0 } {
            return Err("a run's text is not as long as the run");
        }
        if self.nodes.saturating_add(piece.len) > MAX_NODES {
            return Err("a sequence has more nodes than can be held");
        }
        let mut rest = piece.payload.part();
        let (mut id, mut left) = (piece.id, piece.len);
        let mut head = None;
        while left > 0 {
            let len = if live {
                left.min(MAX_LIVE_LEN.into()) as u32
            } else {
                u32::try_from(left).map_err(|_| "a run is too long")?
            };
            let (part, tail) = P::split(rest, len);
            let span = Span {
                id,
                len,
                status: piece.status,
                payload: P::from_part(part),
                parent: super::NONE,
                side: if head.is_none() { piece.place.side } else { Side::Right },
                key: if head.is_none() { piece.key } else { id },
                children: [Vec::new(), Vec::new()],
                alive: [0, 0],
            };
            let last = self.last_slot();
            let slot = self.enter(span, last);
            if head.is_some() {
                self.span_mut(slot).parent = last;
                self.span_mut(last).children[1].push(slot);
            }
            head.get_or_insert(slot);
            self.nodes += u64::from(len);
            id = id.plus(len.into());
            left -= u64::from(len);
            rest = tail;
        }
        head.map(|slot| (slot, piece.place)).ok_or("a run is empty")
    }

    /// While pieces are entered, slots are in reading order.
    fn last_slot(&self) -> Slot {
        self.spans.len() as Slot - 1
    }

    fn attach(&mut self, slot: Slot, place: Place) -> Result<(), &'static str> {
        let parent = match place.parent {
            None => Self::ROOT,
            Some(node) => {
                let (parent, _) =
                    self.locate(node).ok_or("a run hangs on a node that is not there")?;
                if self.end_of(parent, place.side) != Some(node) {
                    return Err("a run hangs on the middle of another");
                }
                parent
            }
        };
        self.span_mut(slot).parent = parent;
        self.span_mut(parent).children[place.side as usize].push(slot);
        Ok(())
    }

    fn sort_siblings(&mut self) -> Result<(), &'static str> {
        for slot in 0..self.spans.len() {
            for side in 0..2 {
                let mut siblings = std::mem::take(&mut self.spans[slot].children[side]);
                siblings.sort_unstable_by_key(|&sibling| self.span(sibling).key);
                if siblings.windows(2).any(|pair| self.span(pair[0]).key == self.span(pair[1]).key)
                {
                    return Err("two siblings have the same key");
                }
                self.spans[slot].children[side] = siblings;
            }
        }
        Ok(())
    }

    /// The spans as the tree reads them, the root included.
    pub(super) fn read_tree(&self) -> Vec<Slot> {
        let mut read = Vec::with_capacity(self.spans.len());
        let mut stack = vec![(Self::ROOT, false)];
        while let Some((slot, left_done)) = stack.pop() {
            let [left, right] = &self.span(slot).children;
            if left_done {
                read.push(slot);
                stack.extend(right.iter().rev().map(|&child| (child, false)));
            } else {
                stack.push((slot, true));
                stack.extend(left.iter().rev().map(|&child| (child, false)));
            }
        }
        read
    }

    /// As every span has one parent, a tree that reads as the list has no cycle and misses none.
    fn reads_as_listed(&self) -> bool {
        self.span(Self::ROOT).children[0].is_empty()
            && self.read_tree().into_iter().eq(0..self.spans.len() as Slot)
    }

    /// Counts [`Span::alive`] anew, from the leaves up.
    pub(super) fn count_alive(&mut self) {
        for slot in self.bottom_up() {
            let Span { parent, side, .. } = *self.span(slot);
            if parent != super::NONE && self.span(slot).subtree_alive() {
                self.span_mut(parent).alive[side as usize] += 1;
            }
        }
    }

    /// All spans, each after all that hang on it; the root last.
    pub(super) fn bottom_up(&self) -> Vec<Slot> {
        let mut top_down = vec![Self::ROOT];
        let mut done = 0;
        while let Some(&slot) = top_down.get(done) {
            top_down.extend(self.span(slot).children.iter().flatten());
            done += 1;
        }
        top_down.reverse();
        top_down
    }

    fn restore_deletion(&mut self, deletion: OpId, run: NodeRun) -> Result<(), &'static str> {
        let nodes = run.nodes;
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let (slot, _) = self.locate(node).ok_or("a deletion names a node that is not there")?;
            if self.span(slot).status == Status::Live {
                return Err("a deletion names a live node");
            }
            counter = self.span(slot).nodes().end();
        }
        self.deletions.record(deletion, run);
        Ok(())
    }
}
