//! From packed columns to the tree that is edited, and back.

use crate::op::Side;
use crate::version::VersionVector;

use super::order::{NONE, Slot};
use super::packed::spine::Spines;
use super::packed::{Packed, Packer, Run};
use super::payload::Payload;
use super::span::{Span, Status};
use super::{MAX_LIVE_LEN, Tree};

impl<P: Payload> Tree<P> {
    /// The tree of a packed sequence, at the stable cut. Its columns are valid, so nothing is
    /// checked again.
    pub(super) fn from_valid(packed: &Packed<P>, stable: &VersionVector) -> Self {
        let mut tree = Self::new();
        // Of each run the first span, which hangs somewhere, and the last, which others hang on.
        let mut spines = Spines::new((Self::ROOT, Self::ROOT));
        let mut carried = packed.payload().part();
        for run in packed.runs() {
            let len = if run.status == Status::Live { run.len as u32 } else { 0 };
            let (part, rest) = P::split(carried, len);
            carried = rest;
            let (first, last) = tree.enter_run(&run, part);
            let mut left = Vec::new();
            let _valid = spines.claim(run.claimed, |(top, _)| left.push(top));
            left.iter().for_each(|&child| tree.span_mut(child).parent = first);
            tree.span_mut(first).children[Side::Left as usize] = left;
            if run.side == Side::Left {
                spines.open((first, last));
                continue;
            }
            let _valid = spines.rise(run.up);
            let (_, parent) = spines.end().unwrap_or((Self::ROOT, Self::ROOT));
            tree.span_mut(first).parent = parent;
            tree.span_mut(parent).children[Side::Right as usize].push(first);
            spines.hang((first, last));
        }
        tree.count_alive();
        packed.deletions().for_each(|(deletion, run)| tree.deletions.record(deletion, run));
        tree.set_stable(stable);
        tree
    }

    /// Enters a run behind all others, in spans of bounded length; gives the first and the last.
    fn enter_run(&mut self, run: &Run, mut rest: P::Part<'_>) -> (Slot, Slot) {
        let (mut id, mut left) = (run.id, run.len as u32);
        let (mut first, mut last) = (NONE, NONE);
        while left > 0 {
            let live = run.status == Status::Live;
            let len = if live { left.min(MAX_LIVE_LEN) } else { left };
            let (part, tail) = P::split(rest, len);
            rest = tail;
            let starts = first == NONE;
            let span = Span {
                id,
                len,
                status: run.status,
                payload: P::from_part(part),
                parent: last,
                side: if starts { run.side } else { Side::Right },
                key: if starts { run.key() } else { id },
                children: [Vec::new(), Vec::new()],
                alive: [0, 0],
            };
            let slot = self.enter(span, self.spans.len() as Slot - 1);
            if starts {
                first = slot;
            } else {
                self.span_mut(last).children[Side::Right as usize].push(slot);
            }
            last = slot;
            self.nodes += u64::from(len);
            id = id.plus(len.into());
            left -= len;
        }
        (first, last)
    }

    /// The sequence in columns.
    pub(super) fn pack(&self) -> Packed<P> {
        let mut packer = Packer::new();
        for piece in self.pieces() {
            let carried = piece.payload.part();
            packer.push(piece.id, piece.len, piece.status, carried, piece.place, piece.key);
        }
        self.deletions().for_each(|(deletion, run)| packer.delete(deletion, run));
        packer.finish()
    }
}
