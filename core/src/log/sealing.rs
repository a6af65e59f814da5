//! Changes of one author, sealed in blocks as they come, row by row.

use crate::codec::ChangeHead;
use crate::codec::block::{Extent, Filling};
use crate::container::ContainerId;
use crate::op::{NodeRun, Op, Place};

use super::{BLOCK_CHANGES, BLOCK_OPS, Block};

/// See the module. The changes follow each other.
#[derive(Default)]
pub(crate) struct Sealing {
    blocks: Vec<Block>,
    filling: Filling,
    /// Of the changes that are in the block in the making.
    extent: Option<Extent>,
    ops: usize,
}

impl Sealing {
    /// Starts a change.
    pub(crate) fn change(&mut self, head: &ChangeHead) {
        let is_full = |extent: &mut Extent| extent.count >= BLOCK_CHANGES || self.ops >= BLOCK_OPS;
        if let Some(extent) = self.extent.take_if(is_full) {
            let bytes = self.filling.seal();
            self.blocks.push(Block { extent, bytes });
            self.ops = 0;
        }
        self.filling.change(head);
        let start = head.id.counter;
        let extent = self.extent.get_or_insert(Extent {
            author: head.id.replica,
            start,
            end: start,
            first_end: start,
            lamport: head.lamport,
            lamport_end: head.lamport,
            count: 0,
        });
        extent.lamport_end = head.lamport;
        extent.count += 1;
    }

    /// Adds an insertion of so many characters to the change.
    pub(crate) fn insert(&mut self, container: &ContainerId, place: Place, text: &str, len: u64) {
        self.filling.insert(container, place, text, len);
        self.ops += 1;
        self.add(len);
    }

    /// Adds a deletion to the change, or a run to the deletion before.
    pub(crate) fn delete(&mut self, container: &ContainerId, run: NodeRun, more: bool) {
        self.filling.delete(container, run, more);
        self.ops += usize::from(!more);
        self.add(run.len());
    }

    /// Adds an operation on what is no text to the change.
    pub(crate) fn other(&mut self, op: &Op) {
        self.filling.other(op);
        self.ops += 1;
        self.add(op.len());
    }

    fn add(&mut self, len: u64) {
        if let Some(extent) = &mut self.extent {
            extent.end += len;
            extent.lamport_end += len;
            if extent.count == 1 {
                extent.first_end = extent.end;
            }
        }
    }

    /// All blocks.
    pub(super) fn into_blocks(mut self) -> Vec<Block> {
        if let Some(extent) = self.extent {
            self.blocks.push(Block { extent, bytes: self.filling.seal() });
        }
        self.blocks
    }
}
